use expect_test::{Expect, expect};
use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunUid};
use jackfield_store::{Batch, ExportedBlob, ExportedLog, ExportedRun, Place, RunState, SavepointWrite, Summary, Wake};

use super::write::{body, sealed};
use super::*;

fn blob(text: &str) -> ExportedBlob {
    ExportedBlob { digest: Digest::of(text.as_bytes()), bytes: text.as_bytes().into() }
}

/// A run with some of everything.
fn full() -> ExportedRun {
    let place = |item| Place { step: 3, item };
    ExportedRun {
        uid: RunUid([7; 16]),
        workflow: "wörk".into(),
        summary: Summary { state: RunState::Running, wake: Some(Wake::At(Millis(-5))), steps_done: 1, steps_total: 9 },
        created_at: Millis(1_772_331_300_000),
        changed_at: Millis(i64::MAX),
        retain_ms: Some(86_400_000),
        parent: Some(RunUid([9; 16])),
        labels: vec![("team".into(), "red".into()), ("x".into(), "".into())],
        plan: blob("plan"),
        batches: vec![Batch { seq: 1, events: vec![1, 2, 3] }, Batch { seq: 2, events: vec![0; 300] }],
        blobs: vec![blob("one"), blob("two")],
        logs: vec![ExportedLog { place: place(None), attempt: 1, seq: 1, part: 0, bytes: b"log".to_vec() }],
        savepoints: vec![SavepointWrite { place: place(Some(u32::MAX)), attempt: 2, data: vec![0xff; 9] }],
    }
}

/// A run with as little as possible.
fn bare() -> ExportedRun {
    ExportedRun {
        summary: Summary { state: RunState::Done, wake: None, steps_done: 0, steps_total: 0 },
        retain_ms: None,
        parent: None,
        labels: Vec::new(),
        batches: Vec::new(),
        blobs: Vec::new(),
        logs: Vec::new(),
        savepoints: Vec::new(),
        ..full()
    }
}

fn check(file: &[u8], expected: Expect) {
    expected.assert_eq(&read(file).expect_err("it is refused").to_string());
}

/// A sound file with this body.
fn file_of(body: &[u8]) -> Vec<u8> {
    sealed(VERSION, body.len(), &zstd::bulk::compress(body, 1).unwrap())
}

/// Numbers that look random and are the same every time (Vigna's splitmix64).
fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    }
}

#[test]
fn what_is_written_is_read() {
    for wake in [None, Some(Wake::Ready), Some(Wake::Message), Some(Wake::At(Millis(i64::MAX)))] {
        let mut run = full();
        run.summary.wake = wake;
        assert_eq!(read(&write(&run).unwrap()), Ok(run));
    }
    assert_eq!(read(&write(&bare()).unwrap()), Ok(bare()));
    let large = ExportedRun { batches: vec![Batch { seq: 1, events: vec![0; 8 << 20] }], ..full() };
    let file = write(&large).unwrap();
    assert!(file.len() < 100_000, "{}", file.len());
    assert_eq!(read(&file), Ok(large));
}

#[test]
fn the_form_of_version_1_is_pinned() {
    let body = body(&bare());
    expect!["sha256:e953ef193205f93fa376745c4c7ad67d301e0a3b2b42f4b977c1e53828dd7daa"].assert_eq(&Digest::of(&body).to_string());
    let head: String = write(&bare()).unwrap()[..MAGIC.len() + 2].iter().map(|byte| format!("{byte:02x}")).collect();
    expect!["896a61636b6669656c642d72756e0d0a0001"].assert_eq(&head);
}

#[test]
fn a_file_that_was_cut_anywhere_is_refused() {
    let file = write(&full()).unwrap();
    assert_eq!(read(&file[..0]), Err(ArchiveError::Other("an empty file")));
    for end in 1..file.len() {
        assert!(matches!(read(&file[..end]), Err(ArchiveError::Cut { have, .. }) if have == end as u64), "{end}");
    }
    let longer = [&file[..], b"x"].concat();
    assert_eq!(read(&longer), Err(ArchiveError::Trailing(1)));
}

#[test]
fn a_bit_that_was_flipped_anywhere_is_refused() {
    let file = write(&full()).unwrap();
    for at in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        assert!(read(&flipped).is_err(), "bit {at}");
    }
}

