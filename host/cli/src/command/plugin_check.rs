//! `jackfield plugin check FILE`.

mod trial;

use std::path::Path;
use std::sync::Arc;

use jackfield_flow::plan::{Effect, TaskSignature};
use jackfield_flow::types::Type;
use serde::Serialize;
use trial::{Measured, Trial};

use crate::args::PluginCheckArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};
use crate::operator::Operator;
use crate::output::style::{BAD, GOOD, WARN, paint};
use crate::output::time::bytes;
use crate::output::{Format, escape};

/// Capabilities, and the import without which asking for one makes no sense.
const IMPORTS_OF: [(&str, &str); 5] = [
    ("http", "wasi:http/outgoing-handler"),
    ("files-read", "wasi:filesystem/"),
    ("files-write", "wasi:filesystem/"),
    ("config", "wasi:config/store"),
    ("secrets", "jackfield:task/secrets"),
];

/// Imports that a plugin has on purpose, with the capabilities that are for them. Of the rest of WASI, runtimes import what no author
/// thought of.
const ASKS_FOR: [(&str, &str); 3] =
    [("wasi:http/outgoing-handler", "http"), ("wasi:config/store", "config"), ("jackfield:task/secrets", "secrets")];

/// What was found, for programs.
#[derive(Debug, Serialize)]
struct Checked {
    digest: String,
    size_bytes: u64,
    #[serde(flatten)]
    measured: Measured,
    findings: Vec<Finding>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    severity: Severity,
    /// Nothing when it is about the whole plugin.
    task: Option<Arc<str>>,
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
        Self { severity, task: Some(Arc::clone(&task.name)), message: message.into() }
    }

    fn of_all(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, task: None, message: message.into() }
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
        let tasks = &installed.info.tasks;
        let mut findings = unasked(tasks, plugin.imports());
        let trial = Trial::new(&plugins, &plugin);
        let measured = trial.whole(&mut findings).await;
        for task in tasks {
            findings.extend(declared(task, plugin.imports()));
            trial.task(task, &mut findings).await;
        }
        let digest = installed.info.digest.to_string();
        finish(home, &args.file, Checked { digest, size_bytes: installed.bytes, measured, findings }, tasks.len())
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
    output.detail(&format!(
        "{}: {}; a call takes {:.1} ms and {} of memory before its task begins",
        file.display(),
        bytes(checked.size_bytes),
        checked.measured.call_ms,
        bytes(checked.measured.memory_bytes)
    ));
    let count = if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
    output.say(&format!("{}: {count}, {}", file.display(), paint(GOOD, "nothing is wrong")));
    Ok(Exit::Done)
}

fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => paint(BAD, "error"),
        Severity::Warning => paint(WARN, "warning"),
    };
    match &finding.task {
        Some(task) => format!("{severity}: {}: {}", escape::line(task), escape::line(&finding.message)),
        None => format!("{severity}: {}", escape::line(&finding.message)),
    }
}

/// What the plugin imports and no task asks for: either the asking was forgotten, or the import.
fn unasked(tasks: &[TaskSignature], imports: &[String]) -> Vec<Finding> {
    let asked = |name: &str| tasks.iter().flat_map(|task| &task.asks).any(|ask| &*ask.name == name);
    let imported = |interface: &str| imports.iter().any(|known| known.starts_with(interface));
    let found = ASKS_FOR.iter().filter(|(interface, name)| imported(interface) && !asked(name));
    found
        .map(|(interface, name)| Finding::of_all(Severity::Warning, format!("it imports `{interface}`, and no task asks for `{name}`")))
        .collect()
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
    fn what_is_imported_is_asked_for() {
        let imports = ["wasi:http/outgoing-handler@0.2.12".to_owned(), "wasi:filesystem/types@0.2.12".to_owned()];
        let found = |asks: &[&str]| unasked(&[task(Effect::Reads, asks)], &imports).len();
        assert_eq!((found(&[]), found(&["config"]), found(&["http"])), (1, 1, 0));
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
