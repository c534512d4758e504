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
        expect![[r#""#]],
    );
}

#[test]
fn errors_fail_the_step() {
    let world = with_typed();
    check(&world, &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": 1, "sku": "kiwi", "count": 1}"#], expect![[r#""#]]);
    check(&world, &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": 1, "sku": "pear", "count": 101}"#], expect![[r#""#]]);
    check(&world, &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": 1, "sku": "", "count": 1}"#], expect![[r#""#]]);
    check(&world, &["task", "call", "typed.wasm", "sum", "-i", "numbers=[9223372036854775807, 1]"], expect![[r#""#]]);
    check(&world, &["task", "call", "typed.wasm", "price", "-i", r#"order={"id": -1, "sku": "pear", "count": 1}"#], expect![[r#""#]]);
    let crashed = world.jackfield(&["task", "call", "typed.wasm", "crash", "-i", "how=badly"]).expect(1);
    assert!(crashed.stderr.contains("guest.trap") && crashed.stderr.contains("badly"), "{}", crashed.stderr);
    let ended = world.jackfield(&["task", "call", "typed.wasm", "crash", "-i", "how=exit"]).expect(1);
    assert!(ended.stderr.contains("guest.exit"), "{}", ended.stderr);
}

#[test]
fn a_component_is_described_by_its_wit() {
    let world = with_typed();
    check(&world, &["plugin", "describe", "typed.wasm"], expect![[r#""#]]);
    let schema = world.jackfield(&["plugin", "describe", "typed.wasm", "--format", "json-schema"]).expect(0).json();
    assert_eq!(
        schema["$defs"]["price.input"]["properties"]["order"]["properties"]["count"],
        json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32})
    );
    let page = world.jackfield(&["plugin", "describe", "typed.wasm", "--format", "markdown"]).expect(0).stdout;
    assert!(page.starts_with("# typed\n\n`sha256:") && page.contains("| `too-many` | There are fewer left. |"), "{page}");
    let described = world.jackfield(&["plugin", "describe", "typed.wasm", "--json"]).expect(0).json();
    assert_eq!(described["tasks"].as_array().map(Vec::len), Some(11), "{described}");
    assert_eq!(world.jackfield(&["plugin", "describe", "typed.wasm", "--format", "json"]).expect(0).json(), described);
    world.jackfield(&["plugin", "check", "typed.wasm"]).expect(0);
}
