//! Talking too much, and saying what moves a terminal.

use std::time::Duration;

use jackfield_flow::run::Status;
use kit::world::World;
use serde_json::{Value, json};

use super::rig::{Ended, Rig};
use super::runs::{engine, honest, logs, probe_step, run};

/// What one attempt may keep, in bytes.
const KEPT_MAX: u64 = 1 << 20;

/// Bytes of the text that was kept; each line had an end.
fn kept(ended: &Ended) -> u64 {
    ended.0.output.head.iter().chain(&ended.0.output.tail).map(|line| line.text.len() as u64 + 1).sum()
}

async fn flood(stream: &str, text: &str, times: u64) -> Ended {
    Rig::closed().task("flood", &json!({ "stream": stream, "text": text, "times": times })).run().await
}

#[tokio::test]
async fn h08_a_flood_is_kept_in_part_and_the_rest_counted() {
    let line = format!("{}\n", "x".repeat(8_191));
    for stream in ["stdout", "stderr"] {
        let ended = flood(stream, &line, 4_096).await;
        assert_eq!(ended.answer(), json!(8_192 * 4_096));
        assert!((KEPT_MAX / 2..=KEPT_MAX).contains(&kept(&ended)), "{stream}: {}", kept(&ended));
        assert_eq!(ended.0.receipt.log_dropped + kept(&ended), 8_192 * 4_096, "{stream}: nothing is lost uncounted");
        assert!(!ended.0.output.tail.is_empty(), "{stream}: the end is kept as well");
    }
}

#[tokio::test]
async fn h08_a_flood_is_bounded_in_the_store_and_says_what_was_dropped() {
    let engine = engine().await;
    let step = probe_step("flood", &json!({ "stream": "stdout", "text": "0123456789abcdef\n", "times": 1_000_000 }), &[]);
    let (run, ()) = tokio::join!(run(&engine, &step), honest(&engine, 8));
    assert_eq!(run.status(), Status::Done, "{:?}", run.failure());
    let (entries, bytes) = logs(&engine, run.id()).await;
    assert!(bytes <= 2 << 20, "{bytes} bytes are kept");
    let said = entries.iter().find(|entry| entry.source == "host" && entry.text.contains("dropped")).expect("it says so");
    assert!(said.text.contains("bytes dropped"), "{}", said.text);
}

#[tokio::test]
async fn h08_one_line_without_end_is_cut() {
    let ended = flood("stdout", &"y".repeat(64 << 10), 320).await;
    let longest = ended.0.output.head.iter().chain(&ended.0.output.tail).map(|line| line.text.len()).max();
    assert!(longest.is_some_and(|bytes| bytes <= (16 << 10) + 64), "{longest:?}");
    let total = 320 * (64 << 10);
    assert!(ended.0.receipt.log_dropped >= total - (16 << 10) - 64, "{} of {total}", ended.0.receipt.log_dropped);
}

#[tokio::test]
async fn h08_a_flood_of_empty_lines_is_bounded() {
    let ended = flood("stderr", "\n", 500_000).await;
    let lines = ended.0.output.head.len() + ended.0.output.tail.len();
    assert!(lines <= 20_000, "an empty line is not free: {lines} are kept");
    assert_eq!(ended.0.output.dropped_lines + lines as u64, 500_000);
}

#[tokio::test]
async fn h08_a_flood_of_log_lines_is_bounded() {
    let ended = Rig::closed().task("log-lines", &json!({ "lines": 50_000, "message": "m".repeat(500) })).run().await;
    assert_eq!(ended.code(), "ok");
    assert!(kept(&ended) <= KEPT_MAX, "{}", kept(&ended));
    assert!(ended.0.output.dropped_lines > 40_000, "{}", ended.0.output.dropped_lines);
    let last = ended.0.output.tail.last().expect("the end is kept");
    assert_eq!(last.fields, [("n".to_owned(), "49999".to_owned())]);
}

#[tokio::test]
async fn h08_a_flood_without_end_ends_with_its_deadline() {
    let input = json!({ "stream": "stdout", "text": "z".repeat(4_096), "times": u64::MAX / 2 });
    let ended = Rig::closed().task("flood", &input).timeout(Duration::from_millis(300)).run().await;
    assert_eq!(ended.code(), "limit.time");
    assert!(ended.0.receipt.wall_us < 2_300_000, "{}", ended.0.receipt.wall_us);
    assert!(kept(&ended) <= KEPT_MAX);
}

