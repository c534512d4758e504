//! Small task components from a few lines of WebAssembly text, and one call to run them.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jackfield_flow::plan::Grant;
use jackfield_flow::run::{Failure, Millis};

use crate::{Attempt, AttemptContext, AttemptEnd, AttemptHost, Limits, NoHost, Plugin, Sandbox, SandboxConfig, digest_of};

/// A task component around a core module.
pub(crate) struct Guest {
    /// Component-level imports, and `(core func $name (canon lower …))` for each function used; `$memory` and
    /// `$realloc` are there.
    pub(crate) imports: &'static str,
    /// `(export "name" (func $name))` for each lowered function.
    pub(crate) lowered: &'static str,
    /// The core module's imports of those, from `"host"`.
    pub(crate) core_imports: &'static str,
    /// Functions and more of the core module. It must define `$run`: task, its length, input, its length → answer.
    pub(crate) core: String,
    /// The body of `$describe`, which answers where the list's pointer and length are.
    pub(crate) describe: &'static str,
}

impl Guest {
    /// A guest without imports whose `run` has this body. Parameters are `$task`, `$task-len`, `$input`, `$input-len`.
    pub(crate) fn new(run_body: &str) -> Self {
        Self { imports: "", lowered: "", core_imports: "", core: run_function(run_body), describe: "(i32.const 1024)" }
    }

    /// With this in the core module as well.
    pub(crate) fn with_core(mut self, more: &str) -> Self {
        self.core.push_str(more);
        self
    }

    /// With an import of the component, what is lowered of it, and what the core module imports of that.
    pub(crate) fn with_import(mut self, imports: &'static str, lowered: &'static str, core_imports: &'static str) -> Self {
        (self.imports, self.lowered, self.core_imports) = (imports, lowered, core_imports);
        self
    }

    /// The component as text.
    pub(crate) fn text(&self) -> String {
        let Self { imports, lowered, core_imports, core, describe } = self;
        format!(
            r#"(component
  {TYPES}
  (core module $libc
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (block $fits (loop $grow
        (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
        (unreachable)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  {imports}
  (core module $main
    (import "libc" "memory" (memory 2))
    {core_imports}
    ;; An answer is at 16: 0 and a string, or 1 and a task-error.
    (func $ok (param $at i32) (param $len i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 24) (local.get $at)) (i32.store (i32.const 28) (local.get $len))
      (i32.const 16))
    ;; The case, then code and message as pointer and length each.
    (func $err (param $case i32) (param i32 i32 i32 i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 1))
      (i32.store8 (i32.const 24) (local.get $case))
      (i32.store (i32.const 32) (local.get 1)) (i32.store (i32.const 36) (local.get 2))
      (i32.store (i32.const 40) (local.get 3)) (i32.store (i32.const 44) (local.get 4))
      (i32.store8 (i32.const 48) (i32.const 0))
      (i32.const 16))
    {core}
    (func $describe (export "describe") (result i32) {describe}))
  (core instance $main (instantiate $main (with "libc" (instance $libc)) (with "host" (instance {lowered}))))
  (func $describe (result (list $task-info)) (canon lift (core func $main "describe") (memory $memory)))
  (func $run (param "task" string) (param "input" string) (result (result string (error $task-error)))
    (canon lift (core func $main "run") (memory $memory) (realloc $realloc)))
  (instance $tasks (export "describe" (func $describe)) (export "run" (func $run)))
  (export "jackfield:task/tasks@0.1.0" (instance $tasks)))"#
        )
    }

    /// The component.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        wat::parse_str(self.text()).unwrap_or_else(|error| panic!("{error}\n{}", self.text()))
    }

    /// The component, loaded.
    pub(crate) fn load(&self, sandbox: &Sandbox) -> Plugin {
        let bytes = self.bytes();
        sandbox.load(&digest_of(&bytes), &bytes).unwrap()
    }

    /// Runs it with nothing granted.
    pub(crate) async fn run(&self) -> AttemptEnd {
        self.run_with(|_| {}).await
    }

    /// Runs it as changed.
    pub(crate) async fn run_with(&self, change: impl FnOnce(&mut Attempt)) -> AttemptEnd {
        let sandbox = sandbox();
        self.run_in(&sandbox, change).await
    }

    /// Runs it in a sandbox of one's own.
    pub(crate) async fn run_in(&self, sandbox: &Sandbox, change: impl FnOnce(&mut Attempt)) -> AttemptEnd {
        let mut attempt = attempt(self.load(sandbox));
        change(&mut attempt);
        sandbox.run(attempt).await
    }
}

fn run_function(body: &str) -> String {
    format!(
        r#"(func $run (export "run") (param $task i32) (param $task-len i32) (param $input i32) (param $input-len i32) (result i32)
      {body})"#
    )
}

