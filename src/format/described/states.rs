//! Where a parser is in the automaton of a descriptor.

use super::automaton::{Automaton, NodeSet};
use crate::model::provider::Encoding;
use crate::read::{Opening, Path, Plan, Segment};

/// The states of the containers that are open. A state is the number of a set of nodes, so what follows from a set is worked out
/// once, and not for each row.
#[derive(Debug)]
pub(super) struct States {
    is_xml: bool,
    /// By node of the automaton: whether an object there is a row though longer paths lead on.
    object_rows: Vec<bool>,
    /// By depth of the container.
    open: Vec<usize>,
    sets: Vec<Set>,
    /// The state of the element that was met last: below which state, and under which name.
    of_element: Option<(usize, String, usize)>,
    /// The state of the value that was planned last.
    planned: usize,
}

#[derive(Debug)]
struct Set {
    nodes: NodeSet,
    /// The state of its elements.
    of_items: Option<usize>,
    /// By opening: what is done with a value in this state.
    plans: [Plan; 4],
}

/// The state of the root of a JSON body, and of what is around the root element of an XML body.
const ROOT: usize = 0;

impl States {
    pub fn new(automaton: &Automaton, encoding: Encoding, object_rows: Vec<bool>) -> Self {
        let mut states = Self {
            is_xml: encoding == Encoding::Xml,
            object_rows,
            open: Vec::new(),
            sets: Vec::new(),
            of_element: None,
            planned: ROOT,
        };
        states.add(automaton, vec![0]);
        states
    }

    /// The nodes of a state.
    pub fn nodes(&self, state: usize) -> &[u16] {
        &self.sets[state].nodes
    }

    /// The state of the value that was planned last.
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// What to do with a value.
    #[inline]
    pub fn plan(&mut self, automaton: &Automaton, path: &Path, opening: Opening) -> Plan {
        self.planned = self.of(automaton, path);
        let plan = self.sets[self.planned].plans[opening as usize];
        // The root is entered even where nothing in it is read.
        let is_root = path.depth() == usize::from(self.is_xml);
        if is_root && plan == Plan::Member { Plan::Enter } else { plan }
    }

    /// Enters a container. Returns its state.
    pub fn enter(&mut self, automaton: &Automaton, path: &Path) -> usize {
        let state = self.of(automaton, path);
        self.open.truncate(path.depth());
        self.open.resize(path.depth(), ROOT);
        self.open.push(state);
        state
    }

    /// The nodes of the container that a value of JSON is in.
    pub fn outer(&self, path: &Path) -> &[u16] {
        let outer = path.depth().checked_sub(1).and_then(|depth| self.open.get(depth));
        self.nodes(outer.copied().unwrap_or(ROOT))
    }

    /// Whether an object in this state is a columnar group.
    pub fn is_group(&self, automaton: &Automaton, state: usize) -> bool {
        let is = |node: &u16| automaton.node(*node).group.is_group && self.object_rows[usize::from(*node)];
        self.nodes(state).iter().any(is)
    }

    /// Whether groups are due in this state.
    pub fn has_group(&self, automaton: &Automaton, state: usize) -> bool {
        self.nodes(state).iter().any(|node| automaton.node(*node).group.is_group)
    }

    /// The state of a value.
    #[inline]
    pub fn of(&mut self, automaton: &Automaton, path: &Path) -> usize {
        let Some(last) = path.0.last() else { return ROOT };
        let outer = match path.depth() - 1 {
            0 if self.is_xml => ROOT,
            depth => self.open.get(depth).copied().unwrap_or(ROOT),
        };
        match (last, &self.of_element) {
            (Segment::Index(_), _) if let Some(known) = self.sets[outer].of_items => known,
            (Segment::Element(name, _), Some((known, known_name, state))) if *known == outer && name == known_name => {
                *state
            }
            _ => self.find(automaton, outer, last),
        }
    }

    fn find(&mut self, automaton: &Automaton, outer: usize, last: &Segment) -> usize {
        let nodes: NodeSet = automaton.after(&self.sets[outer].nodes, last).collect();
        let known = self.sets.iter().position(|set| set.nodes == nodes);
        let state = known.unwrap_or_else(|| self.add(automaton, nodes));
        match last {
            Segment::Index(_) => self.sets[outer].of_items = Some(state),
            Segment::Element(name, _) => self.of_element = Some((outer, name.clone(), state)),
            Segment::Name(_) => {}
        }
        state
    }

    fn add(&mut self, automaton: &Automaton, nodes: NodeSet) -> usize {
        let is_root = self.sets.is_empty();
        let plans = [Opening::Object, Opening::Array, Opening::Scalar, Opening::Element];
        let plans = plans.map(|opening| self.plan_of(automaton, &nodes, opening, is_root));
        self.sets.push(Set { nodes, of_items: None, plans });
        self.sets.len() - 1
    }

    #[inline(never)]
    fn plan_of(&self, automaton: &Automaton, nodes: &[u16], opening: Opening, is_root: bool) -> Plan {
        let (mut is_row, mut leads_on) = (false, false);
        for number in nodes {
            let node = automaton.node(*number);
            if node.group.is_group {
                leads_on |= opening == Opening::Object;
                continue;
            }
            let is_here = match opening {
                Opening::Object | Opening::Element => self.object_rows[usize::from(*number)],
                Opening::Array => !node.rows.is_empty() && !node.leads_to_items(),
                Opening::Scalar => !node.rows.is_empty() && !node.leads_to_items() && !is_root,
            };
            is_row |= is_here || node.is_lifted;
            leads_on |= node.has_rows_below;
        }
        match (is_row, leads_on) {
            (true, _) => Plan::Row,
            (false, true) => Plan::Enter,
            (false, false) => Plan::Member,
        }
    }
}
