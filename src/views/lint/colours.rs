//! Whether what the style sheets say can be read (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

use cssparser::{Parser, Token};

use crate::views::problem::CheckError;

/// What text needs, and what the edges of fields need.
pub(super) const TEXT: f32 = 4.5;
const EDGE: f32 = 3.0;

/// The tokens of the look that stand on one another.
const PAIRS: [(&str, &str, f32); 17] = [
    ("ink", "ground", TEXT),
    ("ink", "paper", TEXT),
    ("ink", "stub", TEXT),
    ("ink", "tint", TEXT),
    ("soft", "ground", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "stub", TEXT),
    ("strong", "ground", TEXT),
    ("strong", "paper", TEXT),
    ("strong", "stub", TEXT),
    ("strong", "tint", TEXT),
    ("accent-ink", "accent", TEXT),
    ("good", "paper", TEXT),
    ("good", "good-tint", TEXT),
    ("bad", "paper", TEXT),
    ("bad", "bad-tint", TEXT),
    ("edge", "paper", EDGE),
];

/// A colour without transparency, in linear light.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colour {
    luminance: f32,
}

impl Colour {
    /// Nothing for what is no colour, or one that lets others through.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let colour = csscolorparser::parse(text.trim()).ok()?;
        let [red, green, blue, alpha] = colour.to_linear_rgba();
        (alpha >= 1.0).then_some(Self {
            luminance: 0.2126 * red + 0.7152 * green + 0.0722 * blue,
        })
    }
}

/// From 1 to 21 (WCAG 2.2, contrast ratio).
pub(super) fn contrast(one: Colour, other: Colour) -> f32 {
    let (light, dark) = if one.luminance > other.luminance {
        (one, other)
    } else {
        (other, one)
    };
    (light.luminance + 0.05) / (dark.luminance + 0.05)
}

/// A style sheet that pages load.
pub(in crate::views) struct Sheet {
    /// As its author knows it.
    pub(in crate::views) label: String,
    pub(in crate::views) text: String,
}

/// A declared token: its value, and where it stands.
#[derive(Clone, Debug)]
struct Declared {
    name: String,
    value: String,
    sheet: usize,
    line: usize,
    is_dark: bool,
}

/// Judges the tokens that the sheets declare, a later sheet over the former ones, in both schemes.
pub(in crate::views) fn judge(sheets: &[Sheet]) -> Vec<CheckError> {
    let mut declared = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        read(
            &mut Parser::new(&sheet.text),
            index,
            Scheme::Both,
            &mut declared,
        );
    }
    let mut found = Vec::new();
    for is_dark in [false, true] {
        let mut tokens: BTreeMap<&str, &Declared> = BTreeMap::new();
        // Within a sheet the dark scheme comes after the light one, and a later sheet is over both.
        for (index, _) in sheets.iter().enumerate() {
            for dark in [false, true] {
                let of_it = |one: &&Declared| one.sheet == index && one.is_dark == dark;
                let wins = declared.iter().filter(of_it).filter(|_| is_dark || !dark);
                tokens.extend(wins.map(|one| (one.name.as_str(), one)));
            }
        }
        for (ink, ground, least) in PAIRS {
            found.extend(pair(&tokens, sheets, (ink, ground, least), is_dark));
        }
    }
    found
}

fn pair(
    tokens: &BTreeMap<&str, &Declared>,
    sheets: &[Sheet],
    (ink, ground, least): (&str, &str, f32),
    is_dark: bool,
) -> Option<CheckError> {
    let (on, below) = (tokens.get(ink)?, tokens.get(ground)?);
    let reached = contrast(value(tokens, &on.value)?, value(tokens, &below.value)?);
    if reached >= least {
        return None;
    }
    // The admin's sheet comes after the shipped one: that is where it went wrong.
    let latest = if (below.sheet, below.line) > (on.sheet, on.line) {
        below
    } else {
        on
    };
    let scheme = if is_dark { "dark" } else { "light" };
    let message = format!(
        "--{ink} on --{ground} ({} on {}) has a contrast of {reached:.1} in the {scheme} scheme; {least} can be read by everyone",
        on.value, below.value
    );
    Some(CheckError::new(
        &sheets.get(latest.sheet)?.label,
        Some(latest.line),
        message,
    ))
}

/// A token's colour, also one that is another token's.
fn value(tokens: &BTreeMap<&str, &Declared>, text: &str) -> Option<Colour> {
    let mut text = text.trim();
    for _ in 0..8 {
        let Some(inner) = text.strip_prefix("var(").and_then(|s| s.strip_suffix(')')) else {
            return Colour::parse(text);
        };
        let name = inner.split(',').next()?.trim().strip_prefix("--")?;
        text = tokens.get(name)?.value.trim();
    }
    None
}

/// When rules apply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Both,
    Dark,
    /// On paper, in forced colours, on narrow screens: not judged.
    Elsewhere,
}

