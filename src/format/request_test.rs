//! What a descriptor asks of the request.

use std::cell::OnceCell;

use crate::descriptor::model::{RequestTest, Shape, TextTest};
use crate::descriptor::path::{Path, PathStep, Pattern};
use crate::options::request::Request;
use crate::read::Value;

/// The request, its parts taken out once.
pub(crate) struct RequestTests<'r> {
    request: Option<&'r Request>,
    body: OnceCell<Option<Value>>,
}

impl<'r> RequestTests<'r> {
    pub fn new(request: Option<&'r Request>) -> Self {
        Self { request, body: OnceCell::new() }
    }

    /// Whether the request says all that is asked of it. Without a request nothing is known but what is absent from its body.
    pub fn holds(&self, test: &RequestTest) -> bool {
        let body = || test.body.iter().all(|test| self.member(test));
        let Some(request) = self.request else {
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
            && body()
    }

    fn member(&self, test: &TextTest) -> bool {
        let body = self.body.get_or_init(|| self.request.and_then(Request::json));
        let text = body.as_ref().and_then(|body| value_at(body, &test.path)).and_then(text_of);
        is_one_of(&test.texts, text.as_deref(), true)
    }
}

/// The value at a path; `*` is the only member of its object.
fn value_at<'v>(body: &'v Value, path: &Path) -> Option<&'v Value> {
    path.steps.iter().try_fold(body, |value, step| {
        let fields = value.as_fields()?;
        let named = |name: &str| fields.iter().rfind(|(own, _)| own.eq_ignore_ascii_case(name));
        let field = match step {
            PathStep::Name(name) => named(name)?,
            PathStep::Each => match fields {
                [only] => only,
                _ => return None,
            },
            PathStep::Capture(_) | PathStep::Attribute(_) | PathStep::Pattern(_) => return None,
        };
        Some(&field.1)
    })
}

/// A scalar as a text; null is absent.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::Text(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether a text, or its absence, is one of these.
pub(crate) fn is_one_of(texts: &[Option<Pattern>], text: Option<&str>, ignore_case: bool) -> bool {
    texts.iter().any(|pattern| match (pattern, text) {
        (None, None) => true,
        (Some(pattern), Some(text)) => pattern.matches(text, ignore_case),
        _ => false,
    })
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
