//! Reads values of a descriptor's document: types, closed words, paths and patterns. Each problem is noted, and reading goes on.

use std::fmt::Display;
use std::sync::Arc;

use super::document::{Document, View};
use super::path::{LONGEST, Path, PathRules, Pattern, Place};
use super::problems::Problems;
use crate::model::error::quoted;
use crate::model::names::Named;
use crate::model::record::{Note, Notes};
use crate::model::time::Step;

/// Metric keys, at most.
pub(super) const MOST_METRIC_KEYS: usize = 1024;
/// Texts of tests, cases and maps, at most.
const MOST_TEXTS: usize = 4096;

/// Reads a document and gathers its problems.
pub(super) struct Reader<'d> {
    pub document: &'d Document,
    pub problems: Problems,
    /// Texts of cases and maps so far.
    texts: usize,
    /// Metric keys and row rules so far.
    pub metric_keys: usize,
    pub row_rules: usize,
}

impl<'d> Reader<'d> {
    pub fn new(document: &'d Document, problems: Problems) -> Self {
        Self { document, problems, texts: 0, metric_keys: 0, row_rules: 0 }
    }

    pub fn problem(&mut self, at: View<'d>, message: String) {
        self.problems.add(at.id, message);
    }

    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Notes that something else was expected than what is here.
    pub fn expected(&mut self, at: View<'d>, expected: impl Display) {
        self.problem(at, format!("expected {expected}, found {}", at.describe()));
    }

    /// Notes a problem the first time that a count passes its bound.
    pub fn bound(&mut self, at: View<'d>, count: usize, most: usize, what: &str) {
        if count == most + 1 {
            self.problem(at, format!("expected at most {most} {what}, found more"));
        }
    }

    /// Whether this is an object; members that are not known and those that it lacks are noted.
    pub fn object(&mut self, at: View<'d>, expected: &str, known: &[&str], required: &[&str]) -> bool {
        if !at.is_object() {
            self.expected(at, expected);
            return false;
        }
        self.members(at, required);
        for member in at.children() {
            if !known.contains(&member.name()) {
                let names = one_of(known, '`');
                self.problem(member, format!("expected {names}, found {}", quoted(member.name())));
            }
        }
        true
    }

    /// Notes the members that an object lacks.
    pub fn members(&mut self, at: View<'d>, required: &[&str]) {
        for name in required {
            if at.is_object() && at.get(name).is_none() {
                self.problem(at, format!("expected the member `{name}`, found none"));
            }
        }
    }

    pub fn text(&mut self, at: View<'d>, expected: &str) -> Option<&'d str> {
        let text = at.as_text();
        if text.is_none() {
            self.expected(at, expected);
        }
        text
    }

    /// A text that is not empty and not longer than a pattern may be.
    pub fn name(&mut self, at: View<'d>, expected: &str) -> Option<Box<str>> {
        let text = self.text(at, expected)?;
        if text.is_empty() || text.len() > LONGEST {
            self.expected(at, format_args!("{expected} of 1 to {LONGEST} bytes"));
        }
        Some(text.into())
    }

    pub fn bool(&mut self, at: Option<View<'d>>) -> bool {
        let Some(at) = at else { return false };
        let value = at.as_bool();
        if value.is_none() {
            self.expected(at, "true or false");
        }
        value.unwrap_or_default()
    }

    /// A member whose only value is true.
    pub fn only_true(&mut self, at: Option<View<'d>>) -> bool {
        let Some(at) = at else { return false };
        if at.as_bool() != Some(true) {
            self.expected(at, "true, or no such member");
        }
        true
    }

    pub fn whole(&mut self, at: View<'d>, least: u64, most: u64) -> Option<u64> {
        let number = at.as_whole().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.expected(at, format_args!("a whole number from {least} to {most}"));
        }
        number
    }

    /// One of a closed list of words.
    pub fn word<T: Named>(&mut self, at: View<'d>) -> Option<T> {
        let word = at.as_text().and_then(T::from_name);
        if word.is_none() {
            self.expected(at, one_of(T::NAMES, '"'));
        }
        word
    }

