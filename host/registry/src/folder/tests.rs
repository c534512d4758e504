use super::*;

fn registry() -> (tempfile::TempDir, Registry) {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::new(folder.path().join("plugins"));
    (folder, registry)
}

#[test]
fn what_is_added_comes_back_and_survives_reopening() {
    let (folder, registry) = registry();
    let digest = Digest::of(b"component");
    assert!(matches!(registry.bytes(digest), Err(RegistryError::Missing { .. })));
    assert_eq!(registry.signatures(digest), None);
    registry.add(digest, b"component", &[]).expect("added");
    let again = Registry::new(folder.path().join("plugins"));
    assert_eq!(again.bytes(digest).expect("there"), b"component");
    assert_eq!(again.signatures(digest), Some(Vec::new()));
}

#[test]
fn changed_bytes_are_never_handed_out() {
    let (folder, registry) = registry();
    let digest = Digest::of(b"component");
    registry.add(digest, b"component", &[]).expect("added");
    let path = folder.path().join("plugins").join(format!("sha256-{}.wasm", digest.hex()));
    fs::write(path, b"componenT").expect("changed");
    assert!(matches!(registry.bytes(digest), Err(RegistryError::Changed { .. })));
}

#[test]
fn signatures_without_their_component_count_for_nothing() {
    let (folder, registry) = registry();
    let digest = Digest::of(b"component");
    registry.add(digest, b"component", &[]).expect("added");
    fs::remove_file(folder.path().join("plugins").join(format!("sha256-{}.wasm", digest.hex()))).expect("removed");
    assert_eq!(registry.signatures(digest), None);
}

#[test]
fn folders_and_large_files_are_refused() {
    let (folder, _) = registry();
    assert!(matches!(Registry::read_file(folder.path()), Err(RegistryError::Io { .. })));
    let large = folder.path().join("large");
    fs::File::create(&large).and_then(|file| file.set_len(FILE_BYTES_MAX + 1)).expect("a sparse file");
    assert!(matches!(Registry::read_file(&large), Err(RegistryError::TooLarge { .. })));
}
