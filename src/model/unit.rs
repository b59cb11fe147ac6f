//! The closed vocabulary of units: UCUM codes with exact factors (docs/design.md#units).

use std::fmt;

/// What a unit counts: bytes, cycles, or things named by an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// `By`
    Bytes,
    /// `MHz`, `GHz`
    Frequency,
    /// `{call}`
    Calls,
    /// `{object}`
    Objects,
    /// `{unit}`
    Units,
}

/// The unit of a level, without a time: its code, what it counts, and its factor to the base unit.
const LEVELS: &[(&str, Quantity, u64)] = &[
    ("By", Quantity::Bytes, 1),
    ("kBy", Quantity::Bytes, 1_000),
    ("MBy", Quantity::Bytes, 1_000_000),
    ("GBy", Quantity::Bytes, 1_000_000_000),
    ("TBy", Quantity::Bytes, 1_000_000_000_000),
    ("KiBy", Quantity::Bytes, 1 << 10),
    ("MiBy", Quantity::Bytes, 1 << 20),
    ("GiBy", Quantity::Bytes, 1 << 30),
    ("TiBy", Quantity::Bytes, 1 << 40),
    ("MHz", Quantity::Frequency, 1),
    ("GHz", Quantity::Frequency, 1_000),
    ("{call}", Quantity::Calls, 1),
    ("{object}", Quantity::Objects, 1),
    ("{unit}", Quantity::Units, 1),
];

/// The times a level can be multiplied by, in seconds. A month is never a fixed length, so there is none.
const TIMES: &[(&str, u64)] = &[("s", 1), ("min", 60), ("5.min", 300), ("h", 3_600), ("d", 86_400)];

/// A unit of the vocabulary, e.g. `By`, `GiBy.d`, `{call}`, `MHz.5.min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit {
    level: u8,
    /// Index into `TIMES` plus one; 0 for a level alone.
    time: u8,
}

impl Unit {
    /// `By`
    pub const BYTES: Self = Self::of("By", "");
    /// `GiBy`
    pub const GIBIBYTES: Self = Self::of("GiBy", "");
    /// `GiBy.d`
    pub const GIBIBYTE_DAYS: Self = Self::of("GiBy", "d");
    /// `By.5.min`
    pub const BYTES_5_MIN: Self = Self::of("By", "5.min");
    /// `MHz.5.min`
    pub const MEGAHERTZ_5_MIN: Self = Self::of("MHz", "5.min");
    /// `{call}`
    pub const CALLS: Self = Self::of("{call}", "");
    /// `{object}`
    pub const OBJECTS: Self = Self::of("{object}", "");
    /// `{unit}.5.min`
    pub const UNITS_5_MIN: Self = Self::of("{unit}", "5.min");

    /// A unit that the engine names, as indices into the tables. It is evaluated by the compiler, which fails for an unknown code.
    const fn of(level: &str, time: &str) -> Self {
        let mut unit = Self { level: 0, time: 0 };
        while !is_equal(LEVELS[unit.level as usize].0, level) {
            unit.level += 1;
        }
        if !time.is_empty() {
            while !is_equal(TIMES[unit.time as usize].0, time) {
                unit.time += 1;
            }
            unit.time += 1;
        }
        unit
    }