/// Walks rules, and within them what is declared; what cannot be read is passed over, as browsers do.
fn read(parser: &mut Parser<'_>, sheet: usize, scheme: Scheme, into: &mut Vec<Declared>) {
    let mut inner = scheme;
    let mut start = parser.position();
    loop {
        parser.skip_whitespace();
        let (line, here) = (parser.current_source_location().line, parser.position());
        let Ok(token) = parser.next() else {
            return;
        };
        match token.clone() {
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("media") => {
                let begin = parser.position();
                let until = cssparser::Delimiter::CurlyBracketBlock;
                let prelude = parser.parse_until_before(until, |media| {
                    while media.next().is_ok() {}
                    Ok::<_, cssparser::ParseError<()>>(())
                });
                let query = parser.slice_from(begin).to_ascii_lowercase();
                inner = match scheme {
                    _ if prelude.is_err() => Scheme::Elsewhere,
                    Scheme::Both if query.trim() == "screen" || query.trim() == "all" => {
                        Scheme::Both
                    }
                    Scheme::Both | Scheme::Dark if is_dark(&query) => Scheme::Dark,
                    _ => Scheme::Elsewhere,
                };
            }
            Token::Semicolon => start = parser.position(),
            Token::CurlyBracketBlock => {
                if !is_for_the_page(parser.slice(start..here)) {
                    inner = Scheme::Elsewhere;
                }
                let nested: Result<(), cssparser::ParseError<()>> =
                    parser.parse_nested_block(|block| {
                        read(block, sheet, inner, into);
                        Ok(())
                    });
                if nested.is_err() {
                    return;
                }
                inner = scheme;
                start = parser.position();
            }
            Token::Ident(name) if name.starts_with("--") && scheme != Scheme::Elsewhere => {
                if parser.try_parse(Parser::expect_colon).is_err() {
                    continue;
                }
                let begin = parser.position();
                let until = cssparser::Delimiter::Semicolon;
                let _ = parser.parse_until_before(until, |value| {
                    while value.next().is_ok() {}
                    Ok::<_, cssparser::ParseError<()>>(())
                });
                into.push(Declared {
                    name: name.trim_start_matches('-').to_owned(),
                    value: parser.slice_from(begin).trim().to_owned(),
                    sheet,
                    line: line as usize + 1,
                    is_dark: scheme == Scheme::Dark,
                });
            }
            _ => {}
        }
    }
}

/// Whether a rule declares for the whole page; tokens that a piece has for itself are not judged.
fn is_for_the_page(prelude: &str) -> bool {
    let prelude = prelude.trim();
    let is_whole = |selector: &str| matches!(selector.trim(), ":root" | "html" | "body" | "*");
    prelude.starts_with('@') || prelude.split(',').any(is_whole)
}

fn is_dark(query: &str) -> bool {
    let query: String = query.split_whitespace().collect();
    query.trim_start_matches("screenand") == "(prefers-color-scheme:dark)"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(texts: &[&str]) -> Vec<String> {
        let sheets = texts.iter().enumerate().map(|(index, text)| Sheet {
            label: format!("{index}.css"),
            text: (*text).to_owned(),
        });
        let found = judge(&sheets.collect::<Vec<_>>());
        found.iter().map(ToString::to_string).collect()
    }

    const BASE: &str = "@layer a, b;
@layer a { :root { --ink: #1a1c22; --paper: #fff; --accent: #2c4bd8; --strong: var(--accent) }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef4; --paper: #191c24; --strong: #9db0ff } }
@media print { :root { --paper: #111 } } }";

    #[test]
    fn each_scheme_is_judged_with_what_a_later_sheet_says() {
        assert_eq!(told(&[BASE]), Vec::<String>::new());
        // An own sheet without layers is over the dark scheme too.
        let own = ":root {\n  --ink: #767676;\n}";
        assert_eq!(
            told(&[BASE, own]),
            [
                "1.css:2: --ink on --paper (#767676 on #191c24) has a contrast of 3.7 in the dark scheme; 4.5 can be read by everyone"
            ]
        );
        let own = ":root { --ink: rgb(136 136 136) }\n@media screen and (prefers-color-scheme:dark) { :root { --ink: white } }";
        let told_light = told(&[BASE, own]);
        assert_eq!(told_light.len(), 1, "{told_light:?}");
        assert!(
            told_light[0].starts_with("1.css:1: --ink on --paper"),
            "{told_light:?}"
        );
        let own = ":root { --accent: #9ab }";
        assert!(told(&[BASE, own])[0].contains("--strong on --paper (var(--accent) on #fff)"));
    }

    #[test]
    fn what_is_no_colour_or_not_for_screens_is_passed_over() {
        for own in [
            ".card { --ink: #fff }",
            "@media print { :root { --ink: #fff } }",
            ":root { --ink: color-mix(in oklab, red, blue) }",
            ":root { --ink: #ffffff10 }",
            ":root { --ink: var(--ink) }",
            "} : { -- } --ink",
            "@media { :root",
        ] {
            assert_eq!(told(&[BASE, own]), Vec::<String>::new(), "{own}");
        }
    }
}
