//! The command line as scripts see it: exit codes, what is data and what is talk, and what bad input is told.

mod bad_input;
mod exit_codes;
mod install;
mod records;
