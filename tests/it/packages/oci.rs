//! A real registry.

use std::process::Command;

use kit::registry::{DockerRegistry, Door};

use super::{Team, copy, locked_digest, stamped};

#[test]
fn one_team_publishes_and_another_runs_it_locked() {
    let registry = DockerRegistry::start(Door::Open);
    let package = format!("oci://{}/acme/tool", registry.host);
    let (one, other) = (Team::new(), Team::new());
    one.publish(&package, &["1.0.0", "1.1.0", "2.0.0"]);
    one.workflow(&format!("{package}:^1"));
    one.jackfield(&["lock", "w.yaml"]).expect(0);
    one.publish(&package, &["1.2.0"]);
    for name in ["w.yaml", "jackfield.lock"] {
        copy(&one.world.file(name), &other.world.file(name));
    }
    let ran = other.jackfield(&["run", "w.yaml", "--locked", "--json"]).expect(0);
    assert_eq!(ran.json()["outputs"]["n"], 2);
    assert_eq!(other.lock(), one.lock());
    drop(registry);
    other.jackfield(&["run", "w.yaml", "--locked"]).expect(0);
}

#[test]
fn versions_are_listed_found_withdrawn_and_published_once() {
    let registry = DockerRegistry::start(Door::Open);
    let package = format!("oci://{}/acme/tool", registry.host);
    let team = Team::new();
    team.publish(&package, &["1.0.0", "1.1.0"]);
    let other = team.component("other").display().to_string();
    let refused = team.jackfield(&["plugin", "push", &other, &format!("{package}:1.0.0")]).expect(3);
    assert!(refused.stderr.contains("version 1.0.0 already has digest sha256:"), "{}", refused.stderr);
    team.jackfield(&["plugin", "yank", &format!("{package}:1.1.0")]).expect(0);
    assert_eq!(team.jackfield(&["plugin", "list", &package]).expect(0).stdout, "1.1.0  withdrawn\n1.0.0\n");
    let pulled = team.jackfield(&["plugin", "pull", &format!("{package}:^1"), "-o", "pulled.wasm"]).expect(0);
    assert!(pulled.stderr.contains("/acme/tool 1.0.0"), "{}", pulled.stderr);
    assert_eq!(std::fs::read(team.world.file("pulled.wasm")).unwrap(), stamped("1.0.0"));
    let found = team.jackfield(&["plugin", "search", &format!("oci://{}", registry.host), "tool"]).expect(0);
    assert_eq!(found.stdout, format!("{package}\n"));
    team.jackfield(&["plugin", "list", &format!("oci://{}/acme/none", registry.host)]).expect(2);
}

