//! Where rows and parts of the envelope stand: the paths of a descriptor as one automaton over names.

use crate::collections::sort_values;
use crate::descriptor::path::{Path, PathStep};
use crate::format::head::{Head, ITEM};
use crate::model::provider::Encoding;
use crate::read::{Element, Segment, escape_pointer};

/// A state is a set of nodes: names and `{key}` may both match.
pub(super) type NodeSet = Vec<u16>;

/// The paths of one encoding.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    nodes: Vec<PathNode>,
    is_xml: bool,
    ignore_case: bool,
}

/// What stands at the end of a path, and where the paths that begin like it go on.
#[derive(Debug, Default)]
pub(super) struct PathNode {
    names: Vec<(Box<str>, u16)>,
    attributes: Vec<(Box<str>, u16)>,
    each: Option<u16>,
    capture: Option<u16>,
    /// Rows: of which rule.
    pub rows: Vec<RowEnd>,
    /// Parts of the envelope: by their number.
    pub slots: Vec<u16>,
    /// Whether rows stand below.
    pub has_rows_below: bool,
    /// What it is to a columnar group.
    pub group: GroupNode,
    /// Whether it is an element of a list that is taken whole though its rows stand below: by names alone, so that they are found
    /// on the tape.
    pub is_lifted: bool,
    /// The path to here in the head of a body; `None`: there is a capture in it.
    head: Option<String>,
}

/// What a value is to a columnar group: the group itself, or something in it.
#[derive(Debug, Default)]
pub(super) struct GroupNode {
    /// A row that is entered.
    pub is_group: bool,
    /// Lists of values: of which rule, and their number there.
    pub columns: Vec<(u16, u16)>,
    /// Lists of times, by their number.
    pub times: Vec<u16>,
    /// Something of the group stands below.
    pub leads_on: bool,
    /// A test asks whether it is there.
    pub is_noted: bool,
    /// Something asks what it says.
    pub is_copied: bool,
    /// The same for all its members that are nothing else.
    pub copies_all: bool,
}

/// A row of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowEnd {
    pub rule: u16,
    /// The names between the value that is taken and the row. Without them the value itself is the row.
    pub inner: Vec<Box<str>>,
    /// Steps of the whole path, of which captures are at these depths.
    pub captures: Vec<(u16, Box<str>)>,
}

impl PathNode {
    /// Whether rows are the elements of a list here.
    pub fn leads_to_items(&self) -> bool {
        self.each.is_some() && self.has_rows_below
    }

    /// Whether a path goes on through the members of an object, whatever their names.
    pub fn has_captures(&self) -> bool {
        self.capture.is_some()
    }
}

impl Automaton {
    pub fn new(encoding: Encoding, ignore_case: bool) -> Self {
        let root = PathNode { head: Some(String::new()), ..PathNode::default() };
        Self { nodes: vec![root], is_xml: encoding == Encoding::Xml, ignore_case }
    }

    /// Adds the places of a rule's rows.
    ///
    /// `lifts`: a row that stands in an element of a list by names alone is found on the tape of the element.
    pub fn add_rows(&mut self, rule: u16, paths: &[Path], lifts: bool) {
        for path in paths {
            let captures: Vec<(u16, Box<str>)> = (0..)
                .zip(&path.steps)
                .filter_map(|(depth, step)| match step {
                    PathStep::Capture(name) => Some((depth, name.clone())),
                    _ => None,
                })
                .collect();
            // One row template then has both.
            let names = path.steps.iter().rev().take_while(|step| matches!(step, PathStep::Name(_))).count();
            let lifted = path.steps.len() - names;
            let is_element = lifted > 0 && path.steps[lifted - 1] == PathStep::Each;
            let is_lifted = lifts && is_element && names > 0 && !self.is_xml;
            let taken = if is_lifted { lifted } else { path.steps.len() };
            let mut node = 0;
            for step in &path.steps[..taken] {
                self.nodes[node].has_rows_below = true;
                node = self.step(node, step);
            }
            let inner = path.steps[taken..]
                .iter()
                .filter_map(|step| match step {
                    PathStep::Name(name) => Some(name.clone()),
                    _ => None,
                })
                .collect();
            self.nodes[node].is_lifted |= is_lifted;
            self.nodes[node].rows.push(RowEnd { rule, inner, captures });
        }
        for node in &mut self.nodes {
            // The longest path that leads to a row counts; rules stay in their order.
            sort_values(&mut node.rows, &|one, other| {
                one.rule.cmp(&other.rule).then_with(|| other.inner.len().cmp(&one.inner.len()))
            });
        }
    }

