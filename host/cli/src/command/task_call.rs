//! `jackfield task call PLUGIN.wasm TASK`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::{FileRule, Grant, HttpRule, SecretRule, TaskSignature};
use jackfield_flow::run::{Failure, Millis, Platform, Receipt};
use jackfield_flow::types::{JsonLimits, Type, Value, did_you_mean, parse_duration};
use jackfield_sandbox::{Attempt, AttemptContext, AttemptEnd, AttemptHost, Limits, LogLine, SaveError, SaveFuture};
use jackfield_worker::{Clock as _, Plugins, SystemClock};
use tokio::sync::mpsc;

use crate::args::TaskCallArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};
use crate::inputs;
use crate::output::escape;
use crate::output::style::{DIM, paint};
use crate::output::time::{bytes, span};
use crate::{drive, log_line};

use super::run::operator;

/// Calls one task, and prints what it answers.
pub(crate) fn run(home: &Home, args: &TaskCallArgs) -> Result<Exit, CliError> {
    let timeout = timeout(&args.timeout)?;
    let grant = grant(args)?;
    let operator = operator(&args.operator)?;
    engine_runtime()?.block_on(async {
        let plugins = home.plugins(operator)?;
        let installed = plugins.install(&args.plugin).await?;
        let task = find(&installed.info.tasks, &args.task)?;
        let input = input(task, &args.inputs, if args.wave { Notation::Wave } else { Notation::Json })?;
        let scratch = args.scratch.then(tempfile::tempdir).transpose();
        let scratch = scratch.map_err(|error| CliError::Disk { what: "the scratch directory cannot be made".to_owned(), error })?;
        let now = SystemClock.now();
        let attempt = Attempt {
            plugin: plugins.load(installed.info.digest).await?,
            task: task.name.to_string(),
            input: input.to_json(),
            context: context(task, now, timeout),
            timeout,
            grant,
            base_dir: std::env::current_dir().map_err(|error| CliError::file(Path::new("."), error))?,
            scratch_dir: scratch.as_ref().map(|directory| directory.path().to_owned()),
            limits: Limits::default(),
            savepoint: None,
            host: Arc::new(jackfield_sandbox::NoHost),
        };
        let end = call(home, &plugins, attempt).await?;
        finish(home, task, end)
    })
}

fn timeout(text: &str) -> Result<Duration, CliError> {
    let wrong = || CliError::Usage(format!("--timeout: `{text}` is not a time above 0, such as 500ms, 30s or 2m"));
    let span = parse_duration(text).ok_or_else(wrong)?;
    Duration::try_from(span).ok().filter(|span| !span.is_zero()).ok_or_else(wrong)
}

fn grant(args: &TaskCallArgs) -> Result<Grant, CliError> {
    let wrong = |option: &'static str| move |problem: String| CliError::Usage(format!("--{option}: {problem}"));
    Ok(Grant {
        http: args.http.iter().map(|rule| HttpRule::parse(rule)).collect::<Result<_, _>>().map_err(wrong("http"))?,
        files: args.files.iter().map(|rule| FileRule::parse(rule)).collect::<Result<_, _>>().map_err(wrong("files"))?,
        config: args.config_name.iter().map(|name| Arc::from(&**name)).collect(),
        secrets: args.secret.iter().map(|name| SecretRule { name: Arc::from(&**name), hosts: Vec::new() }).collect(),
        scratch: args.scratch,
        memory: args.memory.map(|mebibytes| mebibytes << 20),
    })
}

fn find<'a>(tasks: &'a [TaskSignature], wanted: &str) -> Result<&'a TaskSignature, CliError> {
    tasks.iter().find(|task| &*task.name == wanted).ok_or_else(|| {
        let names: Vec<&str> = tasks.iter().map(|task| &*task.name).collect();
        let help = match did_you_mean(wanted, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has: {}", names.join(", ")),
        };
        CliError::Usage(format!("the plugin has no task `{wanted}`; {help}"))
    })
}

