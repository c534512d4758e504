use super::*;

/// A file with this content, in a folder that lives as long as the first value.
fn file(content: &[u8]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f").display().to_string();
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn reads_text() {
    let (_folder, path) = file("\u{feff}grüße\n".as_bytes());
    assert_eq!(read(path.clone(), None).unwrap(), TextFile { path, text: "grüße\n".to_owned() });
}

#[test]
fn reads_bytes() {
    let (_folder, path) = file(&[0, 255, 10]);
    let answer = read_bytes(path, None).unwrap();
    assert_eq!(json!(answer)["bytes"], "AP8K");
}

#[test]
fn bytes_are_not_text() {
    let (_folder, path) = file(b"ab\xffc");
    assert!(matches!(read(path, None), Err(FilesError::NotText { at: 2, .. })));
}

#[test]
fn the_limit_is_exact() {
    let (_folder, path) = file(b"12345");
    assert!(read(path.clone(), Some(5)).is_ok());
    let error = read(path.clone(), Some(4)).unwrap_err();
    assert!(matches!(error, FilesError::TooLarge { limit: 4, .. }));
    assert!(matches!(read_bytes(path, Some(0)), Err(FilesError::TooLarge { .. })));
}

#[test]
fn the_limit_has_a_limit() {
    let (_folder, path) = file(b"");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(LIMIT_MAX + 1).unwrap();
    assert!(matches!(read_bytes(path, Some(u64::MAX)), Err(FilesError::TooLarge { limit: LIMIT_MAX, .. })));
}

#[test]
fn what_is_not_there_is_told() {
    let (folder, path) = file(b"");
    assert!(matches!(read(format!("{path}x"), None), Err(FilesError::NotFound { .. })));
    assert!(matches!(read(format!("{path}/x"), None), Err(FilesError::WrongKind { .. })));
    assert!(matches!(read(folder.path().display().to_string(), None), Err(FilesError::WrongKind { .. })));
    assert!(matches!(read(String::new(), None), Err(FilesError::BadPath { .. })));
    assert!(matches!(read("a\0".to_owned(), None), Err(FilesError::BadPath { .. })));
}
