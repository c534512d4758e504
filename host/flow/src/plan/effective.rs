//! The effective grant: asked by the plugin ∩ given by the workflow. (The operator's part is known where the attempt runs.)

use super::grant::{FileMode, Grant, HttpRule};
use super::signature::Capability;

/// What a step lacks, and the line that would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing<'a> {
    /// What the task asks for.
    pub(super) capability: &'a Capability,
    /// What to add under `grant:`.
    pub(super) line: String,
}

/// What a step was given although its task never asked.
pub(super) type Needless = &'static str;

/// Intersects what a task asks for with what its step gives.
pub(super) fn effective<'a>(asks: &'a [Capability], given: &Grant) -> (Grant, Vec<Missing<'a>>, Vec<Needless>) {
    let asked = |name: &str| asks.iter().find(|capability| &*capability.name == name);
    let mut grant = Grant::default();
    let mut needless = Vec::new();
    match asked("http") {
        Some(capability) => grant.http = intersect_http(capability, &given.http),
        None if !given.http.is_empty() => needless.push("http"),
        None => {}
    }
    let (reads, writes) = (asked("files-read"), asked("files-write"));
    if reads.is_some() || writes.is_some() {
        grant.files.clone_from(&given.files);
        if writes.is_none() {
            grant.files.iter_mut().for_each(|rule| rule.mode = FileMode::ReadOnly);
        }
    } else if !given.files.is_empty() {
        needless.push("files");
    }
    match asked("config") {
        Some(capability) => {
            let within = |name: &&std::sync::Arc<str>| capability.scope.is_empty() || capability.scope.contains(name);
            grant.config = given.config.iter().filter(within).cloned().collect();
        }
        None if !given.config.is_empty() => needless.push("config"),
        None => {}
    }
    match asked("secrets") {
        Some(capability) => {
            let within = |name: &std::sync::Arc<str>| capability.scope.is_empty() || capability.scope.contains(name);
            grant.secrets = given.secrets.iter().filter(|rule| within(&rule.name)).cloned().collect();
        }
        None if !given.secrets.is_empty() => needless.push("secrets"),
        None => {}
    }
    grant.scratch = given.scratch && asked("scratch").is_some();
    if given.scratch && !grant.scratch {
        needless.push("scratch");
    }
    grant.memory = given.memory;
    let missing = asks.iter().filter(|capability| capability.required).filter_map(|capability| missing(capability, &grant)).collect();
    (grant, missing, needless)
}

/// Rules given, each narrowed to what was asked; a task that names no scope may use whatever it is given.
fn intersect_http(capability: &Capability, given: &[HttpRule]) -> Vec<HttpRule> {
    if capability.scope.is_empty() {
        return given.to_vec();
    }
    let asked: Vec<HttpRule> = capability.scope.iter().filter_map(|rule| HttpRule::parse(rule).ok()).collect();
    given.iter().flat_map(|given| asked.iter().filter_map(|asked| given.intersect(asked))).collect()
}

fn missing<'a>(capability: &'a Capability, grant: &Grant) -> Option<Missing<'a>> {
    let scope = |example: &str| {
        if capability.scope.is_empty() { example.to_owned() } else { capability.scope.join("\", \"") }
    };
    let (has, line) = match &*capability.name {
        "http" => (!grant.http.is_empty(), format!("http: [\"{}\"]", scope("GET https://HOST/PATH*"))),
        "files-read" => (!grant.files.is_empty(), "files: [\"read DIRECTORY\"]".to_owned()),
        "files-write" => (grant.files.iter().any(|rule| rule.mode == FileMode::ReadWrite), "files: [\"write DIRECTORY\"]".to_owned()),
        "config" => (covers(capability, &grant.config), format!("config: [\"{}\"]", scope("NAME"))),
        "secrets" => {
            let names: Vec<_> = grant.secrets.iter().map(|rule| rule.name.clone()).collect();
            (covers(capability, &names), format!("secrets: [\"{}\"]", scope("NAME")))
        }
        "scratch" => (grant.scratch, "scratch: true".to_owned()),
        "memory" => {
            let wanted: u64 = capability.scope.first().and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
            (wanted <= grant.memory.unwrap_or(MEMORY_DEFAULT), format!("memory: {wanted}"))
        }
        _ => return None,
    };
    (!has).then_some(Missing { capability, line })
}

/// Memory of an attempt whose step says nothing, in bytes.
pub const MEMORY_DEFAULT: u64 = 64 << 20;

fn covers(capability: &Capability, given: &[std::sync::Arc<str>]) -> bool {
    !given.is_empty() && capability.scope.iter().all(|name| given.contains(name))
}
