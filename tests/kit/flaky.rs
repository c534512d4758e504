//! A small HTTP service that fails now and then: what the example `poll` polls.
//!
//! Which requests fail depends on the seed, the page and how often that page was asked for, and never on the order in
//! which requests arrive: a client that tries again until it succeeds makes the same requests in every run.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /records` | `{"pages":8}` |
//! | `GET /records?page=N` | `{"page":N,"records":[{"id":1,"name":"record 1","amount":37},…]}`; pages overlap |
//! | `POST /effects` | `{"first":true}` the first time that its `Idempotency-Key` comes, `{"first":false}` after that |
//! | anything else | 404 |

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the service offers and how it fails.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// Decides which requests fail.
    pub seed: u64,
    /// How many pages there are.
    pub pages: u32,
    /// How many records stand on a page.
    pub page_size: u32,
    /// How many of them stand on the next page as well; less than `page_size`.
    pub overlap: u32,
    /// The most failures in a row for one page; 0 for a service that never fails.
    pub failures_max: u32,
}

impl Default for Service {
    fn default() -> Self {
        Self { port: 0, seed: 21, pages: 8, page_size: 25, overlap: 5, failures_max: 3 }
    }
}

/// One record of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1, unique.
    pub id: u32,
    /// A number to compute with, 0 to 100.
    pub amount: u32,
}

/// How a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Status 503.
    Busy,
    /// Status 429 with `Retry-After: 0`.
    TooMany,
    /// The connection ends before the answer.
    NoAnswer,
    /// The connection ends in the middle of the answer.
    HalfAnswer,
}

/// What the service has seen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests in all.
    pub requests: u32,
    /// Requests by what was asked for: 0 is the list of pages, others are pages.
    pub by_page: BTreeMap<u32, u32>,
    /// Failures by kind.
    pub faults: BTreeMap<Fault, u32>,
    /// `POST /effects` in all.
    pub effects: u32,
    /// Different `Idempotency-Key`s of them.
    pub effect_keys: BTreeSet<String>,
}

/// A service that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    service: Service,
    counts: Mutex<Counts>,
    stop: AtomicBool,
}

/// How long the service waits for a client that says nothing.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Longest request line or header, in bytes.
const LINE_BYTES_MAX: u64 = 8 << 10;
/// Longest request body, in bytes; it is read and thrown away.
const BODY_BYTES_MAX: u64 = 1 << 20;