    /// Adds a part of the envelope.
    pub fn add_slot(&mut self, slot: u16, path: &Path) {
        let node = path.steps.iter().fold(0, |node, step| self.step(node, step));
        self.nodes[node].slots.push(slot);
    }

    /// Adds a name that something else reads, so that it is no row of a path with a capture.
    pub fn add_name(&mut self, path: &Path) {
        if let Some(step @ PathStep::Name(_)) = path.steps.first() {
            self.step(0, step);
        }
    }

    /// The rows at this path are groups. Returns the number of its node.
    pub fn add_group(&mut self, path: &Path) -> usize {
        let node = path.steps.iter().fold(0, |node, step| self.step(node, step));
        self.nodes[node].group.is_group = true;
        node
    }

    /// The node of a list in a group.
    pub fn add_list(&mut self, group: usize, path: &Path) -> &mut GroupNode {
        let mut node = group;
        for step in &path.steps {
            self.nodes[node].group.leads_on = true;
            node = self.step(node, step);
        }
        &mut self.nodes[node].group
    }

    /// Something asks for a value of a group: what it says, or (`is_text` is false) only whether it is there.
    pub fn add_asked(&mut self, group: usize, path: &Path, is_text: bool) {
        if path.up > 0 || path.absolute || path.steps.is_empty() {
            return;
        }
        let names = path.steps.iter().take_while(|step| matches!(step, PathStep::Name(_))).count();
        let mut node = group;
        for step in &path.steps[..names] {
            self.nodes[node].group.leads_on = true;
            node = self.step(node, step);
        }
        let node = &mut self.nodes[node].group;
        match &path.steps[names..] {
            // Of the members of an object the first ones show that it has some.
            [] | [PathStep::Capture(_)] if !is_text => node.is_noted = true,
            _ if names == 0 => node.copies_all = true,
            _ => node.is_copied = true,
        }
    }

    /// Everything in a group is asked for.
    pub fn copy_all(&mut self, group: usize) {
        self.nodes[group].group.copies_all = true;
    }

    fn step(&mut self, node: usize, step: &PathStep) -> usize {
        let known = match step {
            PathStep::Name(name) => find(&self.nodes[node].names, name),
            PathStep::Attribute(name) => find(&self.nodes[node].attributes, &name.before),
            PathStep::Each => self.nodes[node].each,
            PathStep::Capture(_) => self.nodes[node].capture,
            PathStep::Pattern(_) => None,
        };
        if let Some(known) = known {
            return known.into();
        }
        let next = self.nodes.len() as u16;
        let mut head = self.nodes[node].head.clone();
        let from = &mut self.nodes[node];
        match step {
            PathStep::Name(name) => {
                from.names.push((name.clone(), next));
                if let Some(head) = &mut head {
                    head.push('/');
                    escape_pointer(name, head);
                }
            }
            PathStep::Attribute(name) => from.attributes.push((name.before.clone(), next)),
            PathStep::Each => {
                from.each = Some(next);
                head = head.map(|head| head + "/" + ITEM);
            }
            PathStep::Capture(_) => (from.capture, head) = (Some(next), None),
            PathStep::Pattern(_) => head = None,
        }
        self.nodes.push(PathNode { head, ..PathNode::default() });
        next.into()
    }

    pub fn node(&self, node: u16) -> &PathNode {
        &self.nodes[usize::from(node)]
    }

