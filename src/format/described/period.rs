//! The period of a row: by its fields, by the request, by the options.

use super::scope::{Scope, best};
use crate::descriptor::model::{
    Origin, PeriodRule, SourceText, StepRule, TimeForm, TimeOrigin, TimeReference, TimeSource,
};
use crate::format::asked::{AskedTime, not_readable};
use crate::format::faults::stamp_fault;
use crate::model::error::Fault;
use crate::model::record::{Note, Notes};
use crate::model::time::{Instant, Stamp, Step, parse_without_offset};
use crate::number::decimal::Decimal;
use crate::read::{Element, ValueType};
use crate::table::{Period, Text};

/// A time and where it came from.
pub(super) struct Time<'w> {
    pub instant: Instant,
    pub offset: Option<Text>,
    pub offset_seconds: i32,
    /// Read in UTC, because it was written without an offset.
    pub is_assumed: bool,
    is_from_request: bool,
    field: Option<Element<'w>>,
}

impl<'w> Scope<'_, 'w> {
    /// The period by the first rule that applies; else by the option; else unknown.
    pub fn period(&self, rules: &[PeriodRule]) -> Result<Period, Fault> {
        for rule in rules {
            if let Some(period) = self.period_by(rule)? {
                return Ok(period);
            }
            if self.is_waiting.get() {
                break;
            }
        }
        Ok(match self.options.period {
            Some((start, end)) => Period { start: Some(start), end: Some(end), ..Period::default() },
            None => Period::default(),
        })
    }

    fn period_by(&self, rule: &PeriodRule) -> Result<Option<Period>, Fault> {
        if !self.holds(&rule.when) {
            return Ok(None);
        }
        let Some(start) = self.time(&rule.start, false)? else {
            return Ok(None);
        };
        let end = match &rule.end {
            None => None,
            Some(end) => match self.time(end, true)? {
                Some(end) => Some(end),
                None => return Ok(None),
            },
        };
        let mut notes = rule.notes;
        notes = notes.with_if(start.is_assumed || end.as_ref().is_some_and(|end| end.is_assumed), Note::AssumedUtc);
        let is_asked = start.is_from_request || end.as_ref().is_some_and(|end| end.is_from_request);
        notes = notes.with_if(is_asked, Note::PeriodFromRequest);
        let until = match &end {
            Some(end) => {
                let is_backwards = if is_asked { end.instant <= start.instant } else { end.instant < start.instant };
                if is_backwards && let Some(field) = end.field.filter(|_| !is_asked) {
                    let name = start.field.map_or_else(|| "its start".to_owned(), |field| field.name().into_owned());
                    return Err(stamp_fault(&field, &format!("expected a time not before {name}")));
                }
                if is_backwards {
                    let found = format!("expected a start before its end, found {} and {}", start.instant, end.instant);
                    self.report(rule.start.first(), || not_readable(found));
                    return Ok(None);
                }
                Some(end.instant)
            }
            None => match self.step(&rule.step)? {
                None => None,
                Some(step) => match (step.end_after(start.instant, start.offset_seconds), start.field) {
                    (Some(end), _) => Some(end),
                    (None, Some(field)) => {
                        return Err(stamp_fault(&field, "expected a period that ends before the year 10000"));
                    }
                    (None, None) => return Ok(None),
                },
            },
        };
        Ok(Some(Period {
            start: Some(start.instant),
            end: until,
            offset: start.offset.filter(|_| !is_asked),
            offset_seconds: if is_asked { 0 } else { start.offset_seconds },
            notes,
        }))
    }

    /// When the provider calculated the row.
    pub fn version(&self, source: &TimeSource) -> Result<Option<Instant>, Fault> {
        Ok(self.time(source, false)?.map(|time| time.instant))
    }

    fn time(&self, source: &TimeSource, is_end: bool) -> Result<Option<Time<'w>>, Fault> {
        for reference in source.iter() {
            let TimeOrigin::Text(origin) = &reference.origin else {
                continue;
            };
            let time = match origin {
                Origin::Field(place) => self.time_of_fields(place.of(self.encoding), reference)?,
                origin => self.time_of_request(origin, reference, is_end),
            };
            if time.is_some() {
                return Ok(time);
            }
        }
        Ok(None)
    }

    fn time_of_fields(
        &self,
        paths: &[crate::descriptor::path::Path],
        reference: &TimeReference,
    ) -> Result<Option<Time<'w>>, Fault> {
        for path in paths.iter().filter(|path| !path.absolute) {
            if let Some(field) = self.field(path) {
                return time_of_field(field, reference).map(Some);
            }
        }
        for path in paths.iter().filter(|path| path.absolute) {
            let (text, is_due) = self.envelope.text(path);
            match text {
                // A time of the envelope that cannot be read gives nothing here: its own place reports it.
                Some(text) => return Ok(time_of_text(&text, reference).map(|time| Time { field: None, ..time })),
                None if is_due => self.is_waiting.set(true),
                None => {}
            }
        }
        Ok(None)
    }

    fn time_of_request(&self, origin: &Origin, reference: &TimeReference, is_end: bool) -> Option<Time<'w>> {
        let source = crate::descriptor::model::Source {
            node: reference.node,
            text: SourceText::Reference { origin: origin.clone(), map: None, default: None },
        };
        let text = self.text(std::slice::from_ref(&source)).ok()??;
        if reference.form != TimeForm::Rfc3339 {
            return time_of_text(&text, reference).map(|time| Time { is_from_request: true, ..time });
        }
        let name = match origin {
            Origin::Query(name) => name,
            Origin::Body(paths) => match paths.first().and_then(|path| path.steps.last()) {
                Some(crate::descriptor::path::PathStep::Name(name)) => name,
                _ => "time",
            },
            _ => "time",
        };
        let asked = match AskedTime::read(name, &text) {
            Ok(asked) => asked,
            Err(fault) => {
                self.report(Some(reference), || fault);
                return None;
            }
        };
        let asked = if is_end && reference.inclusive && asked.is_date { asked.a_day_later()? } else { asked };
        Some(Time {
            instant: asked.instant,
            offset: None,
            offset_seconds: 0,
            is_assumed: false,
            is_from_request: true,
            field: None,
        })
    }

    /// Reports a fault of the request once, unless the caller gave a period.
    fn report(&self, reference: Option<&TimeReference>, fault: impl FnOnce() -> Fault) {
        let Some(reference) = reference.filter(|_| self.options.period.is_none()) else {
            return;
        };
        let mut reported = self.asked.reported.borrow_mut();
        if !reported.contains(&reference.node) {
            reported.push(reference.node);
            self.asked.faults.borrow_mut().push(fault());
        }
    }

    /// The first length that the rules give.
    pub fn step(&self, rules: &[StepRule]) -> Result<Option<Step>, Fault> {
        for rule in rules {
            if let Some(step) = self.step_by(rule)? {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    fn step_by(&self, rule: &StepRule) -> Result<Option<Step>, Fault> {
        Ok(match rule {
            StepRule::Fixed(step) => Some(*step),
            StepRule::Count { count, of, max } => {
                let count = self.text(count)?.and_then(|text| text.trim().parse::<u64>().ok());
                count.filter(|count| (1..=*max).contains(count)).and_then(|count| of.times(count))
            }
            StepRule::Cases { from, cases } => match self.text(from)? {
                None => None,
                Some(text) => match best(cases, &text, true) {
                    None => None,
                    Some((_, rule)) => self.step_by(rule)?,
                },
            },
            StepRule::SmallestGap { of, otherwise } => self.gap.map(|gap| gap.step(of.as_deref(), *otherwise)),
        })
    }
}

/// A period that rests on one field, or two: the common case, worked out without a detour.
#[derive(Clone, Debug)]
pub(super) struct QuickPeriod {
    start: u32,
    end: Option<u32>,
    step: Option<Step>,
    notes: Notes,
    /// The offset of the row before: nearly always that of the next.
    offset: Option<Text>,
}

impl QuickPeriod {
    /// That of rows in which these rules apply; `None`: they may need more.
    pub fn new(scope: &Scope<'_, '_>, rules: &[PeriodRule]) -> Option<Self> {
        let rule = rules.first().filter(|rule| rule.when.is_empty())?;
        let of_field = |source: &TimeSource| {
            let [
                TimeReference {
                    origin: TimeOrigin::Text(Origin::Field(place)),
                    form: TimeForm::Rfc3339,
                    inclusive: false,
                    ..
                },
            ] = &source[..]
            else {
                return None;
            };
            let [path] = place.of(scope.encoding) else { return None };
            if path.absolute { None } else { scope.field(path).map(|field| field.index()) }
        };
        let end = match &rule.end {
            None => None,
            Some(end) => Some(of_field(end)?),
        };
        let step = match &rule.step[..] {
            [] => None,
            [StepRule::Fixed(step)] => Some(*step),
            // What the request says is the same for all rows.
            [StepRule::Cases { from, .. }] if from.iter().all(is_of_request) => scope.step(&rule.step).ok()?,
            _ => return None,
        };
        Some(Self { start: of_field(&rule.start)?, end, step, notes: rule.notes, offset: None })
    }

    /// The period of a row; `None` says nothing of it.
    #[inline]
    pub fn of(&mut self, row: Element<'_>) -> Option<Period> {
        let start = row.at(self.start);
        let end = |instant: Instant, offset_seconds: i32| match (self.end, self.step) {
            (Some(end), _) => {
                let end = row.at(end);
                let end = if end.value_type() == ValueType::Text { Instant::plain(end.raw()) } else { None };
                end.filter(|end| *end >= instant).map(Some)
            }
            (None, None) => Some(None),
            (None, Some(step)) => step.end_after(instant, offset_seconds).map(Some),
        };
        if start.value_type() != ValueType::Text {
            return None;
        }
        if let Some(instant) = Instant::plain(start.raw()) {
            let end = end(instant, 0)?;
            return Some(Period {
                start: Some(instant),
                end,
                offset: Some(self.text("Z")),
                offset_seconds: 0,
                notes: self.notes,
            });
        }
        let text = start.text();
        let stamp = Stamp::parse(&text).ok()?;
        Some(Period {
            start: Some(stamp.instant),
            end: end(stamp.instant, stamp.offset_seconds)?,
            offset: Some(self.text(stamp.offset)),
            offset_seconds: stamp.offset_seconds,
            notes: self.notes,
        })
    }

    /// The text of an offset, shared with the row before where that has the same.
    #[inline]
    fn text(&mut self, offset: &str) -> Text {
        match &self.offset {
            Some(known) if **known == *offset => known.clone(),
            _ => self.offset.insert(offset.into()).clone(),
        }
    }
}

fn is_of_request(source: &crate::descriptor::model::Source) -> bool {
    match &source.text {
        SourceText::Constant(_) => true,
        SourceText::Reference { origin, .. } => matches!(origin, Origin::Query(_) | Origin::Host(_)),
    }
}

pub(super) fn time_of_field<'w>(field: Element<'w>, reference: &TimeReference) -> Result<Time<'w>, Fault> {
    if reference.form != TimeForm::Rfc3339 {
        let text = field.id_text()?;
        let expected = if reference.form == TimeForm::Unix { "seconds since 1970" } else { "milliseconds since 1970" };
        let time = time_of_text(&text, reference).ok_or_else(|| stamp_fault(&field, expected))?;
        return Ok(Time { field: Some(field), ..time });
    }
    if field.value_type() == ValueType::Text
        && let Some(instant) = Instant::plain(field.raw())
    {
        let offset = Some("Z".into());
        return Ok(Time {
            instant,
            offset,
            offset_seconds: 0,
            is_assumed: false,
            is_from_request: false,
            field: Some(field),
        });
    }
    if !field.is_text() {
        let expected = if reference.is_utc { "a text with a date" } else { "a text with an RFC 3339 time" };
        return Err(field.unexpected(expected));
    }
    let text = field.text();
    let time = match Stamp::parse(&text) {
        Ok(stamp) => Time {
            instant: stamp.instant,
            offset: Some(stamp.offset.into()),
            offset_seconds: stamp.offset_seconds,
            is_assumed: false,
            is_from_request: false,
            field: Some(field),
        },
        Err(expected) if !reference.is_utc => return Err(stamp_fault(&field, expected)),
        Err(_) => {
            let instant = parse_without_offset(&text)
                .or_else(|expected| AskedTime::parse_local(&text).ok_or(expected))
                .map_err(|expected| stamp_fault(&field, expected))?;
            Time {
                instant,
                offset: None,
                offset_seconds: 0,
                is_assumed: true,
                is_from_request: false,
                field: Some(field),
            }
        }
    };
    let is_date = text.len() == 10;
    if reference.inclusive && is_date {
        let end = Step::Days(1).end_after(time.instant, time.offset_seconds);
        let end = end.ok_or_else(|| stamp_fault(&field, "expected a day before the year 10000"))?;
        return Ok(Time { instant: end, ..time });
    }
    Ok(time)
}

