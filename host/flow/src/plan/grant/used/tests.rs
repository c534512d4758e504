use std::sync::Arc;

use super::*;

fn rules(rules: &[&str]) -> Vec<HttpRule> {
    rules.iter().map(|rule| HttpRule::parse(rule).unwrap()).collect()
}

fn files(rules: &[&str]) -> Vec<FileRule> {
    rules.iter().map(|rule| FileRule::parse(rule).unwrap()).collect()
}

fn secret(name: &str, hosts: &[&str]) -> SecretRule {
    SecretRule { name: name.into(), hosts: hosts.iter().map(|host| (*host).to_owned()).collect() }
}

fn asks(names: &[(&str, &[&str])]) -> Vec<Capability> {
    let ask = |(name, scope): &(&str, &[&str])| Capability {
        name: Arc::from(*name),
        scope: scope.iter().map(|word| Arc::from(*word)).collect(),
        required: true,
        docs: "".into(),
    };
    names.iter().map(ask).collect()
}

/// Sends requests, written `METHOD URL`, under granted rules; the smallest grant is this.
#[track_caller]
fn check_http(granted: &[&str], sent: &[&str], smallest: &str) {
    let granted = Grant { http: rules(granted), ..Grant::default() };
    // Once in one attempt, once each request in one of its own: it comes to the same.
    let (mut together, mut joined) = (Grant::default(), Grant::default());
    for request in sent {
        let (method, url) = request.split_once(' ').unwrap();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.find('/').map(|at| rest.split_at(at)).unwrap();
        let target = HttpTarget { method, scheme, host, port: if scheme == "https" { 443 } else { 80 }, path };
        assert!(granted.allows_http(&target), "{request}");
        together.note_request(&granted.http, &target);
        let mut one = Grant::default();
        one.note_request(&granted.http, &target);
        joined.join(&granted, &one);
        assert!(granted.smallest(&together, Some(&[])).allows_http(&target), "{request}");
    }
    let result = granted.smallest(&together, Some(&[]));
    assert_eq!(result.to_yaml(), smallest);
    assert_eq!(granted.smallest(&joined, Some(&[])), result);
    assert!(granted.covers(&result));
}

