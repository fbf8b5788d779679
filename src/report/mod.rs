//! What a person looks at.

pub mod progress;
