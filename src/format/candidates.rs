//! Which format a body has, and whose it is: by the descriptors, those of the caller before the built-in ones.

use super::error_reply;
use super::head::Head;
use super::head_tests::{HeadTests, Truth};
use super::request_test::RequestTests;
use crate::descriptor::model::{ErrorRule, Test};
use crate::descriptor::path::PathStep;
use crate::descriptor::{FormatDescriptor, NodeId};
use crate::model::provider::Provider;
use crate::options::ReadOptions;

/// The descriptors that come into question for a body, in the order of detection.
pub(crate) struct Candidates<'o> {
    options: &'o ReadOptions,
    request: RequestTests,
    /// The format that the caller named, else those of the caller and then the built-in ones, of the provider that the caller named.
    formats: Vec<&'o FormatDescriptor>,
    /// How many of them are the caller's.
    callers: usize,
    /// Whose reply it is, where the caller or the request says it.
    sender: Option<Provider>,
}

/// An error reply.
pub(crate) enum ErrorFormat {
    /// The rule of that number in `errors` of a descriptor.
    Rule(FormatDescriptor, usize),
    /// A reply of a known provider in any of the forms of an error.
    Sender(Provider),
}

impl<'o> Candidates<'o> {
    pub fn new(options: &'o ReadOptions) -> Self {
        let request = RequestTests::new(options.request.as_ref());
        let mut formats: Vec<&FormatDescriptor> = options.format.iter().collect();
        let mut callers = formats.len();
        if formats.is_empty() {
            formats.extend(&options.formats);
            callers = formats.len();
            for format in FormatDescriptor::built_in_formats() {
                formats.push(format);
            }
        }
        let named = options.format.as_ref().map(|format| format.name().provider()).or(options.provider);
        let sender = named.or_else(|| sender_of(&request, &formats));
        if let Some(named) = options.provider {
            callers = formats[..callers].iter().filter(|format| is_of(format, named)).count();
            formats.retain(|format| is_of(format, named));
        }
        Self { options, request, formats, callers, sender }
    }

    /// Whose reply it is, where the caller or the request says it.
    pub fn sender(&self) -> Option<Provider> {
        self.sender
    }

