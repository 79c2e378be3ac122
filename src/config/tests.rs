//! Properties and tables over the whole of `config`.
