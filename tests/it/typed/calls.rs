//! Every value type there and back through a component in Rust, and what `plugin describe` and `task call` make of it.

use expect_test::expect;
use serde_json::{Value, json};

use super::with_typed;
use crate::cli::check;

const NUMBERS: &str = r#"{"truth":true,"a_u8":255,"a_u16":65535,"a_u32":4294967295,"a_u64":18446744073709551615,"a_s8":-128,"a_s16":-32768,"a_s32":-2147483648,"a_s64":-9223372036854775808,"a_f32":0.1,"a_f64":-1e300,"letter":"𝄞"}"#;

/// A value of `all`, with this shape in it.
fn everything(shape: &str) -> String {
    format!(
        r#"{{"numbers":{NUMBERS},"rights":["can-read","can-delete"],"shape":{shape},"tint":"dark-blue","names":["","añ\"\n"],"raw":"AAEC/w==","points":[{{"x_axis":-1,"y":null}},{{"x_axis":2,"y":0.5}}],"pair":[7,"seven",null],"outcome":{{"err":"why"}},"verdict":"ok","maybe":[1,65535]}}"#
    )
}

#[test]
fn every_type_comes_back() {
    let world = with_typed();
    let shapes = [
        r#""empty""#,
        r#"{"circle":1.5}"#,
        r#"{"big":18446744073709551615}"#,
        r#"{"at":{"x_axis":-3,"y":2.5}}"#,
        r#"{"named":"ä"}"#,
        r#"{"words":["a","","bc"]}"#,
        r#"{"painted":["red",-0.0]}"#,
    ];
    let echo = |task: &str, name: &str, value: &str| {
        let input = format!(r#"{{"{name}":{value}}}"#);
        let answer = world.jackfield(&["task", "call", "typed.wasm", task, "--json", "--input", &input]).expect(0);
        let (found, expected): (Value, Value) = (answer.json(), serde_json::from_str(value).expect("JSON"));
        assert_eq!(found, expected, "{task}");
    };
    echo("all-numbers", "value", NUMBERS);
    for shape in shapes {
        echo("one-shape", "value", shape);
        echo("all", "value", &everything(shape));
    }
    echo("shapes", "values", &format!("[{}]", shapes.join(",")));
    echo("files", "files", r#"[["a.txt","AA=="],["",""],["b","/////w=="]]"#);
    let large = "xyz\u{e9}".repeat(100_000);
    world.write("large.json", json!({ "text": large }).to_string());
    let answer = world.jackfield(&["task", "call", "typed.wasm", "text", "--json", "--input", "@large.json"]).expect(0);
    assert!(answer.json() == Value::String(large), "a large text comes back");
}

#[test]
fn tasks_are_called_with_json_and_wave() {
    let world = with_typed();
    let price = |words: &[&str]| {
        let words = [&["task", "call", "typed.wasm", "price"][..], words].concat();
        let answer = world.jackfield(&words);
        format!("{}{}{}", answer.stdout, answer.stderr, answer.code)
    };
    let apple = "{\"cents\":60,\"id\":7}\n0";
    let sorted = |text: String| text.replace(r#"{"id":7,"cents":60}"#, r#"{"cents":60,"id":7}"#);
    assert_eq!(sorted(price(&["-i", r#"{"order": {"id": 7, "sku": "apple", "count": 3}}"#])), apple);
    assert_eq!(sorted(price(&["-i", r#"order={"id": 7, "sku": "apple", "count": 3, "note": null}"#])), apple);
    assert_eq!(sorted(price(&["--wave", "-i", r#"{order: {id: 7, sku: "apple", count: 3, note: none}}"#])), apple);
    assert_eq!(sorted(price(&["--wave", "-i", r#"order={id: 7, sku: "apple", count: 3, note: some("soon")}"#])), apple);
    assert_eq!(
        price(&["--wave", "-i", "order={id: 7, sku: 5}"]).lines().next(),
        Some(
            "error: --input: `order.sku`: expected string, found int 5; the task takes {order: {id: int, sku: string, count: int, note?: option<string>}}"
        )
    );
    assert!(
        price(&["--wave", "-i", "order={id: }"]).starts_with("error: --input order: this is not WAVE"),
        "{}",
        price(&["--wave", "-i", "order={id: }"])
    );
    check(
        &world,
        &["task", "call", "typed.wasm", "tuple-of", "--wave", "-i", "first=7", "-i", "second=some(\"x\")", "-i", "rights={can-write}"],
        expect![[r#"
            [7,"x",["can-write"]]
            --- stderr
            --- exit 0
        "#]],
    );
}

#[test]
fn errors_fail_the_step() {
    let world = with_typed();
    check(
        &world,
        &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": 1, "sku": "kiwi", "count": 1}"#],
        expect![[r#"
        --- stderr
        failed: unknown-sku: nobody sells `kiwi`
        --- exit 1
    "#]],
    );
    check(
        &world,
        &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": 1, "sku": "pear", "count": 101}"#],
        expect![[r#"
        --- stderr
        failed: too-many: the task answered the error `too-many`
          data: 100
        --- exit 1
    "#]],
    );
    check(
        &world,
        &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": 1, "sku": "", "count": 1}"#],
        expect![[r#"
        --- stderr
        failed: closed: the task answered the error `closed`
        --- exit 1
    "#]],
    );
    check(
        &world,
        &["task", "call", "typed.wasm", "sum", "-i", "numbers=[9223372036854775807, 1]"],
        expect![[r#"
        --- stderr
        failed: failed: the sum is more than 64 bits hold
        --- exit 1
    "#]],
    );
    check(
        &world,
        &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": -1, "sku": "pear", "count": 1}"#],
        expect![[r#"
        --- stderr
        failed: value.input: `order.id`: expected a whole number from 0 to 18446744073709551615 (u64), found -1
        --- exit 1
    "#]],
    );
    let crashed = world.jackfield(&["task", "call", "typed.wasm", "crash", "-i", "how=badly"]).expect(1);
    assert!(crashed.stderr.contains("guest.trap") && crashed.stderr.contains("badly"), "{}", crashed.stderr);
    let ended = world.jackfield(&["task", "call", "typed.wasm", "crash", "-i", "how=exit"]).expect(1);
    assert!(ended.stderr.contains("guest.exit"), "{}", ended.stderr);
}

#[test]
fn a_component_is_described_by_its_wit() {
    let world = with_typed();
    check(
        &world,
        &["plugin", "describe", "typed.wasm"],
        expect![[r#"
        DIGEST, 70.6 KiB
        imports 13 interfaces of WASI, powerless without a grant (`--json` lists them)

        sum PURE
          input   {numbers: list<int>}
          output  int
          error   failed
          wit  func(numbers: list<s64>) -> result<s64, string>

        crash PURE
          input   {how: string}
          output  null
          wit  func(how: string)

        all-numbers PURE
          input   {value: {truth: bool, a_u8: int, a_u16: int, a_u32: int, a_u64: int, a_s8: int, a_s16: int, a_s32: int, a_s64: int, a_f32: float, a_f64: float, letter: string}}
          output  {truth: bool, a_u8: int, a_u16: int, a_u32: int, a_u64: int, a_s8: int, a_s16: int, a_s32: int, a_s64: int, a_f32: float, a_f64: float, letter: string}
          interface  acme:warehouse/echo@1.2.0
          wit  func(value: numbers) -> numbers

        one-shape PURE
          input   {value: variant<empty, circle(float), big(int), at({x_axis: int, y?: option<float>}), named(string), words(list<string>), painted(tuple<"red" | "dark-blue", float>)>}
          output  variant<empty, circle(float), big(int), at({x_axis: int, y: option<float>}), named(string), words(list<string>), painted(tuple<"red" | "dark-blue", float>)>
          interface  acme:warehouse/echo@1.2.0
          wit  func(value: shape) -> shape

        shapes PURE
          input   {values: list<variant<empty, circle(float), big(int), at({x_axis: int, y?: option<float>}), named(string), words(list<string>), painted(tuple<"red" | "dark-blue", float>)>>}
          output  list<variant<empty, circle(float), big(int), at({x_axis: int, y: option<float>}), named(string), words(list<string>), painted(tuple<"red" | "dark-blue", float>)>>
          interface  acme:warehouse/echo@1.2.0
          wit  func(values: list<shape>) -> list<shape>

        all PURE
          input   {value: {numbers: {truth: bool, a_u8: int, a_u16: int, a_u32: int, a_u64: int, a_s8: int, a_s16: int, a_s32: int, a_s64: int, a_f32: float, a_f64: float, letter: string}, rights: list<"can-read" | "can-write" | "can-delete">, shape: variant<empty, circle(float), big(int), at({x_axis: int, y?: option<float>}), named(string), words(list<string>), painted(tuple<"red" | "dark-blue", float>)>, tint: "red" | "dark-blue", names: list<string>, raw: bytes, points: list<{x_axis: int, y?: option<float>}>, pair: tuple<int, string, option<"red" | "dark-blue">>, outcome: variant<ok(int), err(string)>, verdict: "ok" | "err", maybe?: option<list<int>>}}
          output  {numbers: {truth: bool, a_u8: int, a_u16: int, a_u32: int, a_u64: int, a_s8: int, a_s16: int, a_s32: int, a_s64: int, a_f32: float, a_f64: float, letter: string}, rights: list<"can-read" | "can-write" | "can-delete">, shape: variant<empty, circle(float), big(int), at({x_axis: int, y: option<float>}), named(string), words(list<string>), painted(tuple<"red" | "dark-blue", float>)>, tint: "red" | "dark-blue", names: list<string>, raw: bytes, points: list<{x_axis: int, y: option<float>}>, pair: tuple<int, string, option<"red" | "dark-blue">>, outcome: variant<ok(int), err(string)>, verdict: "ok" | "err", maybe: option<list<int>>}
          interface  acme:warehouse/echo@1.2.0
          wit  func(value: everything) -> everything

        tuple-of PURE
          input   {first: int, second?: option<string>, rights: list<"can-read" | "can-write" | "can-delete">}
          output  tuple<int, option<string>, list<"can-read" | "can-write" | "can-delete">>
          interface  acme:warehouse/echo@1.2.0
          wit  func(first: u8, second: option<string>, rights: rights) -> tuple<u8, option<string>, rights>

        text PURE
          input   {text: string}
          output  string
          interface  acme:warehouse/echo@1.2.0
          wit  func(text: string) -> string

        bytes PURE
          input   {data: bytes}
          output  bytes
          interface  acme:warehouse/echo@1.2.0
          wit  func(data: list<u8>) -> list<u8>

        files PURE
          input   {files: list<tuple<string, bytes>>}
          output  list<tuple<string, bytes>>
          interface  acme:warehouse/echo@1.2.0
          wit  func(files: list<tuple<string, list<u8>>>) -> list<tuple<string, list<u8>>>

        price PURE
          input   {order: {id: int, sku: string, count: int, note?: option<string>}}
          output  {id: int, cents: int}
          error   unknown-sku
          error   too-many
          error   closed
          interface  acme:warehouse/shop@1.2.0
          wit  func(order: order) -> result<priced, problem>
        --- stderr
        --- exit 0
    "#]],
    );
    let schema = world.jackfield(&["plugin", "describe", "typed.wasm", "--format", "json-schema"]).expect(0).json();
    assert_eq!(
        schema["$defs"]["price.input"]["properties"]["order"]["properties"]["count"],
        json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32})
    );
    let page = world.jackfield(&["plugin", "describe", "typed.wasm", "--format", "markdown"]).expect(0).stdout;
    assert!(page.starts_with("# typed\n\n`sha256:") && page.contains("| `too-many` |  |"), "{page}");
    let described = world.jackfield(&["plugin", "describe", "typed.wasm", "--json"]).expect(0).json();
    assert_eq!(described["tasks"].as_array().map(Vec::len), Some(11), "{described}");
    assert_eq!(world.jackfield(&["plugin", "describe", "typed.wasm", "--format", "json"]).expect(0).json(), described);
    world.jackfield(&["plugin", "check", "typed.wasm"]).expect(0);
}