impl Service {
    /// Starts to answer requests, each connection on a thread of its own.
    pub fn start(self) -> io::Result<Running> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { service: self, counts: Mutex::default(), stop: AtomicBool::new(false) });
        let accepting = Arc::clone(&shared);
        let thread = std::thread::spawn(move || accepting.accept(&listener));
        Ok(Running { address, shared, thread: Some(thread) })
    }

    /// All records, each once, by number: what a client has in the end.
    pub fn records(self) -> Vec<Record> {
        let last = self.first_id(self.pages.max(1)) + self.page_size - 1;
        (1..=last).map(record).collect()
    }

    /// How often a client that tries again until it succeeds asks for a page (0: for the list of pages).
    pub fn requests_needed(self, page: u32) -> u32 {
        (0..).find(|&asked| self.fault(page, asked).is_none()).map_or(1, |failures| failures + 1)
    }

    fn first_id(self, page: u32) -> u32 {
        (page - 1) * (self.page_size - self.overlap) + 1
    }

    /// How a request for a page fails that was asked for so often before.
    fn fault(self, page: u32, asked: u32) -> Option<Fault> {
        if asked >= self.failures_max {
            return None;
        }
        let dice = mix(mix(self.seed ^ u64::from(page) << 32) ^ u64::from(asked));
        match dice % 8 {
            0 => Some(Fault::Busy),
            1 => Some(Fault::TooMany),
            2 => Some(Fault::NoAnswer),
            3 => Some(Fault::HalfAnswer),
            _ => None,
        }
    }

    fn page_json(self, page: u32) -> String {
        let first = self.first_id(page);
        let records = (first..first + self.page_size).map(record);
        let records: Vec<_> =
            records.map(|Record { id, amount }| format!(r#"{{"id":{id},"name":"record {id}","amount":{amount}}}"#)).collect();
        format!(r#"{{"page":{page},"records":[{}]}}"#, records.join(","))
    }
}

impl Running {
    /// Where the service is, such as `http://127.0.0.1:8099`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it has seen so far.
    pub fn counts(&self) -> Counts {
        self.shared.lock().clone()
    }

    /// Waits until the service ends, which it does not by itself.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread only ends by a panic here, which it has told already.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // A connection wakes the thread that waits for one.
            let _ = TcpStream::connect(self.address);
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for connection in listener.incoming() {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            let Ok(connection) = connection else { continue };
            let shared = Arc::clone(&self);
            // What goes wrong with one client is that client's loss.
            std::thread::spawn(move || shared.answer(&connection).ok());
        }
    }

    fn answer(&self, mut connection: &TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(SILENCE_MAX))?;
        connection.set_write_timeout(Some(SILENCE_MAX))?;
        let Some(request) = Request::read(connection)? else { return Ok(()) };
        let answer = self.decide(&request);
        let body = answer.body.as_bytes();
        let head = format!(
            "HTTP/1.1 {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n",
            answer.status,
            body.len(),
            if answer.retry_at_once { "retry-after: 0\r\n" } else { "" },
        );
        match answer.fault {
            Some(Fault::NoAnswer) => {}
            Some(Fault::HalfAnswer) => {
                connection.write_all(head.as_bytes())?;
                connection.write_all(&body[..body.len() / 2])?;
            }
            _ => {
                connection.write_all(head.as_bytes())?;
                connection.write_all(body)?;
            }
        }
        connection.flush()?;
        connection.shutdown(std::net::Shutdown::Both)
    }

    fn decide(&self, request: &Request) -> Answer {
        let mut counts = self.lock();
        counts.requests += 1;
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/records") => self.page(0, format!(r#"{{"pages":{}}}"#, self.service.pages), &mut counts),
            ("GET", path) => match path.strip_prefix("/records?page=").and_then(|page| page.parse().ok()) {
                Some(page) if (1..=self.service.pages).contains(&page) => self.page(page, self.service.page_json(page), &mut counts),
                _ => Answer::plain("404 Not Found", r#"{"error":"there is no such page"}"#),
            },
            ("POST", "/effects") => {
                counts.effects += 1;
                let first = counts.effect_keys.insert(request.idempotency_key.clone());
                Answer::plain("200 OK", &format!(r#"{{"first":{first}}}"#))
            }
            _ => Answer::plain("404 Not Found", r#"{"error":"there is nothing here"}"#),
        }
    }

    fn page(&self, page: u32, body: String, counts: &mut Counts) -> Answer {
        let asked = counts.by_page.entry(page).or_default();
        let fault = self.service.fault(page, *asked);
        *asked += 1;
        let Some(fault) = fault else { return Answer::plain("200 OK", &body) };
        *counts.faults.entry(fault).or_default() += 1;
        match fault {
            Fault::Busy => Answer::plain("503 Service Unavailable", r#"{"error":"busy"}"#),
            Fault::TooMany => Answer { retry_at_once: true, ..Answer::plain("429 Too Many Requests", r#"{"error":"too many requests"}"#) },
            Fault::NoAnswer | Fault::HalfAnswer => Answer { fault: Some(fault), ..Answer::plain("200 OK", &body) },
        }
    }
}

struct Answer {
    status: &'static str,
    body: String,
    retry_at_once: bool,
    /// How the connection ends, when it does not end well.
    fault: Option<Fault>,
}

impl Answer {
    fn plain(status: &'static str, body: &str) -> Self {
        Self { status, body: body.to_owned(), retry_at_once: false, fault: None }
    }
}

/// A request, as far as it matters here.
struct Request {
    method: String,
    path: String,
    idempotency_key: String,
}

impl Request {
    /// Reads a whole request; nothing when the client says nothing or no HTTP.
    fn read(connection: &TcpStream) -> io::Result<Option<Self>> {
        let mut lines = BufReader::new(connection);
        let first = line(&mut lines)?;
        let mut words = first.split_whitespace();
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
        let mut request = Self { method: method.to_owned(), path: path.to_owned(), idempotency_key: String::new() };
        let mut body_bytes = 0;
        loop {
            let header = line(&mut lines)?;
            let Some((name, value)) = header.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => body_bytes = value.trim().parse().unwrap_or(0).min(BODY_BYTES_MAX),
                "idempotency-key" => value.trim().clone_into(&mut request.idempotency_key),
                _ => {}
            }
        }
        // A body that is left unread would make the system reset the connection and lose the answer.
        io::copy(&mut lines.take(body_bytes), &mut io::sink())?;
        Ok(Some(request))
    }
}

fn line(lines: &mut BufReader<&TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    lines.take(LINE_BYTES_MAX).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn record(id: u32) -> Record {
    Record { id, amount: id.wrapping_mul(37) % 101 }
}

/// SplitMix64's mixing function (Steele, Lea and Flood, 2014).
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends a request; the answer as text, which is empty when the connection just ends.
    fn ask(service: &Running, request: &str) -> String {
        let mut connection = TcpStream::connect(service.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = connection.read_to_string(&mut answer);
        answer
    }

    fn whole(answer: &str) -> bool {
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
        head.starts_with("HTTP/1.1 200") && head.contains(&format!("content-length: {}\r\n", body.len()))
    }

    #[test]
    fn a_client_that_tries_again_gets_every_page() {
        let service = Service { seed: 7, ..Service::default() };
        let running = service.start().unwrap();
        for page in 1..=service.pages {
            let request = format!("GET /records?page={page} HTTP/1.1\r\nhost: x\r\n\r\n");
            let tries = (1..10).find(|_| whole(&ask(&running, &request)));
            assert_eq!(tries, Some(service.requests_needed(page)), "page {page}");
        }
        let counts = running.counts();
        assert!(counts.requests > service.pages, "nothing ever failed: {counts:?}");
        assert_eq!(counts.requests - service.pages, counts.faults.values().sum::<u32>());
    }

    #[test]
    fn the_default_service_fails_in_every_way() {
        let service = Service::default();
        let failures = |page| (0..service.requests_needed(page) - 1).filter_map(move |asked| service.fault(page, asked));
        let faults: BTreeSet<_> = (0..=service.pages).flat_map(failures).collect();
        assert_eq!(faults.len(), 4, "{faults:?}");
    }

    #[test]
    fn pages_overlap_and_cover_all_records() {
        let service = Service { pages: 3, page_size: 4, overlap: 1, failures_max: 0, ..Service::default() };
        let ids: Vec<_> = service.records().iter().map(|record| record.id).collect();
        assert_eq!(ids, (1..=10).collect::<Vec<_>>());
        assert!(service.page_json(2).contains(r#""id":4,"#) && service.page_json(1).contains(r#""id":4,"#));
        assert!(service.page_json(3).contains(r#""id":10,"#));
    }

    #[test]
    fn effects_are_counted_by_key() {
        let running = Service::default().start().unwrap();
        let send = |key: &str| ask(&running, &format!("POST /effects HTTP/1.1\r\nidempotency-key: {key}\r\ncontent-length: 2\r\n\r\n{{}}"));
        assert!(send("a").ends_with(r#"{"first":true}"#));
        assert!(send("a").ends_with(r#"{"first":false}"#));
        assert!(send("b").ends_with(r#"{"first":true}"#));
        let counts = running.counts();
        assert_eq!((counts.effects, counts.effect_keys.len()), (3, 2));
        assert!(ask(&running, "GET /nothing HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    }
}
