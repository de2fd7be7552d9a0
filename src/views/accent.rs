//! The shades that one accent colour becomes: what is written on it, what stands on paper, and the same in the dark.

use palette::color_difference::Wcag21RelativeContrast as _;
use palette::{Clamp as _, FromColor as _, Mix as _, Oklab, Oklch, Srgb};

/// The colour of buttons when `[site].accent` names none: the one of the style sheet.
pub(super) const DEFAULT: &str = "#2c4bd8";

const LIGHT_INK: &str = "#ffffff";
/// Between this black and white, one can be read on every colour; with a softer one there are colours for neither.
const DARK_INK: &str = "#000000";

/// Text must stand out this much (WCAG 2.2, 1.4.3) …
const TEXT: f64 = 4.5;
/// … and a button that much (1.4.11).
const BUTTON: f64 = 3.0;

/// What the accent lies on in one colour scheme, as the style sheet has it.
struct Scheme {
    paper: &'static str,
    ground: &'static str,
    /// How much of the accent is in the tint of its own surfaces.
    tint: f64,
    /// To which end its text goes to stand out.
    towards: f64,
}

const LIGHT: Scheme = Scheme {
    paper: "#ffffff",
    ground: "#f4f2ee",
    tint: 0.08,
    towards: 0.0,
};

const DARK: Scheme = Scheme {
    paper: "#191c24",
    ground: "#101218",
    tint: 0.25,
    towards: 1.0,
};

/// The accent in one colour scheme.
#[derive(Debug, Clone)]
pub(super) struct Shades {
    /// Of buttons. In the light it is what the admin said; in the dark it may have to be lighter.
    pub(super) accent: String,
    /// What is written on it.
    pub(super) ink: &'static str,
    /// For text and lines on paper, ground and tint.
    pub(super) strong: String,
    /// A quiet surface.
    pub(super) tint: String,
    /// The border of a button: `transparent` where the button stands out without one.
    pub(super) edge: String,
}

/// Everything that is made of one accent.
#[derive(Debug, Clone)]
pub(super) struct Accent {
    pub(super) light: Shades,
    pub(super) dark: Shades,
}

impl Accent {
    /// Of `#rrggbb`; anything else counts as the default.
    pub(super) fn of(colour: &str) -> Self {
        let colour = read(colour);
        let in_the_dark = DARK.nearest(colour, &[read(DARK.paper)], BUTTON);
        Self {
            light: LIGHT.shades(colour),
            dark: DARK.shades(in_the_dark),
        }
    }

    /// The style sheet that carries it; paper has its own colours, all black.
    pub(super) fn css(&self) -> String {
        format!(
            "@media screen{{:root{{{}}}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}",
            self.light.css(),
            self.dark.css(),
        )
    }
}

impl Shades {
    fn css(&self) -> String {
        format!(
            "--accent:{};--accent-ink:{};--accent-edge:{};--strong:{};--tint:{}",
            self.accent, self.ink, self.edge, self.strong, self.tint
        )
    }
}

impl Scheme {
    fn shades(&self, accent: Srgb<f64>) -> Shades {
        let paper = read(self.paper);
        let tint = Oklab::from_color(paper).mix(Oklab::from_color(accent), self.tint);
        let tint = seen(Srgb::from_color(tint));
        let strong = self.nearest(accent, &[paper, read(self.ground), tint], TEXT);
        let edge = if accent.relative_contrast(paper) < BUTTON {
            hex(strong)
        } else {
            "transparent".to_owned()
        };
        Shades {
            accent: hex(accent),
            ink: ink_on(accent),
            strong: hex(strong),
            tint: hex(tint),
            edge,
        }
    }

    /// The nearest lightness of the same hue that stands out from all of these grounds.
    fn nearest(&self, colour: Srgb<f64>, grounds: &[Srgb<f64>], wanted: f64) -> Srgb<f64> {
        const STEPS: u32 = 50;
        let start = Oklch::from_color(colour);
        let shade = |step: u32| {
            let far = f64::from(step) / f64::from(STEPS);
            let l = start.l + (self.towards - start.l) * far;
            seen(Srgb::from_color(Oklch { l, ..start }))
        };
        let stands_out = |shade: &Srgb<f64>| {
            let mut grounds = grounds.iter();
            grounds.all(|ground| shade.relative_contrast(*ground) >= wanted)
        };
        (0..STEPS)
            .map(shade)
            .find(stands_out)
            .unwrap_or_else(|| shade(STEPS))
    }
}

