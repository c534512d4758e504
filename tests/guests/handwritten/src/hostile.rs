//! Plugins that no toolchain would make, and what must come of them.

use crate::module::{GO, Module, Task, V, permanent_error, retry_after};

/// A hostile plugin. Where it gets that far, it has one task `go`, whose input is `{"v": 1}`.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// Its name, for the test's messages.
    pub name: &'static str,
    /// The row of CASES that it serves.
    pub row: &'static str,
    /// Where it must be stopped.
    pub expected: Expected,
    /// The component.
    pub bytes: Vec<u8>,
}

/// Where a hostile plugin must be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is not installed: it cannot be compiled or instantiated within the limits, or does not describe itself properly.
    Refused,
    /// It is installed, and the attempt fails with this code.
    Fails(&'static str),
    /// It is installed, and the attempt ends well: what it tries has no effect.
    Succeeds,
}

use Expected::{Fails, Refused, Succeeds};

/// All of them.
pub fn hostile() -> Vec<Hostile> {
    [time_and_stack(), memory(), tables(), descriptions(), answers(), errors()].concat()
}

const FOREVER: &str = "(loop $again (br $again)) (unreachable)";

fn guest(name: &'static str, row: &'static str, expected: Expected, module: &Module) -> Hostile {
    Hostile { name, row, expected, bytes: module.component() }
}

fn time_and_stack() -> Vec<Hostile> {
    let recursive = r#"(func $deeper (param i32) (result i32) (i32.add (call $deeper (local.get 0)) (i32.const 1)))"#;
    let mutual = r"(func $ping (param i32) (result i32) (i32.add (call $pong (local.get 0)) (i32.const 1)))
        (func $pong (param i32) (result i32) (i32.add (call $ping (local.get 0)) (i32.const 1)))";
    let indirect = r"(type $step (func (param i32) (result i32)))
        (table 1 funcref) (elem (i32.const 0) $deeper)
        (func $deeper (type $step) (i32.add (call_indirect (type $step) (local.get 0) (i32.const 0)) (i32.const 1)))";
    vec![
        guest("describe loops", "H01", Refused, &Module::new().describe(FOREVER)),
        guest("start loops", "H01", Refused, &Module::new().more("(func $begin (loop $again (br $again))) (start $begin)")),
        guest("run loops", "H01", Fails("limit.time"), &Module::new().run(FOREVER)),
        guest("recursion", "H03", Fails("limit.stack"), &Module::new().more(recursive).run("(call $deeper (i32.const 0))")),
        guest("mutual recursion", "H03", Fails("limit.stack"), &Module::new().more(mutual).run("(call $ping (i32.const 0))")),
        guest("indirect recursion", "H03", Fails("limit.stack"), &Module::new().more(indirect).run("(call $deeper (i32.const 0))")),
        guest("describe traps", "H29", Refused, &Module::new().describe("(unreachable)")),
        guest("run traps", "H29", Fails("guest.trap"), &Module::new().run("(unreachable)")),
        guest("divides by zero", "H29", Fails("guest.trap"), &Module::new().run("(i32.div_u (i32.const 1) (i32.const 0))")),
    ]
}

fn memory() -> Vec<Hostile> {
    let with = |first: &str, more: &str| Module::new().memory(&format!("(memory (export \"memory\") {first})")).more(more);
    let many: String = (0..90).map(|_| "(memory 1)").collect();
    // Grows by a page until the answer is no, then writes to every page, then answers as always.
    let greedy = "(local $at i32)
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (local.set $at (i32.const 65536))
        (block $done (loop $next
          (br_if $done (i32.ge_u (local.get $at) (i32.mul (memory.size) (i32.const 65536))))
          (i32.store8 (local.get $at) (i32.const 1))
          (local.set $at (i32.add (local.get $at) (i32.const 65536)))
          (br $next)))
        (i32.const 32704)";
    vec![
        guest("memory of 4 GiB", "H05", Refused, &with("65536", "")),
        guest("ninety memories", "H05", Refused, &with("4", &many)),
        guest("64-bit memory", "H05", Refused, &with("4", "(memory i64 16777216)")),
        guest("shared memory", "H05", Refused, &with("4", "(memory 1 1 shared)")),
        guest("grows and touches", "H04", Succeeds, &Module::new().run(greedy)),
        guest("reads out of bounds", "H04", Fails("guest.trap"), &Module::new().run("(i32.load (i32.const -4))")),
    ]
}

fn tables() -> Vec<Hostile> {
    let growing = "(table $t 1 funcref)";
    let grow = "(if (i32.ge_s (table.grow $t (ref.null func) (i32.const 10000000)) (i32.const 0)) (then (unreachable))) (i32.const 32704)";
    vec![
        guest("table of ten million", "H06", Refused, &Module::new().more("(table 10000000 funcref)")),
        guest("64-bit table", "H06", Refused, &Module::new().more("(table i64 10 funcref)")),
        guest("growing table", "H06", Succeeds, &Module::new().more(growing).run(grow)),
    ]
}

