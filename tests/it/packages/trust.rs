//! Who signed what, and what a policy makes of it.

use std::process::Command;

use kit::cli::finish;
use kit::registry::{DockerRegistry, Door};

use super::{Team, copy, stamped};
use crate::cli::Live;

const TOOL: &str = "file:shared/acme/tool";

/// A team with a version of a package and two pairs of keys, whose policy wants some signatures.
fn team(keys: &[&str], threshold: usize) -> Team {
    let team = Team::new();
    team.publish(TOOL, &["1.0.0"]);
    team.workflow(&format!("{TOOL}:^1"));
    for name in ["ada", "bob"] {
        team.jackfield(&["plugin", "keygen", name]).expect(0);
    }
    policy(&team, keys, threshold, "");
    team
}

fn policy(team: &Team, keys: &[&str], threshold: usize, rest: &str) {
    let keys: Vec<String> = keys.iter().map(|name| format!("\"{name}.pub\"")).collect();
    let text =
        format!("format = 1\n{rest}\n[[namespace]]\npackages = \"file:shared/*\"\nkeys = [{}]\nthreshold = {threshold}\n", keys.join(", "));
    team.world.write("jackfield.policy.toml", text);
}

fn sign(team: &Team, key: &str) {
    team.jackfield(&["plugin", "sign", &format!("{TOOL}:1.0.0"), "--key", &format!("{key}.key")]).expect(0);
}

/// Locking is refused so, and leaves nothing behind.
#[track_caller]
fn refused(team: &Team, expected: &str) {
    let refused = team.jackfield(&["check", "w.yaml"]).expect(2);
    assert!(refused.stdout.contains(expected), "{}", refused.stdout);
    assert!(!team.world.file("jackfield.lock").exists());
    assert!(!team.files("cache/packages").iter().any(|name| name.ends_with(".wasm")), "it is not even downloaded");
}

#[test]
fn s02_only_what_enough_of_those_who_may_have_signed_is_used() {
    let team = team(&["ada", "bob"], 2);
    refused(&team, "tool 1.0.0: it is not signed; 2 of 2 must");
    sign(&team, "ada");
    refused(&team, "it has 1 signature, and 1 by those who may sign; 2 of 2 must");
    sign(&team, "bob");
    team.jackfield(&["check", "w.yaml"]).expect(0);
    assert_eq!(team.lock().matches("\"sha256:").count(), 3 + 2, "{}", team.lock());
    policy(&team, &["ada", "bob"], 2, "");
    team.jackfield(&["run", "w.yaml", "--locked", "--offline"]).expect(0);
}

#[test]
fn s02_a_signature_of_somebody_else_counts_for_nothing() {
    let team = team(&["ada"], 1);
    sign(&team, "bob");
    refused(&team, "it has 1 signature, and 0 by those who may sign; 1 of 1 must");
    let verify = |key: &str| team.jackfield(&["plugin", "verify", &format!("{TOOL}:1.0.0"), "--key", key]);
    verify("bob.pub").expect(0);
    verify("ada.pub").expect(3);
    sign(&team, "ada");
    // One good and one that does not count: the good one does.
    team.jackfield(&["check", "w.yaml"]).expect(0);
}

#[test]
fn s02_a_signature_over_other_bytes_counts_for_nothing() {
    let team = team(&["ada"], 1);
    sign(&team, "ada");
    // The package is made anew with other bytes, and the old signature is put beside it under the new name.
    let index = team.world.read("shared/acme/tool/index.json");
    let old: serde_json::Value = serde_json::from_str(&index).unwrap();
    let of = |list: &serde_json::Value, tag: &dyn Fn(&str) -> bool| {
        let all = list["manifests"].as_array().unwrap().clone();
        all.into_iter().find(|one| tag(one["annotations"]["org.opencontainers.image.ref.name"].as_str().unwrap())).unwrap()
    };
    std::fs::remove_file(team.world.file("shared/acme/tool/index.json")).unwrap();
    let other = team.world.write("other.wasm", stamped("other")).display().to_string();
    team.jackfield(&["plugin", "push", &other, &format!("{TOOL}:1.0.0")]).expect(0);
    let mut new: serde_json::Value = serde_json::from_str(&team.world.read("shared/acme/tool/index.json")).unwrap();
    let manifest = of(&new, &|tag| tag == "1.0.0")["digest"].as_str().unwrap().replace(':', "-");
    let mut signature = of(&old, &|tag| tag.ends_with(".sig"));
    signature["annotations"]["org.opencontainers.image.ref.name"] = format!("{manifest}.sig").into();
    new["manifests"].as_array_mut().unwrap().push(signature);
    team.world.write("shared/acme/tool/index.json", new.to_string());
    refused(&team, "it has 1 signature, and 0 by those who may sign");
}

