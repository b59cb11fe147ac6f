//! Reads how many tests passed and failed out of what each test runner prints.

use std::ops::AddAssign;

/// Tests that passed and tests that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Whose closing lines are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, once a test binary.
    Cargo,
    /// `# pass 3` and `# fail 0`, as node:test's TAP reporter closes.
    Node,
    /// `ok | 3 passed | 0 failed (12ms)`.
    Deno,
    /// ` 3 pass` and ` 0 fail`.
    Bun,
    /// `3 passed, 0 failed`, the line of this project's own runners.
    Plain,
}

impl Runner {
    /// The counts in a runner's output; nothing found is a tally of zero.
    pub fn tally(self, output: &str) -> Tally {
        let mut tally = Tally::default();
        for line in output.lines().map(str::trim) {
            match self {
                Self::Cargo if !line.starts_with("test result:") => continue,
                Self::Deno if !line.starts_with("ok |") && !line.starts_with("FAILED |") => {
                    continue;
                }
                Self::Node if !line.starts_with("# ") => continue,
                Self::Bun if line.split(' ').count() != 2 => continue,
                Self::Plain if line.split(' ').count() != 4 => continue,
                _ => {}
            }
            let words: Vec<_> = line.split([' ', ';', ',', '|', '.']).filter(|word| !word.is_empty()).collect();
            tally += match (self, words.as_slice()) {
                (Self::Node, ["#", "pass", count]) => Tally { passed: number(count), failed: 0 },
                (Self::Node, ["#", "fail" | "cancelled", count]) => Tally { passed: 0, failed: number(count) },
                (Self::Bun, [count, "pass"]) => Tally { passed: number(count), failed: 0 },
                (Self::Bun, [count, "fail"]) => Tally { passed: 0, failed: number(count) },
                (Self::Cargo | Self::Deno | Self::Plain, words) => {
                    Tally { passed: before(words, "passed"), failed: before(words, "failed") }
                }
                _ => Tally::default(),
            };
        }
        tally
    }
}

impl Runner {
    /// A runner's output without what it says of tests that passed.
    pub fn without_passes(self, output: &str) -> String {
        let mut told = String::new();
        let mut passed = false;
        for line in output.lines() {
            let is_pass = match self {
                Self::Cargo => line.starts_with("test ") && line.ends_with(" ... ok"),
                Self::Deno => line.contains(" ... ok ("),
                Self::Bun => line.starts_with("(pass)"),
                // What is told of a test is indented below it.
                Self::Node => {
                    line.starts_with("ok ") || line.starts_with("# Subtest: ") || passed && line.starts_with(' ')
                }
                Self::Plain => false,
            };
            passed = is_pass;
            if !is_pass {
                told.push_str(line);
                told.push('\n');
            }
        }
        told
    }
}

/// What a run measured and means to be seen even where all is well: lines `# figure: …`.
pub fn figures(output: &str) -> impl Iterator<Item = &str> {
    output.lines().filter_map(|line| line.trim_start().strip_prefix("# figure: "))
}

fn number(word: &str) -> u32 {
    word.parse().unwrap_or(0)
}

/// The number that stands before a word.
fn before(words: &[&str], word: &str) -> u32 {
    words.windows(2).find(|pair| pair[1] == word).map_or(0, |pair| number(pair[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binaries_of_one_cargo_run_are_added_up() {
        let output = "running 2 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(Runner::Cargo.tally(output), Tally { passed: 5, failed: 1 });
    }

    #[test]
    fn a_cancelled_node_test_counts_as_failed() {
        let output = "ok 1 - it_passes\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n";
        assert_eq!(Runner::Node.tally(output), Tally { passed: 2, failed: 2 });
    }

    #[test]
    fn each_other_runner_is_read_by_its_own_closing_line() {
        assert_eq!(Runner::Deno.tally("ok | 12 passed (3 steps) | 0 failed (8ms)"), Tally { passed: 12, failed: 0 });
        assert_eq!(Runner::Deno.tally("FAILED | 11 passed | 1 failed (8ms)"), Tally { passed: 11, failed: 1 });
        assert_eq!(Runner::Bun.tally(" 7 pass\n 2 fail\n 30 expect() calls\n"), Tally { passed: 7, failed: 2 });
        assert_eq!(Runner::Plain.tally("5 passed, 1 failed\n"), Tally { passed: 5, failed: 1 });
    }

    #[test]
    fn of_a_failed_run_only_the_failures_are_told() {
        let output = "# Subtest: good\nok 1 - good\n  ---\n  duration_ms: 1\n  ...\n# Subtest: bad\nnot ok 2 - bad\n  ---\n  error: no\n  ...\n# pass 1\n";
        assert_eq!(Runner::Node.without_passes(output), "not ok 2 - bad\n  ---\n  error: no\n  ...\n# pass 1\n");
        assert_eq!(Runner::Cargo.without_passes("test good ... ok\ntest bad ... FAILED\n"), "test bad ... FAILED\n");
    }

    #[test]
    fn figures_are_told_of_a_run_that_passed() {
        let output = "# Subtest: large\n    # figure: 3 MB\nok 1 - large\n# figure: 9 s\n# a figure: none\n";
        assert_eq!(figures(output).collect::<Vec<_>>(), ["3 MB", "9 s"]);
    }

    #[test]
    fn a_test_that_prints_numbers_is_not_counted() {
        assert_eq!(Runner::Cargo.tally("it says 9 passed; 9 failed"), Tally::default());
        assert_eq!(Runner::Plain.tally("we saw that 9 passed, 9 failed in all"), Tally::default());
        assert_eq!(Runner::Bun.tally("(pass) rule > 9 pass"), Tally::default());
    }
}
