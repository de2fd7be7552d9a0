//! The words of pages and mails: Fluent files, one folder a language, falling back from region to language to default.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use fluent_syntax::ast::{Entry, Pattern};
use icu_collator::Collator;
use icu_collator::options::CollatorOptions;

use super::files::Texts;
use super::locale::Locale;
use super::problem::CheckError;

/// The language every shipped word exists in, the end of every fallback.
pub(super) const LAST_RESORT: &str = "en";

/// Every language's words.
pub(super) struct Words {
    default: Locale,
    available: Vec<Locale>,
    bundles: Vec<FluentBundle<FluentResource>>,
    keys: BTreeSet<String>,
    /// Those of them that are shipped.
    shipped: BTreeSet<String>,
    /// Where to look, in order, for each available language.
    chains: HashMap<String, Vec<usize>>,
    /// The lists that were asked for, by language and beginning of their keys.
    lists: Mutex<HashMap<(String, &'static str), List>>,
}

/// The words of all keys that begin the same, as a person looks them up: the rest of the key, and what it says.
pub type List = Arc<[(String, String)]>;

/// Why a word could not be told.
pub(super) enum Wordless {
    /// No language of the chain has the key.
    Missing,
    /// The words were found but name something that was not passed.
    Broken {
        /// What could be told.
        told: String,
        /// What was missing.
        why: String,
    },
}

impl Words {
    /// Builds the languages out of the shipped files and, over them key by key, the admin's.
    pub(super) fn build(
        shipped: &Texts,
        own: &Texts,
        default: &Locale,
        own_label: impl Fn(&str) -> String,
        errors: &mut Vec<CheckError>,
    ) -> Self {
        let mut languages: BTreeMap<String, (Locale, FluentBundle<FluentResource>)> =
            BTreeMap::new();
        let mut keys = BTreeSet::new();
        let shipped_label = |name: &str| format!("builtin/{name}");
        let mut shipped_keys = BTreeSet::new();
        let files = shipped
            .iter()
            .map(|(name, text)| (name, text, shipped_label(name), true))
            .chain(
                own.iter()
                    .map(|(name, text)| (name, text, own_label(name), false)),
            );
        for (name, text, label, is_shipped) in files.filter(|(name, ..)| name.ends_with(".ftl")) {
            let Some(locale) = locale_of(name) else {
                continue;
            };
            let (_, bundle) = languages
                .entry(locale.as_str().to_owned())
                .or_insert_with(|| (locale.clone(), new_bundle(&locale)));
            let resource = parse(text, &label, errors);
            if is_shipped {
                shipped_keys.extend(keys_of(&resource));
            }
            keys.extend(keys_of(&resource));
            bundle.add_resource_overriding(resource);
        }
        let (available, bundles): (Vec<Locale>, Vec<_>) = languages.into_values().unzip();
        let mut words = Self {
            default: default.clone(),
            available,
            bundles,
            keys,
            shipped: shipped_keys,
            chains: HashMap::new(),
            lists: Mutex::default(),
        };
        words.chains = words
            .available
            .iter()
            .chain([default])
            .map(|locale| (locale.as_str().to_owned(), words.chain(locale)))
            .collect();
        words
    }

    pub(super) fn available(&self) -> &[Locale] {
        &self.available
    }

    /// The best available language for these wishes, the first one strongest.
    pub(super) fn negotiate(&self, wanted: &[&str]) -> Locale {
        let wanted: Vec<Locale> = wanted
            .iter()
            .filter_map(|tag| Locale::parse(tag).ok())
            .collect();
        negotiate_languages(
            &wanted,
            &self.available,
            None,
            NegotiationStrategy::Filtering,
        )
        .first()
        .copied()
        .unwrap_or_else(|| self.fallback())
        .clone()
    }

    /// The default language, or what stands in for it while it has no words.
    fn fallback(&self) -> &Locale {
        self.chains
            .get(self.default.as_str())
            .and_then(|chain| self.available.get(*chain.first()?))
            .unwrap_or(&self.default)
    }

    /// The words of `key`, in the first language of the chain that has them.
    pub(super) fn tell(
        &self,
        locale: &str,
        key: &str,
        args: &FluentArgs<'_>,
    ) -> Result<String, Wordless> {
        let unknown;
        let chain = match self.chains.get(locale) {
            Some(chain) => chain,
            None => {
                unknown = Locale::parse(locale)
                    .map_or_else(|_| self.chain(&self.default), |locale| self.chain(&locale));
                &unknown
            }
        };
        for bundle in chain.iter().filter_map(|index| self.bundles.get(*index)) {
            let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
                continue;
            };
            let mut errors = Vec::new();
            let told = bundle.format_pattern(pattern, Some(args), &mut errors);
            return match errors.first() {
                None => Ok(told.into_owned()),
                Some(error) => Err(Wordless::Broken {
                    told: told.into_owned(),
                    why: explain(error),
                }),
            };
        }
        Err(Wordless::Missing)
    }

