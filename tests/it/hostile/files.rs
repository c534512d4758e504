//! Paths that lead out, and ways to open that the grant does not give.

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::rig::{Ended, Rig};

/// What must never be read.
pub(crate) const CANARY: &str = "j4ckf13ld-canary-outside";

/// A folder with `box/` to be granted, and `outside/canary` beside it.
pub(crate) struct Tree {
    folder: TempDir,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("jackfield-files-").tempdir().expect("a folder");
        let tree = Self { folder };
        for (path, text) in [("box/inside", "inside"), ("box/sub/deep", "deep"), ("outside/canary", CANARY)] {
            let path = tree.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        tree
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// One task of the probe under a grant of files.
    pub(crate) async fn task(&self, rule: &str, task: &str, input: Value) -> Ended {
        Rig::closed().task(task, &input).files(self.path(), rule).timeout(Duration::from_secs(5)).run().await
    }

    /// Nothing outside of the granted folder has changed.
    #[track_caller]
    pub(crate) fn assert_untouched(&self, why: &str) {
        let read = |path: &str| std::fs::read_to_string(self.path().join(path)).expect("still there");
        assert_eq!(read("outside/canary"), CANARY, "{why}");
        let names = |path: &str| std::fs::read_dir(self.path().join(path)).expect("a folder").count();
        assert_eq!((names("outside"), names(".")), (1, 2), "{why}: something was made outside");
    }
}

/// Paths that lead out of `box`, or nowhere.
fn escapes(tree: &Tree) -> Vec<String> {
    let absolute = |path: &str| tree.path().join(path).display().to_string();
    let mut paths: Vec<String> = [
        "../outside/canary",
        "box/../outside/canary",
        "box/../../outside/canary",
        "box/sub/../../outside/canary",
        "box/./sub/.././../outside/canary",
        "box//..//outside//canary",
        ".//..//outside/canary",
        "./../outside/canary",
        "box/sub/../../../../../../../../../etc/passwd",
        "/etc/passwd",
        "//etc/passwd",
        "/",
        "..",
        "box/..",
        "boxer/../outside/canary",
        "box\\..\\outside\\canary",
        "box/..\u{2215}outside",
        "box/%2e%2e/outside/canary",
        "box/inside\0",
        "box/\0/../../outside/canary",
        "/proc/self/environ",
        "/proc/self/cwd/../etc/passwd",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([absolute("outside/canary"), absolute("box/inside"), absolute("box/../outside/canary")]);
    paths.extend([format!("box/{}", "n".repeat(5_000)), format!("box/{}../outside/canary", "sub/../".repeat(600))]);
    paths
}

#[tokio::test]
async fn f01_no_path_leads_out() {
    let tree = Tree::new();
    assert_eq!(
        tree.task("write box", "read", json!({ "path": "box/sub/../inside" })).await.answer(),
        json!("inside"),
        "inside it may wander"
    );
    for path in escapes(&tree) {
        for task in ["read", "list"] {
            let ended = tree.task("write box", task, json!({ "path": path })).await;
            assert_eq!(ended.code(), "io", "{task} {path:.80?}: {:?}", ended.0.outcome);
        }
    }
    tree.assert_untouched("after reading");
}

#[tokio::test]
async fn f01_nothing_is_written_outside() {
    let tree = Tree::new();
    tree.task("write box", "write", json!({ "path": "box/new", "text": "made" })).await.answer();
    assert_eq!(std::fs::read_to_string(tree.path().join("box/new")).expect("made"), "made");
    for path in escapes(&tree) {
        let written = tree.task("write box", "write", json!({ "path": path, "text": "escaped" })).await;
        // A backslash or a percent sign is a letter of a name like any other.
        let is_name = path.contains('\\') || path.contains('\u{2215}');
        assert!(written.code() == "io" || is_name, "{path:.80?}: {:?}", written.0.outcome);
        for how in ["create", "create-new", "truncate", "append"] {
            tree.task("write box", "open", json!({ "path": path, "how": how })).await;
        }
        tree.assert_untouched(&path);
    }
}

#[tokio::test]
async fn f01_without_a_grant_there_are_no_files() {
    let here = std::env::current_exe().expect("a test has a path").display().to_string();
    for path in [here.as_str(), "/etc/passwd", "Cargo.toml", "."] {
        let ended = Rig::closed().task("read", &json!({ "path": path })).run().await;
        assert_eq!(ended.code(), "io", "{path}");
    }
}

#[tokio::test]
async fn f04_what_is_granted_for_reading_is_not_written() {
    let tree = Tree::new();
    let open = async |rule: &'static str, path: &'static str, how: &'static str| {
        tree.task(rule, "open", json!({ "path": path, "how": how })).await
    };
    assert_eq!(open("read box", "box/inside", "read").await.code(), "ok");
    for how in ["write", "truncate", "create", "create-new", "append"] {
        for path in ["box/inside", "box/new", "box/sub"] {
            assert_eq!(open("read box", path, how).await.code(), "io", "{how} {path}");
        }
    }
    for (task, input) in [
        ("write", json!({ "path": "box/inside", "text": "changed" })),
        ("set-time", json!({ "path": "box/inside", "seconds": 1 })),
        ("link", json!({ "target": "inside", "path": "box/link" })),
    ] {
        assert_eq!(tree.task("read box", task, input).await.code(), "io", "{task}");
    }
    assert_eq!(std::fs::read_to_string(tree.path().join("box/inside")).expect("there"), "inside");
    assert!(!tree.path().join("box/new").exists() && !tree.path().join("box/link").exists());
    for how in ["write", "create", "append"] {
        assert_eq!(open("write box", "box/inside", how).await.code(), "ok", "{how}: with the other grant it goes");
    }
}

#[tokio::test]
async fn f04_times_that_cannot_be_are_errors() {
    let tree = Tree::new();
    for seconds in [0, 1, u64::from(u32::MAX), 1 << 34, 1 << 40, i64::MAX.unsigned_abs(), u64::MAX - 1] {
        let ended = tree.task("write box", "set-time", json!({ "path": "box/inside", "seconds": seconds })).await;
        assert!(matches!(ended.code(), "ok" | "io" | "guest.trap"), "{seconds}: {:?}", ended.0.outcome);
    }
    let after = tree.task("write box", "read", json!({ "path": "box/inside" })).await;
    assert_eq!(after.answer(), json!("inside"), "and the host lives");
}

#[tokio::test]
async fn f07_only_files_and_directories_are_opened() {
    let tree = Tree::new();
    let special = tree.path().join("box");
    mknodat(CWD, special.join("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
    let _socket = UnixListener::bind(special.join("socket")).expect("a socket");
    for name in ["pipe", "socket"] {
        let path = format!("box/{name}");
        for how in ["read", "write", "append", "create", "truncate"] {
            let ended = tree.task("write box", "open", json!({ "path": path, "how": how })).await;
            // A pipe that was opened would wait for its other end until the deadline.
            assert_eq!(ended.code(), "io", "{how} {name}: {:?}", ended.0.outcome);
        }
        assert_eq!(tree.task("write box", "read", json!({ "path": path })).await.code(), "io", "{name}");
    }
    let listed = tree.task("read box", "list", json!({ "path": "box" })).await.answer();
    assert_eq!(listed, json!(["inside", "pipe", "socket", "sub"]), "they are seen, and that is all");
}

#[tokio::test]
async fn f08_one_tree_is_not_granted_in_both_modes() {
    let tree = Tree::new();
    let rig = Rig::closed();
    let both = rig.task("read", &json!({ "path": "box/inside" })).files(tree.path(), "read box").files(tree.path(), "write box/sub");
    let ended = both.run().await;
    assert_eq!(ended.code(), "denied.files");
    assert!(ended.failure().message.contains("grant one tree in one mode"), "{}", ended.failure().message);
}

#[tokio::test]
async fn f01_a_grant_that_cannot_be_given_says_why() {
    let tree = Tree::new();
    for (rule, words) in [("read nowhere", "nowhere"), ("read box/inside", "not a directory"), ("write box/inside", "box/inside")] {
        let ended = tree.task(rule, "read", json!({ "path": "x" })).await;
        assert_eq!(ended.code(), "denied.files", "{rule}");
        assert!(ended.failure().message.contains(words), "{}", ended.failure().message);
    }
}

#[tokio::test]
async fn f01_a_mount_shows_no_more_than_its_directory() {
    let tree = Tree::new();
    let read = async |path: &str| tree.task("read box/sub as /data", "read", json!({ "path": path })).await;
    assert_eq!(read("/data/deep").await.answer(), json!("deep"));
    for path in ["/data/../inside", "/data/inside", "box/sub/deep", "/data2/deep", "/inside", "/data/../../outside/canary"] {
        assert_eq!(read(path).await.code(), "io", "{path}");
    }
}
