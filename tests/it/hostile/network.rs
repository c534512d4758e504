//! Where requests may go: by grant, and by the address that a name leads to.

use kit::world::World;
use serde_json::json;

use super::canary::Canary;
use super::rig::{Ended, Rig};
use super::runs::{engine, failure, honest, probe_step, run};

/// What the operator opens to reach 127.0.0.1.
const LOOPBACK: &str = "127.0.0.0/8";

/// Spellings of 127.0.0.1, and the host as a browser's parser writes it, which is what a grant names.
const LOOPBACKS: [(&str, &str); 12] = [
    ("127.0.0.1", "127.0.0.1"),
    ("localhost", "localhost"),
    ("LOCALHOST", "localhost"),
    ("127.1", "127.0.0.1"),
    ("127.0.1", "127.0.0.1"),
    ("2130706433", "127.0.0.1"),
    ("0x7f000001", "127.0.0.1"),
    ("0x7f.1", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"),
    ("127.0.0.1.", "127.0.0.1"),
    ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    ("[0:0:0:0:0:ffff:7f00:1]", "[::ffff:7f00:1]"),
];

/// Other addresses that lead to this machine or its neighbours, as they are granted.
const SPECIAL: [&str; 20] = [
    "[::1]",
    "[::]",
    "[::7f00:1]",
    "[::ffff:0:7f00:1]",
    "0.0.0.0",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fc00::1]",
    "[fd12:3456::1]",
];

/// Services that hand out the credentials of a machine.
const METADATA: [&str; 7] = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "[fd00:ec2::254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "metadata.google.internal",
];

/// Sends a request to a host that is granted by its name.
async fn send(rig: &Rig, spelled: &str, granted: &str, port: u16) -> Ended {
    let input = json!({ "url": format!("http://{spelled}:{port}/x"), "timeout_ms": 2_000 });
    rig.task("send", &input).http(&format!("GET http://{granted}:{port}/*")).run().await
}

#[tokio::test]
async fn n01_no_spelling_of_loopback_is_reached_although_granted_by_name() {
    let canary = Canary::new();
    for (spelled, granted) in LOOPBACKS {
        let ended = send(&Rig::closed(), spelled, granted, canary.port()).await;
        assert_eq!(ended.code(), "http-denied", "{spelled}: {:?}", ended.0.outcome);
        assert!(ended.log().contains("private, local or special"), "{spelled}: {}", ended.log());
    }
    assert_eq!(canary.seen(), [""; 0], "not one byte");
}

#[tokio::test]
async fn n01_every_spelling_is_reached_once_the_operator_opens_it() {
    let (canary, rig) = (Canary::new(), Rig::open_to(&[LOOPBACK]));
    for (spelled, granted) in LOOPBACKS {
        let ended = send(&rig, spelled, granted, canary.port()).await;
        assert_eq!(ended.answer()["status"], json!(200), "{spelled}");
    }
    assert_eq!(canary.seen().len(), LOOPBACKS.len());
}

#[tokio::test]
async fn n01_what_is_opened_still_needs_a_grant() {
    let (canary, rig) = (Canary::new(), Rig::open_to(&[LOOPBACK]));
    let ended = rig.task("send", &json!({ "url": canary.url("/x?q=1") })).run().await;
    assert_eq!(ended.code(), "http-denied");
    let line = format!("grant: {{ http: [\"GET {}\"] }}", canary.url("/*"));
    assert!(ended.log().contains(&line), "the line to add: {}", ended.log());
    assert_eq!(canary.seen(), [""; 0]);
}

#[tokio::test]
async fn n01_addresses_that_are_not_public_are_refused() {
    let canary = Canary::new();
    for host in SPECIAL {
        let ended = send(&Rig::closed(), host, host, canary.port()).await;
        assert_eq!(ended.code(), "http-denied", "{host}: {:?}", ended.0.outcome);
        assert!(ended.log().contains("private, local or special"), "{host}: {}", ended.log());
    }
    assert_eq!(canary.seen(), [""; 0]);
}

#[tokio::test]
async fn n01_one_open_network_opens_no_other() {
    let rig = Rig::open_to(&["10.0.0.0/8", "fd00::/8"]);
    let canary = Canary::new();
    for (spelled, granted) in LOOPBACKS {
        assert_eq!(send(&rig, spelled, granted, canary.port()).await.code(), "http-denied", "{spelled}");
    }
    assert_eq!(canary.seen(), [""; 0]);
}