    /// The values of a list.
    pub fn list(&mut self, at: Option<View<'d>>, expected: &str) -> Vec<View<'d>> {
        let Some(at) = at else { return Vec::new() };
        if !at.is_list() {
            self.expected(at, expected);
            return Vec::new();
        }
        at.children().collect()
    }

    /// The same for a list that may not be empty.
    pub fn filled_list(&mut self, at: Option<View<'d>>, expected: &str) -> Vec<View<'d>> {
        self.not_empty(at, expected);
        self.list(at, expected)
    }

    /// The members of an object whose names are the descriptor's own.
    pub fn entries(&mut self, at: Option<View<'d>>, expected: &str) -> Vec<View<'d>> {
        let Some(at) = at else { return Vec::new() };
        if !at.is_object() {
            self.expected(at, expected);
            return Vec::new();
        }
        at.children().collect()
    }

    pub fn path_of(&mut self, at: View<'d>, text: &str, rules: PathRules) -> Option<Path> {
        match Path::parse(text, rules) {
            Ok(path) => Some(path),
            Err(expected) => {
                let found = quoted(text);
                self.problem(at, format!("expected {expected}, found {found}"));
                None
            }
        }
    }

    pub fn path(&mut self, at: View<'d>, rules: PathRules) -> Option<Path> {
        let text = self.text(at, "a path")?;
        self.path_of(at, text, rules)
    }

    /// One path or a list of paths.
    pub fn paths(&mut self, at: Option<View<'d>>, rules: PathRules) -> Vec<Path> {
        one_or_more(at).into_iter().filter_map(|each| self.path(each, rules)).collect()
    }

    /// One path or a list of at least one.
    pub fn filled_paths(&mut self, at: Option<View<'d>>, rules: PathRules) -> Vec<Path> {
        self.not_empty(at, "a path or a list of paths");
        self.paths(at, rules)
    }

    fn not_empty(&mut self, at: Option<View<'d>>, expected: &str) {
        if let Some(list) = at.filter(|at| at.is_list() && at.children().len() == 0) {
            self.problem(list, format!("expected {expected}, found an empty list"));
        }
    }

    pub fn place(&mut self, at: Option<View<'d>>, rules: PathRules) -> Place {
        let Some(at) = at else { return Place::default() };
        if at.is_object() {
            self.object(at, "", &["json", "xml"], &[]);
            if at.children().len() == 0 {
                self.problem(at, "expected paths under `json` or `xml`, found neither".to_owned());
            }
            let json = self.filled_paths(at.get("json"), rules);
            return Place { json, xml: self.filled_paths(at.get("xml"), rules) };
        }
        let json = self.filled_paths(Some(at), rules);
        Place { xml: json.clone(), json }
    }

    pub fn pattern_of(&mut self, at: View<'d>, text: &str) -> Option<Pattern> {
        let pattern = Pattern::parse(text).filter(|_| text.len() <= LONGEST);
        if pattern.is_none() {
            let found = quoted(text);
            self.problem(
                at,
                format!("expected a text of at most {LONGEST} bytes with at most one \"*\", found {found}"),
            );
        }
        pattern
    }

    pub fn pattern(&mut self, at: View<'d>) -> Option<Pattern> {
        let text = self.text(at, "a text")?;
        self.pattern_of(at, text)
    }

    /// A list of at least one pattern.
    pub fn patterns(&mut self, at: Option<View<'d>>) -> Vec<Pattern> {
        let each = self.filled_list(at, "a list of texts");
        self.count_texts(at, each.len());
        each.into_iter().filter_map(|each| self.pattern(each)).collect()
    }

    /// The same, in which null stands for an absent value.
    pub fn patterns_or_null(&mut self, at: View<'d>) -> Vec<Option<Pattern>> {
        let each = self.filled_list(Some(at), "a list of texts and null");
        self.count_texts(Some(at), each.len());
        let read = |each: View<'d>| if each.is_null() { Some(None) } else { self.pattern(each).map(Some) };
        each.into_iter().filter_map(read).collect()
    }

    fn count_texts(&mut self, at: Option<View<'d>>, more: usize) {
        let before = self.texts;
        self.texts += more;
        if let Some(at) = at
            && before <= MOST_TEXTS
            && self.texts > MOST_TEXTS
        {
            self.bound(at, MOST_TEXTS + 1, MOST_TEXTS, "texts in tests, cases and maps");
        }
    }

    /// An object whose names are patterns.
    pub fn map<T>(
        &mut self,
        at: Option<View<'d>>,
        expected: &str,
        mut read: impl FnMut(&mut Self, View<'d>, &Pattern) -> Option<T>,
    ) -> Vec<(Pattern, T)> {
        let entries = self.entries(at, expected);
        self.count_texts(at, entries.len());
        let mut map = Vec::new();
        for entry in entries {
            if let Some(key) = self.pattern_of(entry, entry.name())
                && let Some(value) = read(self, entry, &key)
            {
                map.push((key, value));
            }
        }
        map
    }

    pub fn notes(&mut self, at: Option<View<'d>>) -> Notes {
        let notes = self.list(at, "a list of notes");
        notes.into_iter().filter_map(|note| self.word::<Note>(note)).collect()
    }

    pub fn duration(&mut self, at: View<'d>) -> Option<Step> {
        let duration = at.as_text().and_then(parse_duration);
        if duration.is_none() {
            self.expected(at, "a length of time such as \"PT5M\", \"PT1H\", \"P1D\" or \"P1M\"");
        }
        duration
    }
}

/// `PT5M`, `PT1H`, `P1D`, `P1M`: one part, a number from 1 to 999,999.
fn parse_duration(text: &str) -> Option<Step> {
    let (is_time, rest) = match text.strip_prefix("PT") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('P')?),
    };
    let (digits, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let is_plain =
        matches!(digits.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.len() < 6 && rest.iter().all(u8::is_ascii_digit));
    let number: u32 = digits.parse().ok().filter(|_| is_plain)?;
    let seconds = |each: i128| Step::Nanos(i128::from(number) * each * 1_000_000_000);
    Some(match (is_time, unit) {
        (true, "S") => seconds(1),
        (true, "M") => seconds(60),
        (true, "H") => seconds(3600),
        (false, "D") => Step::Days(number.into()),
        (false, "M") => Step::Months(number),
        _ => return None,
    })
}

/// The values of a list, or a value that stands alone.
pub(super) fn one_or_more(at: Option<View<'_>>) -> Vec<View<'_>> {
    match at {
        None => Vec::new(),
        Some(list) if list.is_list() => list.children().collect(),
        Some(one) => vec![one],
    }
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(names: &[&str], quote: char) -> String {
    let mut out = String::new();
    for (at, name) in names.iter().enumerate() {
        let before = match at {
            0 => "",
            _ if at + 1 == names.len() => " or ",
            _ => ", ",
        };
        out.push_str(before);
        out.push(quote);
        out.push_str(name);
        out.push(quote);
    }
    out
}

/// A shared list.
pub(super) fn shared<T>(list: Vec<T>) -> Arc<[T]> {
    list.into()
}
