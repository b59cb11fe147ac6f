//! JSON rows that match a template: only their values are read.

use super::Scanner;
use super::plain::plain_string_of_words;
use crate::read::digits::{may_be_number, small_number};
use crate::read::row_template::RowTemplates;
use crate::read::tape::{NO_MANTISSA, Node, Tape, ValueType};
use crate::read::visitor::Input;

/// Reads the row that starts here by a row template, if one matches.
///
/// Returns `false` if none matches, or if the row is incomplete or invalid. Nothing of the row is read then.
pub fn template_row(s: &mut Scanner<'_>, templates: &mut RowTemplates, depth: usize) -> bool {
    let row = Input { bytes: &s.input.bytes[s.at..], base: s.input.base + s.at as u64, last: s.input.last };
    let end = templates.fit(row.bytes, depth, |node, is_text, bytes, at| {
        if bytes.get(at) == Some(&b'"') {
            // Some providers write their numbers as texts.
            if *is_text != Some(true)
                && let Some((number, end)) = small_number(bytes, at + 1)
                && bytes.get(end) == Some(&b'"')
            {
                node.value_type = ValueType::Text;
                node.span = (at as u32 + 1, end as u32);
                node.mantissa = number.mantissa;
                node.scale = number.scale;
                return Some(end + 1);
            }
            if let Some(end) = plain_string_of_words(bytes, at + 1) {
                is_text.get_or_insert_with(|| !may_be_number(&bytes[at + 1..end]));
                node.value_type = ValueType::Text;
                node.span = (at as u32 + 1, end as u32);
                node.mantissa = NO_MANTISSA;
                return Some(end + 1);
            }
        } else if let Some((number, end)) = small_number(bytes, at) {
            node.value_type = ValueType::Number;
            node.span = (at as u32, end as u32);
            node.mantissa = number.mantissa;
            node.scale = number.scale;
            return Some(end);
        }
        other_scalar(node, row, at)
    });
    s.at += end.unwrap_or(0);
    end.is_some()
}

/// Reads a scalar that is neither a small number nor a plain string into its node.
fn other_scalar(node: &mut Node, row: Input<'_>, at: usize) -> Option<usize> {
    let mut s = Scanner::new(row, at);
    let ((start, end), value_type) = match s.peek()? {
        b'"' => {
            let (span, escaped) = s.string().ok()?;
            (span, if escaped { ValueType::EscapedText } else { ValueType::Text })
        }
        b'-' | b'0'..=b'9' => (s.number().ok()?, ValueType::Number),
        _ => {
            let value_type = s.word().ok()?;
            ((at, s.at), value_type)
        }
    };
    *node = Node { value_type, span: (start as u32, end as u32), mantissa: NO_MANTISSA, scale: 0, ..*node };
    Some(s.at)
}

/// Stores the nodes and bytes of a row as the template for the next rows.
pub fn add_template(templates: &mut RowTemplates, tape: &Tape, row: &[u8], depth: usize) -> u32 {
    templates.add(&tape.nodes, row, depth, |node| match node.value_type {
        ValueType::Object | ValueType::Array => None,
        ValueType::Text | ValueType::EscapedText => Some((node.span.0 - 1, node.span.1 + 1)),
        ValueType::Null | ValueType::Bool | ValueType::Number => Some(node.span),
    })
}
