//! Text in bodies: UTF-8, escapes in JSON strings (RFC 8259, 7), references and CDATA in XML.

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::model::error::{ErrorCode, Fault};

/// The text of a string that has escapes. The scanner has already checked it.
pub fn unescape_json(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(json_escapes(raw).unwrap_or_default())
}

#[cold]
pub fn not_utf8(offset: u64) -> Fault {
    Fault::new(ErrorCode::InvalidEncoding, "expected UTF-8, found an invalid byte").at(offset)
}

/// The text of an element with references, CDATA or comments. The parser has already checked it.
pub fn unescape_xml(raw: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut reader = Reader::from_str(raw);
    loop {
        match reader.read_event() {
            Ok(Event::Text(text)) => out.push_str(&text.xml10_content()),
            Ok(Event::CData(text)) => out.push_str(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(c)) => out.push(c),
                _ => out.push_str(resolve_predefined_entity(&reference.into_inner()).unwrap_or_default()),
            },
            Ok(Event::Eof) | Err(_) => return Cow::Owned(out),
            Ok(_) => {}
        }
    }
}

/// The text of a string that has escapes, without its quotes; or the offset of an invalid escape.
///
/// Anything that is not an escape is copied as it is.
pub fn json_escapes(raw: &str) -> Result<String, usize> {
    let mut text = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(plain) = raw[at..].find('\\') {
        text.push_str(&raw[at..at + plain]);
        at += plain + 1;
        at += one(raw.as_bytes(), at, &mut text)?;
    }
    text.push_str(&raw[at..]);
    Ok(text)
}

/// Reads the escape whose backslash is before `at`. Returns its length without the backslash.
fn one(bytes: &[u8], at: usize, text: &mut String) -> Result<usize, usize> {
    let letter = bytes.get(at).copied().unwrap_or_default();
    text.push(match letter {
        b'"' | b'\\' | b'/' => letter.into(),
        b'b' => '\x08',
        b'f' => '\x0C',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = unit(bytes, at + 1)?;
            if let Some(c) = char::from_u32(unit) {
                text.push(c);
                return Ok(5);
            }
            // The first half of a surrogate pair: the second half must follow.
            for (at, due) in [(at + 5, b'\\'), (at + 6, b'u')] {
                if unit >= LOW_HALVES || bytes.get(at) != Some(&due) {
                    return Err(if unit >= LOW_HALVES { at - 1 } else { at });
                }
            }
            let low = self::unit(bytes, at + 7)?.wrapping_sub(LOW_HALVES);
            let pair = (low < 0x400).then_some((0x1_0000 + ((unit - HIGH_HALVES) << 10)) | low);
            text.push(pair.and_then(char::from_u32).ok_or(at + 10)?);
            return Ok(11);
        }
        _ => return Err(at),
    });
    Ok(1)
}

const HIGH_HALVES: u32 = 0xD800;
const LOW_HALVES: u32 = 0xDC00;

/// Four hexadecimal digits.
fn unit(bytes: &[u8], at: usize) -> Result<u32, usize> {
    let digits = bytes.get(at..at + 4).ok_or(bytes.len())?;
    let digit = |unit: u32, byte: &u8| Some(unit << 4 | char::from(*byte).to_digit(16)?);
    digits.iter().try_fold(0, digit).ok_or(at + 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The result of serde_json for the same string, or the offset of its error.
    fn library(raw: &str) -> Result<String, usize> {
        serde_json::from_str(&format!("\"{raw}\"")).map_err(|error| error.column().saturating_sub(2).min(raw.len()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn escapes_are_read_and_refused_as_a_library_does(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("\\n".to_owned()), Just("\\\"".to_owned()), Just("\\/".to_owned()), Just("\\\\".to_owned()),
                    Just("\\b\\f\\r\\t".to_owned()), Just("plain ü".to_owned()), Just("\\q".to_owned()), Just("\\u12".to_owned()),
                    Just("\\uD83D\\uDE00".to_owned()), Just("\\ud83d".to_owned()), Just("\\udE00".to_owned()), Just("\\uD83D\\n".to_owned()),
                    Just("\\uD83D\\u0041".to_owned()), Just("\\u00e4".to_owned()), Just("\\u00zz".to_owned()), Just("\\ü".to_owned()),
                    Just("\\uüüx".to_owned()),
                ],
                0..4,
            ),
        ) {
            let raw = parts.concat();
            prop_assert_eq!(json_escapes(&raw), library(&raw), "{}", raw);
        }
    }
}