#[test]
fn what_a_policy_does_not_list_or_has_revoked_is_not_used() {
    let team = team(&[], 0);
    team.workflow("file:elsewhere/tool:^1");
    team.publish("file:elsewhere/tool", &["1.0.0"]);
    refused(&team, "file:elsewhere/tool: no namespace has it");
    team.workflow(&format!("{TOOL}:^1"));
    team.jackfield(&["lock", "w.yaml"]).expect(0);
    let digest = super::locked_digest(&team.lock());
    policy(&team, &[], 0, &format!("revoked = [\"sha256:{digest}\"]"));
    let lock = team.lock();
    let stopped = team.jackfield(&["run", "w.yaml", "--locked"]).expect(2);
    assert!(stopped.stderr.contains(&format!("sha256:{digest} is revoked")), "{}", stopped.stderr);
    assert_eq!(team.lock(), lock);
}

#[test]
fn a_run_that_is_under_way_is_blocked_when_its_plugin_is_revoked() {
    let team = team(&[], 0);
    let text = team
        .world
        .read("w.yaml")
        .replace("steps: {", "steps: { ask: { wait: { approval: Go on? } },")
        .replace("a: {", "a: { needs: [ask],");
    team.world.write("w.yaml", text);
    let mut live = Live::of(team.call(&["run", "w.yaml"]));
    live.until("runs approve");
    live.signal(rustix::process::Signal::INT);
    live.end().expect(5);
    team.jackfield(&["runs", "approve", "1", "ask"]).expect(0);
    let digest = super::locked_digest(&team.lock());
    team.world.write("operator.toml", format!("format = 1\nunlisted = \"allow\"\nrevoked = [\"sha256:{digest}\"]\n"));
    let mut resume = team.call(&["resume", "1"]);
    resume.env("JACKFIELD_POLICY", team.world.file("operator.toml"));
    let blocked = finish(resume.spawn().expect("it starts")).expect(4);
    assert!(blocked.stderr.contains(&format!("run 1 is blocked: it needs the plugin sha256:{digest}")), "{}", blocked.stderr);
    assert!(blocked.stderr.contains("is revoked by the operator's policy"), "{}", blocked.stderr);
    let done = team.jackfield(&["resume", "1", "--json"]).expect(0).json();
    assert_eq!((&done["status"], &done["outputs"]["n"]), (&"done".into(), &2.into()));
}

#[test]
fn a_revoked_key_signs_nothing_any_more() {
    let team = team(&["ada"], 1);
    sign(&team, "ada");
    let id = team.jackfield(&["plugin", "verify", &format!("{TOOL}:1.0.0"), "--key", "ada.pub"]).expect(0).stdout;
    policy(&team, &["ada"], 1, &format!("revoked = [\"{}\"]", id.trim()));
    refused(&team, "it has 1 signature, and 0 by those who may sign");
}

#[test]
fn a_package_never_asks_for_more_than_its_namespace_may() {
    let team = team(&[], 0);
    let probe = kit::guest("probe").display().to_string();
    team.jackfield(&["plugin", "push", &probe, "file:shared/acme/probe:1.0.0"]).expect(0);
    team.world.write(
        "w.yaml",
        "workflow: w\nplugins: { tool: \"file:shared/acme/probe:^1\" }\nsteps: { a: { task: tool.echo, with: { value: 1 } } }\n",
    );
    let text = team.world.read("jackfield.policy.toml");
    team.world.write("jackfield.policy.toml", format!("{text}capabilities = [\"memory\"]\n"));
    let refused = team.jackfield(&["check", "w.yaml"]).expect(2);
    assert!(refused.stdout.contains("which is not among the capabilities of its namespace"), "{}", refused.stdout);
    assert!(!team.world.file("jackfield.lock").exists());
}