/// A time that is written as a number or as a text.
fn time_of_text<'w>(text: &str, reference: &TimeReference) -> Option<Time<'w>> {
    let plain = |instant| Time {
        instant,
        offset: None,
        offset_seconds: 0,
        is_assumed: false,
        is_from_request: false,
        field: None,
    };
    match reference.form {
        TimeForm::Rfc3339 => match Stamp::parse(text) {
            Ok(stamp) => Some(Time {
                offset: Some(stamp.offset.into()),
                offset_seconds: stamp.offset_seconds,
                ..plain(stamp.instant)
            }),
            Err(_) if reference.is_utc => {
                let instant = parse_without_offset(text).ok()?;
                Some(Time { is_assumed: true, ..plain(instant) })
            }
            Err(_) => None,
        },
        TimeForm::Unix => unix(text, 9).map(plain),
        TimeForm::UnixMillis => unix(text, 6).map(plain),
    }
}

/// The instant so many units after the epoch, where a unit has so many digits down to the nanosecond.
fn unix(text: &str, digits: u32) -> Option<Instant> {
    let (mantissa, scale) = Decimal::parse(text, 38).ok()?.small()?;
    let power = 10i128.checked_pow(digits.checked_sub(scale)?)?;
    Instant::from_seconds(0)?.plus_nanos(i128::from(mantissa).checked_mul(power)?)
}

impl Step {
    /// So many of this step.
    fn times(self, count: u64) -> Option<Self> {
        let count = i64::try_from(count).ok()?;
        Some(match self {
            Self::Nanos(nanos) => Self::Nanos(nanos.checked_mul(i128::from(count))?),
            Self::Days(days) => Self::Days(days.checked_mul(count)?),
            Self::Months(months) => Self::Months(months.checked_mul(u32::try_from(count).ok()?)?),
        })
    }
}
