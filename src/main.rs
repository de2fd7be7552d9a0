//! The program `tessera`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Every TLS connection uses this one; a second install would be refused, and there is none.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tessera::cli::run()
}
