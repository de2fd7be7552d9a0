//! An admin restyles pages in a folder: what is served, what is refused, and what they are told.

mod checks;
mod folder;
mod serving;
mod support;
mod words;
