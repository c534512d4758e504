//! From WIT to tasks and schemas.

use jackfield_flow::plan::Effect;
use jackfield_flow::types::Type;
use wasm_encoder::{ComponentSection as _, CustomSection};
use wit_parser::Resolve;

use super::super::read::{apply, of_world};
use super::super::{RefusedExport, Table};
use super::kit::component;

/// Reads a world `w` of WIT text.
pub(super) fn table(wit: &str, imports: &[&str]) -> Table {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", &format!("package acme:test@1.0.0;\n{wit}")).unwrap_or_else(|error| panic!("{error:#?}"));
    let world = resolve.packages[package].worlds["w"];
    let imports: Vec<String> = imports.iter().map(|import| (*import).to_owned()).collect();
    of_world(&resolve, world, &imports).unwrap()
}

/// A task as `name(input) -> output`.
fn shown(wit: &str) -> Vec<String> {
    let ty = |schema: &str| Type::from_schema(schema).unwrap().to_string();
    let tasks = table(wit, &[]).tasks;
    tasks.iter().map(|task| format!("{}({}) -> {}", task.info.name, ty(&task.info.input_schema), ty(&task.info.output_schema))).collect()
}

#[test]
fn every_type_has_its_place_in_the_model() {
    let found = shown(
        "interface i {
            /// A point.
            record point { x-axis: s32, y: option<f64> }
            flags rights { can-read, can-write }
            enum color { red, dark-blue }
            variant shape { nothing, circle(f32), at(point) }
            numbers: func(a: u8, b: s64, c: f32, d: bool, e: char);
            texts: func(a: string, b: list<u8>, c: list<string>, d: option<string>) -> list<list<u8>>;
            records: func(p: point) -> point;
            tuples: func(t: tuple<u8, string, point>) -> tuple<color, rights>;
            cases: func(a: color, b: shape, c: rights, d: result<u8, string>, e: result) -> shape;
            fails: func() -> result<point, string>;
            fails-only: func() -> result<_, color>;
         }
         world w { export i; export plain: func(max-rows: option<u32>) -> u64; }",
    );
    assert_eq!(
        found,
        [
            "plain({max_rows?: option<int>}) -> int",
            "numbers({a: int, b: int, c: float, d: bool, e: string}) -> null",
            "texts({a: string, b: bytes, c: list<string>, d?: option<string>}) -> list<bytes>",
            "records({p: {x_axis: int, y?: option<float>}}) -> {x_axis: int, y: option<float>}",
            "tuples({t: tuple<int, string, {x_axis: int, y?: option<float>}>}) -> tuple<\"red\" | \"dark-blue\", list<\"can-read\" | \"can-write\">>",
            "cases({a: \"red\" | \"dark-blue\", b: variant<nothing, circle(float), at({x_axis: int, y?: option<float>})>, \
             c: list<\"can-read\" | \"can-write\">, d: variant<ok(int), err(string)>, e: \"ok\" | \"err\"}) -> \
             variant<nothing, circle(float), at({x_axis: int, y: option<float>})>",
            "fails({}) -> {x_axis: int, y: option<float>}",
            "fails-only({}) -> null",
        ]
    );
}

#[test]
fn names_docs_and_effects() {
    let wit = "interface parse {
            /// Reads rows.
            ///
            /// All of them.
            rows: func(
                text: string,
            ) -> u32;
            check: func();
        }
        interface other { check: func(); }
        world w { export parse; export other; export XML-check: func(); }";
    let found = table(wit, &["wasi:io/streams@0.2.0", "jackfield:task/log@0.1.0"]);
    let names: Vec<&str> = found.tasks.iter().map(|task| task.info.name.as_str()).collect();
    assert_eq!(names, ["xml-check", "rows", "parse-check", "other-check"]);
    let rows = &found.tasks[1].info;
    assert_eq!((rows.docs.as_str(), rows.effect), ("Reads rows.\n\nAll of them.", Effect::Pure));
    assert_eq!(rows.annotations[0].1, "func(text: string) -> u32");
    assert!(rows.input_schema.contains(r#"{"text":{"type":"string"}}"#) && rows.output_schema.contains(r#""maximum":4294967295"#));
    let found = table(wit, &["wasi:http/outgoing-handler@0.2.3", "wasi:http/types@0.2.3"]);
    let asks: Vec<_> = found.tasks[0].info.capabilities.iter().map(|ask| (ask.name.as_str(), ask.required)).collect();
    assert_eq!((found.tasks[0].info.effect, asks), (Effect::Effects, vec![("http", false)]));
}

#[tokio::test]
async fn docs_of_the_section_are_docs_of_the_tasks() {
    let plain = component(
        r#"(type $d (record (field "left" u32))) (import "detail" (type $detail (eq $d)))"#,
        r#"(func (export "f") (param i32) (result i32) (local.get 0))"#,
        r#"(func (export "f") (param "x" $detail) (result u32) LIFT f) (func (export "g") (param "x" u32) (result u32) LIFT f)"#,
    );
    let documented = |json: &str| {
        let mut wrapped = plain.clone();
        let data = [&[1], json.as_bytes()].concat();
        CustomSection { name: "package-docs".into(), data: data.into() }.append_to_component(&mut wrapped);
        wrapped
    };
    let docs = |bytes: Vec<u8>| async move {
        let tasks = super::kit::load(&bytes).unwrap_or_else(|error| panic!("{error}")).describe().await.unwrap();
        tasks.into_iter().map(|task| task.docs).collect::<Vec<_>>()
    };
    let json = r#"{"worlds": {"w": {"funcs": {"f": "Does it."}, "func_exports": {"g": {"docs": " Does more.\n"}}}, "other": {}}}"#;
    assert_eq!(docs(documented(json)).await, ["Does it.", "Does more."]);
    for odd in ["", "[]", "{\"worlds\": 5, \"interfaces\": {\"i\": []}}", "{\"worlds\": {\"none\": {\"funcs\": {\"nothing\": 7}}}}"] {
        assert_eq!(docs(documented(odd)).await, ["", ""], "{odd}");
    }
    let interface = r#"{"interfaces": {"i": {"docs": "All.", "funcs": {"f": {"docs": "One."}},
        "types": {"r": {"docs": "R.", "items": {"a": "A."}}, "e": {"items": {"bad": "Bad."}}}}}}"#;
    let mut resolve = Resolve::default();
    let wit =
        "package a:b; interface i { record r { a: u8 } enum e { bad } f: func(r: r) -> result<_, e>; g: func(); } world w { export i; }";
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.packages[package].worlds["w"];
    apply(&mut resolve, world, &serde_json::from_str(interface).unwrap());
    let table = of_world(&resolve, world, &[]).unwrap();
    let [f, g] = &table.tasks[..] else { panic!("two tasks") };
    assert_eq!((f.info.docs.as_str(), g.info.docs.as_str(), f.info.errors[0].docs.as_str()), ("One.", "All.", "Bad."));
    assert!(f.info.input_schema.contains(r#""description":"A.""#), "{}", f.info.input_schema);
}

/// The reason why the only function of a world is no task.
pub(super) fn reason(wit: &str) -> String {
    match &table(wit, &[]).refused[..] {
        [RefusedExport { reason, .. }] => reason.clone(),
        other => panic!("{other:?}"),
    }
}
