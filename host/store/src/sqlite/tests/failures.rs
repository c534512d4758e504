//! Crashes, full disks, and commits whose outcome is unknown.

use std::process::Command;

use super::*;
use crate::sqlite::writer::CommitFault;

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let dir = Dir::new();
    let store = dir.engine();
    let mut acknowledged = 0;
    for uid in 0..5 {
        run_with(&store, uid, 20).await;
        acknowledged += 21;
        let killed = dir.as_after_a_kill();
        let next = killed.engine();
        let mut found = 0;
        for run in 1..=u64::from(uid) + 1 {
            found += next.load(RunId(run)).await.expect("it loads").batches.len();
        }
        assert_eq!(found, acknowledged);
        next.commit(step(RunId(1), 22)).await.expect("it goes on");
    }
}

#[tokio::test]
async fn half_a_transaction_is_no_transaction() {
    let dir = Dir::new();
    let store = dir.engine();
    let run = run_with(&store, 1, 3).await;
    let whole = dir.as_after_a_kill();
    let mut counts = Vec::new();
    // The log is cut at any byte. What was committed before the cut is there, whole, and nothing else is.
    for cut in (1..80_000).step_by(1_009) {
        let killed = dir.as_after_a_kill();
        std::fs::OpenOptions::new().write(true).open(killed.wal()).expect("the log").set_len(cut).expect("a cut");
        counts.push(match killed.engine().load(run).await {
            Ok(stored) => {
                assert_eq!(stored.batches.len() as u64, stored.row.seq);
                stored.row.seq
            }
            Err(error) => {
                assert_eq!(error, StoreError::NotFound { run });
                0
            }
        });
    }
    counts.dedup();
    assert_eq!(counts, [0, 1, 2, 3, 4]);
    assert_eq!(whole.engine().load(run).await.expect("it loads").row.seq, 4);
}

#[tokio::test]
async fn a_log_that_was_removed_is_missed() {
    let dir = Dir::new();
    let store = dir.engine();
    run_with(&store, 1, 3).await;
    // Its being in use is noted after the answer is on its way, and so before the next write is answered at the latest.
    let killed = dir.as_after_a_kill();
    std::fs::remove_file(killed.wal()).expect("the log is removed");
    let refused = killed.try_engine().expect_err("it is refused");
    assert!(matches!(&refused, StoreError::DamagedFile { path, .. } if *path == killed.wal()), "{refused}");
    let again = killed.try_engine().expect_err("and again");
    assert_eq!(refused, again);
    std::fs::remove_file(killed.path().join("engine.lock")).expect("as the message says");
    drop(killed.engine());
}

#[test]
fn a_commit_that_was_lost_is_done_again() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    writer.fault = Some(CommitFault::Lost);
    let answer = group(&mut writer, [op_commit(step(run, 2))]).remove(0);
    assert!(matches!(answer, Err(StoreError::Io { .. })), "nothing was written: {answer:?}");
    assert_eq!(group(&mut writer, [op_commit(step(run, 2))]), [Ok(())]);
}

#[test]
fn a_commit_that_was_stored_is_acknowledged_in_spite_of_its_error() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    writer.fault = Some(CommitFault::Stored);
    assert_eq!(group(&mut writer, [op_commit(step(run, 2)), op_commit(step(run, 3))]), [Ok(()), Ok(())]);
    let expected = Err(StoreError::WrongSeq { run, seq: 3, expected: 4 });
    assert_eq!(group(&mut writer, [op_commit(step(run, 3))]), [expected]);
    writer.fault = Some(CommitFault::Stored);
    let created = group(&mut writer, [op_create(new_run(2))]).remove(0).expect("it was stored");
    assert_eq!(group(&mut writer, [op_commit(step(created.run(), 2))]), [Ok(())]);
}

#[test]
fn an_error_without_a_way_to_look_is_unknown() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    writer.fault = Some(CommitFault::Stored);
    writer.blind = true;
    let wrong = op_commit(step(run, 9));
    let answers = group(&mut writer, [op_commit(step(run, 2)), wrong]);
    assert!(matches!(answers[0], Err(StoreError::Unknown { .. })), "{:?}", answers[0]);
    assert!(matches!(answers[1], Err(StoreError::WrongSeq { .. })), "a refusal stays one: {:?}", answers[1]);
    let answer = group(&mut writer, [op_commit(step(run, 3))]).remove(0);
    assert!(matches!(answer, Err(StoreError::Io { .. })), "nothing is written meanwhile: {answer:?}");
    writer.blind = false;
    assert_eq!(group(&mut writer, [op_commit(step(run, 3))]), [Ok(())], "it was stored");
}

/// A limit on the size of the database, in place of a full disk.
pub(super) fn limit_pages(writer: &mut Writer, pages: u32) {
    writer.conn().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).expect("a limit");
}

