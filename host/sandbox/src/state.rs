//! What a store carries: the state behind the host functions of one attempt.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jackfield_flow::plan::{Effect, Grant};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_config::{WasiConfig, WasiConfigVariables};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::attempt::{AttemptContext, AttemptHost, Capture};
use crate::host::files::Mount;
use crate::host::files::used::Directories;
use crate::host::http::HttpGate;
use crate::host::random::Random;
use crate::host::secrets::Placeholders;
use crate::host::{clocks, http, stdio};
use crate::limits::{Meter, RESOURCES_MAX};
use crate::sandbox::Shared;

/// The state of one attempt. What few guests use is built when it is first asked for.
pub(crate) struct State {
    pub(crate) shared: Arc<Shared>,
    pub(crate) context: AttemptContext,
    pub(crate) grant: Grant,
    pub(crate) effect: Effect,
    pub(crate) deadline: Instant,
    pub(crate) host: Arc<dyn AttemptHost>,
    pub(crate) capture: Capture,
    pub(crate) meter: Meter,
    pub(crate) savepoint: Option<Vec<u8>>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) table: ResourceTable,
    /// Placeholders handed out; the HTTP gate looks them up from its own tasks.
    pub(crate) placeholders: Arc<Mutex<Placeholders>>,
    /// `host:port` of connections tried, in order; filled by the HTTP gate's tasks.
    pub(crate) contacted: Arc<Mutex<Contacted>>,
    /// Which open files and directories belong to which granted one.
    pub(crate) directories: Directories,
    /// What was used of the grant so far.
    used: Arc<Mutex<Grant>>,
    wasi: Option<Box<WasiCtx>>,
    http: Option<Box<(WasiHttpCtx, HttpGate)>>,
    config: Option<Box<WasiConfigVariables>>,
    random: Option<Box<Random>>,
}

/// Hosts in order of first use.
#[derive(Default)]
pub(crate) struct Contacted {
    order: Vec<String>,
    known: BTreeSet<String>,
}

/// How many hosts a receipt lists.
const CONTACTED_MAX: usize = 32;

impl Contacted {
    /// Notes a connection that is about to be tried.
    pub(crate) fn note(&mut self, host_and_port: String) {
        if self.order.len() < CONTACTED_MAX && self.known.insert(host_and_port.clone()) {
            self.order.push(host_and_port);
        }
    }

    /// The hosts, leaving none.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.order)
    }
}

/// What [`State::new`] needs.
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) context: AttemptContext,
    pub(crate) grant: Grant,
    pub(crate) deadline: Instant,
    pub(crate) host: Arc<dyn AttemptHost>,
    pub(crate) capture: Capture,
    pub(crate) memory_bytes_max: u64,
    pub(crate) savepoint: Option<Vec<u8>>,
    pub(crate) mounts: Vec<Mount>,
}

impl State {
    /// The state of a new attempt.
    pub(crate) fn new(parts: Parts) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES_MAX);
        Self {
            shared: parts.shared,
            effect: parts.grant.effect(),
            context: parts.context,
            grant: parts.grant,
            deadline: parts.deadline,
            host: parts.host,
            capture: parts.capture,
            meter: Meter::new(parts.memory_bytes_max),
            savepoint: parts.savepoint,
            mounts: parts.mounts,
            table,
            placeholders: Arc::default(),
            contacted: Arc::default(),
            directories: Directories::default(),
            used: Arc::default(),
            wasi: None,
            http: None,
            config: None,
            random: None,
        }
    }

    /// What was used of the grant so far.
    pub(crate) fn used(&self) -> MutexGuard<'_, Grant> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All configuration values the grant names, as `wasi:config/store` gives them out.
    pub(crate) fn config(&mut self) -> WasiConfig<'_> {
        self.used().config.clone_from(&self.grant.config);
        let (grant, shared) = (&self.grant, &self.shared);
        let values = self.config.get_or_insert_with(|| {
            let granted = grant.config.iter().filter_map(|name| Some((name.as_ref(), shared.config_values.get(name.as_ref())?.as_str())));
            Box::new(granted.collect())
        });
        WasiConfig::new(values)
    }

    /// The source of random bytes.
    pub(crate) fn random(&mut self) -> &mut Random {
        self.random.get_or_insert_with(|| {
            Box::new(match self.effect {
                Effect::Pure => Random::seeded(&self.context.idempotency_key),
                Effect::Reads | Effect::Effects => Random::from_the_system(),
            })
        })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let ctx = self.wasi.get_or_insert_with(|| {
            let mut builder = WasiCtx::builder();
            builder.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
            stdio::set(&mut builder, &self.capture);
            clocks::set(&mut builder, self.effect, self.context.started_at);
            for mount in self.mounts.drain(..) {
                mount.add_to(&mut builder, &self.capture);
            }
            Box::new(builder.build())
        });
        WasiCtxView { ctx, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let parts = self.http.get_or_insert_with(|| {
            let mut ctx = WasiHttpCtx::new();
            ctx.set_field_size_limit(http::FIELDS_BYTES_MAX);
            let gate = HttpGate {
                shared: Arc::clone(&self.shared),
                rules: Arc::from(self.grant.http.as_slice()),
                placeholders: Arc::clone(&self.placeholders),
                contacted: Arc::clone(&self.contacted),
                used: Arc::clone(&self.used),
                capture: self.capture.clone(),
                connections: Arc::new(tokio::sync::Semaphore::new(http::CONNECTIONS_MAX)),
            };
            Box::new((ctx, gate))
        });
        let (ctx, hooks) = &mut **parts;
        WasiHttpCtxView { ctx, hooks, table: &mut self.table }
    }
}
