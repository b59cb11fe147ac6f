//! The values of options that are closed lists of names.

use crate::model::names::names;

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
        /// The sum of all readings.
        Sum = "sum",
        /// A gauge: the mean over the time for which it is known. A delta: the mean of its readings. An integral: the mean level.
        Mean = "mean",
        /// The greatest reading.
        Max = "max",
        /// The least reading.
        Min = "min",
        /// The earliest reading.
        First = "first",
        /// The latest reading.
        Last = "last",
        /// The number of records.
        Count = "count",
        /// A level × the seconds for which it applies.
        Integral = "integral",
    }
}

names! {
    /// What becomes of a delta, an integral or a cost whose period crosses the edge of a window.
    Split {
        /// It counts as a whole in the window in which it starts.
        Start = "start",
        /// Each window has its share by time; the last piece takes the remainder, so that pieces add up exactly.
        Proportional = "proportional",
        /// It is refused: `incompatible-aggregation`.
        Error = "error",
    }
}

names! {
    /// The treatment of usage that is reported twice: by two records of one series, or by two formats of one provider
    /// (docs/design.md#reported-twice).
    Overlap {
        /// It is refused: `incompatible-aggregation`.
        Error = "error",
        /// It is added.
        Keep = "keep",
    }
}
