//! OnApp `user_statistics`: a user's costs, hourly or as a summary (docs/formats.md#onapp; provider-docs 004).

mod costs;
mod heads;
mod layout;

use self::heads::{Heads, PointerParts};
use self::layout::{Layout, Names};
use crate::format::asked::{AskedPeriod, AskedTime, period_of};
use crate::format::counts::PagePosition;
use crate::format::faults::{Unknown, stamp_fault};
use crate::format::head::Head;
use crate::format::row_reader::{Context, ProviderFormats, RowReader};
use crate::model::error::{Fault, Position};
use crate::model::provider::{Detection, Encoding, Format, Provider};
use crate::model::record::{Note, Notes};
use crate::model::time::{Instant, Stamp};
use crate::number::decimal::Decimal;
use crate::options::ReadOptions;
use crate::options::request::Request;
use crate::read::{Element, Item, Opening, Path, Plan, TemplatePlans, Value, ValueType};
use crate::table::{Period, RowCodes, Text};

pub(crate) struct Onapp;

impl ProviderFormats for Onapp {
    fn provider(&self) -> Provider {
        Provider::Onapp
    }

    /// Detected by the children and not by the root's name, because OnApp uses its tags for several things (docs/formats.md#onapp-envelopes).
    fn recognize(&self, head: &Head, _options: &ReadOptions) -> Option<Format> {
        let is = match head.encoding {
            Encoding::Xml => {
                let root = head.root_name();
                matches!(root, "user_stats" | "user_stat") || head.has(&format!("/{root}/user_stat"))
            }
            Encoding::Json => {
                let bare = |at: &str| {
                    let costs = head.below(at).filter(|(name, _)| name.ends_with("_cost")).count();
                    let whose = head.has_below(at, "user_id") || head.has_below(at, "stat_time");
                    // An hour of a machine differs only by its id.
                    let is_machine = head.has_below(at, "virtual_machine_id");
                    !is_machine && ((costs > 0 && whose) || (costs > 1 && head.has_below(at, "total_cost")))
                };
                head.has("/~/user_stat") || head.has("/user_stat") || bare("/~") || bare("")
            }
        };
        is.then_some(Format::OnappUserStatistics)
    }

    /// Rails wraps anything that was not an object in a `hash` in XML (docs/formats.md#onapp-errors).
    fn is_error(&self, head: &Head) -> bool {
        match head.encoding {
            Encoding::Xml => {
                let root = head.root_name();
                matches!(root, "errors" | "error")
                    || root == "hash" && (head.has("/hash/error") || head.has("/hash/errors"))
            }
            Encoding::Json => {
                matches!(head.opening("/errors"), Some(Opening::Array | Opening::Object))
                    || head.opening("/error") == Some(Opening::Scalar)
            }
        }
    }

    fn open(&self, detection: Detection, head: &Head, options: &ReadOptions) -> Box<dyn RowReader> {
        let request = options.request.as_ref();
        let lists = match detection.encoding {
            Encoding::Json => head.root == Some(Opening::Array),
            Encoding::Xml => !head.has("/user_stat"),
        };
        let asked_by_hour = request.is_some_and(|request| request.parameter("hourly_stats").is_some());
        let times = match (asked_by_hour, lists) {
            (true, _) => Times::AskedHours,
            (false, true) => Times::Hours,
            (false, false) => Times::Summary(request.map_or(Ok(None), asked)),
        };
        Box::new(UserStatistics {
            encoding: detection.encoding,
            is_wrapped: head.has("/user_stat"),
            user: request
                .and_then(|request| request.segment_after(&["users"]))
                .map(|(_, user)| user.into())
                .or_else(|| options.account.as_deref().map(Text::from)),
            times,
            names: Names::default(),
            forms: TemplatePlans::default(),
            costs: Vec::new(),
            unknown: Unknown::default(),
        })
    }

    fn format_of_empty_list(&self, options: &ReadOptions) -> Option<Format> {
        let named = options.provider == Some(Provider::Onapp);
        let asked = options.request.as_ref().is_some_and(|request| request.path_contains("/user_statistics"));
        (named || asked).then_some(Format::OnappUserStatistics)
    }
}

/// The period of a summary. Times are UTC, unless the request asks for local ones, whose zone is unknown (docs/formats.md#onapp-requests).
fn asked(request: &Request) -> AskedPeriod {
    let time = |name: &'static str| request.parameter(name).map(|text| AskedTime::read(name, &text)).transpose();
    let (start, end) = (time("period[startdate]")?, time("period[enddate]")?);
    let is_local = request.parameter("period[use_local_time]").is_some_and(|value| value != "0" && value != "false");
    let is_assumed = is_local && [start, end].iter().flatten().any(|time| !time.has_offset);
    let mut period = period_of(start, end)?;
    if let Some(period) = &mut period {
        period.notes = period.notes.with_if(is_assumed, Note::AssumedUtc);
    }
    Ok(period)
}

/// The time that the costs of the rows refer to.
#[derive(Debug)]
enum Times {
    /// Hours, because the request asks for them: each has its time.
    AskedHours,
    /// Hours, because the reply looks so; some servers leave their time out (docs/formats.md#onapp-fields).
    Hours,
    /// The period of the request, if it is known.
    Summary(AskedPeriod),
}

#[derive(Debug)]
struct UserStatistics {
    encoding: Encoding,
    /// A `user_stat` at the root, without a list.
    is_wrapped: bool,
    user: Option<Text>,
    times: Times,
    names: Names,
    forms: TemplatePlans<ReplyForm>,
    /// The costs of the current row, if not all of them are small numbers.
    costs: Vec<Decimal>,
    unknown: Unknown,
}

/// The plan for rows of one template.
#[derive(Debug, Default)]
struct ReplyForm {
    layout: Layout,
    heads: Heads,
}