#[tokio::test]
async fn h08_nuls_are_kept_as_they_are() {
    let ended = flood("stdout", "a\0b\0\n", 1).await;
    assert_eq!(ended.log(), "a\0b\0\n");
}

/// Everything that does more on a terminal than show itself.
const ESCAPES: &str =
    "\x1b[2Jgone\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\link\r[info] forged\u{202e}nimda\u{2066}\u{9b}31m\u{7f}\0";

/// Whether a terminal would show it as itself, line ends aside.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|letter| letter != '\n' && letter.is_control() || "\u{202e}\u{2066}\u{feff}".contains(letter))
}

/// The text in quotes, every letter that is not plain ASCII as `\uXXXX`: a workflow file may not hold them raw.
fn ascii_json(text: &str) -> String {
    let escaped = |letter: char| match letter {
        ' '..='~' if letter != '"' && letter != '\\' => letter.to_string(),
        _ => format!("\\u{:04x}", u32::from(letter)),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// A project whose steps say the escapes by stdout, stderr, the log, and in an error.
fn shouting() -> World {
    let world = World::new();
    let escapes = ascii_json(ESCAPES);
    world.workflow(&format!(
        "steps:
  out:
    task: probe.flood
    with: {{ stream: stdout, text: {escapes}, times: 1 }}
  err:
    task: probe.flood
    with: {{ stream: stderr, text: {escapes}, times: 1 }}
    needs: [out]
  logged:
    task: probe.log-lines
    with: {{ lines: 1, message: {escapes} }}
    needs: [err]
  failing:
    task: probe.fail
    with: {{ kind: permanent, code: planned, message: {escapes} }}
    needs: [logged]
"
    ));
    world
}

#[test]
fn h09_escapes_are_shown_as_what_they_are() {
    let world = shouting();
    let run = world.jackfield(&["run", "w.yaml", "--watch"]).expect(1);
    assert!(run.stderr.contains(r"\x1b[2Jgone"), "{}", run.stderr);
    for arguments in [&["runs", "logs", "1"][..], &["runs", "show", "1"], &["runs", "list"], &["runs", "why", "1"]] {
        let shown = world.jackfield(arguments);
        assert!(is_harmless(&shown.stdout) && is_harmless(&shown.stderr), "{arguments:?}: {:?} {:?}", shown.stdout, shown.stderr);
    }
    assert!(is_harmless(&run.stdout) && is_harmless(&run.stderr), "{:?} {:?}", run.stdout, run.stderr);
    let logs = world.jackfield(&["runs", "logs", "1"]).expect(0).stdout;
    assert_eq!(logs.matches(r"\x1b]0;owned\x07").count(), 3, "each of the three, as what it is: {logs}");
    assert_eq!(logs.matches(r"\u{202e}nimda").count(), 3, "{logs}");
    assert_eq!(logs.lines().filter(|line| line.starts_with("[info] forged")).count(), 0, "no line is forged");
}

#[test]
fn h09_programs_get_what_was_said_byte_for_byte() {
    let world = shouting();
    world.jackfield(&["run", "w.yaml", "--quiet"]).expect(1);
    let logs = world.jackfield(&["runs", "logs", "1", "--json"]).expect(0);
    let texts: Vec<Value> = logs.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["text"].clone()).collect();
    assert!(texts.len() >= 3, "{texts:?}");
    assert_eq!(texts.iter().filter(|text| text.as_str() == Some(ESCAPES)).count(), 3, "{texts:?}");
    let shown = world.jackfield(&["runs", "show", "1", "--json"]).expect(0);
    assert!(shown.json().to_string().contains("forged"));
}

#[test]
fn h09_escapes_in_a_description_are_shown_as_what_they_are() {
    let world = World::new();
    let guest = handwritten::hostile().into_iter().find(|guest| guest.name == "terminal escapes in docs").expect("there");
    world.write("loud.wasm", &guest.bytes);
    for command in ["describe", "check"] {
        let shown = world.jackfield(&["plugin", command, "loud.wasm"]);
        assert!(is_harmless(&shown.stdout) && is_harmless(&shown.stderr), "{command}: {:?} {:?}", shown.stdout, shown.stderr);
        assert!(command == "check" || shown.stdout.contains(r"\x1b]0;owned"), "{:?}", shown.stdout);
    }
}
