//! Kills that really strike: planned at API calls in process, and as processes that end by a signal.
