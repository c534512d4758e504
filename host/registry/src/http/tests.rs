use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use expect_test::{Expect, expect};

use super::*;
use crate::server::{Asked, Reply, Server};

/// A client that is in a hurry.
fn client(change: impl FnOnce(&mut Network)) -> Client {
    let quick = Duration::from_millis(1);
    let patience = Patience { first: quick, longest: quick, ..Patience::default() };
    let mut network = Network { patience, ..Network::default() };
    change(&mut network);
    Client::new(network).unwrap()
}

fn at(server: &Server, path: &str) -> Url {
    Url::parse(&format!("http://{}{path}", server.host)).unwrap()
}

/// What a download of these bytes from a server comes to: an error, or nothing.
fn download(bytes: &[u8], answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> (Server, Result<(), String>) {
    let count = AtomicUsize::new(0);
    let server = Server::new(move |asked| answer(asked, count.fetch_add(1, Ordering::SeqCst)));
    let mut file = tempfile::tempfile().unwrap();
    let call = Call::get(at(&server, "/blob"), None);
    let done = client(|_| ()).download(&call, Digest::of(bytes), bytes.len() as u64, &mut file);
    let done = done.map_err(|error| error.to_string().replace(&server.host, "HOST"));
    if done.is_ok() {
        let mut found = Vec::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut found)).unwrap();
        assert_eq!(found, bytes);
    }
    (server, done)
}

fn whole() -> Vec<u8> {
    (0..300_000_u32).map(|number| u8::try_from(number % 251).unwrap()).collect()
}

fn partial(bytes: &[u8], from: usize) -> Reply {
    let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
    Reply::new(206, &bytes[from..]).with("Content-Range", range)
}

#[test]
fn s06_a_download_that_is_cut_goes_on_where_it_was() {
    let bytes = whole();
    let (server, done) = download(&bytes.clone(), move |asked, _| match asked.from() {
        0 => Reply::new(200, bytes.clone()).cut_after(100_000),
        from => partial(&bytes, from).cut_after(100_000.min(bytes.len() - from)),
    });
    assert_eq!(done, Ok(()));
    let ranges: Vec<usize> = server.asked().iter().map(Asked::from).collect();
    assert_eq!(ranges, [0, 100_000, 200_000]);
}

#[test]
fn s06_a_server_that_knows_no_ranges_begins_anew() {
    let bytes = whole();
    let (_, done) = download(&bytes.clone(), move |_, count| {
        let reply = Reply::new(200, bytes.clone());
        if count == 0 { reply.cut_after(70_000) } else { reply }
    });
    assert_eq!(done, Ok(()));
}

#[test]
fn s06_a_bad_download_is_an_error() {
    let refused = |answer: fn(&[u8], usize) -> Reply, expected: Expect| {
        let bytes = whole();
        let (_, done) = download(&bytes.clone(), move |_, count| answer(&bytes, count));
        expected.assert_eq(&done.unwrap_err());
    };
    refused(
        |bytes, _| Reply::new(200, bytes).cut_after(10),
        expect!["http://HOST/blob: 10 of 300000 bytes came, then: Peer disconnected; 4 tries"],
    );
    refused(|bytes, _| Reply::new(200, &bytes[1..]), expect!["http://HOST/blob: 299999 bytes are there, where 300000 should be"]);
    refused(
        |bytes, _| Reply::new(200, [bytes, b"more"].concat()),
        expect!["http://HOST/blob: 300004 bytes are there, where 300000 should be"],
    );
    refused(
        |bytes, _| Reply::new(200, [&bytes[..bytes.len() - 1], b"x"].concat()),
        expect![
            "http://HOST/blob should be sha256:3c65ea93424a9c362fec0e3a69ea36031e8a358441479dd665cc6110eabe7b08, and is sha256:b472a5769f398f6b382734adcef4d25fa691938fc8362db306bd752fa311027e: nothing was kept"
        ],
    );
    refused(
        |bytes, _| Reply::new(200, bytes).with("Content-Encoding", "gzip"),
        expect!["http://HOST/blob: it answers packed as gzip, which was not asked for"],
    );
    refused(
        |bytes, count| if count == 0 { Reply::new(200, bytes).cut_after(70_000) } else { partial(bytes, 5) },
        expect!["http://HOST/blob: the registry answers 206 Partial Content"],
    );
    refused(|_, _| Reply::new(404, "no"), expect!["http://HOST/blob: the registry answers 404 Not Found"]);
    refused(
        |_, _| Reply::new(503, "busy"),
        expect!["http://HOST/blob: 0 of 300000 bytes came, then: the registry answers 503 Service Unavailable; 4 tries"],
    );
    refused(
        |_, _| Reply::new(401, "who"),
        expect![
            "http://HOST/blob: the registry answers 401 Unauthorized; sign in with `docker login`, whose config.json is read here as well"
        ],
    );
    refused(
        |_, _| Reply::new(302, "").with("Location", "http://plain.example/"),
        expect!["http://HOST/blob: it sends elsewhere, to http://plain.example/, which has no TLS"],
    );
    refused(|_, _| Reply::new(302, "").with("Location", "/blob"), expect!["http://HOST/blob: it sends elsewhere more than 5 times"]);
    refused(
        |_, _| Reply::new(302, "").with("Location", "ftp://plain.example/"),
        expect!["http://HOST/blob: it sends elsewhere, to ftp://plain.example/, which has no TLS"],
    );
}