/// [stat_time, + 1 hour); of a summary the request's period.
fn period(
    times: &mut Times,
    cx: &mut Context<'_>,
    stat: Element<'_>,
    time: Option<Element<'_>>,
) -> Result<Period, Fault> {
    if let Times::Summary(asked) = times {
        return Ok(cx.period_asked(asked));
    }
    let Some(time) = time.filter(|time| !time.is_null()) else {
        return match (cx.given_period(), times) {
            (None, Times::AskedHours) => Err(stat.missing("stat_time")),
            (given, _) => Ok(given.unwrap_or_default()),
        };
    };
    if !time.is_text() {
        return Err(time.unexpected("a text with an RFC 3339 time"));
    }
    if time.value_type() == ValueType::Text
        && let Some(start) = Instant::plain(time.raw())
        && let Some(end) = start.plus_seconds(3600)
    {
        return Ok(Period { start: Some(start), end: Some(end), offset: Some("Z".into()), ..Period::default() });
    }
    let text = time.text();
    let stamp = Stamp::parse(&text).map_err(|expected| stamp_fault(&time, expected))?;
    let end =
        stamp.instant.plus_seconds(3600).ok_or_else(|| stamp_fault(&time, "expected an hour before the year 10000"))?;
    Ok(Period {
        start: Some(stamp.instant),
        end: Some(end),
        offset: Some(stamp.offset.into()),
        offset_seconds: stamp.offset_seconds,
        notes: Notes::NONE,
    })
}

/// The text around a row's index in its pointer.
fn place(encoding: Encoding, path: &Path, is_wrapped: bool) -> PointerParts {
    match (encoding, path.depth()) {
        (Encoding::Json, 0) => (String::new(), false, ""),
        (Encoding::Json, _) if path.name(0) == "user_stat" => ("/user_stat".into(), false, ""),
        (Encoding::Json, _) => ("/".into(), true, if is_wrapped { "/user_stat" } else { "" }),
        (Encoding::Xml, 1) => (path.pointer(), false, ""),
        (Encoding::Xml, _) => (format!("{}/{}[", path.pointer_to(1), path.name(1)), true, "]"),
    }
}

impl RowReader for UserStatistics {
    fn plan(&self, path: &Path, opening: Opening) -> Plan {
        match (self.encoding, path.depth(), opening) {
            (Encoding::Json, 0, Opening::Object) if !self.is_wrapped => Plan::Row,
            (Encoding::Json, 0, _) => Plan::Enter,
            (Encoding::Json, _, _) if self.is_wrapped && path.name(0) != "user_stat" => Plan::Member,
            (Encoding::Xml, 1, _) if !self.is_wrapped => Plan::Enter,
            (Encoding::Xml, 2, _) if path.name(1) != "user_stat" => Plan::Member,
            _ => Plan::Row,
        }
    }

    fn enter(&mut self, _cx: &mut Context<'_>, path: &Path, _opening: Opening, at: &mut dyn FnMut() -> Position) {
        if self.encoding == Encoding::Xml {
            self.unknown.enter(path, at);
        }
    }

    fn row(&mut self, cx: &mut Context<'_>, path: &Path, item: &Item<'_>) -> Result<(), Fault> {
        let ReplyForm { layout, heads } = self.forms.at(item);
        if !layout.fits(item) {
            *heads = Heads::default();
            *layout = Layout::default();
            *layout = self.names.layout(cx, item)?;
        }
        // Everything is checked before anything is stored, because a faulty row is dropped whole.
        let max_digits = cx.max_digits();
        let costs = layout.sections.iter().flat_map(|section| &section.costs).map(|node| item.element(*node));
        let all_small = costs.clone().all(|cost| cost.small_number(max_digits).is_some());
        self.costs.clear();
        if !all_small {
            for cost in costs {
                self.costs.push(cost.number(max_digits)?);
            }
        }
        let period =
            period(&mut self.times, cx, item.element(layout.stat), layout.time.map(|node| item.element(node)))?;
        if !heads.fit(item) {
            let place = place(self.encoding, path, layout.is_wrapped());
            *heads = Heads::new(cx, item, layout, place, self.user.as_deref())?;
        }
        let period = cx.out.period(period);
        let mut costs = self.costs.iter();
        for (i, (section, head)) in layout.sections.iter().zip(&heads.sections).enumerate() {
            if all_small {
                cx.out.smalls(head.shape, |mantissas, scales| item.smalls(&section.costs, mantissas, scales));
            } else {
                head.fields.iter().zip(&mut costs).for_each(|(field, cost)| cx.out.cell(*field, cost));
            }
            let (resource_key, locator) = (head.resource_key, head.locator);
            let row = RowCodes { resource_key, period, locator, index: path.last_index(), version: None };
            if i == 0 {
                cx.commit(row)?;
            } else {
                cx.out.commit(row)?;
            }
        }
        Ok(())
    }

    /// An element next to the rows of an XML list.
    fn member(&mut self, _cx: &mut Context<'_>, path: &Path, _item: &Item<'_>) -> Result<(), Fault> {
        if self.encoding == Encoding::Xml {
            self.unknown.note(path);
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        cx.listing.counts.place(PagePosition::Alone);
        self.unknown.check(cx.listing.page_rows, "user_stat")
    }

    fn forget_codes(&mut self) {
        self.names.forget_codes();
        self.forms.forget();
    }

    fn parse_row(&self, _path: &Path, item: &Item<'_>, max_digits: u64) -> Result<Value, Fault> {
        let root = item.root();
        let inner = root.child("user_stat").filter(|inner| inner.value_type() == ValueType::Object);
        Value::read(&inner.unwrap_or(root), |name| name.ends_with("_cost"), max_digits)
    }
}
