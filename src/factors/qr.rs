//! QR codes (ISO/IEC 18004), drawn as the path of an SVG.

use std::fmt::Write as _;

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};
use zeroize::Zeroizing;

use crate::core::{Error, Result};

/// Room for the path of any code that a link of ours needs, in bytes: it holds the seed and must not be copied about.
const LONGEST_PATH: usize = 16 * 1024;

/// A QR code as the path of an SVG: one unit a module, a quiet zone of four around it (ISO/IEC 18004).
pub struct QrPath {
    /// The width and height of the view box.
    pub size: usize,
    /// The `d` attribute.
    pub path: Zeroizing<String>,
}

/// Draws the QR code of `text`.
///
/// The mask is the one that scores best most often for such links: to score all eight costs ten times the rest, and
/// any mask can be read.
///
/// # Errors
/// When the text is too long for a QR code.
pub fn qr(text: &str) -> Result<QrPath> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_segments_advanced(
        &QrSegment::make_segments(text),
        QrCodeEcc::Medium,
        Version::MIN,
        Version::MAX,
        Some(Mask::new(2)),
        true,
    )
    .map_err(|error| Error::internal(anyhow::anyhow!("QR code: {error}")))?;
    let mut path = Zeroizing::new(String::with_capacity(LONGEST_PATH));
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size())
                .take_while(|&x| code.get_module(x, y))
                .count();
            if run > 0 {
                // Writing to a string does not fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += i32::try_from(run.max(1)).unwrap_or(i32::MAX);
        }
    }
    Ok(QrPath {
        size: usize::try_from(code.size() + 2 * QUIET).unwrap_or_default(),
        path,
    })
}
