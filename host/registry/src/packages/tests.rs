use expect_test::{Expect, expect};

use super::*;
use crate::server::{Asked, Reply, Server};

/// A local store and a folder registry, gone when the test ends.
struct Bench {
    folder: tempfile::TempDir,
    packages: Packages,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let packages = Packages::new(Registry::new(folder.path().join("store")), Network::default());
        Self { folder, packages }
    }

    fn base(&self) -> &Path {
        self.folder.path()
    }

    fn push(&self, package: &str, version: &str, bytes: &[u8]) -> Result<Pushed, PackageError> {
        self.packages.push(&package.parse().unwrap(), self.base(), bytes, &about(version))
    }

    /// What a reference comes to: its version and bytes.
    fn get(&self, reference: &str) -> Result<(String, Vec<u8>), PackageError> {
        let reference = Reference::parse(reference).unwrap();
        let release = self.packages.find(&reference, self.base())?;
        let bytes = self.packages.bytes(&reference.source, self.base(), &release)?;
        Ok((release.version.unwrap().to_string(), bytes))
    }

    #[track_caller]
    fn refused(&self, reference: &str, expected: Expect) {
        let error = self.get(reference).unwrap_err().to_string();
        expected.assert_eq(&error.replace(&self.base().display().to_string(), "BASE"));
        let files = std::fs::read_dir(self.base().join("store")).into_iter().flatten().map(|file| file.unwrap().file_name());
        // The manifest may be: it has the digest it is named by.
        let kept: Vec<String> = files.map(|name| name.into_string().unwrap()).filter(|name| !name.ends_with(".manifest.json")).collect();
        assert_eq!(kept, [""; 0], "nothing is kept of what is refused");
    }
}

fn about(version: &str) -> About {
    let version = version.parse().unwrap();
    About { version, created: "2026-03-01T00:00:00Z".to_owned(), exports: Vec::new(), imports: Vec::new() }
}

const CSV: &str = "file:registry/acme/csv";

fn shop() -> Bench {
    let bench = Bench::new();
    for version in ["1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1"] {
        bench.push(CSV, version, version.as_bytes()).unwrap();
    }
    bench
}

#[test]
fn the_newest_version_that_fits_is_found() {
    let bench = shop();
    let found = |wanted: &str| bench.get(&format!("{CSV}{wanted}")).unwrap();
    assert_eq!(found(":^1"), ("1.10.0".to_owned(), b"1.10.0".to_vec()));
    assert_eq!(found(":~1.2"), ("1.2.0".to_owned(), b"1.2.0".to_vec()));
    assert_eq!(found(":1.0.0").0, "1.0.0");
    assert_eq!(found(":^2.0.0-rc.1").0, "2.0.0-rc.1");
    assert_eq!(found(&format!("@{}", Digest::of(b"1.2.0"))).0, "1.2.0");
    let source = CSV.parse().unwrap();
    let versions: Vec<String> = bench.packages.versions(&source, bench.base()).unwrap().iter().map(|one| one.version.to_string()).collect();
    assert_eq!(versions, ["2.0.0-rc.1", "1.10.0", "1.2.0", "1.0.0"]);
}