#[tokio::test]
async fn n01_hosts_that_are_none_are_no_requests() {
    let rig = Rig::open_to(&[LOOPBACK, "::/0", "0.0.0.0/0"]);
    for host in
        ["[fe80::1%25lo]", "[::1%lo]", "127.0.0.256", "0x1ffffffff", "1.2.3.4.5", "[::1", "[127.0.0.1]", "a b", "127.0.0.1:99999", "%31"]
    {
        let ended = rig
            .task("send", &json!({ "url": format!("http://{host}/") }))
            .http("* http://127.0.0.1/*")
            .http("* http://[::1]/*")
            .run()
            .await;
        assert!(matches!(ended.code(), "http-bad-request" | "http-denied"), "{host}: {:?}", ended.0.outcome);
    }
}

#[tokio::test]
async fn n02_metadata_services_are_closed() {
    for host in METADATA {
        let ended = send(&Rig::closed(), host, host, 80).await;
        assert_eq!(ended.code(), "http-denied", "{host}: {:?}", ended.0.outcome);
    }
}

#[tokio::test]
async fn n02_metadata_services_stay_closed_when_networks_are_opened() {
    let rig = Rig::open_to(&["0.0.0.0/0", "::/0", "169.254.0.0/16", "fd00::/8", LOOPBACK]);
    for host in METADATA {
        let ended = send(&rig, host, host, 80).await;
        assert_eq!(ended.code(), "http-denied", "{host}: {:?}", ended.0.outcome);
    }
}

/// Redirects to the canary, and to what should never be followed.
fn redirector(location: String) -> Canary {
    Canary::answering(move |_| {
        format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
    })
}

#[tokio::test]
async fn n04_a_redirect_is_an_answer_and_not_followed() {
    let (canary, rig) = (Canary::new(), Rig::open_to(&[LOOPBACK]));
    for location in [canary.url("/"), format!("//127.0.0.1:{}/", canary.port()), "file:///etc/passwd".to_owned(), "/again".to_owned()] {
        let server = redirector(location.clone());
        let ended = rig.task("send", &json!({ "url": server.url("/") })).http(&format!("GET {}", server.url("/*"))).run().await;
        let answer = ended.answer();
        assert_eq!(answer["status"], json!(302), "{location}");
        assert!(answer["headers"].to_string().contains(&location), "the task sees where to: {answer}");
        assert_eq!(server.seen().len(), 1, "{location}");
    }
    assert_eq!(canary.seen(), [""; 0]);
}

#[tokio::test]
async fn n04_a_hop_that_the_task_makes_is_a_decision_of_its_own() {
    let (canary, rig) = (Canary::new(), Rig::open_to(&[LOOPBACK]));
    let server = redirector(canary.url("/"));
    let rule = format!("GET {}", server.url("/*"));
    rig.task("send", &json!({ "url": server.url("/") })).http(&rule).run().await.answer();
    let hop = rig.task("send", &json!({ "url": canary.url("/") })).http(&rule).run().await;
    assert_eq!(hop.code(), "http-denied");
    assert_eq!(canary.seen(), [""; 0]);
}

#[tokio::test]
async fn n06_scheme_host_port_path_and_method_are_part_of_a_grant() {
    let (canary, rig) = (Canary::new(), Rig::open_to(&[LOOPBACK]));
    let port = canary.port();
    let (get, here) = ("GET", canary.url("/api/x"));
    for (rule, method, url) in [
        (format!("GET https://127.0.0.1:{port}/*"), get, here.clone()),
        (format!("GET http://127.0.0.1:{port}/*"), get, format!("https://127.0.0.1:{port}/api/x")),
        ("GET http://127.0.0.1/*".to_owned(), get, here.clone()),
        (format!("GET http://127.0.0.1:{}/*", port ^ 1), get, here.clone()),
        (format!("GET http://localhost:{port}/*"), get, here.clone()),
        (format!("GET http://*.0.0.1:{port}/*"), get, format!("http://0.0.1:{port}/")),
        (format!("GET http://127.0.0.1:{port}/api"), get, here.clone()),
        (format!("GET http://127.0.0.1:{port}/api/*"), get, canary.url("/api/../secret")),
        (format!("GET http://127.0.0.1:{port}/api/*"), get, canary.url("/api/%2e%2e/secret")),
        (format!("GET http://127.0.0.1:{port}/api/*"), get, canary.url("/API/x")),
        (format!("GET http://127.0.0.1:{port}/api/*"), get, canary.url("//api/x")),
        (format!("GET http://127.0.0.1:{port}/api/*"), "POST", here.clone()),
        (format!("POST http://127.0.0.1:{port}/api/*"), get, here.clone()),
        (format!("http://127.0.0.1:{port}/api/*"), "DELETE", here.clone()),
    ] {
        let ended = rig.task("send", &json!({ "url": url, "method": method })).http(&rule).run().await;
        assert_eq!(ended.code(), "http-denied", "{method} {url} under `{rule}`: {:?}", ended.0.outcome);
    }
    assert_eq!(canary.seen(), [""; 0]);
    let granted = rig.task("send", &json!({ "url": here })).http(&format!("http://127.0.0.1:{port}/api/*")).run().await;
    assert_eq!(granted.answer()["status"], json!(200), "what is granted goes through");
    assert_eq!(granted.0.receipt.hosts, [format!("127.0.0.1:{port}")]);
}

