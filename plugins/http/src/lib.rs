//! The task `request`: one HTTP request and its answer.
//!
//! The host looks at every request and lets through what the step grants (`grant: { http: ["GET https://api.example/*"] }`).
//! A status that means failure becomes an error that the engine can act on: try again, try again later, or give up.

mod answer;
mod request;
mod status;

jackfield_sdk::plugin!(request::request);
