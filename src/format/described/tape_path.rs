//! Paths of a descriptor followed on the tape of a row.

use crate::descriptor::path::{Path, PathStep};
use crate::model::provider::Encoding;
use crate::read::{Element, ValueType};
use crate::table::Text;

/// Names captured on the way, in the order of the path.
pub(crate) type Captures = Vec<(Box<str>, Text)>;

/// How names are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub ignore_case: bool,
}

impl Names {
    pub fn equal(self, one: &str, other: &str) -> bool {
        if self.ignore_case { one.eq_ignore_ascii_case(other) } else { one == other }
    }

    /// Whether an element has this name.
    pub fn is_named(self, element: &Element<'_>, name: &str) -> bool {
        if self.ignore_case { element.name().eq_ignore_ascii_case(name) } else { element.is_named(name) }
    }

    /// The value that a path leads to from here; of several the last. Steps upwards are the caller's.
    pub fn value<'w>(self, from: Element<'w>, path: &Path) -> Option<Element<'w>> {
        let mut found = None;
        self.each(from, &path.steps, &mut Vec::new(), &mut |element, _| found = Some(element));
        found
    }

    /// Whether a step leads to an element of that name.
    pub fn is_step(self, step: &PathStep, element: Element<'_>) -> bool {
        match step {
            PathStep::Name(name) => self.is_named(&element, name),
            PathStep::Pattern(pattern) => pattern.matches(&element.name(), self.ignore_case),
            PathStep::Each | PathStep::Capture(_) => true,
            PathStep::Attribute(_) => false,
        }
    }

    /// Every value that the steps lead to, in the order of the body, with the names captured on the way.
    pub fn each<'w>(
        self,
        from: Element<'w>,
        steps: &[PathStep],
        captures: &mut Captures,
        take: &mut dyn FnMut(Element<'w>, &Captures),
    ) {
        let Some((step, rest)) = steps.split_first() else {
            return take(from, captures);
        };
        let is_xml = from.encoding() == Encoding::Xml;
        let is_list = from.value_type() == ValueType::Array;
        if !is_xml && is_list != (*step == PathStep::Each) {
            return;
        }
        let children = || from.children().filter(|child| !child.is_attribute());
        match step {
            PathStep::Each => children().for_each(|child| self.each(child, rest, captures, take)),
            PathStep::Capture(name) => {
                for child in children() {
                    captures.push((name.clone(), Text::from(&*child.name())));
                    self.each(child, rest, captures, take);
                    captures.pop();
                }
            }
            PathStep::Name(name) => {
                let is_named = |child: &Element<'_>| self.is_named(child, name);
                let any = !is_xml || children().any(|child| is_named(&child));
                // An element, else an attribute.
                let named = from.children().filter(|child| child.is_attribute() != any || !is_xml).filter(is_named);
                named.for_each(|child| self.each(child, rest, captures, take));
            }
            PathStep::Attribute(pattern) => {
                let is_named =
                    |child: &Element<'_>| child.is_attribute() && pattern.matches(&child.name(), self.ignore_case);
                from.children().filter(is_named).for_each(|child| self.each(child, rest, captures, take));
            }
            PathStep::Pattern(pattern) => {
                let is_named = |child: &Element<'_>| pattern.matches(&child.name(), self.ignore_case);
                children().filter(is_named).for_each(|child| self.each(child, rest, captures, take));
            }
        }
    }

    /// Whether a path leads to a value.
    pub fn has(self, from: Element<'_>, path: &Path) -> bool {
        self.value(from, path).is_some()
    }
}