#[test]
fn what_is_not_there_says_what_is() {
    let bench = shop();
    bench.refused(
        "file:registry/acme/csv:^3",
        expect!["file:registry/acme/csv: no version matches ^3; there is 2.0.0-rc.1, 1.10.0, 1.2.0, 1.0.0"],
    );
    bench.refused("file:registry/acme/cvs:^1", expect!["file:registry/acme/cvs: there is no such package"]);
    bench.refused(
        &format!("file:registry/acme/csv@{}", Digest::of(b"")),
        expect![
            "file:registry/acme/csv: no version has the digest sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ],
    );
}

#[test]
fn h28_a_version_is_published_once() {
    let bench = shop();
    assert!(bench.push(CSV, "1.2.0", b"1.2.0").unwrap().known);
    let error = bench.push(CSV, "1.2.0", b"other").unwrap_err().to_string();
    let digest = Digest::of(b"1.2.0");
    assert_eq!(error, format!("{CSV}: version 1.2.0 already has digest {digest}; publish other bytes under another version"));
    assert_eq!(bench.get("file:registry/acme/csv:1.2.0").unwrap().1, b"1.2.0");
    assert!(bench.push(CSV, "1.2.0+build", b"x").unwrap_err().to_string().contains("no versions with a `+`"));
}

#[test]
fn nobody_new_gets_what_is_withdrawn() {
    let bench = shop();
    let source: Source = CSV.parse().unwrap();
    bench.packages.yank(&source, bench.base(), &Version::new(1, 10, 0)).unwrap();
    assert_eq!(bench.get("file:registry/acme/csv:^1").unwrap().0, "1.2.0");
    let digest = Digest::of(b"1.10.0");
    assert_eq!(bench.get(&format!("{CSV}@{digest}")).unwrap().0, "1.10.0", "who has it locked still has it");
    let error = bench.get("file:registry/acme/csv:1.10.0").unwrap_err().to_string();
    assert_eq!(error, "file:registry/acme/csv: no version that matches 1.10.0 is left: 1.10.0 withdrawn");
    assert!(bench.packages.yank(&source, bench.base(), &Version::new(9, 0, 0)).is_err());
}

#[test]
fn packages_are_found_by_a_part_of_their_name() {
    let bench = shop();
    bench.push("file:registry/acme/chart", "1.0.0", b"chart").unwrap();
    bench.push("file:registry/table", "1.0.0", b"table").unwrap();
    let found = bench.packages.search("file:registry", bench.base(), "c").unwrap();
    assert_eq!(found, ["file:registry/acme/chart", "file:registry/acme/csv"]);
    assert!(bench.packages.search("https://plain.example", bench.base(), "").unwrap_err().to_string().contains("plain web server"));
}

/// The only file below the folder whose content is this.
fn blob_with(bench: &Bench, content: &[u8]) -> std::path::PathBuf {
    bench.base().join("registry/acme/csv/blobs/sha256").join(Digest::of(content).hex())
}

#[test]
fn s01_bytes_that_are_not_what_they_should_be_are_refused() {
    let bench = shop();
    let blob = blob_with(&bench, b"1.2.0");
    std::fs::write(&blob, b"1.2.X").unwrap();
    bench.refused("file:registry/acme/csv:1.2.0", expect!["file:registry/acme/csv should be sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2, and is sha256:7c38019c2b16de7aa322d34c1861e2d60ddd017d1ec41ff09f69f335a637cb89: nothing was kept"]);
    std::fs::write(&blob, b"1.2.00").unwrap();
    bench.refused("file:registry/acme/csv:1.2.0", expect!["BASE/registry/acme/csv/blobs/sha256/9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2: it should have 5 bytes, and has more"]);
    std::fs::remove_file(&blob).unwrap();
    bench.refused(
        "file:registry/acme/csv:1.2.0",
        expect![
            "file:registry/acme/csv: it names sha256:9f77034b1eb57d24f21ac7deb65c9cc99f63b72775e311f1f280ab2b6c2e06a2, which is not there"
        ],
    );
    std::fs::write(bench.base().join("registry/acme/csv/index.json"), "[").unwrap();
    bench.refused(
        "file:registry/acme/csv:1.2.0",
        expect!["file:registry/acme/csv: index.json: EOF while parsing a list at line 1 column 1"],
    );
}

#[test]
fn a_plain_web_server_is_a_registry_that_is_only_read() {
    let bench = shop();
    let root = bench.base().join("registry");
    let server = Server::new(move |asked: &Asked| {
        let path = asked.line.strip_prefix("GET /all/").unwrap_or("?");
        std::fs::read(root.join(path)).map_or_else(|_| Reply::new(404, "no"), |bytes| Reply::new(200, bytes))
    });
    let package = format!("http://{}/all/acme/csv", server.host);
    assert_eq!(bench.get(&format!("{package}:^1")).unwrap(), ("1.10.0".to_owned(), b"1.10.0".to_vec()));
    assert!(bench.push(&package, "3.0.0", b"x").unwrap_err().to_string().contains("publish into the folder that it serves"));
    let asked = server.lines().len();
    assert_eq!(bench.get(&format!("{package}:^1")).unwrap().0, "1.10.0");
    assert!(!server.lines()[asked..].iter().any(|line| line.contains(&Digest::of(b"1.10.0").hex())), "it is here already");
}

/// What a registry comes to that answers so to tags and manifests.
#[track_caller]
fn answers(answer: fn(&Asked) -> Reply, expected: Expect) {
    let server = Server::new(answer);
    let bench = Bench::new();
    let error = bench.get(&format!("oci://{}/acme/csv:^1", server.host)).unwrap_err().to_string();
    expected.assert_eq(&error.replace(&server.host, "HOST"));
    assert!(!server.lines().iter().any(|line| line.contains("/blobs/")), "nothing is downloaded");
}

/// One version, whose manifest is what a test makes of it.
fn with_manifest(asked: &Asked, kind: &str, manifest: impl Into<Vec<u8>>) -> Reply {
    match asked.line.as_str() {
        "GET /v2/acme/csv/tags/list?n=1000" => Reply::new(200, r#"{"name": "acme/csv", "tags": ["1.0.0", "latest"]}"#),
        "GET /v2/acme/csv/manifests/1.0.0" => Reply::new(200, manifest).with("Content-Type", kind),
        _ => Reply::new(500, "not expected"),
    }
}

#[test]
fn s06_a_registry_that_answers_something_else_is_refused_before_anything_is_downloaded() {
    const KIND: &str = "application/vnd.oci.image.manifest.v1+json";
    const HUGE: &str = r#"{"schemaVersion": 2, "config": {"mediaType": "application/vnd.wasm.config.v0+json", "size": 2,
        "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}, "layers": [{"mediaType": "application/wasm",
        "size": 10737418240, "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]}"#;
    answers(
        |asked| with_manifest(asked, KIND, HUGE),
        expect!["oci://HOST/acme/csv: it says that its component has 10737418240 bytes; one may have 67108864"],
    );
    answers(
        |asked| with_manifest(asked, KIND, HUGE.replace("application/wasm", "application/vnd.oci.image.layer.v1.tar+gzip")),
        expect!["oci://HOST/acme/csv: its layer has the type `application/vnd.oci.image.layer.v1.tar+gzip`, not `application/wasm`"],
    );
    answers(
        |asked| with_manifest(asked, KIND, r#"{"schemaVersion": 2, "manifests": []}"#),
        expect!["oci://HOST/acme/csv: it is a list of images, not a Wasm component"],
    );
    answers(
        |asked| with_manifest(asked, "text/html", "<html>"),
        expect!["http://HOST/v2/acme/csv/manifests/1.0.0: it answers with `text/html`, which is no manifest"],
    );
    answers(
        |asked| with_manifest(asked, KIND, vec![b' '; 2 << 20]),
        expect!["http://HOST/v2/acme/csv/manifests/1.0.0: its answer is longer than 1048576 bytes"],
    );
    answers(
        |_| Reply::new(200, r#"{"tags": []}"#).with("Link", "</v2/acme/csv/tags/list?n=1000&last=x>; rel=\"next\""),
        expect!["http://HOST/v2/acme/csv/tags/list?n=1000: its list has no end: 100 pages or 20000 names are read"],
    );
    answers(|_| Reply::new(200, r#"{"tags": null}"#), expect!["oci://HOST/acme/csv: it has no versions"]);
    answers(|_| Reply::new(200, "[]"), expect!["oci://HOST/acme/csv: it has no versions"]);
    answers(|_| Reply::new(404, r#"{"errors": [{"code": "NAME_UNKNOWN"}]}"#), expect!["oci://HOST/acme/csv: there is no such package"]);
    answers(
        |_| Reply::new(302, "").with("Location", "http://plain.example/"),
        expect!["http://HOST/v2/acme/csv/tags/list?n=1000: it sends elsewhere, to http://plain.example/, which has no TLS"],
    );
}
