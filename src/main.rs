//! The program `tessera`.

use std::process::ExitCode;

/// A page or a ticket is a few hundred small allocations; this one makes them cheaper (benches/README.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Every TLS connection uses this one; a second install would be refused, and there is none.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tessera::cli::run()
}
