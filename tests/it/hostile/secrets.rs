//! Secrets: never seen, sent where they may go, and taken out of everything that comes back.

use std::fs;
use std::path::Path;

use jackfield_sandbox::{OperatorPolicy, SandboxConfig};
use kit::cli::{Answer, finish};
use kit::world::World;
use serde_json::json;

use super::canary::Canary;
use super::rig::Rig;

/// A value that is found wherever it leaks.
const SECRET: &str = "j4ckf13ld~canary/secret+value";
/// What must never be found: the value, and the middle of its base64 and hexadecimal forms.
const FORMS: [&str; 5] =
    [SECRET, "ajRja2YxM2xkfmNhbmFyeS9zZWNyZXQrdmFsdW", "6a34636b6631336c64", "6A34636B6631336C64", "j4ckf13ld%7Ecanary%2Fsecret%2Bvalue"];

fn rig() -> Rig {
    let operator = OperatorPolicy { open_networks: vec!["127.0.0.0/8".parse().expect("a network")], ..OperatorPolicy::default() };
    let secrets = [("token", SECRET), ("other", "another-secret-value")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    Rig::under(SandboxConfig { operator, secrets: secrets.into_iter().collect(), ..SandboxConfig::default() })
}

/// A server that says back what it was sent, also in the forms a server might: as it is, in base64, in hexadecimal.
fn echo(status: &'static str) -> Canary {
    Canary::answering(move |request| {
        let token = request.split("Bearer ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default().to_owned();
        let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        let body = format!("public-marker {request} base64 {} hex {hex}", base64(token.as_bytes()));
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nx-echo: {token}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
    })
}

/// RFC 4648, written here so that the server and the redaction share no code.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = usize::try_from(bits >> (18 - 6 * at) & 63).expect("six bits");
            text.push(if at <= group.len() { char::from(LETTERS[letter]) } else { '=' });
        }
    }
    text
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for form in FORMS {
        assert!(!text.contains(form), "{what} tells the secret as `{form}`: {text}");
    }
}

#[tokio::test]
async fn h37_a_task_sees_a_placeholder() {
    let rig = rig();
    let placeholder = async || rig.task("secret", &json!({ "name": "token" })).secret("token", &[]).run().await.answer();
    let (first, second) = (placeholder().await, placeholder().await);
    assert!(first.as_str().is_some_and(|text| text.len() >= 32), "{first}");
    assert_clean("the placeholder", &first.to_string());
    assert_ne!(first, second, "and another one in every attempt");
}

#[tokio::test]
async fn h37_guessing_a_name_gives_nothing() {
    let rig = rig();
    for name in ["other", "TOKEN", "SECRET_TOKEN", "JACKFIELD_SECRET_TOKEN", "token ", "tok", "*", "", "../token", "token\0"] {
        let ended = rig.task("secret", &json!({ "name": name })).secret("token", &[]).run().await;
        assert_eq!(ended.code(), "secret-not-granted", "{name:?}: {:?}", ended.0.outcome);
    }
    let ended = rig.task("secret", &json!({ "name": "other" })).run().await;
    assert!(ended.log().contains("grant: { secrets: [other] }"), "the line to add: {}", ended.log());
    let unset = rig.task("secret", &json!({ "name": "unset" })).secret("unset", &[]).run().await;
    assert_eq!(unset.code(), "secret-not-set");
}

async fn send_secret(rig: &Rig, server: &Canary, hosts: &[&str]) -> super::rig::Ended {
    let input = json!({ "url": server.url("/x"), "name": "token" });
    rig.task("send-secret", &input).http(&format!("POST {}", server.url("/*"))).secret("token", hosts).run().await
}

#[tokio::test]
async fn h37_the_granted_host_gets_the_value_and_what_it_echoes_is_taken_out() {
    let (server, rig) = (echo("200 OK"), rig());
    for hosts in [&["127.0.0.1"][..], &[]] {
        let ended = send_secret(&rig, &server, hosts).await;
        let answer = ended.answer().to_string();
        assert!(answer.contains("public-marker") && answer.contains("[secret token]"), "{answer}");
        assert_clean("the answer", &answer);
        assert_clean("the log", &ended.log());
    }
    for request in server.seen() {
        assert!(request.contains(&format!("Bearer {SECRET}")), "in the header: {request}");
        assert!(request.ends_with(&format!("token={SECRET}")), "and in the body, whole: {request}");
    }
}

#[tokio::test]
async fn h37_no_other_host_gets_it() {
    let (server, rig) = (echo("200 OK"), rig());
    for hosts in [&["api.example"][..], &["127.0.0.2"], &["*.127.0.0.1"], &["localhost"], &["127.0.0.1.evil.example", "7.0.0.1"]] {
        let ended = send_secret(&rig, &server, hosts).await;
        assert_eq!(ended.code(), "http-denied", "{hosts:?}: {:?}", ended.0.outcome);
        assert!(ended.log().contains("secret `token` may not be sent to `127.0.0.1`"), "{}", ended.log());
    }
    assert_eq!(server.seen(), [""; 0], "not one byte, not even the placeholder");
}

