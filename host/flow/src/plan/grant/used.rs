//! What was used of a grant, and the smallest grant that would have been enough.
//!
//! What is used is a grant itself, which grows: each rule in it lies within one that was granted. The sandbox notes uses as
//! they happen; the uses of many attempts are joined in the same way.

use super::super::effective::MEMORY_DEFAULT;
use super::super::signature::Capability;
use super::{FileMode, FileRule, Grant, HttpRule, HttpTarget, SecretRule, host_matches, narrower_path};
use crate::types::Value;

/// Rules of one kind that are kept apart; further ones become the rule that was granted.
pub const USED_RULES_MAX: usize = 32;
/// The longest path of a request that is kept as it is, in bytes; of a longer one the folders that fit.
const PATH_BYTES_MAX: usize = 256;
const MIB: u64 = 1 << 20;

impl HttpRule {
    /// The rule that lets this request through and no other, if there is a way to write it.
    pub fn exactly(request: &HttpTarget<'_>) -> Option<Self> {
        let HttpTarget { method, scheme, host, port, path } = request;
        Self::parse(&format!("{method} {scheme}://{host}:{port}{path}")).ok()
    }

    /// Whether it lets through whatever the other one does.
    pub fn covers(&self, other: &Self) -> bool {
        let method = |method: &String| self.methods.iter().any(|own| own == "*" || own == method);
        let origin = self.scheme == other.scheme && self.port == other.port && host_matches(&self.host, &other.host);
        origin && other.methods.iter().all(method) && narrower_path(&self.path, &other.path).as_ref() == Some(&other.path)
    }

    fn same_but_path(&self, other: &Self) -> bool {
        self.methods == other.methods && self.scheme == other.scheme && self.host == other.host && self.port == other.port
    }

    fn same_but_methods(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.host == other.host && self.port == other.port && self.path == other.path
    }
}

/// The longest folder that both paths are in, as a pattern.
fn common_folder(a: &str, b: &str) -> String {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let end = a.as_bytes()[..common].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    format!("{}*", &a[..end])
}

/// A pattern that is not longer than what is kept.
fn short(path: String) -> String {
    if path.len() <= PATH_BYTES_MAX {
        return path;
    }
    let end = path.as_bytes()[..PATH_BYTES_MAX].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    format!("{}*", &path[..end])
}

impl Grant {
    /// Whether it grants nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it grants whatever the other one does.
    pub fn covers(&self, other: &Self) -> bool {
        let http = |rule: &HttpRule| {
            let one = |method: &String| HttpRule { methods: vec![method.clone()], ..rule.clone() };
            rule.methods.iter().all(|method| self.http.iter().any(|own| own.covers(&one(method))))
        };
        let file = |rule: &FileRule| {
            let same = |own: &&FileRule| own.path == rule.path && own.mount == rule.mount;
            self.files.iter().filter(same).any(|own| own.mode == rule.mode || own.mode == FileMode::ReadWrite)
        };
        let secret = |rule: &SecretRule| {
            let hosts =
                |own: &SecretRule| own.hosts.is_empty() || (!rule.hosts.is_empty() && rule.hosts.iter().all(|host| own.sent_to(host)));
            self.secrets.iter().any(|own| own.name == rule.name && hosts(own))
        };
        let memory = self.memory.unwrap_or(MEMORY_DEFAULT) >= other.memory.unwrap_or(MEMORY_DEFAULT);
        other.http.iter().all(http)
            && other.files.iter().all(file)
            && other.config.iter().all(|name| self.config.contains(name))
            && other.secrets.iter().all(secret)
            && (self.scratch || !other.scratch)
            && memory
    }

    /// Notes requests that one of the granted rules let through: those of a rule that lies within it.
    pub fn note_http(&mut self, granted: &[HttpRule], sent: HttpRule) {
        if self.http.iter().any(|known| known.covers(&sent)) {
            return;
        }
        let Some(granted) = granted.iter().find(|rule| rule.covers(&sent)) else { return };
        let within = |path: String| narrower_path(&granted.path, &path).unwrap_or_else(|| granted.path.clone());
        let sent = HttpRule { path: within(short(sent.path)), ..sent };
        if let Some(known) = self.http.iter_mut().find(|known| known.same_but_path(&sent) && granted.covers(known)) {
            known.path = within(common_folder(&known.path, &sent.path));
        } else if self.http.len() < USED_RULES_MAX {
            self.http.push(sent);
        } else {
            self.http.retain(|known| !granted.covers(known));
            self.http.push(granted.clone());
        }
    }

    /// Notes one request that a granted rule let through.
    pub fn note_request(&mut self, granted: &[HttpRule], request: &HttpTarget<'_>) {
        if self.allows_http(request) {
            return;
        }
        let by = granted.iter().find(|rule| rule.allows(request));
        // A method or path that cannot be written as a rule was let through by one that has `*` there.
        if let Some(sent) = HttpRule::exactly(request).or_else(|| by.cloned()) {
            self.note_http(granted, sent);
        }
    }

