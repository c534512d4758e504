//! A repository of an OCI registry, as the distribution specification has it.

use std::fs::File;

use jackfield_flow::plan::Digest;
use serde::Deserialize;
use ureq::http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::{By, TAGS_MAX};
use crate::artifact::{INDEX, MANIFEST, MANIFEST_BYTES_MAX};
use crate::error::PackageError;
use crate::http::{Call, Client, Scope, Whole, explanation};

/// How many pages of a list are read.
const PAGES_MAX: usize = 100;
/// The largest page, in bytes.
const PAGE_BYTES_MAX: u64 = 4 << 20;
/// The largest answer to something that was sent, in bytes.
const RECEIPT_BYTES_MAX: u64 = 64 << 10;

/// A repository of a registry.
#[derive(Debug)]
pub(super) struct Remote<'a> {
    client: &'a Client,
    base: Url,
    host: &'a str,
    repository: &'a str,
}

#[derive(Deserialize)]
struct TagPage {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct CataloguePage {
    #[serde(default)]
    repositories: Option<Vec<String>>,
}

impl<'a> Remote<'a> {
    pub(super) fn new(client: &'a Client, host: &'a str, repository: &'a str) -> Result<Self, PackageError> {
        Ok(Self { client, base: client.base(host)?, host, repository })
    }

    pub(super) fn tags(&self) -> Result<Option<Vec<String>>, PackageError> {
        let call = self.get("tags/list?n=1000")?;
        pages(self.client, call, |page| Ok(serde_json::from_slice::<TagPage>(page)?.tags.unwrap_or_default()))
    }

    pub(super) fn manifest(&self, by: By<'_>) -> Result<Option<Vec<u8>>, PackageError> {
        let name = match by {
            By::Tag(tag) => tag.to_owned(),
            By::Digest(digest) => digest.to_string(),
        };
        // A list of images is asked for as well, so that it can be told what it is.
        let call = self.get(&format!("manifests/{name}"))?.with("Accept", format!("{MANIFEST}, {INDEX}"));
        let answer = self.client.read(&call, MANIFEST_BYTES_MAX)?;
        let kind = header(&answer.headers, "content-type").unwrap_or_default();
        match answer.status {
            StatusCode::OK if kind.starts_with("application/vnd.") || kind.starts_with("application/json") => Ok(Some(answer.bytes)),
            StatusCode::OK => Err(PackageError::wrong(&call.url, format!("it answers with `{kind}`, which is no manifest"))),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(unexpected(&call.url, &answer)),
        }
    }

    pub(super) fn blob(&self, digest: Digest, bytes_max: u64) -> Result<Option<Vec<u8>>, PackageError> {
        let call = self.get(&format!("blobs/{digest}"))?;
        let answer = self.client.read(&call, bytes_max)?;
        match answer.status {
            StatusCode::OK => Ok(Some(answer.bytes)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(unexpected(&call.url, &answer)),
        }
    }

    pub(super) fn fetch(&self, digest: Digest, size: u64, file: &mut File) -> Result<(), PackageError> {
        self.client.download(&self.get(&format!("blobs/{digest}"))?, digest, size, file)
    }

    pub(super) fn put_blob(&self, bytes: &[u8]) -> Result<(), PackageError> {
        let digest = Digest::of(bytes);
        let there = self.push(&format!("blobs/{digest}"))?.sending(Method::HEAD, &[]);
        if self.client.read(&there, RECEIPT_BYTES_MAX)?.status == StatusCode::OK {
            return Ok(());
        }
        let begin = self.push("blobs/uploads/")?.sending(Method::POST, &[]);
        let answer = self.client.read(&begin, RECEIPT_BYTES_MAX)?;
        if answer.status != StatusCode::ACCEPTED {
            return Err(unexpected(&begin.url, &answer));
        }
        let to = header(&answer.headers, "location").unwrap_or_default();
        let mut to = self.base.join(to).map_err(|error| PackageError::wrong(&begin.url, format!("it takes uploads at `{to}`: {error}")))?;
        let elsewhere = to.origin() != self.base.origin();
        if elsewhere && to.scheme() != "https" {
            return Err(PackageError::wrong(&begin.url, format!("it takes uploads at {to}, which has no TLS")));
        }
        to.query_pairs_mut().append_pair("digest", &digest.to_string());
        // Who one is here is nobody's business elsewhere.
        let scope = self.scope("pull,push").filter(|_| !elsewhere);
        let upload = Call::get(to, scope).with("Content-Type", "application/octet-stream").sending(Method::PUT, bytes);
        let answer = self.client.read(&upload, RECEIPT_BYTES_MAX)?;
        if answer.status.is_success() { Ok(()) } else { Err(unexpected(&upload.url, &answer)) }
    }

    pub(super) fn put_manifest(&self, tag: &str, bytes: &[u8]) -> Result<(), PackageError> {
        let call = self.push(&format!("manifests/{tag}"))?.with("Content-Type", MANIFEST).sending(Method::PUT, bytes);
        let answer = self.client.read(&call, RECEIPT_BYTES_MAX)?;
        if answer.status.is_success() { Ok(()) } else { Err(unexpected(&call.url, &answer)) }
    }

    fn get(&self, rest: &str) -> Result<Call<'a>, PackageError> {
        self.call(rest, "pull")
    }

