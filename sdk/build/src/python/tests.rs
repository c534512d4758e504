use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// A machine whose only programs are these shell scripts.
fn machine(dir: &Path, programs: &[(&str, &str)]) -> Machine {
    for (name, script) in programs {
        let path = dir.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    Machine { path: dir.into(), cache: Some(dir.join("cache")), ..Machine::this() }
}

fn refused(programs: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    interpreter(&machine(dir.path(), programs)).unwrap_err().to_string()
}

#[test]
fn what_is_missing_is_named_with_the_way_to_it() {
    assert!(refused(&[]).contains("there is no program `python3`; install Python 3.11"));
    let old = refused(&[("python3", "echo 3 9 True")]);
    assert!(old.contains("`python3` is of version 3.9, which is too old; install Python 3.11"), "{old}");
    let bare = refused(&[("python3", "echo 3 12 False")]);
    assert!(bare.contains("`venv` and `ensurepip` are missing") && bare.contains("apt-get install python3-venv"), "{bare}");
    assert!(refused(&[("python3", "echo what")]).contains("is no version"));
}

#[test]
fn a_new_enough_python_will_do_under_either_name() {
    for name in ["python3", "python"] {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(interpreter(&machine(dir.path(), &[(name, "echo 3 11 True")])).unwrap(), Path::new(name));
    }
}

#[test]
fn offline_nothing_is_fetched() {
    let dir = tempfile::tempdir().unwrap();
    let machine = machine(dir.path(), &[("python3", "echo called >&2; exit 1")]);
    let error = environment(&machine, Path::new("python3"), COMPONENTIZE_PY, Network::Offline, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("componentize-py==0.25.0"), "{error}");
}

#[test]
fn an_authors_mistake_is_shown_without_what_is_around_it() {
    let output = "Traceback (most recent call last):\n  File \"script\"\nAssertionError: Traceback (most recent call last):\n  File \"/0/plugin.py\", line 3\nTypeError: no\n\nCaused by:\n    TypeError: no";
    let failed = BuildError::Failed { command: "c".to_owned(), status: "exit code 1".to_owned(), output: output.to_owned() };
    let BuildError::Failed { output, .. } = shortened(failed) else { panic!() };
    assert_eq!(output, "Traceback (most recent call last):\n  File \"/0/plugin.py\", line 3\nTypeError: no");
}
