//! Paths, places and patterns of the language, parsed.

use std::fmt;

use crate::model::provider::Encoding;

/// Bytes of one path or pattern, at most.
pub(crate) const LONGEST: usize = 256;

/// A text with at most one `*`, which stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// What stands before the `*`, or the whole text.
    pub before: Box<str>,
    /// What stands after the `*`; `None` for an exact text.
    pub after: Option<Box<str>>,
}

impl Pattern {
    /// Parses a pattern; `None` where it has a second `*`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('*') {
            None => Some(Self { before: text.into(), after: None }),
            Some((_, after)) if after.contains('*') => None,
            Some((before, after)) => Some(Self { before: before.into(), after: Some(after.into()) }),
        }
    }

    pub fn is_exact(&self) -> bool {
        self.after.is_none()
    }

    /// Of two patterns that match a text the one of the higher rank wins: an exact text, then the pattern with most characters.
    pub fn rank(&self) -> (bool, usize) {
        (self.is_exact(), self.before.len() + self.after.as_deref().map_or(0, str::len))
    }

    /// What the `*` stands for in a text that matches, which is empty for an exact text; `None` where the text does not match.
    pub fn captured<'t>(&self, text: &'t str, ignore_case: bool) -> Option<&'t str> {
        let equals =
            |one: &[u8], other: &[u8]| if ignore_case { one.eq_ignore_ascii_case(other) } else { one == other };
        let bytes = text.as_bytes();
        let (before, Some(after)) = (self.before.as_bytes(), self.after.as_deref().map(str::as_bytes)) else {
            return equals(bytes, self.before.as_bytes()).then_some("");
        };
        let end = bytes.len().checked_sub(after.len()).filter(|end| before.len() <= *end)?;
        let is_match = equals(&bytes[..before.len()], before) && equals(&bytes[end..], after);
        if is_match { text.get(before.len()..end) } else { None }
    }

    pub fn matches(&self, text: &str, ignore_case: bool) -> bool {
        self.captured(text, ignore_case).is_some()
    }

    /// The text with `*` replaced by what it stands for.
    pub fn filled(&self, star: &str) -> String {
        match &self.after {
            None => self.before.to_string(),
            Some(after) => format!("{}{star}{after}", self.before),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.filled("*"))
    }
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathStep {
    /// `name`: a member of an object; in XML a child element, else an attribute.
    Name(Box<str>),
    /// `*`: each element of a list; in XML each child element.
    Each,
    /// `{key}`: each member of an object, its name captured; in XML each child element.
    Capture(Box<str>),
    /// `@name`: an XML attribute. In tests and metrics the name may have a `*`.
    Attribute(Pattern),
    /// A name with a `*`: in tests and metrics only. In a metric's key `*` alone is one, too, and `*` stands for at least one character.
    Pattern(Pattern),
}

/// A path to a value, parsed. `~0 ~1 ~2 ~3` are replaced by `~ / * {` in its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// From the root of the body; else from the row, the group or the outer row.
    pub absolute: bool,
    /// How many rows outwards a relative path begins: 1 for `../id`.
    pub up: u8,
    /// Empty for the whole body (`""`) and for the row itself (`.`).
    pub steps: Vec<PathStep>,
}

/// Where paths may stand, and which steps they may have there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathRules {
    pub absolute: bool,
    pub relative: bool,
    /// How many rows outwards a path may begin.
    pub up: u8,
    /// `*`.
    pub each: bool,
    /// `{key}`.
    pub captures: bool,
    /// Names with a `*`.
    pub patterns: bool,
}

impl PathRules {
    const NONE: Self = Self { absolute: false, relative: false, up: 0, each: false, captures: false, patterns: false };
    /// Rows, the envelope.
    pub const ABSOLUTE: Self = Self { absolute: true, each: true, captures: true, ..Self::NONE };
    /// Nested rows, columns, codes of a row.
    pub const RELATIVE: Self = Self { relative: true, each: true, captures: true, ..Self::NONE };
    /// A source: a field of the row, of an outer row or of the envelope.
    pub const FIELD: Self = Self { absolute: true, ..Self::RELATIVE };
    /// A field of the row.
    pub const ROW_FIELD: Self = Self { relative: true, ..Self::NONE };
    /// A metric's key.
    pub const METRIC: Self = Self { patterns: true, ..Self::ROW_FIELD };

    pub const fn with_patterns(self) -> Self {
        Self { patterns: true, ..self }
    }

    pub const fn with_up(self, up: u8) -> Self {
        Self { up, ..self }
    }
}