    /// As [`Words::tell`], but a missing word shows its key and a broken one what is left of it.
    pub(super) fn tell_anyway(&self, locale: &str, key: &str, args: &FluentArgs<'_>) -> String {
        match self.tell(locale, key, args) {
            Ok(told) | Err(Wordless::Broken { told, .. }) => told,
            Err(Wordless::Missing) => key.to_owned(),
        }
    }

    /// The words of all keys that begin with `prefix`, in the order of what they say; put together once a language.
    pub(super) fn list(&self, locale: &Locale, prefix: &'static str) -> List {
        let named = (locale.as_str().to_owned(), prefix);
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let list = lists.entry(named).or_insert_with(|| {
            let args = FluentArgs::new();
            let mut list: Vec<(String, String)> = self
                .keys()
                .filter_map(|key| Some((key, key.strip_prefix(prefix)?)))
                .map(|(key, rest)| {
                    (
                        rest.to_owned(),
                        self.tell_anyway(locale.as_str(), key, &args),
                    )
                })
                .collect();
            sort(&mut list, locale);
            list.into()
        });
        Arc::clone(list)
    }

    /// Every key that some language has.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    pub(super) fn knows(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn is_shipped(&self, key: &str) -> bool {
        self.shipped.contains(key)
    }

    /// What a language itself says, no other one standing in.
    pub(super) fn pattern(&self, locale: &Locale, key: &str) -> Option<&Pattern<&str>> {
        let index = self.available.iter().position(|known| known == locale)?;
        self.bundles.get(index)?.get_message(key)?.value()
    }

    fn chain(&self, locale: &Locale) -> Vec<usize> {
        let mut chain: Vec<usize> = negotiate_languages(
            std::slice::from_ref(locale),
            &self.available,
            None,
            NegotiationStrategy::Filtering,
        )
        .into_iter()
        .chain(negotiate_languages(
            std::slice::from_ref(&self.default),
            &self.available,
            None,
            NegotiationStrategy::Filtering,
        ))
        .filter_map(|found| self.available.iter().position(|known| known == found))
        .collect();
        chain.extend(
            self.available
                .iter()
                .position(|known| known.as_str() == LAST_RESORT),
        );
        let mut seen = Vec::new();
        chain.retain(|index| {
            let new = !seen.contains(index);
            seen.push(*index);
            new
        });
        chain
    }
}

/// What Fluent puts around values in languages that run from right to left (Unicode UAX #9, FSI and PDI).
pub(super) const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Where a long word may break.
pub(super) const SOFT_HYPHEN: char = '\u{ad}';

/// As a dictionary of the language has them (Unicode UTS #10 and CLDR): Österreich before Polen in German, ö behind z in
/// Swedish, kana before characters in Japanese.
fn sort(list: &mut [(String, String)], locale: &Locale) {
    let preferences = icu_locale::Locale::try_from_str(locale.as_str())
        .unwrap_or(icu_locale::locale!("en"))
        .into();
    match Collator::try_new(preferences, CollatorOptions::default()) {
        Ok(collator) => list.sort_by(|(_, a), (_, b)| collator.compare(a, b)),
        Err(_) => list.sort_by(|(_, a), (_, b)| a.cmp(b)),
    }
}

/// Whole numbers below are exact in floating point.
const MOST: u64 = 1 << 53;

/// A value for Fluent; a whole number in plain spelling becomes a number, so that plural forms work. Fluent counts in
/// floating point: a longer number, such as a person's id, stays the text that it is.
pub(super) fn value(text: &str) -> FluentValue<'_> {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text && number.unsigned_abs() < MOST => {
            FluentValue::from(number)
        }
        _ => FluentValue::String(Cow::Borrowed(text)),
    }
}

pub(super) fn locale_of(name: &str) -> Option<Locale> {
    let mut parts = name.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("locales"), Some(language), Some(_), None) => Locale::parse(language).ok(),
        _ => None,
    }
}

fn new_bundle(locale: &Locale) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![locale.id().clone()]);
    // An address or a name keeps its own direction between words that run the other way. The marks are invisible;
    // where everything runs one way there is nothing to keep.
    bundle.set_use_isolating(locale.dir() == "rtl");
    bundle
}

fn parse(text: &str, file: &str, errors: &mut Vec<CheckError>) -> FluentResource {
    match FluentResource::try_new(text.to_owned()) {
        Ok(resource) => resource,
        Err((resource, faults)) => {
            for fault in faults {
                let before = text.get(..fault.pos.start).unwrap_or(text);
                let line = before.matches('\n').count() + 1;
                errors.push(CheckError::new(file, Some(line), fault.to_string()));
            }
            resource
        }
    }
}

fn keys_of(resource: &FluentResource) -> impl Iterator<Item = String> {
    resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    })
}

fn explain(error: &FluentError) -> String {
    match error {
        FluentError::ResolverError(error) => error.to_string(),
        other => other.to_string(),
    }
}
