//! The formats that are described by data: which of them a body has.

use super::head::Head;
use super::head_tests::{HeadTests, Truth};
use super::request_test::RequestTests;
use crate::descriptor::model::Test;
use crate::descriptor::path::PathStep;
use crate::descriptor::{FormatDescriptor, NodeId};
use crate::options::ReadOptions;

/// The built-in formats that their descriptors detect.
const DETECTED: [&str; 3] = ["cloudsigma.usage", "wasabi.wacm-usages", "onapp.vm-stats"];

/// The descriptors that come into question for a body, in the order of detection: the caller's, then the built-in ones.
pub(crate) struct Candidates<'o> {
    options: &'o ReadOptions,
    request: RequestTests<'o>,
    formats: Vec<&'o FormatDescriptor>,
}

impl<'o> Candidates<'o> {
    pub fn new(options: &'o ReadOptions) -> Self {
        let formats = match &options.format {
            Some(format) => vec![format],
            None => {
                let mut formats: Vec<&FormatDescriptor> = options.formats.iter().collect();
                for format in FormatDescriptor::built_in_formats() {
                    if DETECTED.contains(&format.format()) {
                        formats.push(format);
                    }
                }
                formats.retain(|format| options.provider.is_none_or(|named| named.as_str() == format.provider()));
                formats
            }
        };
        Self { options, request: RequestTests::new(options.request.as_ref()), formats }
    }

    fn all<'c>(&'c self, head: &'c Head) -> impl Iterator<Item = (&'c FormatDescriptor, HeadTests<'c>)> {
        let is_named = self.options.format.is_some() || self.options.provider.is_some();
        let formats = self.formats.iter().filter(|format| format.encodings().contains(&head.encoding));
        formats
            .map(move |format| (*format, HeadTests { head, rules: format.rules(), request: &self.request, is_named }))
    }

    /// Every test of `detect` and `errors` of these formats on a complete head: whether it holds, and what it lacks.
    pub fn explain<'c>(
        &'c self,
        head: &'c Head,
    ) -> impl Iterator<Item = (&'c FormatDescriptor, NodeId, bool, Vec<String>)> {
        let is_named = self.options.format.is_some() || self.options.provider.is_some();
        self.formats.iter().flat_map(move |format| {
            let tests = HeadTests { head, rules: format.rules(), request: &self.request, is_named };
            let is_encoding = format.encodings().contains(&head.encoding);
            let errors = format.rules().errors.iter().flat_map(|rule| &rule.when);
            format.rules().detect.iter().chain(errors).map(move |test| {
                let encoding = (!is_encoding).then(|| "an encoding of the format".to_owned());
                let missing: Vec<_> = encoding.into_iter().chain(tests.missing(test)).collect();
                (*format, test.node, is_encoding && tests.test(test) == Truth::Yes, missing)
            })
        })
    }

    /// The format that a body has, as far as it is known. A test that asks for the request beats those that do not.
    pub fn of_body<'c>(&'c self, head: &'c Head) -> Option<&'c FormatDescriptor> {
        let mut first = None;
        for (format, tests) in self.all(head) {
            let holds = |test: &&Test| tests.test(test) == Truth::Yes;
            let detect = || format.rules().detect.iter();
            if detect().filter(|test| test.request.is_some()).any(|test| holds(&test)) {
                return Some(format);
            }
            if first.is_none() && detect().filter(|test| test.request.is_none()).any(|test| holds(&test)) {
                first = Some(format);
            }
        }
        first
    }

    /// The format that the caller named, once a body shows rows, or that there are none, or nothing more comes.
    pub fn named<'c>(&'c self, head: &'c Head) -> Option<&'c FormatDescriptor> {
        self.options.format.as_ref()?;
        let (format, tests) = self.all(head).next()?;
        (head.complete || head.is_full() || tests.has_row() || tests.has_no_rows()).then_some(format)
    }

    /// The error reply that a body is, as far as it is known: the descriptor and the number of the rule.
    pub fn error<'c>(&'c self, head: &'c Head) -> Option<(&'c FormatDescriptor, usize)> {
        if head.is_empty_list() {
            return None;
        }
        let mut first = None;
        for (format, tests) in self.all(head).filter(|(format, _)| !DETECTED.contains(&format.format())) {
            for (number, rule) in format.rules().errors.iter().enumerate() {
                for test in rule.when.iter().filter(|test| tests.test(test) == Truth::Yes) {
                    if test.request.is_some() {
                        return Some((format, number));
                    }
                    first = first.or(Some((format, number)));
                }
            }
        }
        first
    }

    /// The format of `[]`: the only one with rows in a root list, of those that the caller named.
    pub fn of_empty_list<'c>(&'c self, head: &'c Head) -> Option<&'c FormatDescriptor> {
        self.options.provider?;
        let has_root_list = |format: &FormatDescriptor| {
            let paths = format.rules().rows.iter().flat_map(|rule| rule.at.of(head.encoding));
            paths.clone().any(|path| path.steps.first() == Some(&PathStep::Each))
        };
        let mut formats = self.all(head).map(|(format, _)| format).filter(|format| has_root_list(format));
        formats.next().filter(|_| formats.next().is_none())
    }
}
