//! Reads the numbers of passed and failed tests from the machine-readable output of a test run.

use std::ops::AddAssign;

/// Tests that passed and tests that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    pub const NONE: Self = Self { passed: 0, failed: 0 };
    pub const ONE_FAILED: Self = Self { passed: 0, failed: 1 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The format in which a run reports its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The Test Anything Protocol: `ok 1 - name`, `not ok 2 - name`, and a plan `1..2`.
    Tap,
    /// `test result: ok. 3 passed; 0 failed; …`, one line a test binary. Stable Rust has no machine output for tests.
    Cargo,
    /// `Done 9000 runs in 21 second(s)` after progress: a target is one test.
    LibFuzzer,
}

impl Report {
    /// Counts the tests in a run's output. A TAP run that ended before it printed its plan counts one failure more.
    pub fn tally(self, output: &str) -> Tally {
        let mut tally = Tally::NONE;
        let mut has_plan = false;
        for line in self.lines(output) {
            match line {
                Line::Passed(count) => tally.passed += count,
                Line::Failed(count) => tally.failed += count,
                Line::Result { passed, failed } => tally += Tally { passed, failed },
                Line::Plan => has_plan = true,
                Line::Detail | Line::Heading | Line::Other => {}
            }
        }
        if self == Self::Tap && !has_plan && tally != Tally::NONE {
            tally.failed += 1;
        }
        tally
    }

    /// The output of a failed run without the lines about tests that passed.
    pub fn without_passes(self, output: &str) -> String {
        let mut shown = String::new();
        let mut passed = false;
        for (text, line) in output.lines().zip(self.lines(output)) {
            match line {
                Line::Passed(_) => passed = true,
                Line::Detail if passed => {}
                Line::Heading => {}
                _ => {
                    passed = false;
                    shown.push_str(text);
                    shown.push('\n');
                }
            }
        }
        shown
    }

    /// One classified line for each line of the output.
    fn lines(self, output: &str) -> Vec<Line> {
        let mut in_details = false;
        let classify = |text| match self {
            Self::Tap => tap_line(text, &mut in_details),
            Self::Cargo => cargo_line(text),
            Self::LibFuzzer => fuzzer_line(text),
        };
        output.lines().map(classify).collect()
    }
}

enum Line {
    Passed(u32),
    Failed(u32),
    Result {
        passed: u32,
        failed: u32,
    },
    Plan,
    /// Part of the details of the test before it.
    Detail,
    /// The name of a test that follows.
    Heading,
    Other,
}

fn tap_line(text: &str, in_details: &mut bool) -> Line {
    let line = text.trim_start();
    if *in_details || line == "---" {
        *in_details = line != "...";
        return Line::Detail;
    }
    if line.starts_with("# Subtest: ") {
        return Line::Heading;
    }
    if line.starts_with("not ok ") {
        return Line::Failed(1);
    }
    if line.starts_with("ok ") {
        // A test that was skipped proves nothing.
        let skipped = line.to_ascii_lowercase().contains(" # skip");
        return if skipped { Line::Other } else { Line::Passed(1) };
    }
    if text.starts_with("1..") {
        return Line::Plan;
    }
    Line::Other
}

fn cargo_line(line: &str) -> Line {
    let Some(result) = line.strip_prefix("test result:") else {
        let passed = line.starts_with("test ") && line.ends_with(" ... ok");
        return if passed { Line::Passed(0) } else { Line::Other };
    };
    let words: Vec<_> = result.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
    let before =
        |word| words.windows(2).find(|pair| pair[1] == word).map_or(0, |pair: &[&str]| pair[0].parse().unwrap_or(0));
    Line::Result { passed: before("passed"), failed: before("failed") }
}

/// Progress (`#100 NEW cov: …`), found functions and suggested words say nothing about a failure.
fn fuzzer_line(line: &str) -> Line {
    let is_progress = ["#", "\"", "\t", "stat::"].iter().any(|start| line.starts_with(start));
    match line {
        _ if line.starts_with("Done ") => Line::Passed(1),
        _ if is_progress => Line::Heading,
        _ => Line::Other,
    }
}

/// Measurements that a run shows even where all tests pass: lines `# figure: …`.
pub fn figures(output: &str) -> impl Iterator<Item = &str> {
    output.lines().filter_map(|line| line.trim_start().strip_prefix("# figure: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binaries_of_one_cargo_run_are_added_up() {
        let output = "running 2 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(Report::Cargo.tally(output), Tally { passed: 5, failed: 1 });
    }

    #[test]
    fn every_point_of_a_tap_run_counts() {
        let output = "TAP version 13\n# Subtest: a\n    ok 1 - inner\n    1..1\nok 1 - a\nnot ok 2 - b\n1..2\n";
        assert_eq!(Report::Tap.tally(output), Tally { passed: 2, failed: 1 });
    }

    #[test]
    fn a_skipped_test_does_not_count_as_passed() {
        assert_eq!(Report::Tap.tally("ok 1 - a # SKIP no browser\nok 2 - b\n1..2\n"), Tally { passed: 1, failed: 0 });
    }

    #[test]
    fn a_run_that_ends_before_its_plan_has_failed() {
        assert_eq!(Report::Tap.tally("TAP version 13\nok 1 - a\n"), Tally { passed: 1, failed: 1 });
        assert_eq!(Report::Tap.tally("ok 1 - a\n    1..1\n"), Tally { passed: 1, failed: 1 });
    }

    #[test]
    fn the_details_of_a_failure_are_not_counted() {
        let output = "not ok 1 - a\n  ---\n  error: |-\n    ok 3 - quoted\n    not ok 4 - quoted\n  ...\n1..1\n";
        assert_eq!(Report::Tap.tally(output), Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn of_a_failed_run_only_the_failures_are_shown() {
        let output = "# Subtest: good\nok 1 - good\n  ---\n  duration_ms: 1\n  ...\n# Subtest: bad\nnot ok 2 - bad\n  ---\n  error: no\n  ...\n1..2\n";
        assert_eq!(Report::Tap.without_passes(output), "not ok 2 - bad\n  ---\n  error: no\n  ...\n1..2\n");
        assert_eq!(Report::Cargo.without_passes("test good ... ok\ntest bad ... FAILED\n"), "test bad ... FAILED\n");
    }

    #[test]
    fn a_fuzz_target_is_one_test() {
        let output = "INFO: Seed: 1\n#2 INITED cov: 5\nDone 90 runs in 21 second(s)\n";
        assert_eq!(Report::LibFuzzer.tally(output), Tally { passed: 1, failed: 0 });
        let output = "#2 INITED cov: 5\n\tNEW_FUNC[1/2]: 0x1\nthread panicked\nTest unit written to a/crash-1\n";
        assert_eq!(Report::LibFuzzer.tally(output), Tally::NONE);
        assert_eq!(Report::LibFuzzer.without_passes(output), "thread panicked\nTest unit written to a/crash-1\n");
    }

    #[test]
    fn figures_of_a_run_that_passed_are_shown() {
        let output = "# Subtest: large\n    # figure: 3 MB\nok 1 - large\n# figure: 9 s\n# a figure: none\n";
        assert_eq!(figures(output).collect::<Vec<_>>(), ["3 MB", "9 s"]);
    }

    #[test]
    fn a_test_that_prints_numbers_is_not_counted() {
        assert_eq!(Report::Cargo.tally("it says 9 passed; 9 failed"), Tally::NONE);
        assert_eq!(Report::Tap.tally("# 9 passed, 9 failed\n"), Tally::NONE);
    }
}
