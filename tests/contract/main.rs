//! The program's own steps and looks, through the real SDK, against AWS emulators that run as servers on loopback.
//!
//! What an emulator answers proves our requests and our reading of answers, not AWS. What neither can do is listed in
//! `exclusions.toml`. Without python3 or the registry the tests are skipped with a line on stderr; with `CI=true` that
//! is a failure.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod addons;
mod ec2;
mod emulators;
mod exclusions;
mod iam;
mod install;
mod instance_types;
mod nodegroup;
mod step;
mod world;
