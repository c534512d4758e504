//! Symbolic links, whoever made them.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::json;

use super::files::{CANARY, Tree};

#[tokio::test]
async fn f02_links_made_outside_are_not_followed_out() {
    let tree = Tree::new();
    let outside = tree.path().join("outside");
    let links: [(&str, &Path); 6] = [
        ("file", Path::new("../outside/canary")),
        ("absolute", &outside.join("canary")),
        ("folder", Path::new("../outside")),
        ("absolute-folder", &outside),
        ("slash", Path::new("/")),
        ("parent", Path::new("..")),
    ];
    for (name, target) in links {
        symlink(target, tree.path().join("box").join(name)).expect("linked");
    }
    for path in [
        "box/file",
        "box/file/",
        "box/absolute",
        "box/folder/canary",
        "box/folder/",
        "box/absolute-folder/canary",
        "box/absolute-folder/",
        "box/slash/etc/passwd",
        "box/slash/",
        "box/parent/outside/canary",
        "box/parent/",
        "box/sub/../parent/outside/canary",
    ] {
        for task in ["read", "list"] {
            let ended = tree.task("write box", task, json!({ "path": path })).await;
            assert_eq!(ended.code(), "io", "{task} {path}: {:?}", ended.0.outcome);
        }
        for how in ["create", "truncate", "append"] {
            assert_eq!(tree.task("write box", "open", json!({ "path": path, "how": how })).await.code(), "io", "{how} {path}");
        }
    }
    tree.assert_untouched("after all links");
}

#[tokio::test]
async fn f02_links_that_stay_inside_are_followed() {
    let tree = Tree::new();
    symlink("sub/deep", tree.path().join("box/near")).expect("linked");
    assert_eq!(tree.task("read box", "read", json!({ "path": "box/near" })).await.answer(), json!("deep"));
}

#[tokio::test]
async fn f02_a_link_made_by_a_former_step_is_not_followed_out() {
    let tree = Tree::new();
    let outside = tree.path().join("outside").display().to_string();
    for (at, target) in ["../outside/canary", "../outside", "/etc/passwd", &outside, "sub/../../outside/canary"].into_iter().enumerate() {
        let link = format!("box/made-{at}");
        // Making it may be refused; when it is not, it leads nowhere.
        tree.task("write box", "link", json!({ "target": target, "path": link })).await;
        for path in [link.clone(), format!("{link}/"), format!("{link}/canary")] {
            let read = tree.task("write box", "read", json!({ "path": path })).await;
            assert_eq!(read.code(), "io", "{target} by {path}: {:?}", read.0.outcome);
            tree.task("write box", "write", json!({ "path": path, "text": "escaped" })).await;
            tree.assert_untouched(target);
        }
    }
}

#[tokio::test]
async fn f02_a_guest_makes_links_that_stay_inside() {
    let tree = Tree::new();
    let made = tree.task("write box", "link", json!({ "target": "sub/deep", "path": "box/mine" })).await;
    assert_eq!(made.code(), "ok", "{:?}", made.0.outcome);
    assert_eq!(tree.task("write box", "read", json!({ "path": "box/mine" })).await.answer(), json!("deep"));
}

#[tokio::test]
async fn f02_a_chain_of_41_links_is_refused() {
    let tree = Tree::new();
    symlink("inside", tree.path().join("box/link-0")).expect("linked");
    for at in 1..=41 {
        symlink(format!("link-{}", at - 1), tree.path().join(format!("box/link-{at}"))).expect("linked");
    }
    symlink("circle", tree.path().join("box/circle")).expect("linked");
    let read = async |name: &str| tree.task("read box", "read", json!({ "path": format!("box/{name}") })).await;
    assert_eq!(read("link-5").await.answer(), json!("inside"));
    for name in ["link-41", "circle"] {
        assert_eq!(read(name).await.code(), "io", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_a_directory_swapped_for_a_link_lets_nothing_out() {
    let tree = Tree::new();
    let (folder, link) = (tree.path().join("box/swap"), tree.path().join("box/.link"));
    std::fs::create_dir(&folder).expect("made");
    std::fs::write(folder.join("canary"), "inside").expect("written");
    symlink("../outside", &link).expect("linked");
    let stop = AtomicBool::new(false);
    let (swaps, answers) = std::thread::scope(|scope| {
        let swapping = scope.spawn(|| {
            let mut swaps = 0_u32;
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &folder, CWD, &link, RenameFlags::EXCHANGE).expect("swapped");
                swaps += 1;
            }
            swaps
        });
        let answers = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read_often(&tree)));
        stop.store(true, Ordering::Relaxed);
        (swapping.join().expect("no panic"), answers)
    });
    assert!(answers.iter().all(|answer| !answer.contains(CANARY)), "{answers:?}");
    assert!(answers.iter().any(|answer| answer.contains("inside")), "the directory itself was read now and then");
    assert!(swaps > 300, "the race was run: {swaps}");
}

/// What came of reading through the name that is swapped.
async fn read_often(tree: &Tree) -> Vec<String> {
    let mut answers = Vec::new();
    for _ in 0..300 {
        let ended = tree.task("read box", "read", json!({ "path": "box/swap/canary" })).await;
        answers.push(ended.0.outcome.as_ref().map_or_else(ToString::to_string, Clone::clone));
    }
    answers
}
