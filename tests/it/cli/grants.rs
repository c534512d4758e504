//! `grants suggest`: what was used, and that it is enough.

use expect_test::expect;
use kit::cli::{Answer, finish};
use kit::world::World;
use serde_json::Value;

use super::check;
use crate::hostile::canary::Canary;

/// Each step, what it does, and what it is granted, where `URL` is a server.
const STEPS: [(&str, &str, &str); 8] = [
    (
        "fetch",
        "for-each: [a, b], task: probe.send, with: { url: \"${ 'URL/v1/' + item }\" }",
        r#"{ http: ["* URL/*", "GET https://other.example/*"] }"#,
    ),
    ("login", "task: probe.send-secret, with: { url: URL/login, name: token }", r#"{ http: ["POST URL/*"], secrets: [token, spare] }"#),
    ("region", "task: probe.config-value, with: { key: region }", "{ config: [other, region] }"),
    ("look", "task: probe.open, with: { path: data/x, how: read }", r#"{ files: ["write data", "write out"] }"#),
    ("log", "task: probe.append-line, with: { path: out/log, line: hello }", r#"{ files: ["write out"], scratch: true }"#),
    (
        "link",
        "task: probe.link, with: { target: x, path: links/l }, on-error: { any: { value: null } }",
        r#"{ files: ["write links", "write out"] }"#,
    ),
    ("touch", "task: probe.touch, with: { mib: 80 }", "{ memory: 256MiB }"),
    ("idle", "task: probe.list, with: { path: nowhere }, on-error: { any: { value: [] } }", r#"{ files: ["read data"] }"#),
];

fn workflow(world: &World, canary: &Canary, grant: impl Fn(&str, &str) -> String) {
    let step = |(name, does, granted): (&str, &str, &str)| format!("  {name}: {{ {does}, grant: {} }}\n", grant(name, granted));
    let steps: Vec<String> = STEPS.into_iter().map(step).collect();
    world.workflow(&format!("steps:\n{}", steps.concat()).replace("URL", &canary.url("")));
}

fn run(world: &World) -> Answer {
    let mut call = world.call(&["run", "w.yaml", "-q", "--allow-network", "127.0.0.0/8"]);
    call.env("JACKFIELD_CONFIG_REGION", "eu").env("JACKFIELD_SECRET_TOKEN", "hunter22!").env("JACKFIELD_SECRET_SPARE", "swordfish");
    finish(call.spawn().expect("it starts")).expect(0)
}

fn suggested(world: &World, run: &str) -> Vec<Value> {
    let report = world.jackfield(&["grants", "suggest", run, "--json"]).expect(0).json();
    report["steps"].as_array().expect("steps").clone()
}

#[test]
fn the_smallest_grant_is_enough_and_cannot_be_smaller() {
    let (world, canary) = (World::new(), Canary::new());
    world.write("data/x", "x");
    workflow(&world, &canary, |_, granted| granted.to_owned());
    run(&world);
    let steps = suggested(&world, "1");
    let told: Vec<String> = steps.iter().map(|step| format!("{} less={} {}\n", step["step"], step["less"], step["yaml"])).collect();
    expect![[r#"
        "fetch" less=true "{ http: ["GET URL/v1/*"] }"
        "login" less=true "{ http: ["POST URL/login"], secrets: ["token"] }"
        "region" less=true "{ config: ["region"] }"
        "look" less=true "{ files: ["read data"] }"
        "log" less=false "{ files: ["write out"] }"
        "link" less=true "{ files: ["write links"] }"
        "touch" less=true "{ memory: 82MiB }"
        "idle" less=true "{}"
    "#]]
    .assert_eq(&told.concat().replace(&canary.url(""), "URL").replace('\\', ""));

    let yaml =
        |name: &str| steps.iter().find(|step| step["step"] == name).and_then(|step| step["yaml"].as_str()).expect("there").to_owned();
    workflow(&world, &canary, |name, _| yaml(name));
    run(&world);
    for (step, again) in steps.iter().zip(suggested(&world, "2")) {
        assert_eq!((&again["less"], &again["yaml"]), (&Value::Bool(false), &step["yaml"]), "{again}");
    }
}

#[test]
fn people_see_what_was_granted_used_and_enough() {
    let world = World::new();
    world.write("data/x", "x");
    world.workflow(
        "steps:
  look: { task: probe.open, with: { path: data/x, how: read }, grant: { files: [write data] } }
  never: { if: false, task: probe.read, with: { path: data/x }, grant: { files: [read data] } }
  pure: { task: probe.echo, with: { value: 1 } }
",
    );
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    check(
        &world,
        &["grants", "suggest", "1"],
        expect![[r#"
        look  probe.open  less is enough
          granted  files write data as data
          used     files read data as data
          grant: { files: ["read data"] }

        never  probe.read
          granted  files read data as data
          used     nothing
          no attempt was seen, so nothing can be said
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
}
