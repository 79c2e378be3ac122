//! Tests of the API server as a client sees it.
