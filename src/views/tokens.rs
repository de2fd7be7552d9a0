//! Splits a template into its tags and their tokens.
//!
//! The engine keeps its syntax tree to itself, and it lets unknown names in conditions pass; finding them needs the
//! tokens. Nothing is judged here, only split: the engine says what cannot be parsed.

use std::ops::Range;

/// One token inside a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// A text in quotes.
    Text(String),
    /// A number.
    Number,
    /// An operator or bracket.
    Sign(&'static str),
}

impl Token {
    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self, Token::Sign(own) if *own == sign)
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A token and its line.
pub(super) type Placed = (Token, usize);

/// One `{{ … }}` or `{% … %}`.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// Whether it is `{% … %}`.
    pub(super) is_statement: bool,
    pub(super) tokens: Vec<Placed>,
}

const SIGNS: [&str; 38] = [
    "...", "//", "**", "==", "!=", ">=", "<=", "</", "?.", "?[", "+", "-", "*", "/", "%", "!", ".",
    ",", ":", "~", "|", "=", ">", "<", "(", ")", "[", "]", "{", "}", "@", "?", "&", ";", "$", "^",
    "\\", "#",
];

/// The tags of a template, in order; comments and raw blocks are passed over.
pub(super) fn tags(source: &str) -> Vec<Tag> {
    let mut cursor = Cursor::at_start(source);
    let mut tags = Vec::new();
    while let Some(open) = cursor.next_opening() {
        tags.extend(cursor.tag_of(open));
    }
    tags
}

/// What stands between the tags, in order; comments and raw blocks are passed over.
pub(super) fn literals(source: &str) -> Vec<Range<usize>> {
    let mut cursor = Cursor::at_start(source);
    let mut literals = Vec::new();
    loop {
        let start = cursor.at;
        let Some(open) = cursor.next_opening() else {
            literals.push(start..source.len());
            return literals;
        };
        literals.push(start..cursor.at - open.len());
        cursor.tag_of(open);
    }
}

struct Cursor<'s> {
    source: &'s str,
    at: usize,
    line: usize,
}

impl<'s> Cursor<'s> {
    fn at_start(source: &'s str) -> Self {
        Self {
            source,
            at: 0,
            line: 1,
        }
    }

    /// Reads on to the end of what was opened; nothing for comments and raw blocks.
    fn tag_of(&mut self, open: &str) -> Option<Tag> {
        match open {
            "{#" => self.skip_past("#}"),
            "{{" => return Some(self.tag("}}", false)),
            _ => {
                let tag = self.tag("%}", true);
                if !matches!(tag.tokens.as_slice(), [(Token::Name(name), _)] if name == "raw") {
                    return Some(tag);
                }
                self.skip_raw();
            }
        }
        None
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) -> &'s str {
        let rest = self.rest();
        let taken = rest.get(..bytes).unwrap_or(rest);
        self.line += taken.matches('\n').count();
        self.at += taken.len();
        taken
    }

    fn next_opening(&mut self) -> Option<&'s str> {
        let rest = self.rest();
        let (offset, _) = rest.match_indices('{').find(|(at, _)| {
            let next = rest.as_bytes().get(at + 1);
            matches!(next, Some(b'{' | b'%' | b'#'))
        })?;
        self.advance(offset);
        Some(self.advance(2))
    }

    fn skip_past(&mut self, end: &str) {
        let rest = self.rest();
        let bytes = rest.find(end).map_or(rest.len(), |at| at + end.len());
        self.advance(bytes);
    }

    fn skip_raw(&mut self) {
        while let Some(offset) = self.rest().find("{%") {
            self.advance(offset + 2);
            let tag = self.tag("%}", true);
            if matches!(tag.tokens.first(), Some((Token::Name(name), _)) if name == "endraw") {
                return;
            }
        }
        self.advance(self.rest().len());
    }

    fn tag(&mut self, end: &str, is_statement: bool) -> Tag {
        let mut tokens = Vec::new();
        if self.rest().starts_with('-') {
            self.advance(1);
        }
        loop {
            let blank = self.rest().len() - self.rest().trim_start().len();
            self.advance(blank);
            let rest = self.rest();
            let closing = rest.strip_prefix('-').unwrap_or(rest);
            if rest.is_empty() {
                break;
            }
            if closing.starts_with(end) {
                self.advance(rest.len() - closing.len() + end.len());
                break;
            }
            let line = self.line;
            tokens.push((self.token(), line));
        }
        Tag {
            is_statement,
            tokens,
        }
    }

    fn token(&mut self) -> Token {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        if matches!(first, '"' | '\'' | '`') {
            return Token::Text(self.quoted(first));
        }
        let run = |accepts: fn(char) -> bool| rest.find(|c| !accepts(c)).unwrap_or(rest.len());
        if first.is_ascii_digit() {
            self.advance(run(|c| c.is_ascii_digit() || c == '.'));
            return Token::Number;
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let name = self.advance(run(|c| c.is_ascii_alphanumeric() || c == '_'));
            return Token::Name(name.to_owned());
        }
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.advance(sign.len());
                Token::Sign(sign)
            }
            None => {
                self.advance(first.len_utf8());
                Token::Sign("")
            }
        }
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        let mut escaped = false;
        let mut bytes = quote.len_utf8();
        for c in self.rest().chars().skip(1) {
            bytes += c.len_utf8();
            if escaped {
                text.push(match c {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                });
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                break;
            } else {
                text.push(c);
            }
        }
        self.advance(bytes);
        text
    }
}
