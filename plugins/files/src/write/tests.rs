use super::*;
use jackfield_sdk::testing::Host;

fn text(path: &Path, content: &str, overwrite: Overwrite) -> Result<Written, FilesError> {
    write(path.display().to_string(), Some(content.to_owned()), None, overwrite)
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn writes_text_and_bytes_and_leaves_nothing_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/c.txt");
    let answer = text(&path, "abc", Overwrite::Replace).unwrap();
    assert_eq!((answer.bytes, answer.written), (3, true));
    assert_eq!(answer.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(fs::read_to_string(&path).unwrap(), "abc");
    write(path.display().to_string(), None, Some(vec![0, 255].into()), Overwrite::Replace).unwrap();
    assert_eq!(fs::read(&path).unwrap(), [0, 255]);
    assert_eq!(names(path.parent().unwrap()), ["c.txt"]);
}

#[test]
fn a_file_that_must_be_new_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    assert!(text(&path, "one", Overwrite::Fail).unwrap().written);
    assert!(matches!(text(&path, "two", Overwrite::Fail), Err(FilesError::Exists { .. })));
    assert!(matches!(text(&path, "one", Overwrite::Fail), Err(FilesError::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    assert_eq!(names(folder.path()), ["f"]);
}

#[test]
fn a_second_attempt_accepts_what_the_first_one_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, "one").unwrap();
    let (same, _) = Host::new().attempt(2, 3).run(|| text(&path, "one", Overwrite::Fail));
    assert!(!same.unwrap().written);
    let (other, _) = Host::new().attempt(2, 3).run(|| text(&path, "two", Overwrite::Fail));
    assert!(matches!(other, Err(FilesError::Exists { .. })));
}

#[test]
fn an_unchanged_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    assert!(text(&path, "one", Overwrite::IfChanged).unwrap().written);
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    assert!(!text(&path, "one", Overwrite::IfChanged).unwrap().written);
    assert_eq!(path.metadata().unwrap().modified().unwrap(), long_ago);
    assert!(text(&path, "two", Overwrite::IfChanged).unwrap().written);
    assert_eq!(fs::read_to_string(&path).unwrap(), "two");
}

#[test]
fn what_a_crashed_attempt_left_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    fs::write(folder.path().join(".f.000000000000.part"), "half of something longer").unwrap();
    text(&path, "all", Overwrite::Replace).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "all");
    assert_eq!(names(folder.path()), ["f"]);
}

#[test]
fn a_failed_write_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    fs::create_dir_all(path.join("full")).unwrap();
    let error = text(&path, "x", Overwrite::Replace).unwrap_err();
    assert!(matches!(error, FilesError::WrongKind { .. }), "{error}");
    assert_eq!(names(folder.path()), ["d"]);
}

#[test]
fn a_file_is_not_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "").unwrap();
    assert!(text(&folder.path().join("f/g"), "x", Overwrite::Replace).is_err());
    for path in ["out/", "..", "/"] {
        let error = write(path.to_owned(), Some(String::new()), None, Overwrite::Replace).unwrap_err();
        assert!(matches!(error, FilesError::BadRequest { .. }), "{path}: {error}");
    }
}

#[test]
fn there_is_one_content() {
    let both = write("f".into(), Some(String::new()), Some(vec![].into()), Overwrite::Replace);
    assert!(matches!(both, Err(FilesError::BadRequest { .. })));
    assert!(matches!(write("f".into(), None, None, Overwrite::Replace), Err(FilesError::BadRequest { .. })));
}

#[test]
fn long_names_fit() {
    let folder = tempfile::tempdir().unwrap();
    text(&folder.path().join("n".repeat(250)), "x", Overwrite::Replace).unwrap();
}
