//! A sandbox under some operator, with a guest in it: `probe`, if no other is named.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jackfield_flow::plan::{FileRule, Grant, HttpRule, SecretRule};
use jackfield_flow::run::{Failure, Millis};
use jackfield_sandbox::{
    Attempt, AttemptContext, AttemptEnd, AttemptHost, Limits, NoHost, OperatorPolicy, Plugin, Sandbox, SandboxConfig, digest_of,
};
use serde_json::Value;

/// When the step of every attempt here started, in milliseconds since the Unix epoch.
pub(crate) const STARTED_AT_MS: u64 = 1_700_000_000_123;

/// A sandbox with a guest loaded. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rig {
    sandbox: Sandbox,
    guest: Plugin,
}

impl Rig {
    /// The operator allows nothing special and has set nothing.
    pub(crate) fn closed() -> Self {
        static SHARED: OnceLock<Rig> = OnceLock::new();
        SHARED.get_or_init(|| Self::under(SandboxConfig::default())).clone()
    }

    /// The operator lets granted requests reach these networks.
    pub(crate) fn open_to(networks: &[&str]) -> Self {
        let open_networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
        Self::under(SandboxConfig { operator: OperatorPolicy { open_networks, ..OperatorPolicy::default() }, ..SandboxConfig::default() })
    }

    /// The operator says this.
    pub(crate) fn under(config: SandboxConfig) -> Self {
        Self::of(&kit::guest("probe"), config)
    }

    /// With another guest.
    pub(crate) fn of(guest: &Path, config: SandboxConfig) -> Self {
        let cache = jackfield_build::target_dir(kit::repository()).join("test-code");
        let sandbox = Sandbox::new(SandboxConfig { cache_dir: Some(cache), ..config }).expect("a sandbox");
        let bytes = std::fs::read(guest).expect("the guest");
        let guest = sandbox.load(&digest_of(&bytes), &bytes).expect("the guest is a plugin");
        Self { sandbox, guest }
    }

    /// The guest.
    pub(crate) fn guest(&self) -> &Plugin {
        &self.guest
    }

    /// A call of a task of the guest, with nothing granted and ten seconds.
    pub(crate) fn task(&self, task: &str, input: &Value) -> Call<'_> {
        let context = AttemptContext {
            run_id: "7".to_owned(),
            workflow: "w".to_owned(),
            step: "s".to_owned(),
            item: None,
            attempt: 1,
            max_attempts: 3,
            deadline_ms: STARTED_AT_MS + 10_000,
            idempotency_key: "0123456789abcdef0123456789abcdef".to_owned(),
            started_at: Millis(STARTED_AT_MS.try_into().expect("a time")),
        };
        let attempt = Attempt {
            plugin: self.guest.clone(),
            task: task.to_owned(),
            input: input.to_string(),
            context,
            timeout: Duration::from_secs(10),
            grant: Grant::default(),
            base_dir: PathBuf::from("."),
            scratch_dir: None,
            limits: Limits::default(),
            savepoint: None,
            host: Arc::new(NoHost),
        };
        Call { sandbox: &self.sandbox, attempt }
    }
}

/// A call about to be made.
pub(crate) struct Call<'a> {
    sandbox: &'a Sandbox,
    attempt: Attempt,
}

impl Call<'_> {
    /// Grants a request.
    pub(crate) fn http(mut self, rule: &str) -> Self {
        self.attempt.grant.http.push(HttpRule::parse(rule).expect("a rule"));
        self
    }

    /// Grants a directory, as seen from `base`.
    pub(crate) fn files(mut self, base: &Path, rule: &str) -> Self {
        self.attempt.grant.files.push(FileRule::parse(rule).expect("a rule"));
        base.clone_into(&mut self.attempt.base_dir);
        self
    }

    /// Grants a secret for these hosts; for every host without.
    pub(crate) fn secret(mut self, name: &str, hosts: &[&str]) -> Self {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        self.attempt.grant.secrets.push(SecretRule { name: name.into(), hosts });
        self
    }

    /// Grants a configuration value.
    pub(crate) fn config(mut self, name: &str) -> Self {
        self.attempt.grant.config.push(name.into());
        self
    }

    /// Grants memory, in MiB.
    pub(crate) fn memory_mib(mut self, mebibytes: u64) -> Self {
        self.attempt.grant.memory = Some(mebibytes << 20);
        self
    }

    /// Has this JSON text as its input.
    pub(crate) fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.attempt.input);
        self
    }

    /// Talks to this host.
    pub(crate) fn host(mut self, host: Arc<dyn AttemptHost>) -> Self {
        self.attempt.host = host;
        self
    }

    /// An earlier attempt saved this.
    pub(crate) fn savepoint(mut self, data: Option<Vec<u8>>) -> Self {
        self.attempt.savepoint = data;
        self
    }

    /// Gives it so long.
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.attempt.timeout = timeout;
        self
    }

    /// Is another attempt, perhaps of another step.
    pub(crate) fn attempt(mut self, attempt: u32, idempotency_key: &str) -> Self {
        self.attempt.context.attempt = attempt;
        idempotency_key.clone_into(&mut self.attempt.context.idempotency_key);
        self
    }

    /// Makes the call.
    pub(crate) async fn run(self) -> Ended {
        Ended(self.sandbox.run(self.attempt).await)
    }
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ended(pub(crate) AttemptEnd);

impl Ended {
    /// The failure's code; `ok` when there is none.
    pub(crate) fn code(&self) -> &str {
        self.0.outcome.as_ref().map_or_else(|failure| failure.code.as_ref(), |_| "ok")
    }

    /// Why it failed.
    #[track_caller]
    pub(crate) fn failure(&self) -> &Failure {
        self.0.outcome.as_ref().expect_err("it was to fail")
    }

    /// What it answered.
    #[track_caller]
    pub(crate) fn answer(&self) -> Value {
        let text = self.0.outcome.as_ref().unwrap_or_else(|failure| panic!("{failure}\n{}", self.log()));
        serde_json::from_str(text).expect("JSON")
    }

    /// All lines that were kept.
    pub(crate) fn log(&self) -> String {
        let lines = self.0.output.head.iter().chain(&self.0.output.tail);
        lines.map(|line| format!("{}\n", line.text)).collect()
    }
}
