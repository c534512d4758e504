use expect_test::{Expect, expect};

use super::*;

fn locked(package: &str, requirement: &str, version: &str, bytes: &[u8]) -> Locked {
    Locked {
        name: package.parse::<Source>().unwrap().name(),
        source: package.to_owned(),
        requirement: requirement.to_owned(),
        version: Some(version.parse().unwrap()),
        component: Digest::of(bytes),
        size: bytes.len() as u64,
        manifest: Digest::of(version.as_bytes()),
        tasks: Digest::of(b"tasks"),
        capabilities: vec!["http GET https://api.example/*".to_owned()],
        signers: Vec::new(),
    }
}

const CSV: &str = "oci://r.example/acme/csv";

/// A lock file with these, saved.
fn saved(entries: &[Locked]) -> (tempfile::TempDir, LockFile) {
    let folder = tempfile::tempdir().unwrap();
    let mut file = LockFile::read(folder.path()).unwrap();
    entries.iter().for_each(|entry| file.put(entry.clone()).unwrap());
    file.save().unwrap();
    (folder, file)
}

#[test]
fn a_lock_file_is_for_people_and_the_same_every_time() {
    let entries = [locked("file:reg/shop", "1.0.0", "1.0.0", b"shop"), locked(CSV, "^1.2", "1.3.0", b"csv")];
    let (folder, file) = saved(&entries);
    let text = std::fs::read_to_string(folder.path().join(LOCK_NAME)).unwrap();
    expect![[r##"
        # Which bytes each package of a plugin is. Written by jackfield: keep it under version control, and change it with
        # `jackfield lock WORKFLOW` and `jackfield update`.
        format = 1

        [[plugin]]
        name = "acme/csv"
        source = "oci://r.example/acme/csv"
        requirement = "^1.2"
        version = "1.3.0"
        component = "sha256:53bb9b0b38ac812554abeb88ea6d56760d07ec147a75e8761c4f57ecc298218f"
        size = 3
        manifest = "sha256:59296d23d623ce0adf7675d22156e83b1248c8508135a65dd8a9e38c497e94a8"
        tasks = "sha256:085154084c7427596104bc42f51f59f6d3ffd3d5f49f098210c20449fb7b2c71"
        capabilities = ["http GET https://api.example/*"]
        signers = []

        [[plugin]]
        name = "reg/shop"
        source = "file:reg/shop"
        requirement = "1.0.0"
        version = "1.0.0"
        component = "sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20"
        size = 4
        manifest = "sha256:92521fc3cbd964bdc9f584a991b89fddaa5754ed1cc96d6d42445338669c1305"
        tasks = "sha256:085154084c7427596104bc42f51f59f6d3ffd3d5f49f098210c20449fb7b2c71"
        capabilities = ["http GET https://api.example/*"]
        signers = []
    "##]]
    .assert_eq(&text);
    let read = LockFile::read(folder.path()).unwrap();
    assert_eq!(read.locked(), file.locked());
    let (other, _) = saved(&[entries[1].clone(), entries[0].clone()]);
    assert_eq!(std::fs::read_to_string(other.path().join(LOCK_NAME)).unwrap(), text);
}

#[test]
fn what_is_locked_is_found_by_what_was_asked_for() {
    let (_folder, file) = saved(&[locked(CSV, "^1.2", "1.3.0", b"csv")]);
    let find = |text: &str| file.find(&Reference::parse(text).unwrap()).map(|found| found.title());
    assert_eq!(find("oci://r.example/acme/csv:^1.2").as_deref(), Some("acme/csv 1.3.0"));
    assert_eq!(find("oci://r.example/acme/csv:^1.3"), None);
    assert_eq!(find("oci://other.example/acme/csv:^1.2"), None);
}

#[test]
fn s01_a_locked_version_never_gets_other_bytes() {
    let (folder, mut file) = saved(&[locked(CSV, "^1.2", "1.3.0", b"csv")]);
    let before = std::fs::read(folder.path().join(LOCK_NAME)).unwrap();
    for requirement in ["^1.2", "^1.3"] {
        let error = file.put(locked(CSV, requirement, "1.3.0", b"other")).unwrap_err().to_string();
        assert!(error.contains("acme/csv 1.3.0 is locked as sha256:") && error.contains("a published version never changes"), "{error}");
    }
    file.save().unwrap();
    assert_eq!(std::fs::read(folder.path().join(LOCK_NAME)).unwrap(), before);
    file.put(locked(CSV, "^1.2", "1.4.0", b"other")).unwrap();
    file.save().unwrap();
    assert_eq!(LockFile::read(folder.path()).unwrap().locked().len(), 1, "an update takes the place of what was there");
}

#[test]
fn two_that_lock_at_once_both_stay() {
    let (folder, mut one) = saved(&[locked(CSV, "^1.2", "1.3.0", b"csv")]);
    let mut other = LockFile::read(folder.path()).unwrap();
    one.put(locked("oci://r.example/a", "^1", "1.0.0", b"a")).unwrap();
    other.put(locked("oci://r.example/b", "^1", "1.0.0", b"b")).unwrap();
    one.save().unwrap();
    other.save().unwrap();
    let names: Vec<String> = LockFile::read(folder.path()).unwrap().locked().iter().map(|entry| entry.name.clone()).collect();
    assert_eq!(names, ["a", "acme/csv", "b"]);
}

#[track_caller]
fn edited(from: &str, to: &str, expected: Expect) {
    let (folder, file) = saved(&[locked(CSV, "^1.2", "1.3.0", b"csv")]);
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file.path(), text.replacen(from, to, 1)).unwrap();
    let error = LockFile::read(folder.path()).unwrap_err().to_string();
    expected.assert_eq(&error.replace(&folder.path().display().to_string(), "HERE"));
}

#[test]
fn s01_an_edited_lock_file_says_what_cannot_be() {
    edited("1.3.0", "2.0.0", expect!["HERE/jackfield.lock: oci://r.example/acme/csv: 2.0.0 is locked, which does not match ^1.2"]);
    edited("^1.2", "^2", expect!["HERE/jackfield.lock: oci://r.example/acme/csv: 1.3.0 is locked, which does not match ^2"]);
    edited(
        "component = \"sha256:",
        "component = \"sha256:00",
        expect![[r#"
        HERE/jackfield.lock: TOML parse error at line 10, column 13
           |
        10 | component = "sha256:0053bb9b0b38ac812554abeb88ea6d56760d07ec147a75e8761c4f57ecc298218f"
           |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        `sha256:0053bb9b0b38ac812554abeb88ea6d56760d07ec147a75e8761c4f57ecc298218f` is not a digest: `sha256:` and 64 hexadecimal digits"#]],
    );
    edited(
        "oci://r.example",
        "oci:r.example",
        expect![
            "HERE/jackfield.lock: `oci:r.example/acme/csv`: it names no registry: write `oci://HOST/NAME`, `file:FOLDER` or `https://HOST/FOLDER`"
        ],
    );
    edited(
        "size",
        "sise",
        expect![[r#"
        HERE/jackfield.lock: TOML parse error at line 11, column 1
           |
        11 | sise = 3
           | ^^^^
        unknown field `sise`, expected one of `name`, `source`, `requirement`, `version`, `component`, `size`, `manifest`, `tasks`, `capabilities`, `signers`"#]],
    );
    edited("format = 1", "format = 2", expect!["HERE/jackfield.lock: it has the form 2; this version of jackfield reads 1"]);
    edited("format = 1", "", expect!["HERE/jackfield.lock: it does not say which form it has: `format = 1` is missing"]);
    edited(
        "[[plugin]]",
        "[[plugin",
        expect![[r#"
        HERE/jackfield.lock: TOML parse error at line 5, column 9
          |
        5 | [[plugin
          |         ^
        unclosed array table, expected `]]`"#]],
    );
}