    fn tests<'c>(&'c self, format: &'c FormatDescriptor, head: &'c Head, is_named: bool) -> Option<HeadTests<'c>> {
        let is_read = format.encodings().contains(&head.encoding);
        is_read.then(|| HeadTests { head, rules: format.rules(), request: &self.request, is_named })
    }

    fn all<'c>(&'c self, head: &'c Head) -> impl Iterator<Item = (&'c FormatDescriptor, HeadTests<'c>)> {
        self.formats.iter().filter_map(move |format| {
            let is_named = self.sender.is_some_and(|sender| is_of(format, sender));
            Some((*format, self.tests(format, head, is_named)?))
        })
    }

    /// Every test of `detect` and `errors` of these formats on a complete head: whether it holds, and what it lacks.
    pub fn explain<'c>(
        &'c self,
        head: &'c Head,
    ) -> impl Iterator<Item = (&'c FormatDescriptor, NodeId, bool, Vec<String>)> {
        self.formats.iter().flat_map(move |format| {
            let is_named = self.sender.is_some_and(|sender| is_of(format, sender));
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

    /// The format that a body has, as far as it is known.
    pub fn of_body<'c>(&'c self, head: &'c Head) -> Option<&'c FormatDescriptor> {
        first_detected(self.all(head))
    }

    /// The format of another provider than the one that the caller named.
    pub fn of_other(&self, head: &Head) -> Option<Provider> {
        let named = self.options.provider.filter(|_| self.options.format.is_none())?;
        let others = FormatDescriptor::built_in_formats().filter(|format| !is_of(format, named));
        let tests = others.filter_map(|format| Some((format, self.tests(format, head, false)?)));
        first_detected(tests).map(|format| format.name().provider())
    }

    /// The format that the caller named, once a body shows rows, or that there are none, or nothing more comes.
    pub fn named<'c>(&'c self, head: &'c Head) -> Option<&'c FormatDescriptor> {
        self.options.format.as_ref()?;
        let (format, tests) = self.all(head).next()?;
        (head.complete || head.is_full() || tests.has_row() || tests.has_no_rows()).then_some(format)
    }

    /// The error reply that a body is by the rules of the caller's formats, as far as it is known.
    pub fn error_of_callers(&self, head: &Head) -> Option<ErrorFormat> {
        let callers = &self.formats[..self.callers];
        self.error(head, |format| callers.iter().any(|own| std::ptr::eq(*own, format)))
    }

    /// The error reply that a complete body is: by the rules of the built-in formats, or in any form if the sender is known. A reply
    /// that says that it succeeded is none.
    pub fn error_of_sender(&self, head: &Head) -> Option<ErrorFormat> {
        if head.success() == Some(true) || error_reply::is_ok(head) {
            return None;
        }
        let by_rule = self.error(head, |format| self.sender.is_none_or(|sender| is_of(format, sender)));
        by_rule.or_else(|| self.sender.filter(|_| error_reply::is_error(head)).map(ErrorFormat::Sender))
    }

    fn error(&self, head: &Head, counts: impl Fn(&FormatDescriptor) -> bool) -> Option<ErrorFormat> {
        if head.is_empty_list() {
            return None;
        }
        let mut first = None;
        for (format, tests) in self.all(head).filter(|(format, _)| counts(format)) {
            for (number, rule) in format.rules().errors.iter().enumerate() {
                for test in rule.when.iter().filter(|test| tests.test(test) == Truth::Yes) {
                    if test.request.is_some() {
                        return Some(ErrorFormat::Rule(format.clone(), number));
                    }
                    first.get_or_insert((format, number));
                }
            }
        }
        first.map(|(format, number)| ErrorFormat::Rule(format.clone(), number))
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

impl ErrorFormat {
    pub fn provider(&self) -> Provider {
        match self {
            Self::Rule(format, _) => format.name().provider(),
            Self::Sender(provider) => *provider,
        }
    }

    /// The rule that says where codes and messages are.
    pub fn rule(&self) -> Option<&ErrorRule> {
        match self {
            Self::Rule(format, number) => format.rules().errors.get(*number),
            Self::Sender(_) => None,
        }
    }

    /// Whether names are compared without regard to case.
    pub fn ignores_case(&self) -> bool {
        matches!(self, Self::Rule(format, _) if format.rules().ignore_case)
    }
}

fn is_of(format: &FormatDescriptor, provider: Provider) -> bool {
    format.provider() == provider.as_str()
}

/// The first format that a test recognises. A test that asks for the request beats those that do not.
fn first_detected<'c>(
    formats: impl Iterator<Item = (&'c FormatDescriptor, HeadTests<'c>)>,
) -> Option<&'c FormatDescriptor> {
    let mut first = None;
    for (format, tests) in formats {
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

/// Who answers a request: a host says it more surely than a body, a body more than a path, as behind a proxy.
fn sender_of(request: &RequestTests, formats: &[&FormatDescriptor]) -> Option<Provider> {
    request.request.as_ref()?;
    let mut best: Option<(u8, &FormatDescriptor)> = None;
    for format in formats {
        for test in &format.rules().requests {
            let weight = test.weight();
            if best.is_none_or(|(known, _)| weight > known) && request.holds(test, &[]) {
                best = Some((weight, format));
            }
        }
    }
    best.map(|(_, format)| format.name().provider())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::request::Request;

    #[test]
    fn the_provider_of_a_request_is_detected_by_host_body_and_path() {
        let of = |url: &str, body: Option<&str>| {
            let options = ReadOptions { request: Some(Request::new(url, body).unwrap()), ..ReadOptions::default() };
            Candidates::new(&options).sender()
        };
        for (url, provider) in [
            ("https://api.intronis.com/v1/partners/acme/usage_history", Some(Provider::Barracuda)),
            ("https://auth.echo.intronis.com/oauth2/token", Some(Provider::Barracuda)),
            ("https://API-DE.devicewise.com/api", Some(Provider::Devicewise)),
            ("https://hnl.cloudsigma.com/api/2.0/ledger/", Some(Provider::Cloudsigma)),
            ("https://partner.wasabisys.com/v1/users/4", Some(Provider::Wasabi)),
            ("https://stats.wasabisys.com/v1/standalone/utilizations", Some(Provider::Wasabi)),
            ("https://billing.wasabisys.com/utilization/bucket/", Some(Provider::Wasabi)),
            ("https://cloud.example/users/4/user_statistics.json?hourly_stats", Some(Provider::Onapp)),
            ("https://cloud.example/users/4", Some(Provider::Onapp)),
            ("http://127.0.0.1:8080/v1/accounts/acme/usage_history", Some(Provider::Barracuda)),
            ("http://127.0.0.1:8080/v1/accounts/7/utilizations/buckets", Some(Provider::Wasabi)),
            ("/api/2.0/dailyburstusage/", Some(Provider::Cloudsigma)),
            ("/api/2.0/balance/", Some(Provider::Cloudsigma)),
            ("/rest/hdc/tr50/v1/request", Some(Provider::Devicewise)),
            ("https://notintronis.com/", None),
            ("/", None),
        ] {
            assert_eq!(of(url, None), provider, "{url}");
        }
        for body in [
            r#"{"1":{"command":"usage.api.history","params":{}}}"#,
            r#"{"1":{"command":"usage.api.history"},"2":{"command":"usage.api.list"}}"#,
            r#"{"requests":{"get":{"command":"usage.api.history"}}}"#,
        ] {
            assert_eq!(of("http://localhost/api", Some(body)), Some(Provider::Devicewise), "{body}");
        }
        assert_eq!(of("http://localhost/api", Some("{}")), None);
    }
}