    /// The nodes one step on.
    pub fn children(&self, node: u16) -> impl Iterator<Item = u16> + '_ {
        let node = self.node(node);
        let named = node.names.iter().chain(&node.attributes).map(|(_, next)| *next);
        named.chain(node.each).chain(node.capture)
    }

    /// The nodes that one more step leads to.
    pub fn after<'s>(&'s self, from: &'s [u16], segment: &'s Segment) -> impl Iterator<Item = u16> + 's {
        from.iter().flat_map(move |node| {
            let node = self.node(*node);
            match segment {
                Segment::Index(_) => [None, node.each, None],
                Segment::Name(name) => [self.named(&node.names, name), None, node.capture],
                Segment::Element(name, _) => [self.named(&node.names, name), node.each, node.capture],
            }
            .into_iter()
            .flatten()
        })
    }

    /// The nodes that a child on the tape leads to: by its name, and whether it is an attribute or an element of a list.
    pub fn below(&self, node: u16, child: &Element<'_>, is_item: bool) -> [Option<u16>; 3] {
        let node = self.node(node);
        if is_item && !self.is_xml {
            return [None, node.each, None];
        }
        let name = child.name();
        if child.is_attribute() {
            return [self.named(&node.attributes, &name), self.named(&node.names, &name), None];
        }
        [self.named(&node.names, &name), node.each.filter(|_| self.is_xml), node.capture]
    }

    fn named(&self, names: &[(Box<str>, u16)], name: &str) -> Option<u16> {
        let is = |own: &str| if self.ignore_case { own.eq_ignore_ascii_case(name) } else { own == name };
        names.iter().find(|(own, _)| is(own)).map(|(_, node)| *node)
    }

    /// The name of the rows of a list, for messages.
    pub fn row_name(&self) -> String {
        let named = |node: &PathNode| {
            node.names.iter().find(|(_, next)| !self.node(*next).rows.is_empty()).map(|(name, _)| name.to_string())
        };
        self.nodes[1..].iter().find_map(named).unwrap_or_else(|| "rows".to_owned())
    }

    /// By node: whether an object there is a row though longer paths lead on from it, because it has none of their next steps.
    pub fn object_rows(&self, head: &Head, is_row: impl Fn(&RowEnd) -> bool) -> Vec<bool> {
        let of = |node: &PathNode| {
            let Some(at) = &node.head else {
                return !node.rows.is_empty();
            };
            let has_next = |name: &str| {
                let mut path = format!("{at}/");
                escape_pointer(name, &mut path);
                head.has(&path)
            };
            let goes_on = |number: u16| {
                let own = self.node(number);
                own.has_rows_below
                    && !own.is_lifted
                    && own.names.iter().any(|(name, next)| {
                        let below = self.node(*next);
                        (below.has_rows_below || !below.rows.is_empty()) && has_next(name)
                    })
            };
            let leads_on = node.has_rows_below && !node.is_lifted;
            !node.rows.is_empty()
                && !self.at_head(at).any(goes_on)
                && (!leads_on || !at.is_empty() || node.rows.iter().any(&is_row))
        };
        self.nodes.iter().map(of).collect()
    }

    /// The nodes that stand for a place of the head: `/*` and `/name` lead to the same one.
    fn at_head(&self, path: &str) -> impl Iterator<Item = u16> + use<> {
        let mut nodes: NodeSet = vec![0];
        for name in path.split('/').skip(1) {
            let is_item = name == ITEM;
            let name = name.replace("~1", "/").replace("~0", "~");
            let next = nodes.iter().map(|node| self.node(*node)).flat_map(|node| {
                let named = if is_item { None } else { self.named(&node.names, &name) };
                let each = node.each.filter(|_| is_item || self.is_xml);
                [named, each, node.capture.filter(|_| !is_item)]
            });
            nodes = next.flatten().collect();
        }
        nodes.into_iter()
    }
}

fn find(names: &[(Box<str>, u16)], name: &str) -> Option<u16> {
    names.iter().find(|(own, _)| **own == *name).map(|(_, node)| *node)
}
