//! The template engine: overlay, check, poll-and-swap, words and assets.
