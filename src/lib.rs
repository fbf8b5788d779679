//! `teelo` keeps a tennis database current every hour: it brings results in, rates the players, and leaves
//! a trail that says what happened. The binary is a thin shell around this library, so that the tests can
//! reach every room.

// Here and not in Cargo.toml, where it would also bind the tests, whose failures are panics.
#![warn(clippy::unwrap_used)]

pub mod cli;
pub mod config;
pub mod countries;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod elo;
pub mod error;
pub mod identity;
pub mod ingest;
pub mod migrations;
pub mod pipeline;
pub mod players;
pub mod private_server;
pub mod report;
pub mod stop;
