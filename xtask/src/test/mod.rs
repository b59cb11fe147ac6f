//! `cargo xtask test [suite…] [filter]`: the suites, each step with its time, then one closing line.

mod suites;
mod tally;

use std::collections::VecDeque;
use std::process::{Command, ExitCode};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::package;
use crate::run;
use crate::workspace::Workspace;
use suites::{Company, SUITES, Step, Steps, Suite, Work};
use tally::Tally;

/// Suites that run side by side at most.
const MOST_AT_ONCE: usize = 4;
/// Suites beyond the number of cores: those that test servers and time-outs wait more than they compute.
const MORE_THAN_CORES: usize = 2;

/// Runs the suites that the arguments name, or all. The exit code is a failure where any step or test failed.
pub fn test(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let Some((suites, filter)) = chosen(arguments) else {
        eprintln!("{}", usage());
        return Ok(ExitCode::from(2));
    };
    let run = Run { workspace, filter, package: OnceLock::new(), total: Mutex::default() };
    run.side_by_side(&suites);
    suites.iter().filter(|suite| suite.company == Company::Alone).for_each(|suite| run.suite(suite));
    if let Some(filter) = filter.filter(|_| *run.total() == Tally::NONE) {
        println!("no test was run: no test's name contains {filter:?}");
        *run.total() = Tally::ONE_FAILED;
    }
    let Tally { passed, failed } = *run.total();
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The suites that the arguments name (`rules` names each `rules-…`), and a filter of test names. `None`: the arguments are wrong.
fn chosen(arguments: &[String]) -> Option<(Vec<&'static Suite>, Option<&str>)> {
    let named = |argument: &str| -> Vec<&'static Suite> {
        let is_named =
            |name: &str| name.strip_prefix(argument).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        SUITES.iter().filter(|suite| is_named(suite.name)).collect()
    };
    let mut suites: Vec<&Suite> = Vec::new();
    let mut filter = None;
    for argument in arguments {
        let found = named(argument);
        if !found.is_empty() {
            suites.extend(found);
        } else if filter.is_none() && !suites.is_empty() && !argument.starts_with('-') {
            filter = Some(argument.as_str());
        } else {
            return None;
        }
    }
    if arguments.is_empty() {
        suites = SUITES.iter().collect();
    }
    Some((suites, filter))
}

fn usage() -> String {
    let suites: String = SUITES.iter().map(|suite| format!("\n  {:<17} {}", suite.name, suite.about)).collect();
    format!(
        "usage: cargo xtask test [suite…] [filter]\n\nRuns all suites, or those named (`rules` means every rules-…), and of these the tests whose name contains the filter.\n{suites}"
    )
}

struct Run<'a> {
    workspace: &'a Workspace,
    filter: Option<&'a str>,
    /// Whether the package could be built, once a suite has needed it.
    package: OnceLock<bool>,
    total: Mutex<Tally>,
}

