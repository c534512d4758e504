//! `jackfield plugin check FILE`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::{Effect, Grant, TaskSignature};
use jackfield_flow::types::{JsonLimits, Type, Value};
use jackfield_sandbox::{Attempt, AttemptContext, Limits, NoHost, Plugin};
use jackfield_worker::{Clock as _, Plugins, SystemClock};
use serde::Serialize;

use crate::args::PluginCheckArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};
use crate::operator::Operator;
use crate::output::style::{BAD, GOOD, WARN, paint};
use crate::output::{Format, escape};
use crate::progress;

/// How long an example may take.
const EXAMPLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Capabilities, and the import without which asking for one makes no sense.
const IMPORTS_OF: [(&str, &str); 5] = [
    ("http", "wasi:http/outgoing-handler"),
    ("files-read", "wasi:filesystem/"),
    ("files-write", "wasi:filesystem/"),
    ("config", "wasi:config/store"),
    ("secrets", "jackfield:task/secrets"),
];

/// What was found, for programs.
#[derive(Debug, Serialize)]
struct Checked {
    digest: String,
    findings: Vec<Finding>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    severity: Severity,
    task: Arc<str>,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

impl Finding {
    fn new(severity: Severity, task: &TaskSignature, message: impl Into<String>) -> Self {
        Self { severity, task: Arc::clone(&task.name), message: message.into() }
    }

    fn error(task: &TaskSignature, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, task, message)
    }

    fn warning(task: &TaskSignature, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, task, message)
    }
}

/// Shows what is wrong with a plugin.
pub(crate) fn run(home: &Home, args: &PluginCheckArgs) -> Result<Exit, CliError> {
    engine_runtime()?.block_on(async {
        let plugins = home.plugins(Operator::default())?;
        // What cannot be installed has one problem, and it is this error.
        let installed = plugins.install(&args.file).await?;
        let plugin = plugins.load(installed.info.digest).await?;
        let mut findings = Vec::new();
        for task in &installed.info.tasks {
            findings.extend(declared(task, plugin.imports()));
            findings.extend(examples(task, &plugins, &plugin).await);
        }
        finish(home, &args.file, Checked { digest: installed.info.digest.to_string(), findings }, installed.info.tasks.len())
    })
}

fn finish(home: &Home, file: &Path, checked: Checked, tasks: usize) -> Result<Exit, CliError> {
    let output = &home.output;
    let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if output.format() == Format::Json {
        output.json(&checked)?;
    } else {
        checked.findings.iter().try_for_each(|finding| output.data(&line(finding)))?;
    }
    if errors > 0 {
        return Err(CliError::BadPlugin { path: file.to_owned(), problems: errors });
    }
    let count = if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
    output.say(&format!("{}: {count}, {}", file.display(), paint(GOOD, "nothing is wrong")));
    Ok(Exit::Done)
}

fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => paint(BAD, "error"),
        Severity::Warning => paint(WARN, "warning"),
    };
    format!("{severity}: {}: {}", escape::line(&finding.task), escape::line(&finding.message))
}

/// What can be told from the declaration alone.
fn declared(task: &TaskSignature, imports: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if task.docs.trim().is_empty() {
        findings.push(Finding::warning(task, "it has no docs: say what it does"));
    }
    if !matches!(task.input, Type::Record(_)) {
        findings.push(Finding::error(task, format!("its input must be an object with named fields, and is {}", task.input)));
    }
    for ask in &task.asks {
        match IMPORTS_OF.iter().find(|(name, _)| *name == &*ask.name) {
            Some((name, import)) if !imports.iter().any(|known| known.starts_with(import)) => {
                findings.push(Finding::error(task, format!("it asks for `{name}` and does not import `{import}`, so it could not use it")));
            }
            Some(_) => {}
            None if matches!(&*ask.name, "scratch" | "memory") => {}
            None => findings.push(Finding::warning(task, format!("it asks for `{}`, which this version does not know", ask.name))),
        }
    }
    let effectful: Vec<&str> = task.asks.iter().map(|ask| &*ask.name).filter(|name| *name != "memory").collect();
    if task.effect == Effect::Pure && !effectful.is_empty() {
        findings.push(Finding::error(task, format!("it says that it is pure, and asks for {}", effectful.join(", "))));
    }
    for (at, error) in task.errors.iter().enumerate() {
        let letters = error.code.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !letters || error.code.is_empty() || error.code.len() > 64 {
            findings.push(Finding::error(task, format!("its error code `{}` is not 1 to 64 characters of a-z, 0-9 and -", error.code)));
        }
        if task.errors[..at].iter().any(|before| before.code == error.code) {
            findings.push(Finding::error(task, format!("it lists the error code `{}` twice", error.code)));
        }
    }
    findings
}

