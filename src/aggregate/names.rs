//! Names of metrics in a spec (docs/design.md#named-metrics). An unknown name is an error: it would silently give no rows.

use super::spec::AggregateSpec;
use crate::format::is_metric;
use crate::model::error::{Error, shortened};
use crate::model::metric::vocabulary;
use crate::table::Columns;

/// Refuses a name that neither the vocabulary nor the data has.
///
/// # Errors
/// `invalid-option`, naming the option and the nearest names.
pub(super) fn check(columns: &Columns, spec: &AggregateSpec) -> Result<(), Error> {
    for (option, name) in spec.metrics() {
        if !is_metric(name) && !columns.fields.iter().any(|field| *field.metric == *name) {
            let found = shortened(name);
            let nearest = nearest(name, columns, spec);
            let meant = match &nearest[..] {
                [] => "name one that the data has".to_owned(),
                names => format!("did you mean {}?", names.join(", ")),
            };
            let message = format!("expected a metric of the vocabulary or of the data, found `{found}`: {meant}");
            return Err(Error::option(option, message));
        }
    }
    Ok(())
}

/// The most names that a message suggests.
const MOST: usize = 5;
/// A longer name is not a typing error.
const LONGEST: usize = 64;

/// The known names that are most similar: those that contain it, or differ in a few letters. Names of the data come first.
fn nearest(name: &str, columns: &Columns, spec: &AggregateSpec) -> Vec<String> {
    if name.is_empty() || name.len() > LONGEST {
        return Vec::new();
    }
    let wanted = name.to_ascii_lowercase();
    let known = vocabulary()
        .map(|(family, rest)| (true, if rest.is_empty() { family.to_owned() } else { format!("{family}.{rest}") }));
    let of_data = columns.fields.iter().map(|field| (false, field.metric.to_string()));
    let derived = spec.derive.iter().map(|(name, _)| (false, name.clone()));
    let mut all: Vec<(bool, usize, String)> = of_data
        .chain(derived)
        .chain(known)
        .filter(|(_, candidate)| candidate.len() <= LONGEST)
        .filter_map(|(is_absent, candidate)| {
            let apart = distance(wanted.as_bytes(), candidate.as_bytes());
            (candidate.contains(&wanted) || apart <= (wanted.len() / 3).max(2)).then_some((is_absent, apart, candidate))
        })
        .collect();
    all.sort();
    let mut names: Vec<String> = Vec::new();
    for (_, _, candidate) in all {
        let candidate = format!("`{candidate}`");
        if names.len() < MOST && !names.contains(&candidate) {
            names.push(candidate);
        }
    }
    names
}

/// The number of letters that must be inserted, removed or replaced (Levenshtein distance).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_the_number_of_letters_to_change() {
        for (a, b, due) in
            [("", "ab", 2), ("storage", "storage", 0), ("stroage", "storage", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!((distance(a.as_bytes(), b.as_bytes()), distance(b.as_bytes(), a.as_bytes())), (due, due));
        }
    }
}
