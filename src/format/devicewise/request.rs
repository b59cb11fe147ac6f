//! The TR50 request that was answered: command, series, period, dimension (docs/design.md#context).

use super::times::HOUR;
use crate::format::asked::{AskedPeriod, AskedTime, period_of};
use crate::model::time::Step;
use crate::options::request::Request;
use crate::read::Value;

/// The commands of a request, by the ids that the caller chose.
#[derive(Debug)]
pub struct Asked(Vec<(String, Value)>);

/// Reads the commands of a request. Keys are case-insensitive, with or without `requests` around them (docs/formats.md#devicewise-requests).
pub fn asked(request: &Request) -> Asked {
    let Some(Value::Object(root)) = request.json() else {
        return Asked(Vec::new());
    };
    let commands = match get(&root, "requests") {
        Some(Value::Object(wrapped)) => wrapped.clone(),
        _ => root,
    };
    Asked(commands.into_iter().filter(|(_, command)| field(command, "command").is_some()).collect())
}

impl Asked {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The command with this id. If there is only one command, its id does not matter.
    fn command(&self, id: &str) -> Option<&Value> {
        let own = self.0.iter().find(|(own, _)| own == id);
        own.or_else(|| self.0.first().filter(|_| self.0.len() == 1)).map(|(_, command)| command)
    }

    fn parameter(&self, id: &str, name: &str) -> Option<&Value> {
        field(field(self.command(id)?, "params")?, name)
    }

    fn text(&self, id: &str, name: &str) -> Option<&str> {
        self.parameter(id, name)?.as_text()
    }

    /// The name of the command, if it is not `usage.api.history`.
    pub fn other_command(&self, id: &str) -> Option<&str> {
        let name = field(self.command(id)?, "command")?.as_text()?;
        (!name.eq_ignore_ascii_case("usage.api.history")).then_some(name)
    }

    /// The length of a period: an hour if the command does not have it (provider-docs 001: "Defaults to hour"). `None` if
    /// the request has no such command, or an unknown series.
    pub fn series(&self, id: &str) -> Option<Step> {
        self.command(id)?;
        match self.parameter(id, "series") {
            None | Some(Value::Null) => Some(HOUR),
            Some(series) if series.as_text()?.eq_ignore_ascii_case("hour") => Some(HOUR),
            Some(series) if series.as_text()?.eq_ignore_ascii_case("day") => Some(Step::Days(1)),
            Some(_) => None,
        }
    }

    pub fn by_organisation(&self, id: &str) -> bool {
        self.text(id, "dimension").is_some_and(|dimension| dimension.eq_ignore_ascii_case("org"))
    }

    /// The period of the command.
    pub fn period(&self, id: &str) -> AskedPeriod {
        let time = |name: &'static str| self.text(id, name).map(|text| AskedTime::read(name, text)).transpose();
        period_of(time("start")?, time("end")?)
    }
}

fn get<'v>(object: &'v [(String, Value)], name: &str) -> Option<&'v Value> {
    object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    get(value.as_fields()?, name)
}
