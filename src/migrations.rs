//! Applying numbered SQL files, once each, in order.