fn descriptions() -> Vec<Hostile> {
    let tasks = |tasks: &[Task<'_>]| Module::new().tasks(tasks);
    let list_of = |tasks: u32| format!("(i32.store (i32.const 12) (i32.const {tasks})) (i32.const 8)");
    // Documentation of 58 MB: nearly all of a grown memory, as one text of zeros.
    let long_docs = "(drop (memory.grow (i32.const 900))) (i32.store (i32.const 24) (i32.const 262144)) (i32.store (i32.const 28) (i32.const 58000000)) (i32.const 8)";
    vec![
        guest("no tasks", "describe", Refused, &tasks(&[])),
        guest("same name twice", "describe", Refused, &tasks(&[GO, GO])),
        guest("name is a path", "describe", Refused, &tasks(&[Task { name: "../go", ..GO }])),
        guest("empty name", "describe", Refused, &tasks(&[Task { name: "", ..GO }])),
        guest("schema is no JSON", "describe", Refused, &tasks(&[Task { input: "{", ..GO }])),
        guest("schema of an input that is no object", "describe", Refused, &tasks(&[Task { input: r#"{"type":"string"}"#, ..GO }])),
        // What a schema refers to is never fetched: it counts as any JSON.
        guest("schema refers outside", "describe", Succeeds, &tasks(&[Task { output: r#"{"$ref":"https://example.com/s"}"#, ..GO }])),
        guest("schema refers to itself", "describe", Succeeds, &tasks(&[Task { input: r##"{"$ref":"#"}"##, ..GO }])),
        guest("effect out of range", "H12", Refused, &tasks(&[Task { effect: 200, ..GO }])),
        guest("docs beyond memory", "H10", Refused, &Module::new().describe("(i32.store (i32.const 28) (i32.const -1)) (i32.const 8)")),
        guest("docs of 58 MB", "H10", Refused, &Module::new().describe(long_docs)),
        guest("tasks beyond memory", "H10", Refused, &Module::new().describe(&list_of(1 << 28))),
        guest("five hundred tasks without a name", "H10", Refused, &Module::new().tasks(&[]).describe(&list_of(500))),
        guest("description at an odd place", "H12", Refused, &Module::new().describe("(i32.const 9)")),
        guest("terminal escapes in docs", "H09", Succeeds, &tasks(&[Task { docs: "\x1b]0;owned\x07\u{202e}\rdone", ..GO }])),
    ]
}

fn answers() -> Vec<Hostile> {
    let text = |name, row, bytes: &[u8]| guest(name, row, Fails("value.output"), &Module::new().answers(bytes));
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let wide = |size: u32| {
        // The text begins where the memory grew, which is all zeros: valid, and much.
        let result = [0_u32, 0, 4 << 16, size].map(u32::to_le_bytes).concat();
        Module::new().result(&result, b"")
    };
    let grown = "(drop (memory.grow (i32.const 900))) (i32.const 32704)";
    vec![
        text("answer is no JSON", "H14", b"hello"),
        text("answer is empty", "H14", b""),
        text("answer of another type", "H14", br#"{"v":"1"}"#),
        text("answer is a list", "H14", b"[1]"),
        text("answer without a field", "H14", b"{}"),
        text("answer with a field twice", "H14", br#"{"v":1,"v":2}"#),
        text("answer is half", "H14", br#"{"v":"#),
        text("answer with more after it", "H14", br#"{"v":1} {"v":2}"#),
        text("answer is NaN", "H13", br#"{"v":NaN}"#),
        text("answer of 65 bits", "H13", br#"{"v":18446744073709551616}"#),
        text("answer with a lone surrogate", "H12", br#"{"v":"\ud800"}"#),
        text("answer is deep", "H10", &deep),
        guest("largest answer is exact", "H13", Succeeds, &Module::new().answers(br#"{"v":9007199254740993}"#)),
        guest("answer is not UTF-8", "H12", Fails("guest.abi"), &Module::new().answers(b"{\"v\":\"\xff\"}")),
        guest("answer of 57 MB", "H10", Fails("limit.result-size"), &wide(57_000_000).run(grown)),
        guest("answer beyond memory", "H10", Fails("guest.abi"), &wide(u32::MAX)),
        guest("result out of range", "H12", Fails("guest.abi"), &Module::new().result(&[7, 0, 0, 0], b"")),
        guest("result at an odd place", "H12", Fails("guest.abi"), &Module::new().run("(i32.const 33)")),
    ]
}

fn errors() -> Vec<Hostile> {
    let error_case = [[1, 0, 0, 0, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0, 0, 0]].concat();
    let described = Module::new().tasks(&[Task { output: V, ..GO }]);
    vec![
        guest("error out of range", "H12", Fails("guest.abi"), &Module::new().result(&error_case, b"")),
        guest(
            "error with a code of its own",
            "D24",
            Fails("sqlite-busy"),
            &described.result(&permanent_error(11, 8), b"sqlite-busylimit.ok"),
        ),
        guest("later than for ever", "P04", Fails("later"), &Module::new().result(&retry_after(u64::MAX), b"later")),
    ]
}
