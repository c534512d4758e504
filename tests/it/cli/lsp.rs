//! The language server as an editor has it: over pipes, from the greeting to the farewell.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use expect_test::expect;
use kit::world::World;
use serde_json::{Value, json};

/// An editor with one server.
struct Editor {
    server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    requests: i64,
}

impl Editor {
    /// Starts a server and greets it.
    fn start(world: &World) -> (Self, Value) {
        let mut server = world.call(&["lsp"]).stdin(Stdio::piped()).spawn().expect("it starts");
        let from = BufReader::new(server.stdout.take().expect("a pipe"));
        let mut editor = Self { to: server.stdin.take(), server, from, requests: 0 };
        let text = json!({ "publishDiagnostics": { "codeDescriptionSupport": true } });
        let watch = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
        let greeting = editor.ask("initialize", json!({ "capabilities": { "textDocument": text, "workspace": watch } }));
        editor.tell("initialized", json!({}));
        (editor, greeting)
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let to = self.to.as_mut().expect("open");
        write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("written");
        to.flush().expect("written");
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and takes the answer; what comes before it is passed over.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.next();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn next(&mut self) -> Value {
        let mut length = None;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("read") > 0, "the server is gone");
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().ok(),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length.expect("a length")];
        self.from.read_exact(&mut bytes).expect("read");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The problems of a version of a document.
    fn problems(&mut self, version: i64) -> Vec<Value> {
        loop {
            let message = self.next();
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics" && params["version"] == json!(version) {
                return params["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    /// Waits until the server has ended.
    fn end(mut self) -> Option<i32> {
        self.to = None;
        self.server.wait().expect("it ends").code()
    }
}

/// Code and message of each problem.
fn lines(problems: &[Value]) -> Vec<String> {
    let line =
        |problem: &Value| format!("{} {}", problem["code"].as_str().unwrap_or_default(), problem["message"].as_str().unwrap_or_default());
    problems.iter().map(line).collect()
}

#[test]
fn an_editor_is_helped_from_the_greeting_to_the_farewell() {
    let world = World::new();
    let path = world.workflow("steps:\n  greet:\n    task: probe.echo\n    with: { value: 1 }\n");
    let uri = format!("file://{}", path.display());
    let text = world.read("w.yaml");
    let (mut editor, greeting) = Editor::start(&world);
    assert_eq!(greeting["result"]["serverInfo"]["name"], "jackfield");
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    assert_eq!(lines(&editor.problems(1)), [""; 0]);

    // Two lines are typed at the end, in UTF-16: one that is wrong and one that is half.
    let end = json!({ "line": 7, "character": 0 });
    let change =
        json!({ "range": { "start": end, "end": end }, "text": "  é🚀: { value: 1 }\n  b: { value: \"${ steps.gr\", needs: [greet" });
    editor.tell("textDocument/didChange", json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [change] }));
    let problems = editor.problems(2);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((&problems[0]["code"], &problems[0]["severity"], &problems[0]["source"]), (&json!("E001"), &json!(1), &json!("jackfield")));
    let page = problems[0]["codeDescription"]["href"].as_str().expect("a page");
    let page = std::fs::read_to_string(page.strip_prefix("file://").expect("a file")).expect("it is there");
    assert!(page.contains("not well-formed YAML"), "{page}");

    let at = |line: u32, character: u32| json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
    let offered = editor.ask("textDocument/completion", at(8, 26));
    let labels: Vec<&str> =
        offered["result"].as_array().expect("a list").iter().map(|item| item["label"].as_str().expect("a label")).collect();
    assert_eq!(labels, ["greet"]);
    expect![[r#"{"newText":"greet","range":{"end":{"character":26,"line":8},"start":{"character":24,"line":8}}}"#]]
        .assert_eq(&offered["result"][0]["textEdit"].to_string());
    let said = editor.ask("textDocument/hover", at(5, 14));
    let said = said["result"]["contents"]["value"].as_str().expect("a text");
    assert!(said.starts_with("```\nprobe.echo("), "{said}");
    let definition = editor.ask("textDocument/definition", at(8, 41));
    assert_eq!(definition["result"]["range"]["start"], json!({ "line": 4, "character": 2 }), "{definition}");
    let symbols = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(symbols["result"][1]["children"][1]["selectionRange"]["end"], json!({ "line": 7, "character": 5 }), "{symbols}");

    let unknown = editor.ask("jackfield/none", json!({}));
    assert_eq!(unknown["error"]["code"], json!(-32601));
    let wrong = editor.ask("textDocument/hover", json!([1]));
    assert_eq!(wrong["error"]["code"], json!(-32602));
    assert_eq!(editor.ask("shutdown", Value::Null)["result"], Value::Null);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn a_plugin_that_is_built_anew_is_noticed() {
    let world = World::new();
    world.write("p.wasm", "not yet");
    let path = world.write("w.yaml", "workflow: w\nplugins: { p: ./p.wasm }\nsteps:\n  a: { task: p.echo, with: { value: 1 } }\n");
    let uri = format!("file://{}", path.display());
    let (mut editor, _) = Editor::start(&world);
    assert_eq!(editor.next()["method"], "client/registerCapability");
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 7, "text": world.read("w.yaml") });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    assert!(lines(&editor.problems(7))[0].starts_with("E014 "));
    world.write("p.wasm", std::fs::read(kit::guest("probe")).expect("a plugin"));
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(lines(&editor.problems(7)), [""; 0]);
}

#[test]
fn a_sub_workflow_in_a_file_of_its_own_tells_its_inputs_and_outputs() {
    let world = World::new();
    world.write(
        "sub.yaml",
        "workflow: sub\ninputs: { days: int }\nsteps: { a: { value: \"${ inputs.days }\" } }\noutputs: { twice: \"${ steps.a * 2 }\" }\n",
    );
    let text = "workflow: w\nsteps:\n  call: { flow: ./sub.yaml, with: { days: 1 } }\n  b: { value: \"${ steps.call.twice }\" }\n";
    let path = world.write("w.yaml", text);
    let uri = format!("file://{}", path.display());
    let (mut editor, _) = Editor::start(&world);
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let problems = lines(&editor.problems(1));
    assert!(!problems.iter().any(|problem| problem.starts_with('E')), "{problems:?}");
    let at = |line: u32, character: u32| json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
    for (place, name, ty) in [(at(2, 38), "days", "int"), (at(3, 31), "twice", "int")] {
        let offered = editor.ask("textDocument/completion", place);
        assert_eq!((&offered["result"][0]["label"], &offered["result"][0]["detail"]), (&json!(name), &json!(ty)), "{offered}");
    }
    let file = editor.ask("textDocument/definition", at(2, 20));
    assert!(file["result"]["uri"].as_str().is_some_and(|uri| uri.ends_with("/sub.yaml")), "{file}");
}

#[test]
fn an_editor_that_is_gone_ends_the_server() {
    let world = World::new();
    let (editor, _) = Editor::start(&world);
    assert_eq!(editor.end(), Some(1));
    let mut server = world.call(&["lsp"]).stdin(Stdio::piped()).spawn().expect("it starts");
    server.stdin.take().expect("a pipe").write_all(b"GET / HTTP/1.1\r\n\r\n").expect("written");
    assert_eq!(kit::cli::finish(server).expect(2).stdout, "");
}

#[test]
fn the_schema_is_printed_as_it_is_published() {
    let printed = World::new().jackfield(&["schema"]).expect(0).stdout;
    assert_eq!(printed, std::fs::read_to_string(kit::file("host/workflow.schema.json")).expect("there"));
    let printed = World::new().jackfield(&["schema", "--tests"]).expect(0).stdout;
    assert_eq!(printed, std::fs::read_to_string(kit::file("host/test.schema.json")).expect("there"));
}

/// A checker that editors could use judges by the published schema; the reader's tests judge by a small one of their own.
#[test]
fn the_schema_means_to_others_what_it_means_to_us() {
    let world = World::new();
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(kit::file("host/workflow.schema.json")).expect("there")).expect("JSON");
    let plugin = kit::plugin("json").display().to_string();
    let problems = |file: Value| {
        let input = json!({ "value": file, "schema": schema }).to_string();
        let answer = world.jackfield(&["task", "call", &plugin, "validate", "--input", &input, "--json"]).expect(0).json();
        answer["count"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    let step = |step: Value| json!({ "workflow": "w", "steps": { "a": step } });
    let good = [
        step(json!({ "task": "t.x", "with": { "n": 1 }, "retry": { "attempts": 3 }, "timeout": "30s", "grant": { "memory": "128MiB" } })),
        step(json!({ "choose": [{ "if": "${ true }", "sleep": "1s" }, { "value": [] }], "needs": "b", "lock": 17 })),
        json!({ "workflow": "w", "inputs": { "a": { "type": "list", "items": { "fields": { "b": "int" } } } }, "steps": {} }),
    ];
    let bad = [
        json!({ "workflow": "W", "steps": {} }),
        step(json!({})),
        step(json!({ "value": 1, "task": "t.x" })),
        step(json!({ "task": "t.x", "tmeout": "1s" })),
        step(json!({ "task": "t.x", "timeout": 5 })),
        step(json!({ "task": "t.x", "retry": 1001 })),
        step(json!({ "value": 1, "with": {} })),
        step(json!({ "value": 1, "for-each": [], "repeat": { "until": true } })),
        json!({ "workflow": "w", "inputs": { "a": { "type": "list", "itms": "int" } }, "steps": {} }),
    ];
    for file in good {
        assert_eq!(problems(file.clone()), 0, "{file}");
    }
    for file in bad {
        assert!(problems(file.clone()) > 0, "{file}");
    }
}
