//! The plain text of a mail that is written in HTML only.

use html2text::config;

/// Columns of the text; links are never broken.
const WIDTH: usize = 78;

/// The words of an HTML page, its links numbered and listed below.
///
/// # Errors
/// Why it has none.
pub fn of_html(html: &str) -> Result<String, String> {
    let text = config::plain()
        .no_table_borders()
        .no_link_wrapping()
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
        .map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n");
    Ok(format!("{}\n", text.trim_matches('\n')))
}
