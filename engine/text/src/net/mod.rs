//! URIs and IP address sets.