    /// Notes that a secret was asked for and, when there is a host, sent to it.
    pub fn note_secret(&mut self, granted: &SecretRule, host: Option<&str>) {
        let at = self.secrets.iter().position(|rule| rule.name == granted.name).unwrap_or_else(|| {
            self.secrets.push(SecretRule { name: granted.name.clone(), hosts: Vec::new() });
            self.secrets.len() - 1
        });
        let known = &mut self.secrets[at];
        let Some(host) = host.filter(|host| !known.sent_to(host)) else { return };
        if known.hosts.len() < USED_RULES_MAX {
            known.hosts.push(host.to_owned());
        } else {
            known.hosts = if granted.hosts.is_empty() { vec!["*".to_owned()] } else { granted.hosts.clone() };
        }
    }

    /// Notes that a granted directory was looked into, or changed.
    pub fn note_file(&mut self, granted: &FileRule, mode: FileMode) {
        match self.files.iter_mut().find(|rule| rule.mount == granted.mount) {
            Some(known) if mode == FileMode::ReadWrite => known.mode = mode,
            Some(_) => {}
            None => self.files.push(FileRule { mode, ..granted.clone() }),
        }
    }

    /// Adds what another attempt used of the same grant.
    pub fn join(&mut self, granted: &Self, used: &Self) {
        used.http.iter().for_each(|rule| self.note_http(&granted.http, rule.clone()));
        for rule in &granted.files {
            if let Some(used) = used.files.iter().find(|used| used.mount == rule.mount) {
                self.note_file(rule, used.mode);
            }
        }
        let config = granted.config.iter().filter(|name| used.config.contains(name) && !self.config.contains(name));
        let config: Vec<_> = config.cloned().collect();
        self.config.extend(config);
        for rule in &granted.secrets {
            if let Some(used) = used.secrets.iter().find(|used| used.name == rule.name) {
                self.note_secret(rule, None);
                used.hosts.iter().for_each(|host| self.note_secret(rule, Some(host)));
            }
        }
        self.scratch |= granted.scratch && used.scratch;
        self.memory = self.memory.max(used.memory);
    }

    /// The smallest grant within this one that covers what was used of it, and that a workflow may give to a task with these asks.
    ///
    /// What a task insists on is kept as granted where nothing of it was used. When its asks are not known, it is taken to
    /// insist on everything.
    pub fn smallest(&self, used: &Self, asks: Option<&[Capability]>) -> Self {
        let insists = |name: &str| asks.is_none_or(|asks| asks.iter().any(|asked| asked.required && &*asked.name == name));
        let scope =
            |name: &str| asks.and_then(|asks| asks.iter().find(|asked| asked.required && &*asked.name == name)).map(|asked| &asked.scope);
        let http = grouped(self, &used.http);
        let http = if http.is_empty() && insists("http") { self.http.clone() } else { http };
        let mut config: Vec<_> = self.config.iter().filter(|name| used.config.contains(name)).cloned().collect();
        let mut secrets = self.secrets_used(used, &http);
        if insists("config") {
            let wanted = |name: &&std::sync::Arc<str>| config.is_empty() || scope("config").is_some_and(|scope| scope.contains(name));
            let kept: Vec<_> = self.config.iter().filter(|name| config.contains(name) || wanted(name)).cloned().collect();
            config = kept;
        }
        if insists("secrets") {
            let wanted = |rule: &&SecretRule| secrets.is_empty() || scope("secrets").is_some_and(|scope| scope.contains(&rule.name));
            let missing = |rule: &&SecretRule| !secrets.iter().any(|known| known.name == rule.name);
            let kept: Vec<_> = self.secrets.iter().filter(missing).filter(wanted).cloned().collect();
            secrets.extend(kept);
        }
        let scratch = self.scratch && (used.scratch || insists("scratch"));
        let wanted = scope("memory").and_then(|scope| scope.first()).and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
        let files = self.files_used(used, insists("files-read"), insists("files-write"), scratch);
        Self { http, files, config, secrets, scratch, memory: self.memory_used(used.memory.unwrap_or(0), wanted, asks.is_none()) }
    }

    fn secrets_used(&self, used: &Self, http: &[HttpRule]) -> Vec<SecretRule> {
        let smallest = |rule: &SecretRule| {
            let sent = used.secrets.iter().find(|known| known.name == rule.name)?;
            // Not sent at all, or to more hosts than were counted: as granted. A rule without hosts means those of `http`.
            let everywhere = rule.hosts.is_empty() && http.iter().all(|rule| sent.sent_to(&rule.host));
            let as_granted = sent.hosts.is_empty() || sent.hosts.iter().any(|host| host == "*") || everywhere;
            Some(if as_granted { rule.clone() } else { sent.clone() })
        };
        self.secrets.iter().filter_map(smallest).collect()
    }