    fn push(&self, rest: &str) -> Result<Call<'a>, PackageError> {
        self.call(rest, "pull,push")
    }

    fn call(&self, rest: &str, actions: &'static str) -> Result<Call<'a>, PackageError> {
        let url = self.base.join(&format!("v2/{}/{rest}", self.repository));
        Ok(Call::get(url.map_err(|error| PackageError::wrong(&self.base, error.to_string()))?, self.scope(actions)))
    }

    fn scope(&self, actions: &'static str) -> Option<Scope> {
        Some(Scope { host: self.host.to_owned(), repository: Some(self.repository.to_owned()), actions })
    }
}

/// The names of all packages that a registry tells.
pub(crate) fn catalogue(client: &Client, host: &str) -> Result<Vec<String>, PackageError> {
    let base = client.base(host)?;
    let url = base.join("v2/_catalog?n=1000").map_err(|error| PackageError::wrong(&base, error.to_string()))?;
    let call = Call::get(url, Some(Scope { host: host.to_owned(), repository: None, actions: "*" }));
    let names = pages(client, call, |page| Ok(serde_json::from_slice::<CataloguePage>(page)?.repositories.unwrap_or_default()))?;
    names.ok_or_else(|| PackageError::wrong(host, "it does not tell which packages it has"))
}

/// A list that comes in pages; nothing when there is none.
fn pages(
    client: &Client,
    mut call: Call<'_>,
    parse: impl Fn(&[u8]) -> Result<Vec<String>, serde_json::Error>,
) -> Result<Option<Vec<String>>, PackageError> {
    let (mut all, first) = (Vec::new(), call.url.clone());
    for _ in 0..PAGES_MAX {
        let answer = client.read(&call, PAGE_BYTES_MAX)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(unexpected(&call.url, &answer)),
        }
        all.extend(parse(&answer.bytes).map_err(|error| PackageError::wrong(&call.url, format!("its list cannot be read: {error}")))?);
        let Some(next) = header(&answer.headers, "link").and_then(next_page) else { return Ok(Some(all)) };
        let next = call.url.join(next).map_err(|error| PackageError::wrong(&call.url, format!("its next page, `{next}`: {error}")))?;
        if next.origin() != first.origin() || all.len() > TAGS_MAX {
            break;
        }
        call.url = next;
    }
    Err(PackageError::wrong(first, format!("its list has no end: {PAGES_MAX} pages or {TAGS_MAX} names are read")))
}

/// The address in `<address>; rel="next"`.
fn next_page(link: &str) -> Option<&str> {
    let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
    rest.contains("next").then_some(address)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn unexpected(url: &Url, answer: &Whole) -> PackageError {
    let said = explanation(&answer.bytes);
    PackageError::wrong(url, format!("the registry answers {}{}{said}", answer.status, if said.is_empty() { "" } else { ": " }))
}
