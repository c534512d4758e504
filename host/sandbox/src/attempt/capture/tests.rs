use std::sync::Arc;

use super::super::NoHost;
use super::*;

fn capture(log_bytes_max: usize) -> Capture {
    let redactor = Redactor::new([("token", "hunter22!hunter22!")].into_iter());
    Capture::new(log_bytes_max, Arc::new(redactor), Arc::new(NoHost))
}

fn texts(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn streams_become_lines_in_order() {
    let capture = capture(MANY);
    capture.write(Stream::Stdout, b"one\ntw");
    capture.write(Stream::Stderr, b"oops");
    capture.write(Stream::Stdout, b"o\n\nhalf \xe2\x82");
    capture.line(LogSource::Warn, "said", vec![("n".into(), "1".into())]);
    let log = capture.finish();
    assert_eq!(texts(&log.head), ["one", "two", "", "said", "half \u{fffd}", "oops"]);
    assert_eq!(log.head[3].fields, [("n".to_owned(), "1".to_owned())]);
    assert_eq!((log.dropped_lines, log.dropped_bytes, log.tail.len()), (0, 0, 0));
}

const MANY: usize = 1 << 20;

#[test]
fn a_flood_keeps_head_and_tail_and_counts_the_rest() {
    let capture = capture(100_000);
    let lines = 1_000_000_u64;
    for number in 0..lines {
        capture.write(Stream::Stdout, format!("line {number}\n").as_bytes());
    }
    let log = capture.finish();
    assert_eq!(log.head[0].text, "line 0");
    assert_eq!(log.tail.last().unwrap().text, "line 999999");
    assert_eq!(log.dropped_lines + (log.head.len() + log.tail.len()) as u64, lines);
    let kept: usize = log.head.iter().chain(&log.tail).map(LogLine::cost).sum();
    assert!((90_000..=100_000).contains(&kept), "{kept} bytes are kept of 100000");
}

#[test]
fn a_line_without_end_is_cut() {
    let capture = capture(MANY);
    for _ in 0..1000 {
        capture.write(Stream::Stderr, &[b'x'; 1000]);
    }
    let log = capture.finish();
    assert_eq!(log.head.len(), 1);
    assert_eq!(log.head[0].text.len(), LINE_BYTES_MAX);
    assert_eq!(log.dropped_bytes, 1_000_000 - LINE_BYTES_MAX as u64);
}

#[test]
fn a_secret_across_the_cut_or_two_writes_is_taken_out() {
    let capture = capture(MANY);
    let filler = "x".repeat(LINE_BYTES_MAX - 5);
    capture.write(Stream::Stdout, format!("{filler}hunter22!hun").as_bytes());
    capture.write(Stream::Stdout, b"ter22! and more\n");
    capture.line(LogSource::Info, "t hunter22!hunter22!", vec![("k".into(), "hunter22!hunter22!".into())]);
    let log = capture.finish();
    assert!(log.head[0].text.ends_with("x[secr") && !log.head[0].text.contains("hunter"), "{}", &log.head[0].text[LINE_BYTES_MAX - 20..]);
    assert_eq!(log.head[1].text, "t [secret token]");
    assert_eq!(log.head[1].fields[0].1, "[secret token]");
}

#[test]
fn the_last_words_on_stderr() {
    let capture = capture(MANY);
    capture.write(Stream::Stderr, b"a\nb\n");
    capture.write(Stream::Stdout, b"not this\n");
    capture.write(Stream::Stderr, b"c\nd");
    assert_eq!(capture.last_stderr(3), ["b", "c", "d"]);
}
