//! The names of metrics that a spec may name.

use crate::descriptor::FormatDescriptor;
use crate::descriptor::model::{MetricRule, RowMeaning, TemplatePart};
use crate::model::metric::is_in_vocabulary;

/// Whether the vocabulary has this metric, or a built-in format names it.
pub(crate) fn is_metric(name: &str) -> bool {
    let names = |format: &FormatDescriptor| format.rules().rows.iter().any(|row| has_metric(&row.meaning, name));
    is_in_vocabulary(name) || FormatDescriptor::built_in_formats().any(names)
}

fn has_metric(meaning: &RowMeaning, name: &str) -> bool {
    let mut rules = meaning.metrics.iter().filter_map(|entry| entry.rule.as_ref());
    rules.any(|rule| names_metric(rule, name)) || meaning.nested.iter().any(|nested| has_metric(&nested.meaning, name))
}

/// Whether a rule gives a metric of this name: in full, or by the text of a field, if a case lists it. What a `*` stands for may be
/// anything, so such names are listed in the vocabulary.
fn names_metric(rule: &MetricRule, name: &str) -> bool {
    let metrics = std::iter::once(&rule.meaning).chain(rule.cases.iter().map(|case| &case.meaning));
    let is_listed =
        |text: &str| rule.cases.iter().flat_map(|case| &case.is).any(|pattern| pattern.matches(text, false));
    metrics.filter_map(|meaning| meaning.metric.as_ref()).any(|metric| match &metric.parts[..] {
        [TemplatePart::Text(text)] => **text == *name,
        [TemplatePart::Text(before), TemplatePart::Field(_)] => name.strip_prefix(&**before).is_some_and(is_listed),
        _ => false,
    })
}
