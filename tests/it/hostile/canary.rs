//! Servers that tell what reached them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server on 127.0.0.1 that keeps the requests it got and answers each with what a function says.
///
/// It lives as long as the process: a thread that waits for connections costs nothing.
pub(crate) struct Canary {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

/// How long a client may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(10);

impl Canary {
    /// A server that answers 200 and nothing more.
    pub(crate) fn new() -> Self {
        Self::answering(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi".to_vec())
    }

    /// A server that answers with the bytes a function makes of the request.
    pub(crate) fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::serving(move |request, connection| {
            let _ = connection.write_all(&answer(request));
        })
    }

    /// A server that does with a connection what a function does, after a whole request has come.
    pub(crate) fn serving(serve: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, serve) = (Arc::clone(&seen), Arc::new(serve));
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let (kept, serve) = (Arc::clone(&kept), Arc::clone(&serve));
                std::thread::spawn(move || {
                    // A connection counts even when nothing is said on it.
                    let place = {
                        let mut seen = kept.lock().expect("no panic");
                        seen.push(String::new());
                        seen.len() - 1
                    };
                    let request = request(&connection);
                    kept.lock().expect("no panic")[place].clone_from(&request);
                    serve(&request, &mut connection);
                });
            }
        });
        Self { address, seen }
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its URL, with a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every connection so far, with the request that came on it.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no panic").clone()
    }
}

/// Reads a request with its body; as much of it as comes.
fn request(connection: &TcpStream) -> String {
    let _ = connection.set_read_timeout(Some(SILENCE_MAX));
    let mut reader = BufReader::new(connection);
    let (mut text, mut body_bytes) = (String::new(), 0);
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(1..) if line.trim_end().is_empty() => break,
            Ok(1..) => {
                let length = line.to_ascii_lowercase().strip_prefix("content-length:").and_then(|length| length.trim().parse().ok());
                body_bytes = length.unwrap_or(body_bytes);
                text.push_str(&line);
            }
            _ => return text,
        }
    }
    let mut body = Vec::new();
    let mut limited = reader.take(body_bytes);
    let _ = limited.read_to_end(&mut body);
    // What came behind the body is another request to a server that listens on.
    body.extend_from_slice(limited.into_inner().buffer());
    text + "\n" + &String::from_utf8_lossy(&body)
}
