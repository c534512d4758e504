//! HTTP requests, one at a time, through the host (`wasi:http/outgoing-handler`).
//!
//! The host looks at every request and lets through what the step's grant allows. Redirects are not followed: the
//! place that they point to may not be granted.
//!
//! ```
//! use jackfield_sdk::prelude::*;
//! use jackfield_sdk::http;
//!
//! #[derive(Deserialize)]
//! struct Order { id: u64 }
//!
//! fn orders(region: &str) -> Result<Vec<Order>, TaskError> {
//!     let response = http::get("https://api.shop.example/orders").query("region", region).send()?;
//!     Ok(response.check()?.json()?)
//! }
//! # // Without a host that answers there is no HTTP, and `?` says so.
//! # assert_eq!(orders("eu").err().unwrap().code(), "http-denied");
//! ```

mod error;
mod request;
mod response;
mod retry_after;

pub use error::HttpError;
pub use request::{BODY_LIMIT_BYTES_DEFAULT, Request, TIMEOUT_DEFAULT};
#[cfg(target_family = "wasm")]
pub(crate) use request::{UrlParts, url_parts};
pub use response::Response;

/// A `GET` request.
pub fn get(url: impl Into<String>) -> Request {
    request("GET", url)
}

/// A `HEAD` request.
pub fn head(url: impl Into<String>) -> Request {
    request("HEAD", url)
}

/// A `POST` request.
pub fn post(url: impl Into<String>) -> Request {
    request("POST", url)
}

/// A `PUT` request.
pub fn put(url: impl Into<String>) -> Request {
    request("PUT", url)
}

/// A `PATCH` request.
pub fn patch(url: impl Into<String>) -> Request {
    request("PATCH", url)
}

/// A `DELETE` request.
pub fn delete(url: impl Into<String>) -> Request {
    request("DELETE", url)
}

/// A request with any method, in capital letters.
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request::new(method.into(), url.into())
}