/// What an admin should know of an accent: that buttons of it hardly stand out from the page. In the dark the colour
/// is made to.
pub fn faint(accent: &str) -> Option<String> {
    let found = read(accent).relative_contrast(read(LIGHT.paper));
    let strong = Accent::of(accent).light.strong;
    (found < BUTTON).then(|| {
        format!(
            "{accent} hardly stands out from the page ({found:.1}:1, {BUTTON}:1 is wanted): buttons get a border, and \
             links and marks the colour, {strong}"
        )
    })
}

/// Black or white, whichever is easier to read.
fn ink_on(colour: Srgb<f64>) -> &'static str {
    let [light, dark] = [LIGHT_INK, DARK_INK].map(|ink| colour.relative_contrast(read(ink)));
    if light >= dark { LIGHT_INK } else { DARK_INK }
}

fn read(colour: &str) -> Srgb<f64> {
    let read = |colour: &str| colour.parse::<Srgb<u8>>().ok();
    let rgb = read(colour).or_else(|| read(DEFAULT)).unwrap_or_default();
    rgb.into_format()
}

/// As a screen shows it: inside the gamut, in whole steps.
fn seen(colour: Srgb<f64>) -> Srgb<f64> {
    colour.clamp().into_format::<u8>().into_format()
}

fn hex(colour: Srgb<f64>) -> String {
    format!("#{:x}", colour.into_format::<u8>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = include_str!("../../static/look.css");

    fn contrast(one: &str, other: &str) -> f64 {
        read(one).relative_contrast(read(other))
    }

    #[test]
    fn in_the_light_a_button_has_the_colour_that_was_said() {
        for (accent, ink) in [
            (DEFAULT, LIGHT_INK),
            ("#000000", LIGHT_INK),
            ("#b00020", LIGHT_INK),
            ("#ffffff", DARK_INK),
            ("#ffcc00", DARK_INK),
            ("#8bd3dd", DARK_INK),
        ] {
            let shades = Accent::of(accent).light;
            assert_eq!((shades.accent.as_str(), shades.ink), (accent, ink));
        }
    }

    #[test]
    fn whatever_the_accent_it_can_be_seen_and_read_in_both_schemes() {
        let levels = [0, 64, 100, 128, 160, 192, 255];
        for (r, (g, b)) in levels
            .map(|r| levels.map(|g| levels.map(|b| (r, (g, b)))))
            .as_flattened()
            .as_flattened()
        {
            let colour = format!("#{r:02x}{g:02x}{b:02x}");
            let accent = Accent::of(&colour);
            for (scheme, shades) in [(LIGHT, &accent.light), (DARK, &accent.dark)] {
                let words = contrast(&shades.accent, shades.ink);
                assert!(words >= TEXT, "{colour}: {words}");
                for ground in [scheme.paper, scheme.ground, &shades.tint] {
                    let found = contrast(&shades.strong, ground);
                    assert!(found >= TEXT, "{colour} on {ground}: {found}");
                }
                let has_edge = shades.edge != "transparent";
                let shape = if has_edge {
                    &shades.edge
                } else {
                    &shades.accent
                };
                assert!(contrast(shape, scheme.paper) >= BUTTON, "{colour}");
            }
        }
    }

    #[test]
    fn an_accent_that_is_hard_to_see_is_told() {
        assert_eq!(faint(DEFAULT), None);
        assert_eq!(faint("#101218"), None);
        let told = faint("#ffcc00").unwrap();
        assert!(
            told.starts_with("#ffcc00 hardly stands out from the page (1.5:1"),
            "{told}"
        );
    }

    #[test]
    fn the_papers_are_those_of_the_style_sheet() {
        let dark = SHEET.find("prefers-color-scheme: dark").unwrap();
        for (scheme, part) in [(LIGHT, &SHEET[..dark]), (DARK, &SHEET[dark..])] {
            for (token, colour) in [("--paper", scheme.paper), ("--ground", scheme.ground)] {
                let short = colour.replace("#ffffff", "#fff");
                let said = part.contains(&format!("{token}: {short};"));
                assert!(said, "{token} {colour}");
            }
        }
        let accent = Accent::of(DEFAULT);
        for shades in [accent.light, accent.dark] {
            let said = format!("--accent: {};", shades.accent);
            assert!(SHEET.contains(&said), "{said}");
        }
    }
}
