//! The values of options that are closed lists of names.

/// A closed list of names: an enum whose text in the public contract is known.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub(super) const NAMES: &[&str] = &[$($text),+];

            /// The name in the public contract.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The one of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

names! {
    /// How long a window is. Windows are half-open: the end belongs to the next one.
    Window {
        /// An hour of the local clock, cut where the offset changes.
        Hour = "hour",
        /// From midnight to midnight: 23 or 25 hours where the clock is changed.
        Day = "day",
        /// Seven days from `weekStart`.
        Week = "week",
        /// A calendar month.
        Month = "month",
        /// Three months from January, April, July or October.
        Quarter = "quarter",
        /// A calendar year.
        Year = "year",
        /// From the earliest start to the latest end of each group.
        All = "all",
    }
}

names! {
    /// On which day a week begins.
    WeekStart {
        /// ISO 8601.
        Monday = "monday",
        /// As in North America.
        Sunday = "sunday",
    }
}

names! {
    /// How the readings of one series in one window become one number (docs/design.md#aggregation).
    Reducer {
        /// All readings together.
        Sum = "sum",
        /// A gauge's mean over the time it is known; a delta's over its readings; an integral's level.
        Mean = "mean",
        /// The greatest reading.
        Max = "max",
        /// The least reading.
        Min = "min",
        /// The earliest reading.
        First = "first",
        /// The latest reading.
        Last = "last",
        /// How many records there are.
        Count = "count",
        /// A level times the seconds it holds.
        Integral = "integral",
    }
}

names! {
    /// What becomes of a delta, an integral or a cost whose period crosses the edge of a window.
    Split {
        /// It counts whole in the window it starts in.
        Start = "start",
        /// Each window has its share by time; the last piece takes the remainder, so that pieces add up exactly.
        Proportional = "proportional",
        /// It is refused: `incompatible-aggregation`.
        Error = "error",
    }
}

names! {
    /// The treatment of usage that is reported twice: by two records of one series, or by two formats of one provider
    /// (docs/design.md#told-twice).
    Overlap {
        /// It is refused: `incompatible-aggregation`.
        Error = "error",
        /// It is added all the same.
        Keep = "keep",
    }
}
