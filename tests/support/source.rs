//! Rust source as the boundary test sees it: tokens, and the paths that they name.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A path that the code names, in full (`crate::store::Tx`), and where.
#[derive(Debug)]
pub struct Named {
    /// Its parts; `super` and `self` are resolved, `tessera` is `crate`.
    pub path: Vec<String>,
    /// The line it stands on.
    pub line: usize,
}

/// The tokens of a file without its tests and comments.
pub fn tokens(text: &str) -> TokenStream {
    let all: TokenStream = text.parse().expect("the source parses");
    without_tests(all)
}

/// Every path in the tokens, macro bodies and nested `use` groups included.
pub fn names(tokens: &TokenStream, module: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    collect(tokens.clone(), &[], &mut found);
    for named in &mut found {
        named.path = resolve(&named.path, module);
    }
    found
}

/// The module that a file under `src` holds: `pages/otp.rs` is `crate::pages::otp`.
pub fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    std::iter::once("crate")
        .chain(inner.split('/'))
        .filter(|part| !["mod", "lib", "main"].contains(part))
        .map(str::to_owned)
        .collect()
}

/// Shows every row of sibling tokens, from the outermost inwards.
pub fn walk(tokens: &TokenStream, visit: &mut impl FnMut(&[TokenTree])) {
    let row: Vec<TokenTree> = tokens.clone().into_iter().collect();
    visit(&row);
    for token in &row {
        if let TokenTree::Group(group) = token {
            walk(&group.stream(), visit);
        }
    }
}

/// Whether an identifier occurs anywhere in the tokens.
pub fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

/// Whether two tokens that follow each other are `==` or `!=`.
pub fn is_comparison(first: &TokenTree, second: &TokenTree) -> bool {
    matches!((first, second), (TokenTree::Punct(a), TokenTree::Punct(b))
        if "=!".contains(a.as_char()) && a.spacing() == Spacing::Joint && b.as_char() == '=')
}

/// The line a token starts on.
pub fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

fn collect(tokens: TokenStream, prefix: &[String], found: &mut Vec<Named>) {
    let mut path = prefix.to_vec();
    let mut at = None;
    let mut colons = 0;
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    finish(&mut path, &mut at, prefix, found);
                }
                path.push(ident.to_string());
                at.get_or_insert(line(&token));
                colons = 0;
            }
            TokenTree::Group(group) => {
                let nested = colons == 2 && group.delimiter() == Delimiter::Brace;
                if nested {
                    collect(group.stream(), &path, found);
                    path = prefix.to_vec();
                    at = None;
                } else {
                    finish(&mut path, &mut at, prefix, found);
                    collect(group.stream(), &[], found);
                }
                colons = 0;
            }
            _ => {
                finish(&mut path, &mut at, prefix, found);
                colons = 0;
            }
        }
    }
    finish(&mut path, &mut at, prefix, found);
}

fn finish(
    path: &mut Vec<String>,
    at: &mut Option<usize>,
    prefix: &[String],
    found: &mut Vec<Named>,
) {
    if let Some(line) = at.take() {
        found.push(Named {
            path: std::mem::replace(path, prefix.to_vec()),
            line,
        });
    }
}

fn resolve(path: &[String], module: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let (base, rest) = match path[0].as_str() {
        "super" => (
            &module[..module.len().saturating_sub(ups).max(1)],
            &path[ups..],
        ),
        "self" => (module, &path[1..]),
        "tessera" => (&module[..1], &path[1..]),
        _ => return path.to_vec(),
    };
    base.iter().chain(rest).cloned().collect()
}

/// Drops what `#[cfg(test)]` or `#[test]` stands before, up to its body or semicolon.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut dropping = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let starts = matches!((&token, tokens.peek()),
            (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
                if punct.as_char() == '#' && is_test(group));
        dropping |= starts;
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        if !dropping {
            kept.extend([match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), without_tests(group.stream()));
                    inner.set_span(group.span());
                    TokenTree::Group(inner)
                }
                other => other,
            }]);
        }
        dropping &= !ends;
    }
    kept
}

fn is_test(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    attribute.delimiter() == Delimiter::Bracket && (text == "cfg(test)" || text.ends_with("test"))
}
