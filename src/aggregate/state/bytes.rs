//! Encodes numbers and texts as bytes, and decodes them with every length checked.

use crate::model::error::Error;

/// Bytes being written.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn whole(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn signed(&mut self, value: i64) {
        self.whole(fold(value));
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.whole(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

/// Maps small magnitudes to small numbers (zigzag): 0, −1, 1, −2 … become 0, 1, 2, 3 …
pub fn fold(value: i64) -> u64 {
    (value as u64) << 1 ^ (value >> 63) as u64
}

pub fn unfold(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Bytes that are being read. Every length is checked before it is used.
pub struct Reader<'b> {
    left: &'b [u8],
}

impl<'b> Reader<'b> {
    pub fn new(left: &'b [u8]) -> Self {
        Self { left }
    }

    pub fn is_at_end(&self) -> bool {
        self.left.is_empty()
    }

    pub fn byte(&mut self) -> Result<u8, Error> {
        let (&first, rest) = self.left.split_first().ok_or_else(broken)?;
        self.left = rest;
        Ok(first)
    }

    pub fn whole(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(broken());
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(broken())
    }

    pub fn signed(&mut self) -> Result<i64, Error> {
        self.whole().map(unfold)
    }

    /// The number of items that follow, each of at least one byte.
    pub fn count(&mut self) -> Result<usize, Error> {
        let count = usize::try_from(self.whole()?).map_err(|_| broken())?;
        if count > self.left.len() { Err(broken()) } else { Ok(count) }
    }

    /// A code below `codes`.
    pub fn code(&mut self, codes: usize) -> Result<u32, Error> {
        let code = self.whole()?;
        if code < codes as u64 { u32::try_from(code).map_err(|_| broken()) } else { Err(broken()) }
    }

    /// An element of a list, by its index.
    pub fn one_of<'l, T>(&mut self, list: &'l [T]) -> Result<&'l T, Error> {
        let code = self.code(list.len())?;
        Ok(&list[code as usize])
    }

    pub fn bytes(&mut self) -> Result<&'b [u8], Error> {
        let length = self.count()?;
        let (bytes, rest) = self.left.split_at(length);
        self.left = rest;
        Ok(bytes)
    }
}

#[cold]
pub fn broken() -> Error {
    Error::option("state", "it is broken: these are not the bytes of a state")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_back_as_themselves(values: Vec<i64>) {
            let mut writer = Writer::default();
            for &value in &values {
                writer.signed(value);
                writer.whole(value as u64);
            }
            let mut reader = Reader::new(&writer.0);
            for value in values {
                prop_assert_eq!(reader.signed().unwrap(), value);
                prop_assert_eq!(reader.whole().unwrap(), value as u64);
            }
            prop_assert!(reader.is_at_end());
        }
    }
}
