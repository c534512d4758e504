use expect_test::{Expect, expect};

use super::*;

fn check(texts: &[&str], expected: Expect) {
    let read = |text: &&str| match Location::parse(text) {
        Ok(Location::File(path)) => format!("{text}: the file {}\n", path.display()),
        Ok(Location::Package(package)) => {
            assert_eq!(Reference::parse(&package.to_string()).as_ref(), Ok(&package), "it reads what it writes");
            format!("{text}: {} of {}, which is {}\n", package.wanted, package.source.name(), package.source)
        }
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&texts.iter().map(read).collect::<String>());
}

#[test]
fn references_are_files_or_packages() {
    let digest = format!("oci://r.example/csv@sha256:{}", "ab".repeat(32));
    check(
        &[
            "./plugins/csv.wasm",
            "csv.wasm",
            "c:sv.wasm",
            "oci://registry.example/acme/csv:^1.2",
            "oci://localhost:5000/csv:1.2.0",
            "oci://[::1]:5000/a/b/c/csv:>=1.2, <3",
            "oci://r.example/csv:1.3.0-rc.1",
            &digest,
            "file:./registry/acme/csv:~1.2.3",
            "file:../csv:*",
            "file:///srv//plugins/acme/csv:=1.0.0",
            "https://plugins.example/all/acme/csv:^2",
            "http://127.0.0.1:8080/acme/csv:^2",
        ],
        expect![[r#"
            ./plugins/csv.wasm: the file ./plugins/csv.wasm
            csv.wasm: the file csv.wasm
            c:sv.wasm: the file c:sv.wasm
            oci://registry.example/acme/csv:^1.2: ^1.2 of acme/csv, which is oci://registry.example/acme/csv
            oci://localhost:5000/csv:1.2.0: 1.2.0 of csv, which is oci://localhost:5000/csv
            oci://[::1]:5000/a/b/c/csv:>=1.2, <3: >=1.2, <3 of a/b/c/csv, which is oci://[::1]:5000/a/b/c/csv
            oci://r.example/csv:1.3.0-rc.1: 1.3.0-rc.1 of csv, which is oci://r.example/csv
            oci://r.example/csv@sha256:abababababababababababababababababababababababababababababababab: sha256:abababababababababababababababababababababababababababababababab of csv, which is oci://r.example/csv
            file:./registry/acme/csv:~1.2.3: ~1.2.3 of acme/csv, which is file:registry/acme/csv
            file:../csv:*: * of csv, which is file:../csv
            file:///srv//plugins/acme/csv:=1.0.0: =1.0.0 of acme/csv, which is file:///srv/plugins/acme/csv
            https://plugins.example/all/acme/csv:^2: ^2 of acme/csv, which is https://plugins.example/all/acme/csv
            http://127.0.0.1:8080/acme/csv:^2: ^2 of acme/csv, which is http://127.0.0.1:8080/acme/csv
        "#]],
    );
}

#[test]
fn what_is_no_reference_says_what_to_write() {
    check(
        &[
            "oci://r.example/csv",
            "oci://r.example:5000/acme/csv",
            "oci://r.example/csv:1.2",
            "oci://r.example/csv:latest",
            "oci://r.example/csv@sha256:12",
            "oci://r.example",
            "oci:///csv:^1",
            "oci://me:secret@r.example/csv:^1",
            "oci://R.example/csv:^1",
            "oci://r.example/Csv:^1",
            "oci://r.example/a//csv:^1",
            "oci://r.example/../csv:^1",
            "oci://r.example/csv:",
            "http://plugins.example/acme/csv:^1",
            "https://plugins.example/:^1",
            "https://plugins.example/csv?x=1:^1",
            "file://srv/csv:^1",
            "file:..:^1",
            "ftp://r.example/csv:^1",
        ],
        expect![[r#"
            `oci://r.example/csv`: it does not say which version: add a requirement such as `:^1.2`, a version such as `:1.2.0`, or `@sha256:…`
            `oci://r.example:5000/acme/csv`: it does not say which version: add a requirement such as `:^1.2`, a version such as `:1.2.0`, or `@sha256:…`
            `oci://r.example/csv:1.2`: `1.2` is half a version: write `^1.2` for all that are compatible with it, or a whole one such as `1.2.0`
            `oci://r.example/csv:latest`: `latest` is no requirement on versions (unexpected character 'l' while parsing major version number): write one such as `^1.2`
            `oci://r.example/csv@sha256:12`: `sha256:12` is not a digest: `sha256:` and 64 hexadecimal digits
            `oci://r.example`: it has no name after the host: write `oci://HOST/NAME`
            `oci:///csv`: the host ``: empty host
            `oci://me:secret@r.example/csv`: `me:secret@r.example` is no host: write it in small letters, with its port if it has one; passwords belong in docker's config.json
            `oci://R.example/csv`: `R.example` is no host: write it in small letters, with its port if it has one; passwords belong in docker's config.json
            `oci://r.example/Csv`: `Csv` is no part of a name: small letters and digits, with `.`, `_` or `-` between them
            `oci://r.example/a//csv`: `` is no part of a name: small letters and digits, with `.`, `_` or `-` between them
            `oci://r.example/../csv`: `..` is no part of a name: small letters and digits, with `.`, `_` or `-` between them
            `oci://r.example/csv:`: `` is no requirement on versions (unexpected end of input while parsing major version number): write one such as `^1.2`
            `http://plugins.example/acme/csv`: without TLS anybody on the way could answer: write `https://`
            `https://plugins.example/`: it has no path: write `https://HOST/FOLDER/NAME`
            `https://plugins.example/csv?x=1`: write host and path alone, without a user, a query or a fragment
            `file://srv/csv`: `file://` is followed by a path from the root, as in `file:///srv/plugins/acme/csv`
            `file:..`: it names no folder: write `file:FOLDER/NAME`
            `ftp://r.example/csv`: packages are found by `oci://`, `file:` or `https://`; `ftp:` is not known
        "#]],
    );
}

#[test]
fn a_long_reference_is_not_looked_at() {
    let error = Location::parse(&format!("oci://r.example/{}:^1", "a".repeat(3_000))).unwrap_err().to_string();
    assert!(error.contains("a reference may have 2048") && error.len() < 300, "{error}");
}

#[test]
fn requirements_choose_versions_as_cargo_does() {
    let fits = |wanted: &str, version: &str| Wanted::parse(wanted).unwrap().fits(&version.parse().unwrap());
    assert!(fits("^1.2", "1.9.0") && !fits("^1.2", "2.0.0") && !fits("^1.2", "1.1.9"));
    assert!(fits("^0.2", "0.2.9") && !fits("^0.2", "0.3.0"));
    assert!(!fits("^1.2", "1.3.0-rc.1") && fits("^1.3.0-rc.1", "1.3.0-rc.2"));
    assert!(fits("1.2.0", "1.2.0") && !fits("1.2.0", "1.2.1"));
}

#[test]
fn a_relative_folder_is_found_from_where_it_is_written() {
    let from = |from: &str| "file:reg/csv".parse::<Source>().unwrap().seen_from(Path::new(from), Path::new("/project")).to_string();
    assert_eq!(from("/project"), "file:reg/csv");
    assert_eq!(from("/project/flows"), "file:///project/flows/reg/csv");
}
