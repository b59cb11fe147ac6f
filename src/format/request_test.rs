//! What a descriptor asks of the request.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::descriptor::model::{RequestTest, Shape, TextTest};
use crate::descriptor::path::{Path, PathStep, Pattern};
use crate::options::request::Request;
use crate::read::Value;
use crate::table::Text;

/// The request, and its body once it is asked for.
#[derive(Debug, Default)]
pub(crate) struct RequestTests {
    pub request: Option<Request>,
    body: OnceCell<Option<Value>>,
}

impl RequestTests {
    pub fn new(request: Option<&Request>) -> Self {
        Self { request: request.cloned(), body: OnceCell::new() }
    }

    /// Whether the request says all that is asked of it. What is absent from a body is absent where there is no request.
    pub fn holds(&self, test: &RequestTest, captures: &[(Box<str>, Text)]) -> bool {
        let body = |test: &TextTest| is_one_of(&test.texts, self.member(&test.path, captures).as_deref(), true);
        let Some(request) = &self.request else {
            return test.host.is_empty()
                && test.path.is_empty()
                && test.query.is_empty()
                && test.body.iter().all(|test| test.texts.contains(&None));
        };
        let host = || test.host.iter().any(|pattern| pattern.matches(&request.host(), true));
        let path = || {
            let segments = request.segments();
            let is_there = |patterns: &Vec<Pattern>| {
                segments.windows(patterns.len().max(1)).any(|window| {
                    let mut pairs = patterns.iter().zip(window);
                    window.len() == patterns.len() && pairs.all(|(pattern, segment)| pattern.matches(segment, true))
                })
            };
            test.path.iter().any(is_there)
        };
        (test.host.is_empty() || host())
            && (test.path.is_empty() || path())
            && test.query.iter().all(|(name, texts)| is_one_of(texts, request.parameter(name).as_deref(), true))
            && test.body.iter().all(body)
    }

    /// The member of the JSON body that a path leads to, as a text; null is absent.
    pub fn member(&self, path: &Path, captures: &[(Box<str>, Text)]) -> Option<Cow<'_, str>> {
        let body = self.body.get_or_init(|| self.request.as_ref()?.json()).as_ref()?;
        match value_at(body, &path.steps, captures)? {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::Text(text) => Some(Cow::Borrowed(text)),
            other => Some(Cow::Owned(other.to_string())),
        }
    }
}

/// The value at the end of steps. `*` is the only member of its object, `{key}` the captured name, or the first that leads on where
/// nothing is captured.
fn value_at<'v>(value: &'v Value, steps: &[PathStep], captures: &[(Box<str>, Text)]) -> Option<&'v Value> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(value);
    };
    let fields = value.as_fields()?;
    let next = match step {
        PathStep::Name(name) => fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)),
        PathStep::Each => fields.first().filter(|_| fields.len() == 1),
        PathStep::Capture(name) => match captures.iter().find(|(own, _)| own == name) {
            Some((_, captured)) => fields.iter().find(|(own, _)| **own == **captured),
            None => return fields.iter().find_map(|(_, value)| value_at(value, rest, captures)),
        },
        PathStep::Attribute(_) | PathStep::Pattern(_) => None,
    };
    value_at(&next?.1, rest, captures)
}

/// Whether a text, or its absence, is one of these.
pub(crate) fn is_one_of(texts: &[Option<Pattern>], text: Option<&str>, ignore_case: bool) -> bool {
    texts.iter().any(|pattern| match (pattern, text) {
        (None, None) => true,
        (Some(pattern), Some(text)) => pattern.matches(text, ignore_case),
        _ => false,
    })
}

impl RequestTest {
    /// How surely it tells whose request it is: a host more than a body, a body more than a path.
    pub fn weight(&self) -> u8 {
        match self {
            Self { host, .. } if !host.is_empty() => 3,
            Self { body, .. } if !body.is_empty() => 2,
            _ => 1,
        }
    }
}

impl Shape {
    /// Whether a text has this form.
    pub fn fits(self, text: &str) -> bool {
        let is_hex = |byte: u8| byte.is_ascii_hexdigit();
        match self {
            Self::ObjectId => text.len() == 24 && text.bytes().all(is_hex),
            Self::Uuid => {
                let hyphens = [8, 13, 18, 23];
                text.len() == 36
                    && text
                        .bytes()
                        .enumerate()
                        .all(|(at, byte)| if hyphens.contains(&at) { byte == b'-' } else { is_hex(byte) })
            }
        }
    }
}
