//! QR codes (ISO/IEC 18004), drawn as the path of an SVG.

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
            let end = (x..code.size()).find(|&x| !code.get_module(x, y));
            let run = end.unwrap_or(code.size()) - x;
            if run > 0 {
                draw(&mut path, "M", x + QUIET);
                draw(&mut path, " ", y + QUIET);
                draw(&mut path, "h", run);
                draw(&mut path, "v1h-", run);
                path.push('z');
            }
            x += run.max(1);
        }
    }
    Ok(QrPath {
        size: usize::try_from(code.size() + 2 * QUIET).unwrap_or_default(),
        path,
    })
}

fn draw(path: &mut String, command: &str, number: i32) {
    path.push_str(command);
    path.push_str(itoa::Buffer::new().format(number));
}
