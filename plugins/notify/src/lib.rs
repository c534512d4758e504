//! Tells people and programs, over HTTP: `webhook`, `slack`, `teams` and `email`.
//!
//! Every message carries an `Idempotency-Key` that is the same for all attempts of its step, and different for every other
//! step and item. Where the other side heeds it a message arrives once, however often it is sent.

mod chat;
mod email;
mod send;
#[cfg(test)]
mod tests;

jackfield_sdk::plugin!(send::webhook, chat::slack, chat::teams, email::email);