#[tokio::test]
async fn h37_an_error_that_echoes_it_is_cleaned() {
    let (server, rig) = (echo("400 Bad Request"), rig());
    let ended = send_secret(&rig, &server, &[]).await;
    assert_eq!(ended.code(), "http-status");
    assert!(ended.failure().message.contains("public-marker"), "{}", ended.failure());
    assert_clean("the error", &format!("{:?}", ended.failure()));
}

#[tokio::test]
async fn h37_a_placeholder_of_another_attempt_is_only_text() {
    let (server, rig) = (echo("200 OK"), rig());
    let placeholder = rig.task("secret", &json!({ "name": "token" })).secret("token", &[]).run().await.answer();
    let input =
        json!({ "url": server.url("/"), "headers": [["authorization", format!("Bearer {}", placeholder.as_str().expect("a text"))]] });
    rig.task("send", &input).http(&format!("GET {}", server.url("/*"))).secret("token", &[]).run().await.answer();
    let request = &server.seen()[0];
    assert!(request.contains(placeholder.as_str().expect("a text")) && !request.contains(SECRET), "{request}");
}

/// A project whose steps send a secret to servers that echo it: in an answer, a log and an error.
fn echoing(good: &Canary, bad: &Canary) -> World {
    let world = World::new();
    world.workflow(&format!(
        "steps:
  good:
    task: probe.send-secret
    with: {{ url: \"{}\", name: token }}
    grant: {{ http: [\"POST {}\"], secrets: [{{ name: token, hosts: [\"127.0.0.1\"] }}] }}
  said:
    task: probe.flood
    with: {{ stream: stdout, text: \"${{ steps.good }}\", times: 3 }}
  bad:
    task: probe.send-secret
    with: {{ url: \"{}\", name: token }}
    grant: {{ http: [\"POST {}\"], secrets: [token] }}
    needs: [said]
    retry: 1
",
        good.url("/x"),
        good.url("/*"),
        bad.url("/x"),
        bad.url("/*"),
    ));
    world
}

fn call(world: &World, arguments: &[&str]) -> Answer {
    finish(world.call(arguments).env("JACKFIELD_SECRET_TOKEN", SECRET).spawn().expect("it starts"))
}

/// Every file below a folder, with its bytes as text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push((path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).expect("readable")).into_owned()));
        }
    }
    found
}

#[test]
fn h37_nothing_on_disk_or_screen_tells_the_secret() {
    let (good, bad) = (echo("200 OK"), echo("400 Bad Request"));
    let world = echoing(&good, &bad);
    let run = call(&world, &["run", "w.yaml", "--watch", "--allow-network", "127.0.0.0/8", "--data", "data"]).expect(1);
    assert!(good.seen()[0].contains(SECRET) && bad.seen()[0].contains(SECRET), "both servers got it");
    assert_clean("stdout", &run.stdout);
    assert_clean("stderr", &run.stderr);
    for arguments in [
        &["runs", "show", "1", "--json"][..],
        &["runs", "show", "1"],
        &["runs", "logs", "1"],
        &["runs", "logs", "1", "--json"],
        &["runs", "list", "--json"],
    ] {
        let shown = call(&world, &[arguments, &["--data", "data"]].concat()).expect(0);
        assert_clean(&arguments.join(" "), &(shown.stdout + &shown.stderr));
    }
    let logs = call(&world, &["runs", "logs", "1", "--data", "data"]).stdout;
    assert!(logs.contains("public-marker") && logs.contains("[secret token]"), "the log was kept: {logs}");
    let kept = files(&world.file("data"));
    assert!(kept.iter().any(|(_, bytes)| bytes.contains("public-marker")), "the search finds what is there");
    for (path, bytes) in kept.iter().filter(|(path, _)| !path.ends_with(".wasm")) {
        for form in FORMS {
            assert!(!bytes.contains(form), "{path} holds `{form}`");
        }
    }
}

#[test]
fn h37_a_secrets_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.workflow("steps:\n  s:\n    task: noop.inc\n    with: { v: 1 }\n");
    let path = world.write("secrets", format!("token={SECRET}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("changed");
    let refused = world.jackfield(&["run", "w.yaml", "--secrets-file", "secrets", "--quiet"]).expect(3);
    assert!(refused.stderr.contains("chmod 600"), "{}", refused.stderr);
    assert_clean("the refusal", &refused.stderr);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("changed");
    world.jackfield(&["run", "w.yaml", "--secrets-file", "secrets", "--quiet"]).expect(0);
}

#[test]
fn h37_the_plan_names_a_secret_and_never_its_value() {
    let (good, bad) = (Canary::new(), Canary::new());
    let world = echoing(&good, &bad);
    for arguments in [&["plan", "w.yaml"][..], &["plan", "w.yaml", "--json"], &["check", "w.yaml"]] {
        let shown = call(&world, arguments).expect(0);
        assert_clean("the plan", &(shown.stdout.clone() + &shown.stderr));
        assert!(arguments[0] == "check" || shown.stdout.contains("token"), "{}", shown.stdout);
    }
    assert_eq!(good.seen(), [""; 0], "looking runs nothing");
}
