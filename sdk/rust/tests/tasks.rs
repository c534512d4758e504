//! What the macros make of functions.

use std::time::Duration;

use jackfield_sdk::prelude::*;
use jackfield_sdk::task::{Capability, Effect, Need, Task};
use jackfield_sdk::{ErrorCode, ErrorKind};

/// What is said.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Greeting {
    text: String,
}

/// Greets somebody by name.
///
/// At any time of the day.
#[task]
fn greet(
    /// Who to greet.
    name: String,
    #[serde(default)] excited: bool,
    r#type: Option<String>,
) -> Greeting {
    let _ = r#type;
    Greeting { text: format!("Hello, {name}{}", if excited { "!" } else { "." }) }
}

/// A type of the author's that is called as something of the macro's could be.
#[derive(Deserialize, JsonSchema)]
struct Input {
    limit: u32,
}

#[task(
    name = "top-rows",
    title = "Top rows",
    effect = reads,
    asks(http("GET https://api.example/*", docs = "To fetch."), files_read, secrets("token", optional), memory("2MiB")),
    errors("no-rows" = "There is none."),
    example_input = r#"{"limit": 3}"#,
    annotations("since" = "0.1.0")
)]
fn top(#[serde(flatten)] options: Input) -> Result<Vec<u32>, TaskError> {
    match options.limit {
        0 => Err(TaskError::permanent("no-rows", "the limit is 0")),
        limit => Ok((0..limit).collect()),
    }
}

