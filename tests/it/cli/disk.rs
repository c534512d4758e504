//! Disks that are full or read-only (D03, D04, D28): real ones, so these tests need root and say so where they are not run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kit::world::World;
use rustix::process::Signal;

use super::{Live, greeting};

/// A slow step, then results that a small disk has no room for.
const LARGE_RESULTS: &str = "inputs: { n: { type: int, default: 0 } }\nsteps:\n  slow: { task: probe.spin, with: { rounds: \"${ 2000000000 + inputs.n }\" }, timeout: 10m }\n  big: { for-each: \"${ range(0, 8) }\", max-parallel: 1, needs: slow, task: probe.random, with: { bytes: 60000 } }\noutputs: { size: \"${ size(steps.big) }\" }\n";

/// A small disk; it is gone when this is dropped.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// A disk of some KiB at a folder of a world, or nothing where nobody may mount.
    #[expect(clippy::print_stderr, reason = "who reads the tests has to know that one did not run")]
    fn mount(world: &World, kib: u32) -> Option<Self> {
        let path = world.file(".jackfield");
        fs::create_dir(&path).expect("made");
        let mounted = rustix::process::geteuid().is_root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", &format!("size={kib}k,mode=0700"), "none"])
                .arg(&path)
                .output()
                .is_ok_and(|done| done.status.success());
        if !mounted {
            eprintln!("skipped: this test mounts a small disk, which needs root");
        }
        mounted.then_some(Self { path })
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut size = 1 << 20;
        let ballast = fs::File::create(self.path.join("ballast")).expect("made");
        let mut at = 0;
        while size > 0 {
            match std::os::unix::fs::FileExt::write_at(&ballast, &vec![1; size], at) {
                Ok(written) if written > 0 => at += written as u64,
                _ => size /= 2,
            }
        }
    }

    fn free(&self) {
        fs::remove_file(self.path.join("ballast")).expect("it was there");
    }

    fn remount(&self, option: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(&self.path).status().expect("it runs");
        assert!(done.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(&self.path).status();
        assert!(unmounted.is_ok_and(|done| done.success()) || std::thread::panicking());
    }
}

#[test]
fn d28_a_disk_that_is_full_from_the_start_is_told() {
    let world = greeting();
    let Some(disk) = Disk::mount(&world, 4_096) else { return };
    disk.fill();
    let answer = world.jackfield(&["run", "w.yaml"]).expect(74);
    assert!(
        answer.stderr.contains("error: ") && answer.stderr.contains(".jackfield") && !answer.stderr.contains("internal error"),
        "{}",
        answer.stderr
    );
    disk.free();
    world.jackfield(&["run", "w.yaml"]).expect(0);
}

#[test]
fn d03_a_disk_that_becomes_full_is_waited_for_and_nothing_is_lost() {
    let world = World::new();
    // The results do not fit into what is left; the second step waits until there is room.
    world.workflow(LARGE_RESULTS);
    let Some(disk) = Disk::mount(&world, 16_384) else { return };
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step slow: started");
    disk.fill();
    live.until("the store has no room, and is tried again");
    disk.free();
    let answer = live.end().expect(0);
    assert!(answer.stdout.contains("size: 8"), "{answer:?}");
    let shown = world.jackfield(&["runs", "show", "1", "--attempts", "--json"]).expect(0).json();
    assert!(
        shown["attempts"].as_array().is_some_and(|attempts| attempts.len() == 9 && attempts.iter().all(|one| one["outcome"] == "done")),
        "{shown}"
    );
    world.jackfield(&["doctor"]).expect(0);
}

/// A stop in good order waits for the disk; whoever asks twice does not.
#[test]
fn p06_ctrl_c_twice_ends_at_once_and_nothing_is_lost() {
    let world = World::new();
    world.workflow(LARGE_RESULTS);
    let Some(disk) = Disk::mount(&world, 16_384) else { return };
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step slow: started");
    disk.fill();
    live.until("the store has no room, and is tried again");
    live.signal(Signal::INT);
    live.until("stopping; once more ends at once");
    live.signal(Signal::INT);
    let answer = live.end().expect(5);
    assert!(answer.stderr.ends_with("run 1 can be resumed all the same\n"), "{}", answer.stderr);
    disk.free();
    let answer = world.jackfield(&["resume", "1"]).expect(0);
    assert!(answer.stdout.contains("size: 8"), "{answer:?}");
}

#[test]
fn d04_a_read_only_disk_is_told_and_can_still_be_looked_at() {
    let world = greeting();
    let Some(disk) = Disk::mount(&world, 16_384) else { return };
    world.jackfield(&["run", "w.yaml"]).expect(0);
    disk.remount("ro");
    let answer = world.jackfield(&["run", "w.yaml"]).expect(74);
    assert!(answer.stderr.contains(".jackfield") && !answer.stderr.contains("internal error"), "{}", answer.stderr);
    let looked = world.jackfield(&["runs", "list"]);
    assert!([0, 74].contains(&looked.code) && !looked.stderr.contains("internal error"), "{looked:?}");
    disk.remount("rw");
    world.jackfield(&["run", "w.yaml"]).expect(0);
}

#[test]
fn d13_a_directory_that_only_others_may_write_to() {
    if rustix::process::geteuid().is_root() {
        // Root may write anywhere; a read-only disk is the same for root.
        return;
    }
    let world = greeting();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode is set");
    fs::create_dir(world.file(".jackfield")).expect("made");
    set(&world.file(".jackfield"), 0o500);
    let answer = world.jackfield(&["run", "w.yaml"]).expect(74);
    set(&world.file(".jackfield"), 0o700);
    assert!(answer.stderr.contains("Permission denied"), "{}", answer.stderr);
}

#[test]
fn d30_a_result_that_cannot_be_written_is_told_and_the_run_is_kept() {
    let world = greeting();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("there");
    let child = world.call(&["run", "w.yaml"]).stdout(full).spawn().expect("it starts");
    let answer = kit::cli::finish(child).expect(74);
    assert!(answer.stderr.contains("the result cannot be written to standard output"), "{}", answer.stderr);
    assert_eq!(world.jackfield(&["runs", "list", "--json"]).json()["runs"][0]["status"], "done");
}
