//! Capabilities without a grant, and with one.

use std::sync::Arc;

use jackfield_flow::plan::{FileRule, HttpRule, SecretRule};

use super::kit::{Guest, code, failure, log};
use crate::{AttemptEnd, Sandbox, SandboxConfig};

fn sandbox() -> Sandbox {
    let config = SandboxConfig {
        config: [("region".to_owned(), "eu".to_owned()), ("other".to_owned(), "hidden".to_owned())].into(),
        secrets: [("token".to_owned(), "hunter22!".to_owned()), ("other".to_owned(), "swordfish".to_owned())].into_iter().collect(),
        ..SandboxConfig::default()
    };
    Sandbox::new(config).unwrap()
}

/// Looks a configuration value up by its name at 2048; answers the value, or fails with `none`.
fn config_reader(name: &str) -> Guest {
    Guest::new(&format!(
        r#"(call $get (i32.const 2048) (i32.const {}) (i32.const 256))
      (if (i32.eqz (i32.load8_u (i32.const 260))) (then (return (call $err (i32.const 2) (i32.const 2112) (i32.const 4) (i32.const 0) (i32.const 0)))))
      (call $ok (i32.load (i32.const 264)) (i32.load (i32.const 268)))"#,
        name.len()
    ))
    .with_core(&format!(r#"(data (i32.const 2048) "{name}") (data (i32.const 2112) "none")"#))
    .with_import(
        r#"
  (import "wasi:config/store@0.2.0-rc.1" (instance $config
    (type $e (variant (case "upstream" string) (case "io" string)))
    (export "error" (type $error (eq $e)))
    (export "get" (func (param "key" string) (result (result (option string) (error $error)))))))
  (core func $get (canon lower (func $config "get") (memory $memory) (realloc $realloc)))"#,
        r#"(export "get" (func $get))"#,
        r#"(import "host" "get" (func $get (param i32 i32 i32)))"#,
    )
}

#[tokio::test]
async fn configuration_by_name() {
    let sandbox = sandbox();
    let read = async |name: &str| {
        config_reader(name).run_in(&sandbox, |attempt| attempt.grant.config = vec!["region".into(), "unset".into()]).await
    };
    let end = read("region").await;
    assert_eq!(end.outcome.as_deref(), Ok("eu"));
    assert_eq!(end.receipt.used.unwrap().config, ["region".into()]);
    for name in ["other", "unset", "Region", ""] {
        let end = read(name).await;
        assert_eq!(code(&end), "none", "{name:?}");
        // What is granted and not set was used all the same.
        assert_eq!(end.receipt.used.unwrap().config.is_empty(), name != "unset");
    }
}

/// Asks for the placeholder of the secret named at 2048, says it on the log, and answers it quoted as it is.
fn secret_reader(name: &str) -> Guest {
    Guest::new(&format!(
        r#"(call $get (i32.const 2048) (i32.const {}) (i32.const 256))
      (if (i32.load8_u (i32.const 256)) (then
        (return (call $err (i32.const 2) (i32.add (i32.const 2112) (i32.mul (i32.load8_u (i32.const 260)) (i32.const 16)))
          (i32.const 11) (i32.load (i32.const 264)) (i32.load (i32.const 268))))))
      (call $ok (i32.load (i32.const 260)) (i32.load (i32.const 264)))"#,
        name.len()
    ))
    .with_core(&format!(r#"(data (i32.const 2048) "{name}") (data (i32.const 2112) "not-granted     not-set-yet")"#))
    .with_import(
        r#"
  (import "jackfield:task/secrets@0.1.0" (instance $secrets
    (type $e (variant (case "not-granted" string) (case "not-set" string)))
    (export "secret-error" (type $error (eq $e)))
    (export "placeholder" (func (param "name" string) (result (result string (error $error)))))))
  (core func $get (canon lower (func $secrets "placeholder") (memory $memory) (realloc $realloc)))"#,
        r#"(export "get" (func $get))"#,
        r#"(import "host" "get" (func $get (param i32 i32 i32)))"#,
    )
}

#[tokio::test]
async fn secrets_are_placeholders_or_refusals() {
    let sandbox = sandbox();
    let rule = |name: &str| SecretRule { name: name.into(), hosts: Vec::new() };
    let read =
        async |name: &str| secret_reader(name).run_in(&sandbox, |attempt| attempt.grant.secrets = vec![rule("token"), rule("unset")]).await;
    let (first, second) = (read("token").await, read("token").await);
    let (first, second) = (first.outcome.unwrap(), second.outcome.unwrap());
    assert!(first.starts_with("jackfield-secret-") && !first.contains("hunter22!"), "{first}");
    assert_ne!(first, second, "each attempt has its own");
    for (name, expected, line) in
        [("other", "not-granted", "secrets: [other]"), ("SECRET_TOKEN", "not-granted", "not granted"), ("unset", "not-set-yet", "not set")]
    {
        let end = read(name).await;
        // The task's own words, and below them the host's: why, and what to do.
        let (own, host) = failure(&end).message.split_once('\n').expect("two lines");
        assert_eq!((code(&end), own), (expected, name));
        assert!(host.contains(line), "{host}");
        assert!(log(&end)[0].contains(line), "{:?}", log(&end));
    }
}

#[tokio::test]
async fn a_secret_that_comes_back_is_taken_out_everywhere() {
    let sandbox = sandbox();
    let rule = SecretRule { name: "token".into(), hosts: Vec::new() };
    let grant = |attempt: &mut crate::Attempt| {
        attempt.grant.secrets = vec![rule.clone()];
        attempt.input = r#""it is hunter22!, aHVudGVyMjIh""#.into();
    };
    let echo = "(call $ok (local.get $input) (local.get $input-len))";
    let end = Guest::new(echo).run_in(&sandbox, grant).await;
    assert_eq!(end.outcome.unwrap(), r#""it is [secret token], [secret token]h""#.replace("]h", "]"), "as an answer");
    let error = "(call $err (i32.const 0) (i32.const 0) (i32.const 0) (local.get $input) (local.get $input-len))";
    let end = Guest::new(error).run_in(&sandbox, grant).await;
    assert!(!failure(&end).message.contains("hunter22!"), "{}", failure(&end).message);
    assert!(failure(&end).message.contains("[secret token]"), "{}", failure(&end).message);
}

/// Counts the directories it was given.
fn preopens() -> Guest {
    Guest::new(
        r#"(call $get (i32.const 256))
      (i32.store8 (i32.const 2048) (i32.add (i32.const 48) (i32.load (i32.const 260))))
      (call $ok (i32.const 2048) (i32.const 1))"#,
    )
    .with_import(
        r#"
  (import "wasi:filesystem/types@0.2.0" (instance $fs (export "descriptor" (type (sub resource)))))
  (alias export $fs "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor (type $outer))
    (export "descriptor" (type $d (eq $outer)))
    (export "get-directories" (func (result (list (tuple (own $d) string)))))))
  (core func $get (canon lower (func $preopens "get-directories") (memory $memory) (realloc $realloc)))"#,
        r#"(export "get" (func $get))"#,
        r#"(import "host" "get" (func $get (param i32)))"#,
    )
}

#[tokio::test]
async fn directories_by_grant() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("in/deep")).unwrap();
    std::fs::create_dir(dir.path().join("out")).unwrap();
    std::fs::write(dir.path().join("file"), "x").unwrap();
    let run = async |rules: &[&str], scratch| -> AttemptEnd {
        let rules = rules.iter().map(|rule| FileRule::parse(rule).unwrap()).collect();
        preopens()
            .run_with(|attempt| {
                attempt.base_dir = dir.path().to_owned();
                (attempt.grant.files, attempt.grant.scratch) = (rules, scratch);
                attempt.scratch_dir = Some(dir.path().join("out"));
            })
            .await
    };
    assert_eq!(run(&[], false).await.outcome.as_deref(), Ok("0"));
    assert_eq!(run(&["read in"], false).await.outcome.as_deref(), Ok("1"));
    assert_eq!(run(&["read in"], true).await.outcome.as_deref(), Ok("2"));
    assert_eq!(run(&["read in", "read in/deep as deep"], false).await.outcome.as_deref(), Ok("2"), "one mode");
    for (rules, scratch, words) in [
        (["read in", "write in/deep as deep"].as_slice(), false, "one tree in one mode"),
        (&["write in", "read in/../in as again"], false, "one tree in one mode"),
        (&["read out"], true, "one tree in one mode"),
        (&["read in", "read in/deep as in"], false, "both called `in`"),
        (&["read nowhere"], false, "cannot be opened"),
        (&["read file"], false, "not a directory"),
    ] {
        let end = run(rules, scratch).await;
        assert_eq!(code(&end), "denied.files", "{rules:?}");
        assert!(failure(&end).message.contains(words), "{rules:?}: {}", failure(&end).message);
    }
}

/// Opens a path in the first directory it was given, with these flags of `open-at`; answers `.` or the error code's
/// number as a character from `0` on.
fn opener(path: &str, open_flags: u32, flags: u32) -> Guest {
    Guest::new(&format!(
        r#"(call $get (i32.const 256))
      (call $open (i32.load (i32.load (i32.const 256))) (i32.const 1) (i32.const 2048) (i32.const {}) (i32.const {open_flags}) (i32.const {flags}) (i32.const 512))
      (i32.store8 (i32.const 1024) (select (i32.add (i32.const 48) (i32.load8_u (i32.const 516))) (i32.const 46) (i32.load8_u (i32.const 512))))
      (call $ok (i32.const 1024) (i32.const 1))"#,
        path.replace("\\00", "x").len()
    ))
    .with_core(&format!(r#"(data (i32.const 2048) "{path}")"#))
    .with_import(
        r#"
  (import "wasi:filesystem/types@0.2.0" (instance $fs
    (export "descriptor" (type $d (sub resource)))
    (type $e (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist" "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop" "too-many-links" "message-size" "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory" "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $error (eq $e)))
    (type $pf (flags "symlink-follow")) (export "path-flags" (type $path-flags (eq $pf)))
    (type $of (flags "create" "directory" "exclusive" "truncate")) (export "open-flags" (type $open-flags (eq $of)))
    (type $df (flags "read" "write" "file-integrity-sync" "data-integrity-sync" "requested-write-sync" "mutate-directory"))
    (export "descriptor-flags" (type $descriptor-flags (eq $df)))
    (export "[method]descriptor.open-at" (func (param "self" (borrow $d)) (param "path-flags" $path-flags) (param "path" string)
      (param "open-flags" $open-flags) (param "flags" $descriptor-flags) (result (result (own $d) (error $error)))))))
  (alias export $fs "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor (type $outer))
    (export "descriptor" (type $d (eq $outer)))
    (export "get-directories" (func (result (list (tuple (own $d) string)))))))
  (core func $get (canon lower (func $preopens "get-directories") (memory $memory) (realloc $realloc)))
  (core func $open (canon lower (func $fs "[method]descriptor.open-at") (memory $memory) (realloc $realloc)))"#,
        r#"(export "get" (func $get)) (export "open" (func $open))"#,
        r#"(import "host" "get" (func $get (param i32))) (import "host" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))"#,
    )
}

const READ: u32 = 1;
const WRITE: u32 = 2;
const CREATE: u32 = 1;
const TRUNCATE: u32 = 8;

#[cfg(unix)]
#[tokio::test]
async fn files_are_opened_inside_their_directory_only() {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("in"), dir.path().join("canary"));
    std::fs::create_dir_all(inside.join("deep")).unwrap();
    std::fs::write(&outside, "untouched").unwrap();
    std::fs::write(inside.join("file"), "x").unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("absolute")).unwrap();
    std::os::unix::fs::symlink("../canary", inside.join("relative")).unwrap();
    std::os::unix::fs::symlink("loop", inside.join("loop")).unwrap();
    std::os::unix::fs::symlink("file", inside.join("good")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, inside.join("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(inside.join("socket")).unwrap();
    let open = async |mode: &str, path: &str, open_flags, flags| {
        let rule = FileRule::parse(&format!("{mode} in")).unwrap();
        let end = opener(path, open_flags, flags)
            .run_with(|attempt| (attempt.base_dir, attempt.grant.files) = (dir.path().to_owned(), vec![rule]))
            .await;
        end.outcome.unwrap_or_else(|failure| failure.code.to_string())
    };
    for path in ["file", "./file", "deep/../file", "deep", "good"] {
        assert_eq!(open("read", path, 0, READ).await, ".", "{path}");
    }
    for path in [
        "../canary",
        "/etc/passwd",
        "deep/../../canary",
        ".//..//canary",
        "absolute",
        "relative",
        "relative/",
        "loop",
        "pipe",
        "socket",
        "nowhere",
        "file\\00",
        "",
        &"n".repeat(5_000),
    ] {
        assert_ne!(open("read", path, 0, READ).await, ".", "{path:.40}");
        assert_ne!(open("write", path, TRUNCATE, WRITE).await, ".", "{path:.40}");
    }
    let not_permitted = char::from(b'0' + 31).to_string();
    for path in ["pipe", "socket"] {
        assert_eq!(open("read", path, 0, READ).await, not_permitted, "{path}");
    }
    for (open_flags, flags) in [(CREATE, READ), (TRUNCATE, READ), (0, WRITE), (CREATE | TRUNCATE, WRITE)] {
        assert_ne!(open("read", "file", open_flags, flags).await, ".", "{open_flags} {flags}");
        assert_ne!(open("read", "new", open_flags, flags).await, ".", "{open_flags} {flags}");
    }
    assert_eq!(open("write", "new", CREATE, WRITE).await, ".");
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "untouched");
    assert_eq!(std::fs::read_to_string(inside.join("file")).unwrap(), "x");
}

#[tokio::test]
async fn what_was_opened_stands_in_the_receipt() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join(name).join("file"), "x").unwrap();
    }
    let used = async |guest: Guest, rules: &[&str]| {
        let rules = rules.iter().map(|rule| FileRule::parse(rule).unwrap()).collect();
        let end = guest.run_with(|attempt| (attempt.base_dir, attempt.grant.files) = (dir.path().to_owned(), rules)).await;
        end.receipt.used.map(|used| used.files.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let none: [&str; 0] = [];
    assert_eq!(used(preopens(), &[]).await, None, "there was no grant");
    assert_eq!(used(preopens(), &["write a", "read b"]).await.unwrap(), none);
    assert_eq!(used(opener("file", 0, READ), &["write a", "write b"]).await.unwrap(), ["read a as a"]);
    assert_eq!(used(opener("nowhere", 0, READ), &["read b", "write a"]).await.unwrap(), ["read b as b"]);
    assert_eq!(used(opener("file", 0, WRITE), &["write a", "write b"]).await.unwrap(), ["write a as a"]);
    assert_eq!(used(opener("new", CREATE, READ), &["write a as c"]).await.unwrap(), ["write a as c"]);
    assert_eq!(used(opener("file", TRUNCATE, WRITE), &["read a"]).await.unwrap(), ["read a as a"], "refused");
}

#[tokio::test]
async fn sockets_are_refused_by_a_typed_error() {
    let guest = Guest::new(
        r#"(call $create (i32.const 0) (i32.const 256))
      (i32.store8 (i32.const 2048) (i32.add (i32.const 48) (i32.load8_u (i32.const 260))))
      (call $ok (i32.const 2048) (i32.load8_u (i32.const 256)))"#,
    )
    .with_import(
        r#"
  (import "wasi:sockets/network@0.2.0" (instance $network
    (type $e (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout" "concurrency-conflict"
      "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable" "address-in-use" "remote-unreachable"
      "connection-refused" "connection-reset" "connection-aborted" "datagram-too-large" "name-unresolvable"
      "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type $error (eq $e)))
    (type $f (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type $family (eq $f)))))
  (alias export $network "error-code" (type $error-code))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $error-code (type $e)) (export "error-code" (type $error (eq $e)))
    (alias outer 1 $family (type $f)) (export "ip-address-family" (type $fam (eq $f)))
    (alias outer 1 $socket (type $s)) (export "tcp-socket" (type $sock (eq $s)))
    (export "create-tcp-socket" (func (param "address-family" $fam) (result (result (own $sock) (error $error)))))))
  (core func $create (canon lower (func $create "create-tcp-socket") (memory $memory)))"#,
        r#"(export "create" (func $create))"#,
        r#"(import "host" "create" (func $create (param i32 i32)))"#,
    );
    let end = guest.run_with(|attempt| attempt.grant.http = vec![HttpRule::parse("* https://*.example/*").unwrap()]).await;
    let answer = end.outcome.unwrap();
    assert!(answer == "1" || answer == "2", "access-denied or not-supported: {answer:?}");
}

#[test]
fn secrets_are_never_printed() {
    let config =
        SandboxConfig { secrets: [("token".to_owned(), "hunter22!".to_owned())].into_iter().collect(), ..SandboxConfig::default() };
    let shown = format!("{config:?}");
    assert!(shown.contains("token") && !shown.contains("hunter22!"), "{shown}");
    drop(Arc::new(config));
}