#[derive(Debug, thiserror::Error, TaskErrors)]
enum FetchError {
    /// The row has too many fields.
    #[error("line {line}: {found} fields")]
    #[error_code("bad-row", permanent, data(line, found))]
    BadRow { line: u32, found: u32 },
    /// Come back later.
    #[error("busy")]
    #[error_code("busy", retry_after(0))]
    Busy(Duration),
    #[error("gone")]
    #[error_code("gone", transient)]
    Gone,
    #[error("perhaps sent: {0}")]
    #[error_code("perhaps", unknown_outcome, data(0))]
    Perhaps(String),
    #[error(transparent)]
    #[error_code(transparent)]
    Deeper(#[from] DeeperError),
    #[error(transparent)]
    #[error_code(transparent)]
    Any(#[from] TaskError),
}

#[derive(Debug, thiserror::Error, TaskErrors)]
enum DeeperError {
    /// Deep down.
    #[error("deep")]
    #[error_code("deep", permanent)]
    Deep,
}

/// Fails in the way that it is told.
#[task]
fn fail(how: String) -> Result<(), FetchError> {
    match how.as_str() {
        "bad-row" => Err(FetchError::BadRow { line: 7, found: 3 }),
        "busy" => Err(FetchError::Busy(Duration::from_millis(1_500))),
        "gone" => Err(FetchError::Gone),
        "perhaps" => Err(FetchError::Perhaps("it".to_owned())),
        "deep" => Err(DeeperError::Deep)?,
        "any" => Err(TaskError::transient("any", "other"))?,
        _ => Ok(()),
    }
}

mod inner {
    //! The alias and the constant must be found in the module of the function.
    use super::{Bytes, FetchError, task};

    type Result<T> = std::result::Result<T, FetchError>;

    /// Doubles bytes.
    #[task]
    pub(super) fn double(bytes: Bytes, #[serde(default = "two")] times: usize) -> Result<Bytes> {
        Ok(Bytes(bytes.0.repeat(times)))
    }

    fn two() -> usize {
        2
    }

    /// Says nothing.
    #[task]
    pub(super) fn nothing() {}
}

/// Parameters that are called as their task, and as what a macro might call something.
#[task]
fn path(path: String, input: String, answer: String) -> String {
    [path, input, answer].join("/")
}

/// A task that is called as what a macro might call something.
#[task]
fn input() -> u32 {
    7
}

plugin!(greet, top, fail, inner::double, inner::nothing, path, input);

fn find(name: &str) -> &'static Task {
    __JACKFIELD_TASKS.iter().find(|task| task.name == name).expect("it is in the list")
}

fn run(name: &str, input: &str) -> Result<String, TaskError> {
    jackfield_sdk::task::run(__JACKFIELD_TASKS, name, input)
}

fn schema(text: &str) -> Value {
    let mut schema: Value = serde_json::from_str(text).expect("a schema is JSON");
    schema.as_object_mut().and_then(|schema| schema.remove("$schema")).expect("the dialect is named");
    schema
}

#[test]
fn a_function_is_still_a_function() {
    assert_eq!(greet("Ada".to_owned(), true, None).text, "Hello, Ada!");
}

#[test]
fn a_task_reads_and_writes_json() {
    assert_eq!(run("greet", r#"{"name":"Ada"}"#).unwrap(), r#"{"text":"Hello, Ada."}"#);
    assert_eq!(run("greet", r#"{"name":"Ada","excited":true,"type":"x"}"#).unwrap(), r#"{"text":"Hello, Ada!"}"#);
    assert_eq!(run("top-rows", r#"{"limit":3}"#).unwrap(), "[0,1,2]");
    assert_eq!(run("double", r#"{"bytes":"aGk="}"#).unwrap(), r#""aGloaQ==""#);
    assert_eq!(run("nothing", "{}").unwrap(), "null");
    assert_eq!(run("path", r#"{"path":"a","input":"b","answer":"c"}"#).unwrap(), r#""a/b/c""#);
    assert_eq!(run("input", "{}").unwrap(), "7");
}

#[test]
fn input_that_does_not_fit_is_a_permanent_error_that_says_where() {
    for (task, input, part) in [
        ("greet", "{}", "missing field `name` at line 1 column 2"),
        ("greet", r#"{"name":"Ada","nmae":1}"#, "unknown field `nmae`, expected one of `name`, `excited`, `type`"),
        ("greet", r#"{"name":7}"#, "invalid type: integer `7`, expected a string"),
        ("greet", "", "EOF"),
        ("nothing", r#"{"x":1}"#, "unknown field `x`"),
        ("double", r#"{"bytes":"a"}"#, "base64"),
    ] {
        let error = run(task, input).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("invalid-input", ErrorKind::Permanent), "{input}");
        assert!(error.message().contains(part), "{error}");
    }
    assert!(run("top-rows", r#"{"limit":1,"more":2}"#).is_ok(), "a flattened parameter takes what the others left");
}

#[test]
fn an_unknown_task_is_told_what_there_is() {
    let error = run("great", "{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown-task: this plugin has no task `great`; it has: greet, top-rows, fail, double, nothing, path, input"
    );
}

#[test]
fn describe_comes_from_docs_types_and_options() {
    let greet = find("greet");
    assert_eq!((greet.docs, greet.effect), ("Greets somebody by name.\n\nAt any time of the day.", Effect::Pure));
    assert_eq!(
        schema(&(greet.input_schema)()),
        json!({
            "type": "object",
            "properties": {
                "name": { "description": "Who to greet.", "type": "string" },
                "excited": { "type": "boolean", "default": false },
                "type": { "type": ["string", "null"] },
            },
            "required": ["name"],
            "additionalProperties": false,
        })
    );
    assert_eq!(
        schema(&(greet.output_schema)()),
        json!({
            "title": "Greeting",
            "description": "What is said.",
            "type": "object",
            "properties": { "text": { "type": "string" } },
            "required": ["text"],
        })
    );
    assert_eq!(schema(&(find("nothing").input_schema)()), json!({ "type": "object", "additionalProperties": false }));

    let top = find("top-rows");
    let ask = |name, scope, need, docs| Capability { name, scope, need, docs };
    assert_eq!(top.effect, Effect::Reads);
    assert_eq!(
        top.capabilities,
        [
            ask("http", &["GET https://api.example/*"], Need::Required, "To fetch."),
            ask("files-read", &[], Need::Required, ""),
            ask("secrets", &["token"], Need::Optional, ""),
            ask("memory", &["2097152"], Need::Required, ""),
        ]
    );
    assert_eq!((top.errors)(), [ErrorCode { code: "no-rows", docs: "There is none." }]);
    assert_eq!(top.annotations, [("title", "Top rows"), ("example-input", r#"{"limit": 3}"#), ("since", "0.1.0")]);
}

#[test]
fn a_flattened_parameter_lends_its_fields_to_the_schema() {
    let schema = schema(&(find("top-rows").input_schema)());
    assert_eq!(schema["properties"]["limit"]["type"], "integer");
    assert_eq!(schema["required"], json!(["limit"]));
    assert_eq!(schema.get("additionalProperties"), None);
}

#[test]
fn an_error_enum_lists_its_codes_and_those_inside() {
    let codes: Vec<_> = (find("fail").errors)().into_iter().map(|error| (error.code, error.docs)).collect();
    assert_eq!(
        codes,
        [("bad-row", "The row has too many fields."), ("busy", "Come back later."), ("gone", ""), ("perhaps", ""), ("deep", "Deep down.")]
    );
    assert_eq!((find("double").errors)().len(), 5, "also through an alias of `Result`");
}

#[test]
fn an_error_enum_maps_to_kinds() {
    let fail = |how: &str| run("fail", &json!({ "how": how }).to_string()).unwrap_err();
    let bad_row = TaskError::permanent("bad-row", "line 7: 3 fields").with_data(&json!({ "line": 7, "found": 3 }));
    assert_eq!(fail("bad-row"), bad_row);
    assert_eq!(fail("busy"), TaskError::retry_after(Duration::from_millis(1_500), "busy", "busy"));
    assert_eq!(fail("gone"), TaskError::transient("gone", "gone"));
    assert_eq!(fail("perhaps"), TaskError::unknown_outcome("perhaps", "perhaps sent: it").with_data(&json!({ "0": "it" })));
    assert_eq!(fail("deep"), TaskError::permanent("deep", "deep"));
    assert_eq!(fail("any"), TaskError::transient("any", "other"));
}

#[test]
fn faults_are_found() {
    #[task(example_input = r#"{"nmae": 1}"#, example_output = "{")]
    /// Takes a name.
    fn wrong(name: String) -> String {
        name
    }
    let faults = jackfield_sdk::task::faults(&[__jackfield_task_wrong]);
    assert!(faults.contains("task `wrong`: example_input: the input does not fit the task: unknown field `nmae`"), "{faults}");
    assert!(faults.contains("task `wrong`: example_output is not JSON"), "{faults}");
    assert_eq!(faults.lines().count(), 2, "{faults}");
}
