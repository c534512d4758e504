use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;

use jackfield_flow::run::RunId;

use super::wire::{Answer, Refusal, Status};
use super::*;
use crate::error::CliError;
use crate::exit::kind_of;

/// An engine that answers one request with one line; hands back what was asked.
fn engine(data: &Path, answer: &str) -> std::thread::JoinHandle<String> {
    let listener = UnixListener::bind(address(data).unwrap().path).unwrap();
    let answer = format!("{answer}\n");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        line
    })
}

fn cancel() -> Request {
    Request::Cancel { run: RunId(7), reason: "wrong\nregion".to_owned() }
}

#[test]
fn nobody_to_ask_is_no_error() {
    let data = tempfile::tempdir().unwrap();
    assert!(matches!(ask(data.path(), &cancel()), Ok(None)));
    // A socket that a killed engine left behind.
    drop(UnixListener::bind(data.path().join("engine.sock")).unwrap());
    assert!(matches!(ask(data.path(), &cancel()), Ok(None)));
}

#[test]
fn a_request_is_one_line_and_so_is_the_answer() {
    let data = tempfile::tempdir().unwrap();
    let served = engine(data.path(), r#"{"ok":{"engine":"e","pid":3,"active":1,"sleeping":2,"later":true}}"#);
    let status = ask(data.path(), &cancel()).unwrap().unwrap();
    assert_eq!(status, Status { engine: "e".to_owned(), pid: 3, active: 1, sleeping: 2, pruned: None });
    assert_eq!(served.join().unwrap(), "{\"cancel\":{\"run\":7,\"reason\":\"wrong\\nregion\"}}\n");
}

#[test]
fn a_request_that_no_engine_reads_is_not_sent() {
    let data = tempfile::tempdir().unwrap();
    let request = Request::Cancel { run: RunId(7), reason: "x".repeat(REQUEST_BYTES_MAX) };
    assert_eq!(kind_of(&ask(data.path(), &request).unwrap_err()).exit.code(), 3);
}

#[test]
fn a_refusal_keeps_its_exit_code() {
    let data = tempfile::tempdir().unwrap();
    let refusal = Answer::Error(Refusal { kind: "run.ended".to_owned(), message: "run 7 is already done".to_owned(), exit: 3 });
    let served = engine(data.path(), &serde_json::to_string(&refusal).unwrap());
    let error = ask(data.path(), &cancel()).unwrap_err();
    assert_eq!((kind_of(&error).exit.code(), error.to_string().as_str()), (3, "run 7 is already done"));
    served.join().unwrap();
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let served = engine(data.path(), &"x".repeat(2 * ANSWER_BYTES_MAX));
    assert!(matches!(ask(data.path(), &cancel()), Err(CliError::System { .. })));
    served.join().unwrap();
}

#[test]
fn a_directory_with_a_long_name_is_reached() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("d".repeat(200));
    std::fs::create_dir(&data).unwrap();
    let served = engine(&data, r#"{"ok":{}}"#);
    assert!(status(&data).is_some());
    assert_eq!(served.join().unwrap(), "{\"status\":{}}\n");
}