impl Path {
    /// Parses a path.
    ///
    /// # Errors
    /// What was expected, without "expected".
    pub fn parse(text: &str, rules: PathRules) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err("a path of at most 256 bytes");
        }
        let absolute = text.is_empty() || text.starts_with('/');
        if absolute && !rules.absolute {
            return Err("a path relative to the row, without \"/\" at its beginning");
        }
        if !absolute && !rules.relative {
            return Err("an absolute path, with \"/\" at its beginning");
        }
        let mut path = Self { absolute, up: 0, steps: Vec::new() };
        if text.is_empty() || text == "." {
            return Ok(path);
        }
        let mut rest = if absolute { &text[1..] } else { text };
        while !absolute && let Some(inner) = rest.strip_prefix("../") {
            if path.up == rules.up {
                return Err("a path without \"../\" here: it leads out of a nested row, once for each level");
            }
            path.up += 1;
            rest = inner;
        }
        path.steps = rest.split('/').map(|step| PathStep::parse(step, rules)).collect::<Result<_, _>>()?;
        let stars = path.steps.iter().filter(|step| step.star().is_some()).count();
        let attribute = path.steps.iter().position(|step| matches!(step, PathStep::Attribute(_)));
        if stars > 1 {
            Err("a path with at most one \"*\" in its names")
        } else if attribute.is_some_and(|at| at + 1 < path.steps.len()) {
            Err("a path that ends with its attribute")
        } else if path.captures().enumerate().any(|(at, name)| path.captures().take(at).any(|before| before == name)) {
            Err("a path that captures each name once")
        } else {
            Ok(path)
        }
    }

    /// `.`: the row itself.
    pub const fn row() -> Self {
        Self { absolute: false, up: 0, steps: Vec::new() }
    }

    /// Whether this is `.`, the row itself.
    pub fn is_row(&self) -> bool {
        !self.absolute && self.up == 0 && self.steps.is_empty()
    }

    /// The names that the path captures.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            PathStep::Capture(name) => Some(&**name),
            _ => None,
        })
    }

    /// Its names joined by `.`, attributes without `@`: `providerField` of a value that it leads to.
    pub fn field_name(&self) -> String {
        let names: Vec<String> = self.steps.iter().map(PathStep::field_name).collect();
        names.join(".")
    }
}

impl PathStep {
    fn parse(step: &str, rules: PathRules) -> Result<Self, &'static str> {
        const EMPTY: &str = "a path without empty steps";
        match step {
            "" => return Err(EMPTY),
            ".." => return Err("a path with \"../\" at its beginning only"),
            "." => return Err("\".\" alone, or names"),
            "*" if rules.each => return Ok(Self::Each),
            _ => {}
        }
        if step.contains(['{', '}']) {
            let name = step.strip_prefix('{').and_then(|step| step.strip_suffix('}'));
            return match name {
                _ if !rules.captures => Err("a path without \"{\" here: \"~3\" stands for \"{\" in a name"),
                Some(name) if is_capture(name) => Ok(Self::Capture(name.into())),
                _ => Err("a capture that is a whole step, such as \"{region}\""),
            };
        }
        let name = step.strip_prefix('@');
        let is_attribute = name.is_some();
        let name = name.unwrap_or(step);
        if name.is_empty() {
            return Err("a name after \"@\"");
        }
        let pattern = match name.split_once('*') {
            None => Pattern { before: unescaped(name)?.into(), after: None },
            Some(_) if !rules.patterns => return Err("names without \"*\" here: \"~2\" stands for \"*\" in a name"),
            Some((_, after)) if after.contains('*') => return Err("a path with at most one \"*\" in its names"),
            Some((before, after)) => {
                Pattern { before: unescaped(before)?.into(), after: Some(unescaped(after)?.into()) }
            }
        };
        Ok(match pattern {
            pattern if is_attribute => Self::Attribute(pattern),
            Pattern { before, after: None } => Self::Name(before),
            pattern => Self::Pattern(pattern),
        })
    }

    /// The name of a step of a metric's key.
    pub fn name(&self) -> Pattern {
        match self {
            Self::Name(name) | Self::Capture(name) => Pattern { before: name.clone(), after: None },
            Self::Each => Pattern { before: "".into(), after: Some("".into()) },
            Self::Attribute(pattern) | Self::Pattern(pattern) => pattern.clone(),
        }
    }

    /// The pattern of a step with a `*` in its name.
    pub fn star(&self) -> Option<&Pattern> {
        match self {
            Self::Pattern(pattern) => Some(pattern),
            Self::Attribute(pattern) if !pattern.is_exact() => Some(pattern),
            _ => None,
        }
    }

    fn field_name(&self) -> String {
        match self {
            Self::Name(name) => name.to_string(),
            Self::Each => "*".to_owned(),
            Self::Capture(name) => format!("{{{name}}}"),
            Self::Attribute(pattern) | Self::Pattern(pattern) => pattern.to_string(),
        }
    }
}

/// Whether a text can name a capture.
pub(crate) fn is_capture(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A part of a name with its escapes replaced.
fn unescaped(text: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('~');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (code, rest) = part.split_at_checked(1).unwrap_or_default();
        out.push(match code {
            "0" => '~',
            "1" => '/',
            "2" => '*',
            "3" => '{',
            _ => return Err("\"~0\", \"~1\", \"~2\" or \"~3\" wherever a name has \"~\""),
        });
        out.push_str(rest);
    }
    Ok(out)
}

/// A name as it stands in a path.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1").replace('*', "~2").replace('{', "~3")
}

/// A path as it is written.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_row() {
            return f.write_str(".");
        }
        let written = |pattern: &Pattern| match &pattern.after {
            None => escaped(&pattern.before),
            Some(after) => format!("{}*{}", escaped(&pattern.before), escaped(after)),
        };
        f.write_str(&"../".repeat(self.up.into()))?;
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 || self.absolute {
                f.write_str("/")?;
            }
            match step {
                PathStep::Name(name) => f.write_str(&escaped(name))?,
                PathStep::Each => f.write_str("*")?,
                PathStep::Capture(name) => write!(f, "{{{name}}}")?,
                PathStep::Attribute(pattern) => write!(f, "@{}", written(pattern))?,
                PathStep::Pattern(pattern) => f.write_str(&written(pattern))?,
            }
        }
        Ok(())
    }
}

/// Paths in order of preference, for each encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub json: Vec<Path>,
    pub xml: Vec<Path>,
}

impl Place {
    /// The paths for bodies of an encoding.
    pub fn of(&self, encoding: Encoding) -> &[Path] {
        match encoding {
            Encoding::Json => &self.json,
            Encoding::Xml => &self.xml,
        }
    }
}
