//! Rebuilds the crate when a shipped file is added or removed: the compiled-in folders are read by a macro, which
//! cargo cannot see.

fn main() {
    for folder in ["templates", "static"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