    fn files_used(&self, used: &Self, reads: bool, writes: bool, scratch: bool) -> Vec<FileRule> {
        let mode_used = |rule: &FileRule| used.files.iter().find(|known| known.mount == rule.mount).map(|known| known.mode);
        let narrowed = |rule: &FileRule| Some(FileRule { mode: mode_used(rule)?, ..rule.clone() });
        let mut files: Vec<FileRule> = self.files.iter().filter_map(narrowed).collect();
        if writes && !files.iter().any(|rule| rule.mode == FileMode::ReadWrite) {
            files = self.files.iter().filter(|rule| mode_used(rule).is_some() || rule.mode == FileMode::ReadWrite).cloned().collect();
        }
        if reads && files.is_empty() {
            files.clone_from(&self.files);
        }
        self.settle_modes(&mut files, scratch);
        files
    }

    /// One tree must not be given in both modes, so a directory stays writable beside one that it may share a tree with.
    fn settle_modes(&self, files: &mut [FileRule], scratch: bool) {
        let granted =
            |rule: &FileRule| self.files.iter().find(|granted| granted.mount == rule.mount).map_or(rule.mode, |granted| granted.mode);
        let mut writable: Vec<FileRule> = files.iter().filter(|rule| rule.mode == FileMode::ReadWrite).cloned().collect();
        let mut changed = true;
        while changed {
            changed = false;
            for rule in files.iter_mut().filter(|rule| rule.mode != granted(rule)) {
                if scratch || !writable.iter().all(|other| are_apart(&rule.path, &other.path)) {
                    rule.mode = granted(rule);
                    writable.push(rule.clone());
                    changed = true;
                }
            }
        }
    }

    fn memory_used(&self, peak: u64, wanted: u64, unknown: bool) -> Option<u64> {
        let granted = self.memory?;
        let needed = peak.max(wanted);
        if unknown || granted <= MEMORY_DEFAULT {
            return Some(granted);
        }
        (needed > MEMORY_DEFAULT).then(|| needed.div_ceil(MIB).saturating_mul(MIB).min(granted))
    }

    /// As it is written in a workflow, on one line: `{ http: ["GET https://host/path"], scratch: true }`.
    pub fn to_yaml(&self) -> String {
        let list = |items: Vec<String>| format!("[{}]", items.join(", "));
        let quoted = |text: &str| Value::string(text).to_json();
        let mut keys = Vec::new();
        let mut key = |name: &str, items: Vec<String>| {
            if !items.is_empty() {
                keys.push(format!("{name}: {}", list(items)));
            }
        };
        key("http", self.http.iter().map(|rule| quoted(&rule.to_string())).collect());
        key("files", self.files.iter().map(|rule| quoted(&rule.as_written())).collect());
        key("config", self.config.iter().map(|name| quoted(name)).collect());
        let secret = |rule: &SecretRule| match rule.hosts.as_slice() {
            [] => quoted(&rule.name),
            hosts => format!("{{ name: {}, hosts: {} }}", quoted(&rule.name), list(hosts.iter().map(|host| quoted(host)).collect())),
        };
        key("secrets", self.secrets.iter().map(secret).collect());
        if self.scratch {
            keys.push("scratch: true".to_owned());
        }
        if let Some(bytes) = self.memory {
            keys.push(if bytes % MIB == 0 { format!("memory: {}MiB", bytes / MIB) } else { format!("memory: {bytes}") });
        }
        if keys.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", keys.join(", ")) }
    }
}

/// Rules that differ in their methods only, as one; in the order of the grant.
fn grouped(granted: &Grant, used: &[HttpRule]) -> Vec<HttpRule> {
    let place = |rule: &HttpRule| granted.http.iter().position(|granted| granted.covers(rule));
    let mut sorted: Vec<&HttpRule> = used.iter().collect();
    sorted.sort_by_key(|rule| (place(rule), rule.to_string()));
    let mut grouped: Vec<HttpRule> = Vec::new();
    for rule in sorted {
        match grouped.iter_mut().find(|known| known.same_but_methods(rule)) {
            Some(known) => {
                let new: Vec<String> = rule.methods.iter().filter(|method| !known.methods.contains(method)).cloned().collect();
                known.methods.extend(new);
            }
            None => grouped.push(rule.clone()),
        }
    }
    grouped
}

/// Whether two paths, as written, are surely not one inside the other. Links are not followed here.
fn are_apart(a: &str, b: &str) -> bool {
    let parts =
        |path: &str| -> Vec<String> { path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect() };
    let (one, other) = (parts(a), parts(b));
    let sure = a.starts_with('/') == b.starts_with('/') && !one.iter().chain(&other).any(|part| part == "..");
    sure && !one.starts_with(&other) && !other.starts_with(&one)
}

impl FileRule {
    /// As one would write it: without the name inside where it is that of the directory.
    fn as_written(&self) -> String {
        let full = self.to_string();
        let short = full.strip_suffix(&format!(" as {}", self.mount)).unwrap_or(&full);
        if Self::parse(short).as_ref() == Ok(self) { short.to_owned() } else { full }
    }
}

impl SecretRule {
    fn sent_to(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| host_matches(pattern, host))
    }
}

#[cfg(test)]
mod tests;
