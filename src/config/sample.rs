//! The documented configuration file, printed from the list of keys.

use super::key::{Key, SECTIONS, Shown};

/// The sample file. What it sets are the defaults.
pub(super) fn print() -> String {
    let mut text = String::new();
    for section in SECTIONS {
        if !section.name.is_empty() {
            text.push_str(&format!("\n[{}]\n", section.name));
        }
        comment(&mut text, section.doc);
        if !section.doc.is_empty() {
            text.push('\n');
        }
        for key in section.keys {
            print_key(&mut text, key);
        }
    }
    text
}

fn print_key(text: &mut String, key: &Key) {
    comment(text, key.doc);
    match key.shown {
        Shown::Default(value) => text.push_str(&format!("{} = {value}\n", key.name)),
        Shown::Example(value) => text.push_str(&format!("# {} = {value}\n", key.name)),
    }
}

fn comment(text: &mut String, doc: &str) {
    for line in doc.lines() {
        text.push_str(&format!("# {line}\n"));
    }
}