impl Run<'_> {
    /// Builds the package where no suite did so before; suites that come meanwhile wait for it.
    fn has_package(&self) -> bool {
        let build = || package::build(self.workspace, package::Profile::Release).map(|()| Tally::NONE);
        *self.package.get_or_init(|| self.step("build the package", build))
    }

    /// Runs the suites that may have company, a few at once.
    fn side_by_side(&self, suites: &[&Suite]) {
        let of = |company| suites.iter().copied().filter(move |suite| suite.company == company);
        let cargo: Vec<_> = of(Company::Cargo).collect();
        let mut queue: VecDeque<Vec<&Suite>> = of(Company::Any).map(|suite| vec![suite]).collect();
        if !cargo.is_empty() {
            queue.push_front(cargo);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let queue = Mutex::new(queue);
        std::thread::scope(|scope| {
            for _ in 0..(cores + MORE_THAN_CORES).min(MOST_AT_ONCE) {
                scope.spawn(|| {
                    loop {
                        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                        let Some(suites) = next else { break };
                        suites.into_iter().for_each(|suite| self.suite(suite));
                    }
                });
            }
        });
    }

    fn suite(&self, suite: &Suite) {
        if suite.needs_package && !self.has_package() {
            return;
        }
        for Step { name, work } in Steps::of(suite, self.workspace, self.filter) {
            match work {
                Work::Do(work) => {
                    self.step(&name, || work().map(|()| Tally::NONE));
                }
                Work::Check(prepare) => {
                    self.step(&name, || {
                        let (succeeded, output) = run::captured(in_root(self.workspace, &mut prepare()?.command))?;
                        if !succeeded {
                            bail!("{output}");
                        }
                        Ok(Tally::NONE)
                    });
                }
                Work::Tests(report, prepare) => {
                    let mut printed = String::new();
                    self.step_with(&name, || {
                        let mut prepared = prepare()?;
                        let (succeeded, output) = run::captured(in_root(self.workspace, &mut prepared.command))?;
                        let mut tally = report.tally(&output);
                        if tally == Tally::NONE && self.filter.is_none() {
                            bail!("no test was run\n{output}");
                        }
                        if !succeeded && tally.failed == 0 {
                            tally.failed = 1;
                        }
                        if tally.failed > 0 {
                            printed.push_str(&report.without_passes(&output));
                        }
                        for figure in tally::figures(&output) {
                            printed.push_str(&format!("         {figure}\n"));
                        }
                        Ok((tally, printed))
                    });
                }
                Work::Skipped(why) => println!("  -      {name}, skipped: {why}"),
            }
        }
    }

    fn step(&self, name: &str, work: impl FnOnce() -> Result<Tally>) -> bool {
        self.step_with(name, || Ok((work()?, String::new())))
    }

    /// Runs one step, prints what it has to say, its time and counts, and adds the counts up. A step that cannot be done counts as one failure.
    fn step_with(&self, name: &str, work: impl FnOnce() -> Result<(Tally, String)>) -> bool {
        let start = Instant::now();
        let (tally, printed) = work().unwrap_or_else(|error| (Tally::ONE_FAILED, format!("{error:#}\n")));
        let counts = match tally {
            Tally::NONE => String::new(),
            Tally { passed, failed } => format!(": {passed} passed, {failed} failed"),
        };
        let verdict = if tally.failed == 0 { "ok" } else { "FAILED" };
        // In one piece: other suites print at the same time.
        println!("{printed}  {verdict:<6} {name}{counts} ({:.1} s)", start.elapsed().as_secs_f32());
        *self.total() += tally;
        tally.failed == 0
    }

    fn total(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.total.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every program runs in the project's root, without colours, so that its output can be read.
fn in_root<'a>(workspace: &Workspace, command: &'a mut Command) -> &'a mut Command {
    if command.get_current_dir().is_none() {
        command.current_dir(&workspace.root);
    }
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Option<(Vec<&'static str>, Option<String>)> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let (suites, filter) = chosen(&arguments)?;
        Some((suites.iter().map(|suite| suite.name).collect(), filter.map(str::to_owned)))
    }

    #[test]
    fn no_argument_means_every_suite() {
        assert_eq!(names(&[]).map(|(suites, _)| suites.len()), Some(SUITES.len()));
    }

    #[test]
    fn a_suite_is_named_whole_or_by_its_family() {
        assert_eq!(names(&["rust"]), Some((vec!["rust"], None)));
        assert_eq!(names(&["rules"]).map(|(suites, _)| suites.len()), Some(5));
    }

    #[test]
    fn what_names_no_suite_filters_the_tests() {
        assert_eq!(names(&["lint", "rust", "decimal"]), Some((vec!["lint", "rust"], Some("decimal".to_owned()))));
    }

    #[test]
    fn an_unknown_suite_or_flag_is_refused() {
        assert_eq!(names(&["rulez"]), None);
        assert_eq!(names(&["--all"]), None);
        assert_eq!(names(&["rust", "a", "b"]), None);
    }
}
