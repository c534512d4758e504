//! What is refused at the door, and that nothing is touched then.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};

use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it exists").mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("the mode is set");
}

/// All files and their bytes.
fn files(dir: &Dir) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        (path, bytes)
    };
    // The lock says who came, also when the door stayed shut.
    let mut files: Vec<_> =
        std::fs::read_dir(dir.path()).expect("a directory").map(read).filter(|(path, _)| !path.ends_with("engine.lock")).collect();
    files.sort();
    files
}

/// Both ways of opening refuse, and leave every byte as it was.
fn refused(dir: &Dir) -> StoreError {
    let before = files(dir);
    let engine = dir.try_engine().expect_err("an engine is refused");
    let reader = dir.reader().expect_err("a reader is refused");
    assert_eq!(engine, reader);
    assert!(files(dir) == before, "a refused store was changed: {engine}");
    engine
}

/// A store with a run, closed.
async fn closed() -> Dir {
    let dir = Dir::new();
    let store = dir.engine();
    run_with(&store, 1, 3).await;
    drop(store);
    dir
}

#[tokio::test]
async fn a_closed_store_is_one_whole_file() {
    let dir = closed().await;
    let copy = Dir::new();
    std::fs::copy(dir.db(), copy.db()).expect("a copy");
    assert_eq!(copy.engine().load(RunId(1)).await.expect("it loads").batches.len(), 4);
}

#[test]
fn what_is_made_is_for_its_owner_alone() {
    let root = Dir::new();
    let nested = root.path().join("a/b");
    let store = SqliteStore::open(&nested, OpenMode::Engine { name: "first".into(), durability: Durability::Full }).expect("it opens");
    assert_eq!((mode(&nested), mode(&root.path().join("a"))), (0o700, 0o700));
    for name in ["jackfield.db", "jackfield.db-wal", "jackfield.db-shm", "engine.lock"] {
        assert_eq!(mode(&nested.join(name)), 0o600, "{name}");
    }
    assert_eq!(store.dir(), nested);
}

#[tokio::test]
async fn a_second_engine_is_told_who_is_there() {
    let dir = Dir::new();
    let store = dir.engine();
    let Err(StoreError::Locked { owner, path }) = dir.try_engine() else { panic!("a second engine got in") };
    assert_eq!((&*owner.name, owner.pid, path), ("first", std::process::id(), dir.path().to_owned()));
    assert!(owner.started_at.is_some() && !owner.host.is_empty());
    run_with(&store, 1, 1).await;
    let text = dir.try_engine().expect_err("still refused").to_string();
    assert!(text.contains("engine `first`") && text.contains(&format!("process {}", std::process::id())), "{text}");
    drop(store);
    drop(dir.engine());
}

#[tokio::test]
async fn a_newer_store_is_refused() {
    let dir = closed().await;
    dir.meddle("PRAGMA user_version = 9");
    assert_eq!(refused(&dir), StoreError::Newer { path: dir.db(), found: 9, supported: 2 });
}

#[tokio::test]
async fn a_schema_that_never_was_is_refused() {
    let dir = closed().await;
    dir.meddle("PRAGMA user_version = 0");
    assert!(matches!(refused(&dir), StoreError::DamagedFile { .. }));
}

#[test]
fn a_foreign_database_is_refused() {
    let dir = Dir::new();
    dir.meddle("PRAGMA application_id = 252006673; CREATE TABLE x (y)");
    assert_eq!(refused(&dir), StoreError::Foreign { path: dir.db(), found: 252_006_673 });
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for bytes in [&b""[..], b"x", b"SQLite format 3\0", &[0; 4096], &noise(10_000)] {
        let dir = Dir::new();
        std::fs::write(dir.db(), bytes).expect("a file");
        assert!(matches!(refused(&dir), StoreError::DamagedFile { .. }), "{} bytes: {}", bytes.len(), refused(&dir));
    }
}

#[tokio::test]
async fn a_truncated_database_is_refused() {
    let dir = closed().await;
    let whole = std::fs::read(dir.db()).expect("the file");
    for length in [100, 4096, whole.len() / 2, whole.len() - 4096] {
        std::fs::write(dir.db(), &whole[..length]).expect("a cut");
        let found = dir.try_engine().expect_err("it is refused");
        assert!(matches!(found, StoreError::DamagedFile { .. }), "{length} bytes: {found}");
    }
}

#[tokio::test]
async fn another_journal_mode_is_refused() {
    let dir = closed().await;
    dir.meddle("PRAGMA journal_mode = DELETE");
    assert!(matches!(dir.try_engine(), Err(StoreError::DamagedFile { .. })));
}

#[tokio::test]
async fn what_everybody_may_write_is_refused() {
    let dir = closed().await;
    set_mode(dir.path(), 0o777);
    let StoreError::Unsafe { path, why, .. } = refused(&dir) else { panic!("another error") };
    assert_eq!((path, why.contains("777")), (dir.path().to_owned(), true));
    set_mode(dir.path(), 0o700);
    set_mode(&dir.db(), 0o666);
    assert!(matches!(refused(&dir), StoreError::Unsafe { path, .. } if path == dir.db()));
    set_mode(&dir.db(), 0o600);
    drop(dir.engine());
}

#[tokio::test]
async fn a_link_in_place_of_the_database_is_refused() {
    let dir = closed().await;
    let elsewhere = dir.path().join("elsewhere.db");
    std::fs::rename(dir.db(), &elsewhere).expect("moved");
    symlink(&elsewhere, dir.db()).expect("linked");
    assert!(matches!(refused(&dir), StoreError::Unsafe { path, .. } if path == dir.db()));
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_refused() {
    let dir = closed().await;
    // Only root can give a file away; everybody else has no such file to test with.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    chown(dir.db(), Some(12_345), None).expect("given away");
    assert!(matches!(refused(&dir), StoreError::Unsafe { path, .. } if path == dir.db()));
    chown(dir.db(), Some(0), None).expect("taken back");
    chown(dir.path(), Some(12_345), None).expect("given away");
    assert!(matches!(refused(&dir), StoreError::Unsafe { path, .. } if path == dir.path()));
}

#[test]
fn a_file_in_place_of_the_directory_is_refused() {
    let dir = Dir::new();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    assert!(matches!(SqliteStore::open(&file, OpenMode::Reader), Err(StoreError::Unsafe { .. })));
    let engine = OpenMode::Engine { name: "first".into(), durability: Durability::Full };
    assert!(SqliteStore::open(&file, engine).is_err());
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let dir = Dir::new();
    std::fs::write(dir.path().join("jackfield.db.new"), noise(5_000)).expect("half a database");
    drop(dir.engine());
    assert!(!dir.path().join("jackfield.db.new").exists());
}

#[tokio::test]
async fn a_path_with_odd_characters_is_one_path() {
    let root = Dir::new();
    let odd = root.path().join("a b?mode=memory&x=%41#é");
    let open = |mode| SqliteStore::open(&odd, mode).expect("it opens");
    let engine = OpenMode::Engine { name: "first".into(), durability: Durability::Full };
    drop(open(engine.clone()));
    let store = open(engine);
    run_with(&store, 1, 1).await;
    assert_eq!(open(OpenMode::Reader).load(RunId(1)).await.expect("it loads").batches.len(), 2);
}
