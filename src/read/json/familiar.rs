//! JSON rows that match a template: only their values are read.

use super::Scanner;
use super::plain::plain_string_of_words;
use crate::read::digits::small_number;
use crate::read::row_template::Skeletons;
use crate::read::tape::{NO_MANTISSA, Node, Shape, Tape};
use crate::read::visitor::Window;

/// Reads the row that starts here as the rows before it were read, if it looks like them.
///
/// `false`: it does not match, is not complete, or is not valid; nothing of it was read.
pub fn familiar_row(s: &mut Scanner<'_>, skeletons: &mut Skeletons, depth: usize) -> bool {
    let row = Window { bytes: &s.window.bytes[s.at..], base: s.window.base + s.at as u64, last: s.window.last };
    let end = skeletons.fit(row.bytes, depth, |node, bytes, at| {
        if bytes.get(at) == Some(&b'"') {
            if let Some(end) = plain_string_of_words(bytes, at + 1) {
                node.shape = Shape::Text;
                node.span = (at as u32 + 1, end as u32);
                node.mantissa = NO_MANTISSA;
                return Some(end + 1);
            }
        } else if let Some((number, end)) = small_number(bytes, at) {
            node.shape = Shape::Number;
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

/// Reads a scalar that is no small number and no plain text into its node.
fn other_scalar(node: &mut Node, row: Window<'_>, at: usize) -> Option<usize> {
    let mut s = Scanner::new(row, at);
    let ((start, end), shape) = match s.peek()? {
        b'"' => {
            let (span, escaped) = s.string().ok()?;
            (span, if escaped { Shape::EscapedText } else { Shape::Text })
        }
        b'-' | b'0'..=b'9' => (s.number().ok()?, Shape::Number),
        _ => {
            let shape = s.word().ok()?;
            ((at, s.at), shape)
        }
    };
    *node = Node { shape, span: (start as u32, end as u32), mantissa: NO_MANTISSA, scale: 0, ..*node };
    Some(s.at)
}

/// The nodes and bytes of a row are the template for the next ones.
pub fn learn_row(skeletons: &mut Skeletons, tape: &Tape, row: &[u8], depth: usize) -> u32 {
    skeletons.learn(&tape.nodes, row, depth, |node| match node.shape {
        Shape::Object | Shape::Array => None,
        Shape::Text | Shape::EscapedText => Some((node.span.0 - 1, node.span.1 + 1)),
        Shape::Null | Shape::Bool | Shape::Number => Some(node.span),
    })
}
