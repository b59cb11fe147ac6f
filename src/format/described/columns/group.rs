//! A columnar group while it is being read: its lists are stored as numbers until it is complete, whatever order they have.

use super::number_column::NumberColumn;
use super::rest::Rest;
use super::times::Times;
use crate::descriptor::model::{ColumnRule, Rules, TimeReference};
use crate::descriptor::path::PathStep;
use crate::format::described::automaton::RowEnd;
use crate::format::described::tape_path::Captures;
use crate::model::error::{ErrorCode, Fault, Position};
use crate::read::{Element, Path, Segment, ValueType};
use crate::table::Text;

/// Columns of one group.
const MOST_COLUMNS: usize = 1 << 18;

/// A group of which not everything is in the table.
#[derive(Debug)]
pub(super) struct Group {
    /// Its state in the automaton.
    pub state: usize,
    pub path: Path,
    pub pointer: String,
    pub position: Position,
    /// The rules whose paths lead to it, and the names captured on the way.
    pub ends: Vec<RowEnd>,
    pub captures: Captures,
    /// Everything but its lists.
    pub rest: Rest,
    pub columns: Vec<Column>,
    /// By their number among those of the descriptor.
    pub times: Vec<Option<Times>>,
    /// Whether a list stands where columns do, and is none of the metrics.
    pub has_others: bool,
    /// The body ended before it did.
    pub is_cut: bool,
    /// The list that is being read. Its elements may be many, and only their index distinguishes them.
    pub list: Option<OpenList>,
    /// The depth of the container that is being read and that nothing asks for.
    pub other: Option<usize>,
}

/// A list of a group that is read element by element.
#[derive(Debug)]
pub(super) enum OpenList {
    /// That of the last column.
    Column,
    /// Lists of times, which differ in how they are read.
    Times(Vec<u16>),
}

/// A list of values, or a single number in its place.
#[derive(Debug)]
pub(super) struct Column {
    /// The path below the group, as it is written.
    pub names: Box<[Text]>,
    pub pointer: String,
    pub position: Position,
    pub values: NumberColumn,
    pub is_single: bool,
    pub is_closed: bool,
    /// Of each rule of the group the column rule that reads it.
    pub rules: Vec<(u16, u16)>,
}

impl Column {
    /// A column at a path.
    pub fn new(path: &Path, group: usize, position: Position, rules: Vec<(u16, u16)>) -> Self {
        Self {
            names: names_of(path, group),
            pointer: path.pointer(),
            position,
            values: NumberColumn::default(),
            is_single: false,
            is_closed: false,
            rules,
        }
    }

    /// The rule that reads it where the group is read by this rule.
    pub fn rule<'r>(&self, rules: &'r Rules, row: u16) -> Option<&'r ColumnRule> {
        let (_, column) = self.rules.iter().find(|(own, _)| *own == row)?;
        rules.rows[usize::from(row)].columns.get(usize::from(*column))
    }

    /// An element of the list.
    pub fn push(&mut self, element: &Element<'_>, max_digits: u64) -> Result<(), Fault> {
        if let Some((mantissa, scale)) = element.small_number(max_digits) {
            self.values.push_small(mantissa, scale);
            return Ok(());
        }
        let number = if element.is_null() { Ok(None) } else { element.number(max_digits).map(Some) };
        // A faulty number still takes a place, so that the indices of the others are right.
        self.values.push(number.as_ref().ok().and_then(Option::as_ref));
        number.map(drop)
    }

    /// Its last name: that of its metric.
    pub fn name(&self) -> &str {
        last_name(&self.names)
    }
}

/// The names of a path below the group, which is at this depth.
pub(super) fn names_of(path: &Path, group: usize) -> Box<[Text]> {
    path.0[group..].iter().map(|segment| Text::from(segment.name())).collect()
}

/// The last name of a path; elements of lists have none.
pub(super) fn last_name(names: &[Text]) -> &str {
    names.iter().rev().find(|name| !name.is_empty()).map_or("", |name| name)
}

/// The names that a column rule captures on its path, behind those of the group.
pub(super) fn captures_of(rule: &ColumnRule, names: &[Text], group: &Captures) -> Captures {
    let own = rule.at.steps.iter().zip(names).filter_map(|(step, name)| match step {
        PathStep::Capture(key) => Some((key.clone(), name.clone())),
        _ => None,
    });
    group.iter().cloned().chain(own).collect()
}

impl Group {
    /// An element of the list that is being read.
    pub fn element(&mut self, element: &Element<'_>, times: &[TimeReference], max_digits: u64) -> Result<(), Fault> {
        match &self.list {
            Some(OpenList::Column) => match self.columns.last_mut() {
                Some(column) => column.push(element, max_digits),
                None => Ok(()),
            },
            Some(OpenList::Times(lists)) => {
                let mut result = Ok(());
                for list in lists.iter().map(|list| usize::from(*list)) {
                    if let Some(own) = &mut self.times[list] {
                        result = result.and(own.push_element(*element, &times[list]));
                    }
                }
                result
            }
            None => Ok(()),
        }
    }

    /// The list that is being read is complete.
    pub fn close_list(&mut self) -> Result<(), Fault> {
        let length = match self.list.take() {
            Some(OpenList::Column) => match self.columns.last_mut() {
                Some(column) => {
                    column.is_closed = true;
                    column.values.close();
                    column.values.len()
                }
                None => 0,
            },
            Some(OpenList::Times(lists)) => {
                let mut length = 0;
                for list in lists {
                    if let Some(own) = &mut self.times[usize::from(list)] {
                        own.close();
                        length = own.len();
                    }
                }
                length
            }
            None => 0,
        };
        if length > 0 {
            self.rest.fill();
        }
        self.rest.leave();
        self.check_size()
    }

    /// Refuses more columns than any provider sends.
    pub fn check_size(&self) -> Result<(), Fault> {
        if self.columns.len() <= MOST_COLUMNS {
            return Ok(());
        }
        let message = format!("expected at most {MOST_COLUMNS} columns in one group, found more");
        Err(Fault::new(ErrorCode::LimitExceeded, message).at_position(self.position))
    }

    /// The body ends inside the group. What is complete is read if its times are; what the group states of itself is not.
    pub fn cut(&mut self) {
        self.rest.leave_all();
        self.is_cut = true;
        let lengths: Vec<usize> = self.times.iter().flatten().filter(|it| it.is_closed).map(Times::len).collect();
        self.columns.retain(|column| column.is_closed && (column.is_single || lengths.contains(&column.values.len())));
        if lengths.is_empty() {
            self.columns.clear();
        }
        self.times.iter_mut().for_each(|times| *times = times.take().filter(|times| times.is_closed));
    }

    /// Bytes that its numbers take.
    pub fn size(&self) -> usize {
        let values = self.columns.iter().map(|column| column.values.len()).sum::<usize>();
        let times = self.times.iter().flatten().map(Times::len).sum::<usize>();
        (values + times) * (size_of::<i64>() + 1) + self.columns.len() * size_of::<Column>() + self.rest.size()
    }
}

/// The name of the last step of a path.
pub(super) fn name_of(path: &Path) -> &str {
    path.0.last().map_or("", Segment::name)
}

/// Whether a value says anything: null, zero, false and what is empty do not.
pub(super) fn says_something(element: Element<'_>) -> bool {
    match element.value_type() {
        ValueType::Null => false,
        ValueType::Object | ValueType::Array => element.children().any(says_something),
        _ => !matches!(element.raw(), b"" | b"0" | b"false"),
    }
}
