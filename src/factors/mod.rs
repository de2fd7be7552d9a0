//! The kinds of second factor: one file each, found by its name.