/// What values are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    Json,
    Wave,
}

/// The input, of the task's type: refused here, where the place of what is wrong can be told.
fn input(task: &TaskSignature, typed: &[String], notation: Notation) -> Result<Value, CliError> {
    let whole = |shown: &str, bytes: Vec<u8>| match notation {
        Notation::Json => whole(shown, bytes),
        Notation::Wave => wave(shown, &inputs::utf8(shown, bytes)?, &task.input),
    };
    let value = match typed {
        [] => Value::map::<Arc<str>>([]),
        [one] if one == "-" => whole("standard input", inputs::read(Path::new("-"))?)?,
        [one] if one.starts_with('@') => whole(&one[1..], inputs::read(Path::new(&one[1..]))?)?,
        [one] if one.trim_start().starts_with('{') => whole("--input", one.clone().into_bytes())?,
        fields => Value::Map(Arc::new(fields.iter().map(|typed| field(task, typed, notation)).collect::<Result<_, _>>()?)),
    };
    task.input.check(&value).map_err(|problem| CliError::Usage(format!("--input: {problem}; the task takes {}", task.input)))
}

fn whole(shown: &str, bytes: Vec<u8>) -> Result<Value, CliError> {
    let text = inputs::utf8(shown, bytes)?;
    Value::from_json(&text, JsonLimits::default()).map_err(|error| CliError::Usage(format!("{shown}: {error}")))
}

fn wave(shown: &str, text: &str, ty: &Type) -> Result<Value, CliError> {
    crate::wave::read(text, ty).map_err(|error| CliError::Usage(format!("{shown}: {error}")))
}

fn field(task: &TaskSignature, typed: &str, notation: Notation) -> Result<(Arc<str>, Value), CliError> {
    let Some((name, value)) = typed.split_once('=') else {
        return Err(CliError::Usage(format!("--input: write a JSON object, @FILE, - or NAME=VALUE; the task takes {}", task.input)));
    };
    let ty = match &task.input {
        Type::Record(record) => record.field(name).map(|field| &field.ty),
        _ => None,
    };
    let value = match notation {
        Notation::Json => inputs::value_of(name, ty, value)?,
        Notation::Wave => wave(&format!("--input {name}"), value, ty.unwrap_or(&Type::Json))?,
    };
    Ok((Arc::from(name), value))
}

