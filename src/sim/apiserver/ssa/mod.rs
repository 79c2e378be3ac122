//! Server-side apply: who owns which path, conflicts, and removal of what its only owner no longer applies.

pub(crate) mod apply;
pub(crate) mod fieldset;
pub(crate) mod managers;
pub(crate) mod merge;
pub(crate) mod shape;