#[test]
fn a_full_database_refuses_and_goes_on() {
    let dir = Dir::new();
    let mut writer = dir.writer();
    let run = create(&mut writer, 1);
    let pages: u32 = writer.conn().pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    limit_pages(&mut writer, pages + 4);
    let large = |run, seq| Commit { events: noise(100_000), ..step(run, seq) };
    let refused = group(&mut writer, [op_commit(large(run, 2))]).remove(0);
    assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
    // The one that is too much for the disk does not spoil the others of its group.
    let others: Vec<RunId> = (2..5).map(|uid| create(&mut writer, uid)).collect();
    let mut ops: Vec<_> = others.iter().map(|run| op_commit(step(*run, 2))).collect();
    ops.insert(1, op_commit(large(run, 2)));
    let answers = group(&mut writer, ops);
    assert!(matches!(answers[1], Err(StoreError::Full { .. })), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
    limit_pages(&mut writer, 1_000_000);
    assert_eq!(group(&mut writer, [op_commit(large(run, 2))]), [Ok(())], "with room again, it goes on");
}

/// A file system of its own, as small as wanted. Only root can make one.
struct SmallDisk(Dir);

impl SmallDisk {
    fn new(size: &str) -> Option<Self> {
        let dir = Dir::new();
        let made =
            rustix::process::geteuid().is_root() && mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"], dir.path());
        made.then_some(Self(dir))
    }

    fn resize(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], self.0.path()));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is still mounted is seen by whoever looks at the temporary directory.
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn mount(args: &[&str], at: &Path) -> bool {
    Command::new("mount").args(args).arg(at).status().is_ok_and(|status| status.success())
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    // Without the right to mount, `a_full_database_refuses_and_goes_on` has to do.
    let Some(disk) = SmallDisk::new("1m") else { return };
    let store = disk.0.engine();
    let run = store.create(new_run(1)).await.expect("it starts").run();
    let large = |seq| Commit { events: noise(20_000), ..step(run, seq) };
    let mut seq = 1;
    let refused = loop {
        match store.commit(large(seq + 1)).await {
            Ok(()) => seq += 1,
            Err(error) => break error,
        }
        assert!(seq < 100, "a disk of 1 MiB took {seq} batches of 20 kB");
    };
    assert!(matches!(refused, StoreError::Full { .. }), "{refused}");
    assert!(seq > 5, "only {seq} batches");
    assert_eq!(store.load(run).await.expect("it loads").batches.len() as u64, seq);
    let again = store.commit(large(seq + 1)).await;
    assert!(matches!(again, Err(StoreError::Full { .. })), "{again:?}");
    disk.resize("8m");
    store.commit(large(seq + 1)).await.expect("with room again, it goes on");
    drop(store);
    assert_eq!(disk.0.engine().load(run).await.expect("it loads").batches.len() as u64, seq + 1);
}

#[tokio::test]
async fn a_prune_gives_the_space_back() {
    let dir = Dir::new();
    let store = dir.engine();
    let run = store.create(new_run(1)).await.expect("it starts").run();
    for seq in 2..40 {
        store.commit(Commit { events: noise(50_000), ..step(run, seq) }).await.expect("it commits");
    }
    store.commit(Commit { summary: DONE, blobs: vec![Blob::new(noise(500_000))], ..step(run, 40) }).await.expect("it ends");
    let before = store.health(crate::Depth::Glance).await.expect("it is well");
    let pruned = store.prune(old(i64::MAX, 10)).await.expect("it prunes");
    let after = store.health(crate::Depth::Glance).await.expect("it is well");
    assert_eq!(pruned.runs, 1);
    assert_eq!(before.bytes - after.bytes, pruned.bytes);
    assert!(pruned.bytes > 2_400_000 && after.bytes_free == 0, "{pruned:?}, {after:?}");
    drop(store);
    assert!(std::fs::metadata(dir.db()).expect("the file").len() < 200_000);
}

fn rows(dir: &Dir) -> [i64; 4] {
    let conn = rusqlite::Connection::open(dir.db()).expect("it opens");
    let count = |table| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("a number");
    ["trash", "events", "run_blobs", "blobs"].map(count)
}

#[tokio::test]
async fn a_prune_leaves_nothing_of_a_large_run() {
    let dir = Dir::new();
    let store = dir.engine();
    let run = run_with(&store, 1, 0).await;
    // More rows than a bite takes, and it is the last run that is looked at.
    let replies: Vec<_> = (2..1_502).map(|seq| store.commit(step(run, seq))).collect();
    for reply in replies {
        reply.await.expect("it commits");
    }
    store.commit(Commit { summary: DONE, ..step(run, 1_502) }).await.expect("it ends");
    assert_eq!(store.prune(old(i64::MAX, 1)).await.expect("it prunes").runs, 1);
    drop(store);
    assert_eq!(rows(&dir), [0; 4]);
}

#[tokio::test]
async fn a_prune_that_was_killed_goes_on() {
    let dir = Dir::new();
    let store = dir.engine();
    let run = store.create(NewRun { summary: DONE, worker: None, ..new_run(1) }).await.expect("it starts").run();
    drop(store);
    // What the first bite of a large run leaves.
    dir.meddle("INSERT INTO trash VALUES (1); DELETE FROM runs WHERE id = 1");
    let store = dir.engine();
    assert_eq!(store.load(run).await, Err(StoreError::NotFound { run }));
    store.prune(old(0, 0)).await.expect("it prunes");
    drop(store);
    assert_eq!(rows(&dir), [0; 4]);
}
