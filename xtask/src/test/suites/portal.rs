//! The suites of the portal, in two browsers.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};

use super::{SERVER_TEST, Steps, Work, is_timed, test_files};
use crate::run;
use crate::toolchain;
use crate::workspace::Workspace;

pub fn in_chromium(steps: &mut Steps) {
    let workspace = steps.workspace;
    steps.check("types of the portal", move || {
        let mut tsc = run::node();
        tsc.arg(workspace.tool("typescript", "bin/tsc")).arg("--project").arg(workspace.root.join("www/portal"));
        Ok(tsc)
    });
    add_build(steps);
    tests_in_chromium(steps, "portal in Chromium", |file| {
        !is_timed(file) && !is_for_firefox(file) && !is_of_the_copy(file)
    });
    tests_in_chromium(steps, "a copy of the portal, outside this tree", is_of_the_copy);
}

pub fn in_firefox(steps: &mut Steps) {
    add_build(steps);
    tests_in_firefox(steps, "portal in Firefox", |file| is_for_firefox(file) && !is_timed(file));
}

pub fn timed(steps: &mut Steps) {
    add_build(steps);
    tests_in_chromium(steps, "portal-timed in Chromium", |file| is_timed(file) && !is_for_firefox(file));
    tests_in_firefox(steps, "portal-timed in Firefox", |file| is_timed(file) && is_for_firefox(file));
}

fn tests_in_chromium(steps: &mut Steps, name: &'static str, wanted: fn(&str) -> bool) {
    let workspace = steps.workspace;
    steps.node_tests(name, SERVER_TEST, move |node| {
        node.env("CHROMIUM", toolchain::chromium(workspace)?);
        portal_files(workspace, node, wanted)
    });
}

fn tests_in_firefox(steps: &mut Steps, name: &'static str, wanted: fn(&str) -> bool) {
    let workspace = steps.workspace;
    match toolchain::firefox() {
        Ok(firefox) => steps.node_tests(name, SERVER_TEST, move |node| {
            node.env("FIREFOX", firefox);
            portal_files(workspace, node, wanted)
        }),
        Err(reason) => steps.add(name, Work::Skipped(format!("{reason:#}"))),
    }
}

/// Builds the portal once for all suites that need it: they run side by side, and a build empties the folder first.
fn add_build(steps: &mut Steps) {
    static IS_BUILT: Mutex<bool> = Mutex::new(false);
    let workspace = steps.workspace;
    let build = move || {
        let mut is_built = IS_BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_built {
            let mut vite = run::node();
            vite.arg(workspace.tool("vite", "bin/vite.js")).args(["build", "--logLevel", "warn"]);
            vite.current_dir(workspace.root.join("www/portal")).env("METERGLOT_EDGE", "").env("NO_COLOR", "1");
            let (succeeded, output) = run::captured(&mut vite)?;
            ensure!(succeeded, "{output}");
            *is_built = true;
        }
        Ok(())
    };
    steps.add("build the portal", Work::Do(Box::new(build)));
}

/// Tests of the built portal: one file at a time, as each has a browser of its own.
fn portal_files(workspace: &Workspace, node: &mut Command, wanted: fn(&str) -> bool) -> Result<()> {
    let files = test_files(workspace, "portal", wanted)?;
    node.arg("--test-concurrency=1").args(files).env("METERGLOT_PORTAL_BUILT", "1");
    Ok(())
}

fn is_for_firefox(file: &str) -> bool {
    file.starts_with("firefox")
}

fn is_of_the_copy(file: &str) -> bool {
    file.starts_with("copy")
}