#[test]
fn what_passes_is_tried_again_and_what_does_not_is_not() {
    let count = AtomicUsize::new(0);
    let server = Server::new(move |asked| match (asked.line.as_str(), count.fetch_add(1, Ordering::SeqCst)) {
        ("GET /bad", _) => Reply::new(400, "bad"),
        (_, 0) => Reply::new(503, "busy"),
        (_, 1) => Reply::new(429, "slow").with("Retry-After", "3600"),
        (_, 2) => Reply::new(200, "cut").cut_after(1),
        _ => Reply::new(200, "done"),
    });
    let client = client(|_| ());
    let read = client.read(&Call::get(at(&server, "/"), None), 10).unwrap();
    assert_eq!((read.status.as_u16(), &*read.bytes, server.lines().len()), (200, &b"done"[..], 4));
    assert_eq!(client.read(&Call::get(at(&server, "/bad"), None), 10).unwrap().status, 400);
    assert_eq!(server.lines().len(), 5);
    let error = client.read(&Call::get(at(&server, "/"), None), 3).unwrap_err();
    assert!(error.to_string().ends_with("its answer is longer than 3 bytes"), "{error}");
}

#[test]
fn nobody_is_asked_offline() {
    let server = Server::new(|_| Reply::new(200, ""));
    let error = client(|network| network.offline = true).read(&Call::get(at(&server, "/"), None), 10).unwrap_err();
    assert!(error.to_string().ends_with("is not asked: the network is not to be used"), "{error}");
    assert!(server.lines().is_empty());
}

#[test]
fn a_token_is_bought_once_and_shown_to_no_other_host() {
    let other = Server::new(|_| Reply::new(200, "from elsewhere"));
    let elsewhere = format!("http://{}/blob", other.host);
    let tokens = Server::new(|asked| match asked.header("authorization") {
        Some("Basic bWU6cGFzcw==") => Reply::new(200, r#"{"token": "t0k"}"#),
        _ => Reply::new(401, ""),
    });
    let challenge = format!(r#"Bearer realm="http://{}/token",service="r""#, tokens.host);
    let server = Server::new(move |asked| match (asked.header("authorization"), asked.line.as_str()) {
        (Some("Bearer t0k"), "GET /away") => Reply::new(307, "").with("Location", &*elsewhere),
        (Some("Bearer t0k"), _) => Reply::new(200, "here"),
        _ => Reply::new(401, "").with("WWW-Authenticate", &*challenge),
    });
    let folder = tempfile::tempdir().unwrap();
    let config = format!(r#"{{"auths": {{"{}": {{"auth": "bWU6cGFzcw=="}}}}}}"#, server.host);
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let client = client(|network| network.docker_config = Some(folder.path().to_owned()));
    let scope = || Some(Scope { host: server.host.clone(), repository: Some("acme/csv".to_owned()), actions: "pull" });
    let read = |path| client.read(&Call::get(at(&server, path), scope()), 100).unwrap().bytes;
    assert_eq!(read("/one"), b"here");
    assert_eq!(read("/away"), b"from elsewhere");
    assert_eq!(tokens.lines(), ["GET /token?service=r&scope=repository%3Aacme%2Fcsv%3Apull"]);
    assert_eq!(server.lines(), ["GET /one", "GET /one", "GET /away"]);
    assert_eq!(other.asked()[0].header("authorization"), None);
}

#[test]
fn who_is_not_known_is_told_how_to_sign_in() {
    let server = Server::new(|_| Reply::new(401, "").with("WWW-Authenticate", "Basic realm=\"x\""));
    let scope = Some(Scope { host: server.host.clone(), repository: None, actions: "*" });
    let error = client(|_| ()).read(&Call::get(at(&server, "/"), scope), 10).unwrap_err().to_string();
    assert!(error.contains("wants a name and a password, and none are known; sign in with `docker login`"), "{error}");
}

#[test]
fn s06_a_server_that_stalls_is_not_waited_for() {
    let server = Server::new(|_| Reply::new(200, whole()).stalled_after(10));
    let call = Call::get(at(&server, "/blob"), None);
    let client = client(|network| network.patience.body = Duration::from_millis(20));
    let mut file = tempfile::tempfile().unwrap();
    let error = client.download(&call, Digest::of(&whole()), whole().len() as u64, &mut file).unwrap_err().to_string();
    assert!(error.contains(" of 300000 bytes came, then: ") && error.ends_with("4 tries"), "{error}");
    assert_eq!(server.lines().len(), 4);
}