#[tokio::test]
async fn n06_a_user_in_the_url_is_no_host() {
    let (canary, rig) = (Canary::new(), Rig::open_to(&[LOOPBACK]));
    let port = canary.port();
    for url in [
        format!("http://api.example@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}@api.example/"),
        format!("http://api.example:80\\@127.0.0.1:{port}/"),
    ] {
        let ended = rig.task("send", &json!({ "url": url })).http("GET http://api.example/*").run().await;
        assert!(matches!(ended.code(), "http-bad-request" | "http-denied"), "{url}: {:?}", ended.0.outcome);
    }
    assert_eq!(canary.seen(), [""; 0]);
}

#[test]
fn n09_proxies_of_the_environment_are_not_asked() {
    let (proxy, server, world) = (Canary::new(), Canary::new(), World::new());
    world.workflow(&format!(
        "steps:\n  s:\n    task: probe.send\n    with: {{ url: \"{}\" }}\n    grant: {{ http: [\"GET {}\"] }}\noutputs:\n  text: ${{ steps.s.text }}\n",
        server.url("/x"),
        server.url("/*")
    ));
    let mut call = world.call(&["run", "w.yaml", "--json", "--quiet", "--allow-network", LOOPBACK]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        call.env(name, proxy.url(""));
    }
    let answer = kit::cli::finish(call.env_remove("NO_PROXY").env_remove("no_proxy").spawn().expect("it starts")).expect(0);
    assert_eq!(answer.json()["outputs"]["text"], json!("hi"));
    assert_eq!((proxy.seen(), server.seen().len()), (Vec::new(), 1));
}

#[tokio::test]
async fn n10_a_name_that_leads_nowhere_is_tried_again_beside_honest_runs() {
    let engine = engine().await;
    let grant = "grant: { http: [\"GET http://nowhere.invalid/*\"] }";
    let more = &[grant, "retry: { attempts: 2, first: 1ms, max: 1ms }"];
    let step = probe_step("send", &json!({ "url": "http://nowhere.invalid/" }), more);
    let (run, ()) = tokio::join!(run(&engine, &step), honest(&engine, 8));
    assert_eq!((failure(&run).code.as_ref(), run.steps()[0].attempts), ("http-unreachable", 2), "{}", failure(&run));
}

#[test]
fn n01_the_operator_opens_a_network_by_an_option() {
    let (canary, world) = (Canary::new(), World::new());
    let url = canary.url("/x");
    world.workflow(&format!(
        "steps:\n  s:\n    task: probe.send\n    with: {{ url: \"{url}\" }}\n    grant: {{ http: [\"GET {}\"] }}\n    retry: 1\noutputs:\n  text: ${{ steps.s.text }}\n",
        canary.url("/*")
    ));
    let closed = world.jackfield(&["run", "w.yaml", "--json", "--quiet"]).expect(1);
    assert!(closed.stdout.contains("http-denied") || closed.stderr.contains("http-denied"), "{closed:?}");
    assert_eq!(canary.seen(), [""; 0]);
    let opened = world.jackfield(&["run", "w.yaml", "--json", "--quiet", "--allow-network", LOOPBACK]).expect(0);
    assert_eq!(opened.json()["outputs"]["text"], json!("hi"));
    assert_eq!(canary.seen().len(), 1);
}