/// The types of the contract, as a component imports them.
const TYPES: &str = r#"
  (import "jackfield:task/types@0.1.0" (instance $types
    (type $d (record (field "code" string) (field "message" string) (field "data" (option string))))
    (export "error-detail" (type $detail (eq $d)))
    (type $l (record (field "delay-ms" u64) (field "detail" $detail)))
    (export "retry-later" (type $later (eq $l)))
    (type $e (variant (case "transient" $detail) (case "retry-after" $later) (case "permanent" $detail) (case "unknown-outcome" $detail)))
    (export "task-error" (type (eq $e)))
    (type $f (enum "pure" "reads" "effects"))
    (export "effect" (type $effect (eq $f)))
    (type $i (record (field "code" string) (field "docs" string)))
    (export "error-info" (type $info (eq $i)))
    (type $c (record (field "name" string) (field "scope" (list string)) (field "required" bool) (field "docs" string)))
    (export "capability" (type $capability (eq $c)))
    (type $t (record (field "name" string) (field "docs" string) (field "input-schema" string) (field "output-schema" string)
      (field "errors" (list $info)) (field "effect" $effect) (field "capabilities" (list $capability))
      (field "annotations" (list (tuple string string)))))
    (export "task-info" (type (eq $t)))))
  (alias export $types "task-error" (type $task-error))
  (alias export $types "task-info" (type $task-info))"#;

/// The sandbox that most tests share.
pub(crate) fn sandbox() -> Sandbox {
    static SHARED: OnceLock<Sandbox> = OnceLock::new();
    SHARED.get_or_init(|| Sandbox::new(SandboxConfig::default()).unwrap()).clone()
}

/// An attempt with nothing granted and ten seconds.
pub(crate) fn attempt(plugin: Plugin) -> Attempt {
    Attempt {
        plugin,
        task: "echo".into(),
        input: "{}".into(),
        context: AttemptContext {
            run_id: "7".into(),
            workflow: "daily".into(),
            step: "fetch".into(),
            item: Some(3),
            attempt: 1,
            max_attempts: 4,
            deadline_ms: 1_700_000_010_000,
            idempotency_key: "0123456789abcdef0123456789abcdef".into(),
            started_at: Millis(1_700_000_000_000),
        },
        timeout: Duration::from_secs(10),
        grant: Grant::default(),
        base_dir: PathBuf::from("."),
        scratch_dir: None,
        limits: Limits::default(),
        savepoint: None,
        host: Arc::new(NoHost),
    }
}

/// The failure's code.
pub(crate) fn code(end: &AttemptEnd) -> &str {
    failure(end).code.as_ref()
}

/// The failure.
pub(crate) fn failure(end: &AttemptEnd) -> &Failure {
    match &end.outcome {
        Err(failure) => failure,
        Ok(answer) => panic!("the attempt answered {answer}"),
    }
}

/// All lines that were kept.
pub(crate) fn log(end: &AttemptEnd) -> Vec<String> {
    end.output.head.iter().chain(&end.output.tail).map(|line| line.text.clone()).collect()
}

/// A host that does as a function says when progress is reported.
pub(crate) struct OnProgress<F>(pub(crate) F);

impl<F: Fn(u64) + Send + Sync> AttemptHost for OnProgress<F> {
    fn progress(&self, done: u64, _total: Option<u64>, _message: &str) {
        (self.0)(done);
    }

    fn save(&self, _data: Vec<u8>) -> crate::SaveFuture<'_> {
        Box::pin(std::future::pending())
    }

    fn log(&self, _line: &crate::LogLine) {}
}

/// The `progress` interface.
pub(crate) const PROGRESS: &str = r#"
  (import "jackfield:task/progress@0.1.0" (instance $progress
    (type $e (variant (case "too-large" u64) (case "stopped") (case "storage" string)))
    (export "savepoint-error" (type $se (eq $e)))
    (export "report" (func (param "done" u64) (param "total" (option u64)) (param "message" string)))
    (export "save" (func (param "data" (list u8)) (result (result (error $se)))))
    (export "load" (func (result (option (list u8)))))))
  (core func $report (canon lower (func $progress "report") (memory $memory)))
  (core func $save (canon lower (func $progress "save") (memory $memory) (realloc $realloc)))
  (core func $load (canon lower (func $progress "load") (memory $memory) (realloc $realloc)))"#;
pub(crate) const PROGRESS_LOWERED: &str = r#"(export "report" (func $report)) (export "save" (func $save)) (export "load" (func $load))"#;
pub(crate) const PROGRESS_CORE: &str = r#"
    (import "host" "report" (func $report (param i64 i32 i64 i32 i32)))
    (import "host" "save" (func $save (param i32 i32 i32)))
    (import "host" "load" (func $load (param i32)))"#;
