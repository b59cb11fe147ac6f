//! XML elements that match a template: only their plain text is read.

use crate::read::digits::{may_be_number, small_decimal};
use crate::read::row_template::RowTemplates;
use crate::read::tape::{NO_MANTISSA, Node, Tape, ValueType};

/// Stores the nodes and bytes of a row as the template for the next rows. Elements that are nil or empty, attributes, references,
/// CDATA and comments must be the same in the next rows.
pub fn add_template(templates: &mut RowTemplates, tape: &Tape, row: &[u8], depth: usize) -> u32 {
    templates.add(&tape.nodes, row, depth, |node| {
        let (start, end) = (node.span.0 as usize, node.span.1 as usize);
        let stands_alone =
            || row[..start].trim_ascii_end().ends_with(b">") && row[end..].trim_ascii_start().starts_with(b"</");
        (node.value_type == ValueType::Text && start < end && stands_alone()).then_some(node.span)
    })
}

/// Reads the row that starts here by a row template, if one matches. Returns where the row ends.
pub fn template_row(templates: &mut RowTemplates, bytes: &[u8], depth: usize) -> Option<usize> {
    templates.fit(bytes, depth, plain_text)
}

/// Reads a text that needs no unescaping: it has no markup and no white space around it.
#[inline]
fn plain_text(node: &mut Node, is_text: &mut Option<bool>, bytes: &[u8], at: usize) -> Option<usize> {
    if *is_text != Some(true)
        && let Some((number, end)) = small_decimal(bytes, at)
        && matches!(bytes.get(end), Some(b'<'))
    {
        node.span = (at as u32, end as u32);
        node.mantissa = number.mantissa;
        node.scale = number.scale;
        return Some(end);
    }
    let length = bytes[at..].iter().position(|byte| matches!(byte, 0..0x20 | b'<' | b'&'))?;
    let text = bytes[at..at + length].trim_ascii_end();
    let is_sound =
        !text.is_empty() && !text[0].is_ascii_whitespace() && (text.is_ascii() || std::str::from_utf8(text).is_ok());
    if !is_sound || bytes[at + length] == b'&' {
        return None;
    }
    is_text.get_or_insert_with(|| !may_be_number(text));
    let end = at + text.len();
    node.span = (at as u32, end as u32);
    node.mantissa = NO_MANTISSA;
    Some(end)
}
