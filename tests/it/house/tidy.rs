//! Sizes and habits, as a test with a ratchet: what is over the line is listed by name, and the list may only get shorter.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file.
const FILE_LINES_MAX: usize = 600;
/// Lines of a function.
const FUNCTION_LINES_MAX: usize = 70;
/// Characters of a line.
const LINE_CHARS_MAX: usize = 160;

/// Files that may be longer, each with the reason. Generated code is not read by people.
const LONG_FILES: &[&str] = &["sdk/rust/src/bindings.rs", "tests/guests/typed/src/bindings.rs"];
/// Functions that may be longer.
const LONG_FUNCTIONS: &[&str] = &[];

/// Everything at the top of the repository, hidden files aside.
const TOP: &[&str] = &["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "host", "plugins", "sdk", "target", "tests", "wit"];

fn rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for room in ["host", "sdk", "plugins", "tests"] {
        walk(&kit::repository().join(room), &mut files);
    }
    files.sort();
    assert!(files.len() > 100, "only {} files were found", files.len());
    files
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if entry.is_dir() && !["target", "build", "node_modules"].contains(&name.as_str()) {
            walk(&entry, files);
        } else if name.ends_with(".rs") {
            files.push(entry);
        }
    }
}

fn name(file: &Path) -> String {
    file.strip_prefix(kit::repository()).expect("inside").to_string_lossy().into_owned()
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut long = Vec::new();
    for file in rust_files() {
        let (lines, name) = (fs::read_to_string(&file).expect("text").lines().count(), name(&file));
        if lines > FILE_LINES_MAX && !LONG_FILES.contains(&name.as_str()) {
            long.push(format!("{name}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "over {FILE_LINES_MAX} lines, split them:\n{}", long.join("\n"));
}

#[test]
fn functions_are_short_enough_to_be_seen_whole() {
    let mut long = Vec::new();
    for file in rust_files().iter().filter(|file| !LONG_FILES.contains(&name(file).as_str())) {
        let text = fs::read_to_string(file).expect("text");
        // A table of cases may be as long as there are cases.
        let table = name(file).contains("tests");
        for (function, lines) in functions(&text) {
            if !table && lines > FUNCTION_LINES_MAX && !LONG_FUNCTIONS.contains(&function.as_str()) {
                long.push(format!("{}: `{function}` has {lines} lines", name(file)));
            }
        }
    }
    assert!(long.is_empty(), "over {FUNCTION_LINES_MAX} lines:\n{}", long.join("\n"));
}

/// Functions of a formatted file with the lengths of their bodies: from the line that opens it to the closing brace at its
/// indent. A signature is not counted: a task documents its parameters there.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let words = trimmed.split("fn ").next().unwrap_or_default();
        let is_function = trimmed.contains("fn ")
            && words.split_whitespace().all(|word| {
                word.starts_with("pub")
                    || ["async", "const", "unsafe", "extern"].contains(&word)
                    || word.starts_with("in ")
                    || word.ends_with(')')
            });
        if !is_function || trimmed.starts_with("//") {
            continue;
        }
        let indent = line.len() - trimmed.len();
        let close = format!("{}}}", " ".repeat(indent));
        let body = lines[start..].iter().position(|line| line.ends_with('{'));
        let end = lines[start..].iter().position(|line| *line == close);
        if let (Some(body), Some(end)) = (body, end) {
            let function = trimmed.split("fn ").nth(1).unwrap_or_default().split(['(', '<']).next().unwrap_or_default();
            found.push((function.to_owned(), end + 1 - body.min(end)));
        }
    }
    found
}

#[test]
fn the_measure_of_functions_measures() {
    let text = "impl X {\n    pub(crate) fn a() {\n        1\n    }\n\n    async fn b<T>(\n        x: u8,\n    ) {\n        let c = || {\n        };\n    }\n}\n";
    assert_eq!(functions(text), [("a".to_owned(), 3), ("b".to_owned(), 4)]);
}

#[test]
fn no_work_is_left_for_later_and_no_room_has_no_name() {
    let mut found = Vec::new();
    for file in rust_files() {
        let path = name(&file);
        if path.ends_with("house/tidy.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("text");
        for (at, line) in text.lines().enumerate() {
            let said = |word: &str| line.contains(word);
            if said("todo!(") || said("unimplemented!(") || said("TODO") || said("FIXME") || said("XXX:") {
                found.push(format!("{path}:{}: {}", at + 1, line.trim()));
            }
            let chars = line.chars().count();
            // Tables of tests and pictures are data.
            let table = path.contains("tests") || line.trim_start().starts_with("//! |") || line.chars().any(|c| "│─┌└".contains(c));
            if chars > LINE_CHARS_MAX && !table && !said("\"") && !said("https://") && !LONG_FILES.contains(&path.as_str()) {
                found.push(format!("{path}:{}: {chars} characters", at + 1));
            }
        }
        if path.ends_with("/mod.rs") || path.ends_with("/util.rs") || path.ends_with("/utils.rs") || path.ends_with("/helpers.rs") {
            found.push(format!("{path}: give it the name of what is in it"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A file that no `mod` names is never compiled, and its tests never run.
#[test]
fn every_file_is_part_of_its_crate() {
    let mut forgotten = Vec::new();
    for file in rust_files() {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let folder = file.parent().expect("a folder");
        let root = ["lib", "main", "build"].contains(&stem);
        let cargo_finds = ["tests", "examples", "benches", "bin"].iter().any(|dir| folder.ends_with(dir));
        let generated = folder.components().any(|part| ["refused", "template"].iter().any(|dir| part.as_os_str() == *dir));
        if root || cargo_finds || generated {
            continue;
        }
        let beside = folder.with_extension("rs");
        let parents = [beside, folder.join("lib.rs"), folder.join("main.rs")];
        let named = parents
            .iter()
            .filter_map(|parent| fs::read_to_string(parent).ok())
            .any(|text| text.contains(&format!("mod {stem};")) || text.contains(&format!("mod {stem} ")));
        if !named {
            forgotten.push(name(&file));
        }
    }
    assert!(forgotten.is_empty(), "no `mod` names these files:\n{}", forgotten.join("\n"));
}

#[test]
fn the_top_of_the_repository_is_as_it_is_fixed() {
    for entry in fs::read_dir(kit::repository()).expect("a folder").map(|entry| entry.expect("an entry").file_name()) {
        let entry = entry.to_string_lossy().into_owned();
        assert!(entry.starts_with('.') || TOP.contains(&entry.as_str()), "`{entry}` does not belong at the top");
    }
}

#[test]
fn the_architecture_page_is_short_and_names_every_room() {
    let page = fs::read_to_string(kit::repository().join("host/ARCHITECTURE.md")).expect("there");
    assert!(page.lines().count() <= 200, "{} lines", page.lines().count());
    for room in fs::read_dir(kit::repository().join("host")).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if room.is_dir() {
            let room = room.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(page.contains(&format!("`{room}/`")), "ARCHITECTURE.md does not name {room}");
        }
    }
}

/// Nothing that people read carries a path of the machine it was written on.
#[test]
fn no_path_of_a_machine_is_in_the_repository() {
    let home = ["/ro", "ot/"].concat();
    let work = ["/wo", "rk/"].concat();
    for file in rust_files() {
        let text = fs::read_to_string(&file).expect("text");
        assert!(!text.contains(&home) && !text.contains(&work), "{}", name(&file));
    }
}
