//! Data directories that are damaged, newer, foreign, unsafe: refused, and left as they are (D08–D13).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use expect_test::expect;
use kit::cli::Answer;
use kit::world::World;
use rusqlite::Connection;

use super::{frozen, greeting};

/// Where the database is.
const DB: &str = ".jackfield/jackfield.db";

/// A project with two runs that are done.
fn with_runs() -> World {
    let world = greeting();
    for _ in 0..2 {
        world.jackfield(&["run", "w.yaml", "--quiet"]).expect(0);
    }
    world
}

fn sql(world: &World, statements: &str) {
    let conn = Connection::open(world.file(DB)).expect("it opens");
    conn.execute_batch(statements).expect("done");
}

fn bytes(world: &World) -> Vec<u8> {
    fs::read(world.file(DB)).expect("readable")
}

/// Engine and reader are refused with this code and these words, and no byte of the database changes.
#[track_caller]
fn refused(world: &World, code: i32, part: &str) -> Answer {
    let before = bytes(world);
    let answer = world.jackfield(&["run", "w.yaml"]).expect(code);
    assert!(answer.stderr.contains(part), "{}", answer.stderr);
    for words in [&["runs", "list"][..], &["runs", "show", "1"], &["resume", "1"], &["runs", "cancel", "1"]] {
        let answer = world.jackfield(words).expect(code);
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
    assert_eq!(world.jackfield(&["doctor"]).code, 74, "the doctor sees it");
    assert!(bytes(world) == before, "it was changed");
    answer
}

#[test]
fn d10_a_database_that_is_newer_is_left_alone() {
    let world = with_runs();
    sql(&world, "PRAGMA user_version = 9");
    let answer = refused(&world, 3, "has schema 9, newer than 2");
    expect![[r#"
        error: .jackfield/jackfield.db has schema 9, newer than 2, the newest this program knows: use the newer program
    "#]]
    .assert_eq(&frozen(&world, &answer.stderr));
}

#[test]
fn d10_a_database_of_a_version_that_never_was() {
    let world = with_runs();
    sql(&world, "PRAGMA user_version = 0");
    refused(&world, 74, "its schema version is 0, which never existed");
}

#[test]
fn d10_a_database_of_another_program() {
    let world = with_runs();
    sql(&world, "PRAGMA application_id = 1196444487");
    refused(&world, 3, "is a database of another program (application id 0x47504b47)");
}

#[test]
fn d10_a_file_that_is_no_database() {
    let world = with_runs();
    fs::write(world.file(DB), "hello\n".repeat(2_000)).expect("written");
    refused(&world, 74, "jackfield.db");
}

#[test]
fn d09_a_database_that_was_cut_off() {
    for left in [0, 100, 4_095] {
        let world = with_runs();
        let whole = bytes(&world);
        fs::write(world.file(DB), &whole[..left]).expect("written");
        refused(&world, 74, "is damaged");
    }
}

#[test]
fn d09_a_database_of_which_half_is_missing_is_never_taken_for_whole() {
    let world = with_runs();
    let whole = bytes(&world);
    fs::write(world.file(DB), &whole[..whole.len() / 2 / 4096 * 4096]).expect("written");
    for words in [&["runs", "show", "1"][..], &["doctor"], &["resume", "1"]] {
        let answer = world.jackfield(words);
        assert_eq!(answer.code, 74, "{words:?}: {answer:?}");
        assert!(!answer.stderr.contains("internal error"), "{}", answer.stderr);
    }
}

#[test]
fn d08_a_flipped_bit_in_one_run_refuses_that_run_alone() {
    let world = with_runs();
    let conn = Connection::open(world.file(DB)).expect("it opens");
    let mut data: Vec<u8> =
        conn.query_row("SELECT data FROM events WHERE run = 1 ORDER BY seq DESC LIMIT 1", [], |row| row.get(0)).expect("an event");
    let middle = data.len() / 2;
    data[middle] ^= 0x10;
    conn.execute("UPDATE events SET data = ?1 WHERE run = 1 AND seq = (SELECT max(seq) FROM events WHERE run = 1)", [&data]).expect("done");
    drop(conn);
    let damaged = world.jackfield(&["runs", "show", "1"]).expect(74);
    expect![[r#"
        error: run 1 is damaged: batch 2 is missing or does not match its checksum; other runs are not affected
    "#]]
    .assert_eq(&frozen(&world, &damaged.stderr));
    for words in [&["runs", "why", "1"][..], &["runs", "logs", "1"], &["runs", "rerun", "1", "--from", "greet"], &["graph", "1"]] {
        assert!(world.jackfield(words).expect(74).stderr.contains("run 1 is damaged"), "{words:?}");
    }
    // The same for a run that has not ended.
    sql(&world, "UPDATE runs SET state = 1 WHERE id = 1");
    for words in [&["resume", "1"][..], &["runs", "cancel", "1"]] {
        assert!(world.jackfield(words).expect(74).stderr.contains("run 1 is damaged"), "{words:?}");
    }
    world.jackfield(&["runs", "show", "2"]).expect(0);
    world.jackfield(&["runs", "rerun", "2", "--from", "greet"]).expect(0);
    world.jackfield(&["run", "w.yaml"]).expect(0);
    assert_eq!(world.jackfield(&["runs", "list", "--json"]).expect(0).json()["runs"].as_array().map(Vec::len), Some(4));
    let doctor = world.jackfield(&["doctor", "--json"]).expect(74).json();
    let found = doctor.as_array().and_then(|found| found.iter().find(|found| found["what"] == "damaged runs")).cloned();
    assert_eq!(found.map(|found| found["detail"].clone()), Some("1".into()));
}

#[test]
fn d08_an_event_that_is_missing_is_damage_and_no_shorter_history() {
    let world = with_runs();
    sql(&world, "DELETE FROM events WHERE run = 1 AND seq = (SELECT max(seq) FROM events WHERE run = 1)");
    assert!(world.jackfield(&["runs", "show", "1"]).expect(74).stderr.contains("run 1 is damaged"));
    world.jackfield(&["runs", "show", "2"]).expect(0);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode is set");
}

#[test]
fn d13_what_everybody_can_write_is_refused() {
    let world = with_runs();
    set_mode(&world.file(".jackfield"), 0o777);
    let answer = refused(&world, 3, "everybody may write to it (mode 777)");
    expect![[r#"
        error: .jackfield refused: everybody may write to it (mode 777); make it yours alone: chmod 700
    "#]]
    .assert_eq(&frozen(&world, &answer.stderr));
    set_mode(&world.file(".jackfield"), 0o700);
    set_mode(&world.file(DB), 0o666);
    refused(&world, 3, "make it yours alone: chmod 600");
    set_mode(&world.file(DB), 0o600);
    world.jackfield(&["run", "w.yaml"]).expect(0);
}

#[test]
fn d13_a_database_behind_a_link_is_refused() {
    let world = with_runs();
    fs::rename(world.file(DB), world.file("elsewhere.db")).expect("moved");
    symlink(world.file("elsewhere.db"), world.file(DB)).expect("linked");
    refused(&world, 3, "not a regular file");
}

#[test]
fn d13_a_data_directory_that_is_a_file() {
    let world = greeting();
    world.write(".jackfield", "");
    let answer = world.jackfield(&["run", "w.yaml"]);
    assert!([3, 74].contains(&answer.code) && answer.stderr.contains(".jackfield"), "{answer:?}");
    let answer = world.jackfield(&["runs", "list"]).expect(3);
    assert!(answer.stderr.contains("it is not a directory"), "{}", answer.stderr);
}