#[test]
fn what_was_signed_is_never_used_unsigned_in_silence() {
    let team = team(&["ada"], 1);
    sign(&team, "ada");
    team.jackfield(&["lock", "w.yaml"]).expect(0);
    std::fs::remove_file(team.world.file("jackfield.policy.toml")).unwrap();
    let refused = team.jackfield(&["run", "w.yaml"]).expect(2);
    assert!(refused.stderr.contains("it was signed when it was locked"), "{}", refused.stderr);
    let refused = team.jackfield(&["update"]).expect(3);
    assert!(refused.stderr.contains("is signed, and acme/tool 1.0.0 would not be"), "{}", refused.stderr);
}

#[test]
fn s08_signatures_are_checked_without_the_network() {
    let (one, other) = (team(&["ada"], 1), Team::new());
    sign(&one, "ada");
    one.jackfield(&["lock", "w.yaml"]).expect(0);
    one.jackfield(&["vendor"]).expect(0);
    let names = ["w.yaml", "jackfield.lock", "jackfield.vendor", "jackfield.policy.toml", "ada.pub"];
    names.iter().for_each(|name| copy(&one.world.file(name), &other.world.file(name)));
    other.jackfield(&["run", "w.yaml", "--locked", "--offline"]).expect(0);
    for name in other.files("jackfield.vendor").iter().filter(|name| name.ends_with(".signatures.json")) {
        std::fs::remove_file(other.world.file(&format!("jackfield.vendor/{name}"))).unwrap();
    }
    other.jackfield(&["--data", "other", "run", "w.yaml", "--locked", "--offline"]).expect(2);
}

#[test]
fn the_operator_has_a_word_beside_the_project() {
    let team = team(&["ada"], 1);
    sign(&team, "ada");
    team.world.write("operator.toml", "format = 1\n");
    let path = team.world.file("operator.toml").display().to_string();
    let team = team.with("JACKFIELD_POLICY", path);
    refused(&team, "file:shared/acme/tool: no namespace has it");
    std::fs::remove_file(team.world.file("operator.toml")).unwrap();
    team.jackfield(&["check", "w.yaml"]).expect(2);
}

/// What is signed here is read by a tool that knows nothing of this project, and what such a tool signs is read here.
#[test]
fn openssl_reads_our_signatures_and_we_its_keys() {
    let registry = DockerRegistry::start(Door::Open);
    let package = format!("oci://{}/acme/tool", registry.host);
    let team = Team::new();
    team.publish(&package, &["1.0.0"]);
    let openssl = |words: &[&str]| {
        let status = Command::new("openssl").args(words).current_dir(team.world.path()).output();
        let output = status.expect("openssl is needed for this test: apt-get install openssl");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", "eve.key"]);
    openssl(&["pkey", "-in", "eve.key", "-pubout", "-out", "eve.pub"]);
    let version = format!("{package}:1.0.0");
    team.jackfield(&["plugin", "sign", &version, "--key", "eve.key"]).expect(0);
    team.jackfield(&["plugin", "verify", &version, "--key", "eve.pub"]).expect(0);
    let script = format!(
        r#"set -eu
api=http://{}/v2/acme/tool
get() {{ curl -sS --fail -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$api/$1"; }}
digest=$(get manifests/1.0.0 | sha256sum | cut -d' ' -f1)
get manifests/sha256-$digest.sig > signatures.json
tr ',{{}}' '\n\n\n' < signatures.json | sed -n 's/.*"dev.cosignproject.cosign\/signature":"\(.*\)".*/\1/p' | base64 -d > signature
tr ',{{}}' '\n\n\n' < signatures.json | grep -A3 simplesigning | sed -n 's/.*"digest":"\(.*\)".*/\1/p' > named
get blobs/$(cat named) > payload
grep -q "\"docker-manifest-digest\":\"sha256:$digest\"" payload
openssl pkeyutl -verify -rawin -pubin -inkey eve.pub -in payload -sigfile signature
"#,
        registry.host
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(team.world.path()).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
