use super::*;

/// A folder with these files, each holding its own name.
fn folder(files: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    let path = folder.path().display().to_string();
    (folder, path)
}

fn names(path: &str, glob: Option<&str>, recursive: bool) -> Vec<String> {
    let entries = list(path.to_owned(), glob.map(str::to_owned), recursive, None).unwrap();
    entries.into_iter().map(|entry| entry.name).collect()
}

#[test]
fn lists_sorted_with_kind_and_size() {
    let (_folder, path) = folder(&["b.txt", "a", "d/x"]);
    let entries = list(format!("{path}/"), None, false, None).unwrap();
    let expected = [("a", Kind::File, 1), ("b.txt", Kind::File, 5), ("d", Kind::Directory, 0)];
    let found: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.kind, entry.bytes)).collect();
    assert_eq!(found, expected);
    assert_eq!(entries[0].path, format!("{path}/a"));
    assert_eq!(fs::read_to_string(&entries[1].path).unwrap(), "b.txt");
}

#[test]
fn walks_into_directories_when_asked() {
    let (_folder, path) = folder(&["d/e/f", "d/g", "h"]);
    assert_eq!(names(&path, None, true), ["d", "d/e", "d/e/f", "d/g", "h"]);
    assert_eq!(names(&path, Some("**/?"), true), ["d", "d/e", "d/e/f", "d/g", "h"]);
    assert_eq!(names(&path, Some("d/*"), true), ["d/e", "d/g"]);
    assert_eq!(names(&path, Some("d/*"), false), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn links_are_named_but_not_followed() {
    let (folder, path) = folder(&["d/f"]);
    std::os::unix::fs::symlink("d", folder.path().join("l")).unwrap();
    std::os::unix::fs::symlink(".", folder.path().join("d/loop")).unwrap();
    assert_eq!(names(&path, None, true), ["d", "d/f", "d/loop", "l"]);
    let entries = list(path, Some("l".to_owned()), false, None).unwrap();
    assert_eq!(entries[0].kind, Kind::Link);
}

#[test]
fn entries_are_bounded() {
    let (_folder, path) = folder(&["a", "b", "c"]);
    assert_eq!(list(path.clone(), None, false, Some(3)).unwrap().len(), 3);
    let error = list(path.clone(), None, false, Some(2)).unwrap_err();
    assert!(matches!(error, FilesError::TooLarge { limit: 2, .. }), "{error}");
    assert_eq!(list(path, Some("c".to_owned()), false, Some(1)).unwrap().len(), 1);
}

#[test]
fn a_file_cannot_be_listed() {
    let (_folder, path) = folder(&["a"]);
    assert!(matches!(list(format!("{path}/a"), None, false, None), Err(FilesError::WrongKind { .. })));
    assert!(matches!(list(format!("{path}/x"), None, false, None), Err(FilesError::NotFound { .. })));
    assert!(matches!(list(path, Some("/x".to_owned()), false, None), Err(FilesError::BadRequest { .. })));
}

#[test]
fn very_deep_trees_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("d/".repeat(DEPTH_MAX + 1))).unwrap();
    let error = list(folder.path().display().to_string(), None, true, None).unwrap_err();
    assert!(matches!(error, FilesError::TooLarge { unit: "levels", .. }), "{error}");
}