#[test]
fn who_one_is_comes_from_dockers_configuration() {
    let registry = DockerRegistry::start(Door::Ada);
    let package = format!("oci://{}/acme/tool", registry.host);
    let stranger = Team::new();
    let file = stranger.component("1.0.0").display().to_string();
    let refused = stranger.jackfield(&["plugin", "push", &file, &format!("{package}:1.0.0")]).expect(3);
    assert!(refused.stderr.contains("wants a name and a password") && refused.stderr.contains("docker login"), "{}", refused.stderr);
    let ada = Team::new();
    // ada:s3cret.
    let config = format!(r#"{{"auths": {{"{}": {{"auth": "YWRhOnMzY3JldA=="}}}}}}"#, registry.host);
    ada.world.write(".docker/config.json", &config);
    ada.publish(&package, &["1.0.0"]);
    assert_eq!(ada.jackfield(&["plugin", "list", &package]).expect(0).stdout, "1.0.0\n");
    let impostor = Team::new();
    impostor.world.write("docker/config.json", config.replace("YWRhOnMzY3JldA==", "YWRhOndyb25n"));
    let impostor = Team { env: vec![("DOCKER_CONFIG", impostor.world.file("docker").display().to_string())], ..impostor };
    let refused = impostor.jackfield(&["plugin", "list", &package]).expect(3);
    assert!(refused.stderr.contains("the registry answers 401"), "{}", refused.stderr);
}

#[test]
fn s01_a_registry_whose_files_were_changed_is_not_believed() {
    let registry = DockerRegistry::start(Door::Open);
    let package = format!("oci://{}/acme/tool", registry.host);
    let team = Team::new();
    team.publish(&package, &["1.0.0"]);
    team.workflow(&format!("{package}:^1"));
    team.jackfield(&["lock", "w.yaml"]).expect(0);
    for folder in ["cache", ".jackfield"] {
        drop(std::fs::remove_dir_all(team.world.file(folder)));
    }
    std::fs::write(registry.blob(&locked_digest(&team.lock())), stamped("1.0.X")).unwrap();
    let refused = team.jackfield(&["run", "w.yaml"]).expect(2);
    assert!(refused.stderr.contains("should be sha256:"), "{}", refused.stderr);
    assert!(!team.files("cache/packages").iter().any(|name| name.ends_with(".wasm")));
}

/// What `wkg` and others write: a component with a configuration of theirs, without annotations.
#[test]
fn what_other_tools_published_is_understood() {
    let registry = DockerRegistry::start(Door::Open);
    let team = Team::new();
    let component = team.component("1.0.0");
    let script = format!(
        r#"
set -eu
api=http://{host}/v2/other/tool
push() {{
  where=$(curl -sS -i -X POST $api/blobs/uploads/ | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  case $where in *\?*) join='&';; *) join='?';; esac
  curl -sS --fail -X PUT -H 'Content-Type: application/octet-stream' --data-binary @"$1" "$where${{join}}digest=sha256:$(sha256sum < "$1" | cut -d' ' -f1)"
}}
layer=$(sha256sum < {component} | cut -d' ' -f1)
printf '{{"created":"2026-03-01T00:00:00Z","author":null,"architecture":"wasm","os":"wasip2","layerDigests":["sha256:%s"],"component":{{"exports":[],"imports":[],"target":null}}}}' $layer > config.json
push {component}; push config.json
printf '{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.wasm.config.v0+json","digest":"sha256:%s","size":%s}},"layers":[{{"mediaType":"application/wasm","digest":"sha256:%s","size":%s}}]}}' \
  $(sha256sum < config.json | cut -d' ' -f1) $(wc -c < config.json) $layer $(wc -c < {component}) > manifest.json
curl -sS --fail -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest.json $api/manifests/1.0.0
"#,
        host = registry.host,
        component = component.display()
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(team.world.path()).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    team.workflow(&format!("oci://{}/other/tool:^1", registry.host));
    team.jackfield(&["run", "w.yaml"]).expect(0);
    assert!(team.lock().contains("version = \"1.0.0\""));
}

/// The whole way: written in Python, built, published; locked and run by those who have only its name.
#[test]
fn one_team_writes_in_python_and_another_uses_it_locked() {
    let registry = DockerRegistry::start(Door::Open);
    let package = format!("oci://{}/acme/hello", registry.host);
    let (one, other) = (Team::new(), Team::new());
    one.jackfield(&["plugin", "new", "--lang", "python", "hello"]).expect(0);
    // The tools of Python are those of all tests, not of a cache that is empty.
    one.world.jackfield(&["plugin", "build", "hello"]).expect(0);
    one.jackfield(&["plugin", "push", "hello/hello.wasm", &format!("{package}:1.0.0")]).expect(0);
    other.world.write("w.yaml", format!(
        "workflow: w\nplugins: {{ hello: \"{package}:^1\" }}\nsteps: {{ greet: {{ task: hello.greet, with: {{ name: Grace }} }} }}\noutputs: {{ text: \"${{ steps.greet.text }}\" }}\n"
    ));
    other.jackfield(&["lock", "w.yaml"]).expect(0);
    drop(registry);
    let ran = other.jackfield(&["run", "w.yaml", "--locked", "--json"]).expect(0);
    assert_eq!(ran.json()["outputs"]["text"], "Hello, Grace!");
}
