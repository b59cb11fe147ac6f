//! The language of format descriptors: usage formats as data (docs/DESCRIPTORS.md).
//!
//! [`FormatDescriptor`] is a descriptor that was read and checked whole. Its rules ([`model`]) have all texts parsed; what executes
//! them is in `format/`.

mod built_in;
mod check;
mod document;
pub(crate) mod model;
pub(crate) mod path;
mod problems;
mod read;
mod rules;
mod values;

use std::any::Any;
use std::sync::{Arc, OnceLock};

use twox_hash::XxHash3_128;

use crate::model::error::{Error, Position};
use crate::model::provider::{Encoding, Format};
use document::Document;
pub(crate) use document::NodeId;
use model::Rules;
use problems::{Problem, Problems};

/// A usage format as data, checked. A copy costs nothing.
#[derive(Clone, Debug)]
pub struct FormatDescriptor(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    document: Document,
    rules: Arc<Rules>,
    /// What a reader makes of the rules, once for all bodies.
    compiled: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl serde::Serialize for DescriptorProblem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = serializer.serialize_struct("DescriptorProblem", 4)?;
        s.serialize_field("pointer", &self.pointer)?;
        s.serialize_field("message", &self.message)?;
        s.serialize_field("line", &self.position.map(|at| at.line))?;
        s.serialize_field("column", &self.position.map(|at| at.column))?;
        s.end()
    }
}

/// What is wrong with a descriptor, at one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptorProblem {
    /// JSON Pointer into the descriptor.
    pub pointer: String,
    /// What was expected and what was found.
    pub message: String,
    /// Where it stands in the JSON text; `None` for what comes from the format that is extended.
    pub position: Option<Position>,
}

impl FormatDescriptor {
    /// Reads a descriptor and checks it whole.
    ///
    /// # Errors
    /// `invalid-option` with the first of its [`problems`](Self::problems).
    pub fn from_json(text: &str) -> Result<Self, Error> {
        Self::check(text).map_err(|problems| match problems.into_iter().next() {
            Some(problem) => Error::descriptor(problem.pointer, problem.message, problem.position),
            None => Error::option("descriptor", "expected a descriptor"),
        })
    }

    /// Reads a descriptor and checks it whole.
    ///
    /// # Errors
    /// Every problem, in the order of the descriptor, at most 100.
    pub fn check(text: &str) -> Result<Self, Vec<DescriptorProblem>> {
        Self::read(text, false)
    }

    /// Every problem of a descriptor, in its order, at most 100. None: [`from_json`](Self::from_json) accepts it.
    pub fn problems(text: &str) -> Vec<DescriptorProblem> {
        Self::check(text).err().unwrap_or_default()
    }

    /// A built-in format, by its name.
    pub fn built_in(format: &str) -> Option<Self> {
        built_in::descriptor_of(format)
    }

    /// The names of all built-in formats, in the order of detection.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        built_in::names()
    }

    /// All built-in formats, in the order of detection.
    pub(crate) fn built_in_formats() -> impl Iterator<Item = &'static Self> {
        built_in::all()
    }

    fn read(text: &str, is_built_in: bool) -> Result<Self, Vec<DescriptorProblem>> {
        let mut problems = Problems::default();
        let mut document = Document::parse(text, &mut problems)
            .map_err(|(message, position)| vec![DescriptorProblem { pointer: String::new(), message, position }])?;
        if let Some(base) = document.root().get("extends") {
            if document.root().get("descriptor").is_none() {
                // The version of what is written is not that of the base.
                problems.add(document.root().id, "expected the member `descriptor`, found none".to_owned());
            }
            match base.as_text().and_then(Self::built_in) {
                Some(base) => document.extend(&base.0.document),
                None => {
                    let message = format!("expected the name of a built-in format, found {}", base.describe());
                    problems.add(base.id, message);
                }
            }
        }
        let (rules, problems) = rules::read(&document, problems, is_built_in);
        if problems.is_empty() {
            return Ok(Self(Arc::new(Checked { document, rules: Arc::new(rules), compiled: OnceLock::new() })));
        }
        let report = |problem: Problem| DescriptorProblem {
            pointer: document.pointer(problem.node),
            message: problem.message,
            position: document.position(problem.node, text),
        };
        Err(problems.first().into_iter().map(report).collect())
    }

    /// Name of the provider in records.
    pub fn provider(&self) -> &str {
        &self.0.rules.provider
    }

    /// Name of the format, `<provider>.<name>`.
    pub fn format(&self) -> &str {
        &self.0.rules.format
    }

    /// The name of the format, as records have it.
    pub(crate) fn name(&self) -> Format {
        Format::from_name(&self.0.rules.format).expect("the name was checked with the descriptor")
    }

    /// Name for people.
    pub fn title(&self) -> &str {
        &self.0.rules.title
    }

    /// How its replies are written.
    pub fn encodings(&self) -> &[Encoding] {
        &self.0.rules.encodings
    }

    /// 32 hexadecimal digits that change with any change of reading: XXH3-128 of the descriptor with `extends` resolved, as canonical
    /// JSON (RFC 8785), without `$schema`, `title`, `providerTitle`, `endpoint` and `documentation`.
    pub fn fingerprint(&self) -> String {
        let text = self.0.document.canonical(&["$schema", "title", "providerTitle", "endpoint", "documentation"]);
        format!("{:032x}", XxHash3_128::oneshot(text.as_bytes()))
    }

    /// The descriptor with `extends` resolved, as JSON.
    pub fn to_json(&self) -> String {
        self.0.document.json()
    }

    /// The rules that a reader executes.
    pub(crate) fn rules(&self) -> &Arc<Rules> {
        &self.0.rules
    }

    /// What a reader makes of the rules. All copies of a descriptor share it, and all calls name the same type.
    pub(crate) fn compiled<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> Arc<T> {
        if let Some(known) = self.0.compiled.get().and_then(|known| Arc::clone(known).downcast::<T>().ok()) {
            return known;
        }
        let made = Arc::new(make(self));
        // Another thread may have been first: both made the same.
        let _ = self.0.compiled.set(Arc::<T>::clone(&made));
        made
    }

    /// The JSON Pointer of a rule.
    pub(crate) fn pointer(&self, node: NodeId) -> String {
        self.0.document.pointer(node)
    }
}

/// Equal where their canonical texts are.
impl PartialEq for FormatDescriptor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.document.canonical(&[]) == other.0.document.canonical(&[])
    }
}

impl Eq for FormatDescriptor {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_format_is_a_descriptor_of_its_name() {
        for name in FormatDescriptor::built_in_names() {
            let text = built_in::text_of(name).unwrap();
            let descriptor =
                FormatDescriptor::read(text, true).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
            assert_eq!(descriptor.format(), name);
            assert_eq!(Some(descriptor.provider()), name.split_once('.').map(|(provider, _)| provider));
            // The resolved text is a descriptor, too, and the same one.
            let again = FormatDescriptor::read(&descriptor.to_json(), true).unwrap();
            assert_eq!(again.fingerprint(), descriptor.fingerprint());
        }
    }
}