/// What its example tells: of the right type and, when the task calls itself pure, run twice with the same result.
async fn examples(task: &TaskSignature, plugins: &Plugins, plugin: &Plugin) -> Vec<Finding> {
    let annotation = |name: &str| task.annotations.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
    let Some(example) = annotation("example-input") else {
        return vec![Finding::warning(task, "it has no `example-input`, so nothing of it was run")];
    };
    let input = match typed(example, &task.input) {
        Ok(input) => input,
        Err(problem) => return vec![Finding::error(task, format!("`example-input`: {problem}"))],
    };
    if task.effect != Effect::Pure {
        return Vec::new();
    }
    let mut answers = Vec::new();
    for _ in 0..2 {
        match answer(task, plugins, plugin, &input).await {
            Ok(answer) => answers.push(answer),
            Err(problem) => return vec![Finding::error(task, format!("its example fails: {problem}"))],
        }
    }
    let mut findings = Vec::new();
    if answers[0].to_canonical_json() != answers[1].to_canonical_json() {
        findings.push(Finding::error(task, "it says that it is pure, and answers its example differently the second time"));
    }
    if let Some(expected) = annotation("example-output") {
        match typed(expected, &task.output) {
            Ok(expected) if expected == answers[0] => {}
            Ok(expected) => {
                let (expected, found) = (expected.to_json(), answers[0].to_json());
                findings.push(Finding::error(
                    task,
                    format!("its example answers {}, not {}", escape::brief(&found, 300), escape::brief(&expected, 300)),
                ));
            }
            Err(problem) => findings.push(Finding::error(task, format!("`example-output`: {problem}"))),
        }
    }
    findings
}

fn typed(text: &str, ty: &Type) -> Result<Value, String> {
    let value = Value::from_json(text, JsonLimits::default()).map_err(|error| error.to_string())?;
    ty.check(&value).map_err(|problem| problem.to_string())
}

async fn answer(task: &TaskSignature, plugins: &Plugins, plugin: &Plugin, input: &Value) -> Result<Value, String> {
    let memory = task.asks.iter().find(|ask| &*ask.name == "memory").and_then(|ask| ask.scope.first()?.parse().ok());
    let attempt = Attempt {
        plugin: plugin.clone(),
        task: task.name.to_string(),
        input: input.to_json(),
        context: AttemptContext {
            workflow: "plugin-check".to_owned(),
            step: task.name.to_string(),
            attempt: 1,
            max_attempts: 1,
            started_at: SystemClock.now(),
            ..AttemptContext::default()
        },
        timeout: EXAMPLE_TIMEOUT,
        grant: Grant { memory, ..Grant::default() },
        base_dir: std::env::temp_dir(),
        scratch_dir: None,
        limits: Limits::default(),
        savepoint: None,
        host: Arc::new(NoHost),
    };
    let end = plugins.sandbox().run(attempt).await;
    let text = end.outcome.map_err(|failure| progress::failure_line(&failure))?;
    typed(&text, &task.output).map_err(|problem| format!("its answer is not of its type: {problem}"))
}

#[cfg(test)]
mod tests {
    use jackfield_flow::plan::{Capability, ErrorInfo};

    use super::*;

    fn task(effect: Effect, asks: &[&str]) -> TaskSignature {
        let ask = |name: &&str| Capability { name: Arc::from(*name), scope: Vec::new(), required: true, docs: "".into() };
        TaskSignature {
            name: "t".into(),
            docs: "Does.".into(),
            input: Type::record(Vec::new()),
            output: Type::Int,
            input_schema: "{}".into(),
            output_schema: "{}".into(),
            errors: Vec::new(),
            effect,
            asks: asks.iter().map(ask).collect(),
            annotations: Vec::new(),
        }
    }

    fn found(task: &TaskSignature, imports: &[&str]) -> Vec<String> {
        let imports: Vec<String> = imports.iter().map(|import| (*import).to_owned()).collect();
        declared(task, &imports).iter().map(|finding| anstream::adapter::strip_str(&line(finding)).to_string()).collect()
    }

    #[test]
    fn a_task_can_use_what_it_asks_for() {
        assert_eq!(found(&task(Effect::Reads, &["http"]), &["wasi:http/outgoing-handler@0.2.3"]), [""; 0]);
        let missing = found(&task(Effect::Reads, &["http"]), &["wasi:io/streams@0.2.3"]);
        assert_eq!(missing, ["error: t: it asks for `http` and does not import `wasi:http/outgoing-handler`, so it could not use it"]);
        assert_eq!(found(&task(Effect::Reads, &["gpu"]), &[]), ["warning: t: it asks for `gpu`, which this version does not know"]);
    }

    #[test]
    fn pure_means_pure() {
        let found = found(&task(Effect::Pure, &["memory", "files-read"]), &["wasi:filesystem/types@0.2.3"]);
        assert_eq!(found, ["error: t: it says that it is pure, and asks for files-read"]);
    }

    #[test]
    fn codes_and_inputs_have_their_form() {
        let mut bad = task(Effect::Pure, &[]);
        bad.input = Type::String;
        bad.docs = " ".into();
        bad.errors = ["a-1", "a-1", "A b"].map(|code| ErrorInfo { code: code.into(), docs: "".into() }).to_vec();
        let found = found(&bad, &[]);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[1].contains("and is string") && found[2].contains("`a-1` twice") && found[3].contains("`A b` is not"));
    }
}
