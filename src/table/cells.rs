//! The numbers of a table: 64-bit integers in a column, with scales only where they occur.

use crate::number::decimal::{Decimal, write_small};

/// Represents an unknown number among the integers of a column.
const UNKNOWN: i64 = i64::MIN;
const WIDE: u8 = u8::MAX;

/// A column of optional decimals.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    mantissas: Vec<i64>,
    /// Empty while every number is an integer.
    scales: Vec<u8>,
    /// Numbers that do not fit into 64 bits. Their mantissa is the index here.
    wide: Vec<Decimal>,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.mantissas.len()
    }

    /// Reserves space for this many more numbers.
    pub fn reserve(&mut self, more: usize) {
        self.mantissas.reserve_exact(more);
        if !self.scales.is_empty() {
            self.scales.reserve_exact(more);
        }
    }

    /// Frees unused capacity.
    pub fn shrink(&mut self) {
        self.mantissas.shrink_to_fit();
        self.scales.shrink_to_fit();
        self.wide.shrink_to_fit();
    }

    pub fn clear(&mut self) {
        self.mantissas.clear();
        self.scales.clear();
        self.wide.clear();
    }

    #[inline]
    pub fn push(&mut self, value: Option<&Decimal>) {
        let (mantissa, scale) = match value {
            None => (UNKNOWN, 0),
            Some(value) => match value.small() {
                Some((mantissa, scale)) if scale < u32::from(WIDE) => (mantissa, scale as u8),
                _ => {
                    self.wide.push(value.clone());
                    (self.wide.len() as i64 - 1, WIDE)
                }
            },
        };
        self.push_small(mantissa, scale);
    }

    /// Appends mantissa × 10^(−scale), of at most 18 digits and in lowest terms.
    #[inline]
    pub fn push_small(&mut self, mantissa: i64, scale: u8) {
        if scale != 0 && self.scales.is_empty() {
            self.scales.resize(self.mantissas.len(), 0);
        }
        if scale != 0 || !self.scales.is_empty() {
            self.scales.push(scale);
        }
        self.mantissas.push(mantissa);
    }

    /// Calls `append` with the integers (of at most 18 digits), and removes what it appended if it fails.
    #[inline]
    pub fn append_integers(&mut self, append: impl FnOnce(&mut Vec<i64>) -> bool) -> bool {
        let before = self.mantissas.len();
        let appended = append(&mut self.mantissas);
        if !appended {
            self.mantissas.truncate(before);
        }
        if !self.scales.is_empty() {
            self.scales.resize(self.mantissas.len(), 0);
        }
        appended
    }

    /// Calls `append` with mantissas and scales of numbers of at most 18 digits, for an empty column, and removes what it
    /// appended if it fails.
    #[inline]
    pub fn fill(&mut self, append: impl FnOnce(&mut Vec<i64>, &mut Vec<u8>) -> bool) -> bool {
        self.clear();
        let filled = append(&mut self.mantissas, &mut self.scales);
        if !filled {
            self.clear();
        } else if self.scales.iter().all(|scale| *scale == 0) {
            self.scales.clear();
        }
        filled
    }

    #[inline]
    pub fn get(&self, i: usize) -> Option<Decimal> {
        match self.small(i) {
            Cell::Null => None,
            Cell::Small(mantissa, scale) => Some(Decimal::of_small(mantissa, scale)),
            Cell::Wide(value) => Some(value.clone()),
        }
    }

    /// The number without creating a decimal: used by every sum.
    #[inline]
    pub fn small(&self, i: usize) -> Cell<'_> {
        let mantissa = self.mantissas[i];
        if mantissa == UNKNOWN {
            return Cell::Null;
        }
        match self.scales.get(i) {
            None => Cell::Small(mantissa, 0),
            Some(&WIDE) => Cell::Wide(&self.wide[mantissa as usize]),
            Some(&scale) => Cell::Small(mantissa, u32::from(scale)),
        }
    }

    /// Whether any number does not fit into 64 bits.
    pub fn has_wide(&self) -> bool {
        !self.wide.is_empty()
    }

    /// All numbers as they are stored, with [`UNKNOWN`], if all are integers of at most 18 digits.
    pub fn integers(&self) -> Option<&[i64]> {
        self.scales.is_empty().then_some(&self.mantissas)
    }

    /// Whether any number is unknown.
    pub fn has_unknown(&self) -> bool {
        // Without an early exit the inner loop takes a few instructions for many numbers.
        self.mantissas.chunks(1024).any(|chunk| chunk.iter().fold(false, |any, value| any | (*value == UNKNOWN)))
    }

    /// Appends cell `i` of another column.
    pub fn push_from(&mut self, other: &Self, i: usize) {
        match other.small(i) {
            Cell::Small(mantissa, 0) if self.scales.is_empty() => self.mantissas.push(mantissa),
            _ => self.push(other.get(i).as_ref()),
        }
    }

    /// Appends every cell of another column.
    #[inline]
    pub fn extend_from(&mut self, other: &Self) {
        let here = self.mantissas.len();
        if !other.scales.is_empty() {
            self.scales.resize(here, 0);
            self.scales.extend_from_slice(&other.scales);
        } else if !self.scales.is_empty() {
            self.scales.resize(here + other.len(), 0);
        }
        self.mantissas.extend_from_slice(&other.mantissas);
        if !other.wide.is_empty() {
            let before = self.wide.len() as i64;
            for (mantissa, scale) in self.mantissas[here..].iter_mut().zip(&other.scales) {
                *mantissa += if *scale == WIDE { before } else { 0 };
            }
            self.wide.extend_from_slice(&other.wide);
        }
    }

    /// The bytes of the numbers, without unused capacity.
    pub fn bytes(&self) -> usize {
        self.mantissas.len() * 8 + self.scales.len()
    }
}

/// One number of a column.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    Null,
    Small(i64, u32),
    Wide(&'a Decimal),
}

impl Cell<'_> {
    /// Appends the canonical text; nothing for an unknown number.
    #[inline]
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Small(mantissa, scale) => write_small(mantissa, scale, out),
            Self::Wide(value) => value.write(out),
        }
    }

    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_gives_back_every_number_as_it_came() {
        let texts = ["0", "-5", "1.25", "999999999999999999", "9999999999999999999999999", "", "0.1"];
        let mut cells = Cells::default();
        for text in texts {
            cells.push(Decimal::parse(text, 76).ok().as_ref());
        }
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(cells.get(i).map(|d| d.to_string()).unwrap_or_default(), *text);
        }
    }

    #[test]
    fn a_column_appended_to_another_keeps_every_number() {
        let column = |texts: &[&str]| {
            let mut cells = Cells::default();
            texts.iter().for_each(|text| cells.push(Decimal::parse(text, 76).ok().as_ref()));
            cells
        };
        let parts =
            [&["1", ""][..], &["0.5", "99999999999999999999"], &[], &["7"], &["88888888888888888888.5", "", "3"]];
        for first in 0..parts.len() {
            let mut all = Cells::default();
            parts[first..].iter().for_each(|part| all.extend_from(&column(part)));
            let expected = column(&parts[first..].concat());
            assert_eq!(all.len(), expected.len());
            (0..all.len()).for_each(|i| assert_eq!(all.get(i), expected.get(i)));
        }
    }
}