    /// Every unit of the vocabulary: each level alone and multiplied by each time.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LEVELS.len() as u8).flat_map(|level| (0..=TIMES.len() as u8).map(move |time| Self { level, time }))
    }

    /// The unit with this code; `None` for a code outside the vocabulary.
    pub fn parse(code: &str) -> Option<Self> {
        let (level, time) = match code.split_once('.') {
            Some((level, time)) => (level, Some(time)),
            None => (code, None),
        };
        let level = LEVELS.iter().position(|(name, ..)| *name == level)?;
        let time = match time {
            None => 0,
            Some(time) => TIMES.iter().position(|(name, _)| *name == time)? + 1,
        };
        Some(Self { level: u8::try_from(level).ok()?, time: u8::try_from(time).ok()? })
    }

    /// The unit with this code. The error says what was expected and which codes are similar.
    pub(crate) fn named(code: &str) -> Result<Self, String> {
        Self::parse(code).ok_or_else(|| {
            let shown = crate::model::error::quoted(code);
            match &Self::meant(code)[..] {
                [] => format!("unknown unit {shown}: expected a code such as By, GiBy.d or {{call}}"),
                meant => format!("unknown unit {shown}: did you mean {}?", meant.join(" or ")),
            }
        })
    }

    /// The codes that are written like this elsewhere: `TBy` and `TiBy` of `TB`, `{call}` of `calls`.
    pub(crate) fn meant(code: &str) -> Vec<String> {
        let (level, time) = code.split_once('.').map_or((code, None), |(level, time)| (level, Some(time)));
        // Without the usual endings: `kb`, `KB` and `kbyte` become k, `KiBytes` becomes ki.
        let plain = |text: &str| {
            let text = text.trim_matches(['{', '}']).to_ascii_lowercase();
            ["bytes", "byte", "by", "b", "s"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(&text).to_owned()
        };
        let (is_bytes, asked) = (level.to_ascii_lowercase().contains('b'), plain(level));
        let is_meant = |(name, quantity, _): &&(&str, Quantity, u64)| {
            let known = plain(name);
            is_bytes == (*quantity == Quantity::Bytes)
                && (known == asked || (asked.len() == 1 && known == format!("{asked}i")))
        };
        let codes = LEVELS.iter().filter(is_meant).map(|(name, ..)| match time {
            Some(time) => format!("{name}.{time}"),
            None => (*name).to_owned(),
        });
        codes.filter(|code| Self::parse(code).is_some()).collect()
    }

    /// What is counted.
    pub fn quantity(self) -> Quantity {
        LEVELS[usize::from(self.level)].1
    }

    /// The factor to the base unit (multiplied by a second, if the unit has a time).
    pub fn factor(self) -> u128 {
        let level = u128::from(LEVELS[usize::from(self.level)].2);
        level * u128::from(self.seconds().unwrap_or(1))
    }

    /// The seconds of the unit's time; `None` for the unit of a level.
    pub fn seconds(self) -> Option<u64> {
        usize::from(self.time).checked_sub(1).map(|i| TIMES[i].1)
    }

    /// Whether a quantity in one unit can be converted to the other.
    pub fn is_comparable(self, other: Self) -> bool {
        self.quantity() == other.quantity() && (self.time == 0) == (other.time == 0)
    }

    /// The base unit of the same dimension, for example `By.s` for `GiBy.d`.
    pub fn base(self) -> Self {
        let is_base = |(_, quantity, size): &(&str, Quantity, u64)| *quantity == self.quantity() && *size == 1;
        let level = LEVELS.iter().position(is_base).map_or(self.level, |level| level as u8);
        Self { level, time: self.time.min(1) }
    }

    /// The unit of the level: `GiBy` for `GiBy.d`.
    pub fn level(self) -> Self {
        Self { level: self.level, time: 0 }
    }

    /// The unit of this level times one second: `By.s` for `By`.
    pub fn times_second(self) -> Self {
        Self { level: self.level, time: 1 }
    }
}

/// Whether two texts are equal, for constants.
const fn is_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LEVELS[usize::from(self.level)].0)?;
        match usize::from(self.time).checked_sub(1) {
            Some(time) => write!(f, ".{}", TIMES[time].0),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_vocabulary_is_read_back_as_itself() {
        for (level, ..) in LEVELS.iter().copied() {
            assert_eq!(Unit::parse(level).unwrap().to_string(), level);
            for (time, _) in TIMES {
                let code = format!("{level}.{time}");
                assert_eq!(Unit::parse(&code).unwrap().to_string(), code);
            }
        }
    }

    #[test]
    fn the_named_units_are_the_codes_they_say() {
        let named = [
            (Unit::BYTES, "By"),
            (Unit::GIBIBYTES, "GiBy"),
            (Unit::GIBIBYTE_DAYS, "GiBy.d"),
            (Unit::BYTES_5_MIN, "By.5.min"),
            (Unit::MEGAHERTZ_5_MIN, "MHz.5.min"),
            (Unit::CALLS, "{call}"),
            (Unit::OBJECTS, "{object}"),
            (Unit::UNITS_5_MIN, "{unit}.5.min"),
        ];
        for (unit, code) in named {
            assert_eq!(unit.to_string(), code);
        }
    }

    #[test]
    fn a_unit_that_is_written_otherwise_is_answered_with_its_code() {
        for (code, due) in [
            ("TB", "TBy or TiBy"),
            ("TiB", "TiBy"),
            ("KB", "kBy or KiBy"),
            ("KiB", "KiBy"),
            ("GB.d", "GBy.d or GiBy.d"),
            ("gibytes", "GiBy"),
            ("B", "By"),
            ("bytes", "By"),
            ("calls", "{call}"),
            ("ghz.h", "GHz.h"),
        ] {
            assert!(
                Unit::named(code).unwrap_err().ends_with(&format!("did you mean {due}?")),
                "{:?}",
                Unit::named(code)
            );
        }
        for code in ["", "furlong", "PB", "GB.month", &"x".repeat(100_000)] {
            let why = Unit::named(code).unwrap_err();
            assert!(why.contains("such as By") && why.len() < 200, "{why}");
        }
    }

    #[test]
    fn what_is_outside_the_vocabulary_is_no_unit() {
        for code in ["", "GB", "B", "by", "By.month", "GiBy.d.d", "s", "{call}.", "10.min", "KBy", "kiBy"] {
            assert_eq!(Unit::parse(code), None, "{code}");
        }
    }
}
