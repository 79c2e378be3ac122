//! Tables and properties over the whole of `config`.

mod properties;
mod tables;