fn context(task: &TaskSignature, now: Millis, timeout: Duration) -> AttemptContext {
    let deadline = now.after(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
    AttemptContext {
        run_id: "0".to_owned(),
        workflow: "task-call".to_owned(),
        step: task.name.to_string(),
        item: None,
        attempt: 1,
        max_attempts: 1,
        deadline_ms: u64::try_from(deadline.0).unwrap_or(0),
        // Two calls by hand are two wishes, so the key is another one each time.
        idempotency_key: format!("task-call-{}-{}", std::process::id(), now.0),
        started_at: now,
    }
}

/// Lines that wait to be shown; what comes faster is kept by the attempt alone.
const LINES_MAX: usize = 1_024;

async fn call(home: &Home, plugins: &Plugins, mut attempt: Attempt) -> Result<AttemptEnd, CliError> {
    let mut stop = drive::Stop::listen()?;
    let (lines, mut shown) = mpsc::channel(LINES_MAX);
    attempt.host = Arc::new(Listener { lines });
    let sandbox = plugins.sandbox();
    let running = sandbox.run(attempt);
    tokio::pin!(running);
    loop {
        tokio::select! {
            biased;
            Some(line) = shown.recv() => home.output.say(&line),
            end = &mut running => {
                while let Ok(line) = shown.try_recv() {
                    home.output.say(&line);
                }
                return Ok(end);
            }
            // Nothing is recorded of a call by hand, so there is nothing to go on with.
            () = stop.wished() => {
                let cancelled = Platform::Cancelled.failure("interrupted");
                return Err(CliError::TaskFailed(Box::new(cancelled)));
            }
        }
    }
}

fn finish(home: &Home, task: &TaskSignature, end: AttemptEnd) -> Result<Exit, CliError> {
    home.output.detail(&receipt(&end.receipt));
    let text = end.outcome.map_err(failed)?;
    let refused = |problem: String| failed(Platform::ValueOutput.failure(problem));
    let value = Value::from_json(&text, JsonLimits::default()).map_err(|error| refused(format!("the answer is not JSON: {error}")))?;
    let value =
        task.output.check(&value).map_err(|problem| refused(format!("the answer is not of the type {}: {problem}", task.output)))?;
    home.output.json(&value)?;
    Ok(Exit::Done)
}

fn failed(failure: Failure) -> CliError {
    CliError::TaskFailed(Box::new(failure))
}

fn receipt(receipt: &Receipt) -> String {
    let hosts = if receipt.hosts.is_empty() { String::new() } else { format!(", connected to {}", receipt.hosts.join(", ")) };
    let fuel = receipt.fuel.map_or_else(String::new, |fuel| format!(", {fuel} fuel"));
    format!(
        "took {} ({} µs), memory {}, in {}, out {}{fuel}{hosts}",
        span(receipt.wall_us / 1_000),
        receipt.wall_us,
        bytes(receipt.memory_peak),
        bytes(receipt.bytes_in),
        bytes(receipt.bytes_out)
    )
}

/// The other side of a task called by hand: lines go to standard error as they come.
struct Listener {
    lines: mpsc::Sender<String>,
}

impl AttemptHost for Listener {
    fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        let total = total.map_or_else(String::new, |total| format!("/{total}"));
        let _ = self.lines.try_send(paint(DIM, format!("{done}{total} {}", escape::line(message))));
    }

    fn save(&self, _data: Vec<u8>) -> SaveFuture<'_> {
        Box::pin(async { Err(SaveError::Storage("nothing is kept of a task called by hand".to_owned())) })
    }

    fn log(&self, line: &LogLine) {
        let _ = self.lines.try_send(log_line::words(&line.into()));
    }
}

#[cfg(test)]
mod tests {
    use jackfield_flow::types::Field;

    use super::*;

    fn greet() -> TaskSignature {
        let input = Type::record(vec![Field::required("name", Type::String), Field::optional("times", Type::Int)]);
        TaskSignature {
            name: "greet".into(),
            docs: "".into(),
            input,
            output: Type::String,
            input_schema: "{}".into(),
            output_schema: "{}".into(),
            errors: Vec::new(),
            effect: jackfield_flow::plan::Effect::Pure,
            asks: Vec::new(),
            annotations: Vec::new(),
        }
    }

    fn check(typed: &[&str], expected: Result<&str, &str>) {
        let typed: Vec<String> = typed.iter().map(|word| (*word).to_owned()).collect();
        match (input(&greet(), &typed, Notation::Json), expected) {
            (Ok(value), Ok(json)) => assert_eq!(value.to_json(), json),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (got, expected) => panic!("{got:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn an_input_is_json_or_named_values_of_the_declared_types() {
        check(&[r#"{"name": "Ada"}"#], Ok(r#"{"name":"Ada"}"#));
        check(&["name=42", "times=3"], Ok(r#"{"name":"42","times":3}"#));
        check(&["name=Ada", "times=x"], Err("it must be int"));
        check(&[], Err("the task takes {name: string"));
        check(&["Ada"], Err("NAME=VALUE"));
        check(&[r#"{"name": 1}"#], Err("expected string"));
        check(&["nmae=Ada"], Err("name"));
    }

    #[test]
    fn tasks_are_found_or_a_near_name_is_told() {
        assert!(find(&[greet()], "greet").is_ok());
        assert!(find(&[greet()], "geet").unwrap_err().to_string().contains("did you mean `greet`?"));
    }

    #[test]
    fn times_are_above_zero() {
        assert_eq!(timeout("500ms").unwrap(), Duration::from_millis(500));
        for text in ["0s", "-1s", "soon", "5"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}