#[test]
fn contents_that_make_no_sense_are_refused_or_are_another_run() {
    // The checksum is right: whoever made these meant it.
    let sound = body(&full());
    let mut below = numbers(7);
    for _ in 0..20_000 {
        let mut body = sound.clone();
        for _ in 0..=below(3) {
            let at = below(body.len());
            match below(3) {
                0 => body[at] ^= 1 << below(8),
                1 => body[at] = u8::try_from(below(256)).unwrap(),
                _ => body.truncate(at.max(1)),
            }
        }
        match read(&file_of(&body)) {
            Ok(_) | Err(ArchiveError::Malformed(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    for end in 0..sound.len() {
        assert!(matches!(read(&file_of(&sound[..end])), Err(ArchiveError::Malformed(_))), "{end}");
    }
}

#[test]
fn numbers_are_not_believed() {
    // A list of 2^60 batches; bytes of which there are 2^40; a map without an end.
    let bodies: [&[u8]; 3] = [b"\xa1gbatches\x9b\x10\0\0\0\0\0\0\0", b"\xa1cuid\x5b\0\0\x01\0\0\0\0\0", b"\xbf\xff"];
    for body in bodies {
        assert!(matches!(read(&file_of(body)), Err(ArchiveError::Malformed(_))), "{body:?}");
    }
    // A gigabyte of zeros in a few kilobytes.
    let bomb = zstd::bulk::compress(&vec![0; 1 << 30], 1).unwrap();
    assert_eq!(read(&sealed(VERSION, 9, &bomb)), Err(ArchiveError::Malformed("it is not as long as it says".to_owned())));
    let huge = sealed(VERSION, BODY_BYTES_MAX + 1, b"");
    assert!(matches!(read(&huge), Err(ArchiveError::TooLarge { what: "a body", .. })));
    let mut longer = sealed(VERSION, 1, b"");
    longer[18..26].copy_from_slice(&u64::MAX.to_be_bytes());
    assert!(matches!(read(&longer), Err(ArchiveError::TooLarge { what: "a packed body", .. })));
}

#[test]
fn keys_that_nobody_knows_are_skipped_and_known_ones_come_once() {
    let sound = body(&bare());
    let mut more = sound.clone();
    more[0] += 1;
    more.extend_from_slice(b"\x65later\xa1\x61a\x82\x01\xf6");
    assert_eq!(read(&file_of(&more)), Ok(bare()));
    let mut twice = sound;
    twice[0] += 1;
    twice.extend_from_slice(b"\x68workflow\x61w");
    check(
        &file_of(&twice),
        expect!["this is an exported run whose contents make no sense: decode error: a key is there twice; no jackfield wrote it so"],
    );
}

#[test]
fn other_files_are_told_by_what_they_are() {
    check(b"SQLite format 3\0 and more", expect!["this is not a run that `jackfield runs export` wrote: it is an SQLite database"]);
    check(b"\0asm\x0d\0\x01\0", expect!["this is not a run that `jackfield runs export` wrote: it is a WebAssembly module or component"]);
    check(b"PK\x03\x04....", expect!["this is not a run that `jackfield runs export` wrote: it is a zip archive"]);
    check(
        b"workflow: w\n",
        expect!["this is not a run that `jackfield runs export` wrote: it is a workflow file, which `jackfield run` takes"],
    );
    check(b"hello", expect!["this is not a run that `jackfield runs export` wrote: it is text"]);
    check(&[0xee; 99], expect!["this is not a run that `jackfield runs export` wrote: it is something unknown"]);
    check(
        &sealed(2, 1, b"x"),
        expect!["this is an exported run of version 2, newer than 1, the newest this program knows: use the newer program"],
    );
    check(
        &sealed(0, 1, b"x"),
        expect!["this is an exported run whose contents make no sense: its version is 0, which never existed; no jackfield wrote it so"],
    );
    check(
        &sealed(1, 1, b"x"),
        expect!["this is an exported run whose contents make no sense: it cannot be unpacked; no jackfield wrote it so"],
    );
    let file = write(&full()).unwrap();
    let text: Vec<u8> = file.iter().copied().filter(|byte| *byte != b'\r').collect();
    check(&text, expect!["this was an exported run, and was changed on its way as if it were text: transfer it as a binary file"]);
    let seven: Vec<u8> = file.iter().map(|byte| byte & 0x7f).collect();
    check(&seven, expect!["this was an exported run, and was changed on its way as if it were text: transfer it as a binary file"]);
    check(
        &file[..30],
        expect!["this is an exported run of which the end is missing: it has 30 bytes and should have 66: transfer it again"],
    );
    let mut flipped = file;
    flipped[60] ^= 1;
    check(&flipped, expect!["this is an exported run that is damaged: its checksum does not match: transfer it again"]);
}