#[test]
fn requests_fold_into_the_rules_they_need() {
    check_http(&["* https://*.example"], &[], "{}");
    check_http(&["* https://*.example"], &["GET https://a.example/x"], r#"{ http: ["GET https://a.example/x"] }"#);
    check_http(
        &["* https://*.example"],
        &["GET https://a.example/v1/x", "GET https://a.example/v1/y/z", "GET https://a.example/v1/x"],
        r#"{ http: ["GET https://a.example/v1/*"] }"#,
    );
    check_http(
        &["* https://*.example"],
        &["POST https://a.example/x", "GET https://a.example/x", "GET https://b.example/x"],
        r#"{ http: ["GET,POST https://a.example/x", "GET https://b.example/x"] }"#,
    );
    check_http(
        &["GET https://a.example/v1/x*", "GET https://a.example/v2/*"],
        &["GET https://a.example/v1/x1", "GET https://a.example/v1/x2", "GET https://a.example/v2/y"],
        r#"{ http: ["GET https://a.example/v1/x*", "GET https://a.example/v2/y"] }"#,
    );
    // What no rule says exactly is let through by the rule that did.
    check_http(&["* https://a.example/v/*"], &["M-SEARCH https://a.example/v/x"], r#"{ http: ["* https://a.example/v/*"] }"#);
    check_http(&["GET https://a.example/v/*"], &["GET https://a.example/v/a*b"], r#"{ http: ["GET https://a.example/v/*"] }"#);
}

#[test]
fn what_is_used_has_a_bound() {
    let long = format!("GET https://a.example/deep/{}", "x".repeat(PATH_BYTES_MAX));
    check_http(&["GET https://a.example/*"], &[&long], r#"{ http: ["GET https://a.example/deep/*"] }"#);
    let hosts: Vec<String> = (0..100).map(|at| format!("GET https://h{at}.example/x")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    check_http(&["GET https://*.example/*"], &hosts, r#"{ http: ["GET https://*.example/*"] }"#);
    let mut used = Grant::default();
    for at in 0..100 {
        used.note_secret(&secret("t", &[]), Some(&format!("h{at}.example")));
    }
    assert_eq!(used.secrets, [secret("t", &["*"])]);
}

/// What was granted, what was used of it, what the task insists on: the smallest grant is this, and less than granted or not.
#[track_caller]
fn check(granted: &Grant, used: &Grant, insists: &[(&str, &[&str])], smallest: &str) {
    let result = granted.smallest(used, Some(&asks(insists)));
    assert_eq!(result.to_yaml(), smallest);
    assert!(granted.covers(&result), "never more than granted");
    assert!(result.covers(used) || used.memory.is_some() || !used.secrets.is_empty(), "never less than used");
}

#[test]
fn directories_keep_what_was_done_in_them() {
    let granted = Grant { files: files(&["write out", "write in as data", "read lib"]), ..Grant::default() };
    let used = |rules: &[&str]| Grant { files: files(rules), ..Grant::default() };
    check(&granted, &used(&[]), &[], "{}");
    check(&granted, &used(&["read in as data", "write out"]), &[], r#"{ files: ["write out", "read in as data"] }"#);
    check(&granted, &used(&[]), &[("files-read", &[])], r#"{ files: ["write out", "write in as data", "read lib"] }"#);
    check(&granted, &used(&["read lib"]), &[("files-write", &[])], r#"{ files: ["write out", "write in as data", "read lib"] }"#);
    // One tree has one mode, so the outer directory stays writable.
    let nested = Grant { files: files(&["write a/b as b", "write a as a", "write a/c as c"]), ..Grant::default() };
    let used = |rules: &[&str]| Grant { files: files(rules), ..Grant::default() };
    let all = r#"{ files: ["write a/b as b", "write a", "write a/c as c"] }"#;
    check(&nested, &used(&["read a/b as b", "read a as a", "write a/c as c"]), &[], all);
    check(&nested, &used(&["read a/b as b", "write a/c as c"]), &[], r#"{ files: ["read a/b as b", "write a/c as c"] }"#);
    let with_scratch = Grant { scratch: true, ..granted };
    let used = Grant { scratch: true, files: files(&["read out"]), ..Grant::default() };
    check(&with_scratch, &used, &[], r#"{ files: ["write out"], scratch: true }"#);
}

#[test]
fn names_and_memory_are_kept_when_they_were_used() {
    let granted = Grant {
        http: rules(&["GET https://*.example"]),
        config: vec!["a".into(), "b".into()],
        secrets: vec![secret("t", &[]), secret("u", &["*.example"])],
        scratch: true,
        memory: Some(256 * MIB),
        ..Grant::default()
    };
    let used = |config: &[&str], secrets: &[SecretRule], memory| Grant {
        config: config.iter().map(|name| Arc::from(*name)).collect(),
        secrets: secrets.to_vec(),
        memory,
        ..Grant::default()
    };
    check(&granted, &used(&[], &[], None), &[], "{}");
    check(&granted, &used(&["b"], &[], Some(64 * MIB)), &[], r#"{ config: ["b"] }"#);
    check(&granted, &used(&[], &[], Some(64 * MIB + 1)), &[], "{ memory: 65MiB }");
    check(&granted, &used(&[], &[], Some(1 << 40)), &[("scratch", &[])], "{ scratch: true, memory: 256MiB }");
    check(&granted, &used(&[], &[], None), &[("memory", &["100000000"])], "{ memory: 96MiB }");
    check(&granted, &used(&["b"], &[], None), &[("config", &["a"])], r#"{ config: ["a", "b"] }"#);
    check(&granted, &used(&["b"], &[], None), &[("config", &[])], r#"{ config: ["b"] }"#);
    let sent = [secret("u", &["x.example"])];
    check(&granted, &used(&[], &sent, None), &[], r#"{ secrets: [{ name: "u", hosts: ["x.example"] }] }"#);
    check(&granted, &used(&[], &[secret("u", &[])], None), &[], r#"{ secrets: [{ name: "u", hosts: ["*.example"] }] }"#);
    let small = Grant { memory: Some(16 * MIB), ..Grant::default() };
    assert_eq!(small.smallest(&Grant::default(), Some(&[])), small);
    // With unknown asks, whatever was not used stays.
    assert_eq!(granted.smallest(&Grant::default(), None), granted);
}

#[test]
fn a_secret_without_hosts_goes_where_requests_go() {
    let granted = Grant { http: rules(&["GET https://*.example"]), secrets: vec![secret("t", &[])], ..Grant::default() };
    let used = |hosts: &[&str]| Grant {
        http: rules(&["GET https://x.example/", "GET https://y.example/"]),
        secrets: vec![secret("t", hosts)],
        ..Grant::default()
    };
    let http = r#"http: ["GET https://x.example/", "GET https://y.example/"]"#;
    assert_eq!(granted.smallest(&used(&["x.example", "y.example"]), Some(&[])).to_yaml(), format!(r#"{{ {http}, secrets: ["t"] }}"#));
    let one = format!(r#"{{ {http}, secrets: [{{ name: "t", hosts: ["x.example"] }}] }}"#);
    assert_eq!(granted.smallest(&used(&["x.example"]), Some(&[])).to_yaml(), one);
}

#[test]
fn less_is_less_in_any_part() {
    let covers = |one: &Grant, other: &Grant| (one.covers(other), other.covers(one));
    let http = |texts: &[&str]| Grant { http: rules(texts), ..Grant::default() };
    let file = |texts: &[&str]| Grant { files: files(texts), ..Grant::default() };
    assert_eq!(covers(&http(&["GET,POST https://a/*"]), &http(&["POST https://a/x", "GET https://a/*"])), (true, false));
    assert_eq!(covers(&http(&["GET https://a/*", "POST https://a/*"]), &http(&["POST,GET https://a/*"])), (true, true));
    assert_eq!(covers(&http(&["GET https://a/*"]), &http(&["GET http://a/*"])), (false, false));
    assert_eq!(covers(&file(&["write a"]), &file(&["read a"])), (true, false));
    let secrets = |rule| Grant { secrets: vec![rule], ..Grant::default() };
    assert_eq!(covers(&secrets(secret("t", &[])), &secrets(secret("t", &["a"]))), (true, false));
    assert_eq!(covers(&Grant { scratch: true, ..Grant::default() }, &Grant::default()), (true, false));
    assert_eq!(covers(&Grant { memory: Some(MIB), ..Grant::default() }, &Grant::default()), (false, true));
}

/// What is suggested is what the reader of workflows makes of it.
#[test]
fn it_reads_as_it_was_meant() {
    let grant = Grant {
        http: rules(&["GET,POST https://a.example/x*", "* http://[::1]:8080/"]),
        files: files(&["write ./out", "read in as data", "read a\"b c"]),
        config: vec!["re\"gion".into()],
        secrets: vec![secret("t", &[]), secret("u", &["*.example"])],
        scratch: true,
        memory: Some(100 * MIB + 1),
    };
    for grant in [grant, Grant::default()] {
        let text = format!("workflow: w\nplugins: {{ p: ./p.wasm }}\nsteps:\n  s: {{ task: p.t, grant: {} }}\n", grant.to_yaml());
        let (definition, problems) = crate::definition::read(&crate::definition::Source::new("w.yaml", text));
        assert!(problems.is_empty(), "{problems:?}");
        let shown = format!("{:?}", definition.unwrap());
        assert!(shown.contains(&format!("{grant:?}")), "{shown}");
    }
}
