//! `email`: through the HTTP interface of a service that sends mail.

use jackfield_sdk::prelude::*;
use jackfield_sdk::secrets;

use crate::send::{Message, Sent, bad_request};

/// The most receivers of one message.
const RECEIVERS_MAX: usize = 50;

/// Whose interface is spoken. Others speak one of these as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Service {
    /// Resend. It heeds the idempotency key: a message that is sent again arrives once.
    Resend,
    /// SendGrid.
    Sendgrid,
    /// Postmark.
    Postmark,
}

impl Service {
    fn url(self) -> &'static str {
        match self {
            Self::Resend => "https://api.resend.com/emails",
            Self::Sendgrid => "https://api.sendgrid.com/v3/mail/send",
            Self::Postmark => "https://api.postmarkapp.com/email",
        }
    }
}

/// A message in the words of no service.
struct Mail {
    from: String,
    to: Vec<String>,
    subject: String,
    text: Option<String>,
    html: Option<String>,
}

/// Sends an e-mail through a service.
#[task(
    effect = effects,
    asks(http, secrets),
    errors(
        "http-status" = "The service refuses; `data.status` has the number. 408, 425, 429 and 5xx are tried again, not before `Retry-After`.",
        "http-redirect" = "The other side points elsewhere.",
        "http-denied" = "The step's grant does not allow the request; the message has the line to add.",
        "http-bad-request" = "The address of the service is none.",
        "http-unreachable" = "Nothing could be sent; tried again.",
        "http-lost-reply" = "The message may have been sent, and no answer came.",
        "http-body-too-large" = "The answer is longer than answers to messages are.",
        "secret-not-granted" = "The step's grant does not list the secret.",
        "secret-not-set" = "The secret is granted, and nobody has set it.",
        "bad-request" = "The input makes no message."
    ),
    title = "Send an e-mail",
    example_input = r#"{"service":"resend","key_secret":"mail-key","from":"Shop <shop@example.com>","to":["ada@example.com"],"subject":"Your order","text":"It is on its way."}"#,
    example_output = r#"{"status":200,"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn email(
    /// Whose interface is spoken.
    service: Service,
    /// The secret with the service's key.
    key_secret: String,
    /// Who sends: an address, for Resend and Postmark also `Name <address>`.
    from: String,
    /// Who gets it: 1 to 50 addresses.
    to: Vec<String>,
    /// The subject, on one line.
    subject: String,
    /// The message as text; this or `html`, or both.
    text: Option<String>,
    /// The message as HTML.
    html: Option<String>,
    /// Where the service is, if not at its own address.
    url: Option<String>,
) -> Result<Sent, TaskError> {
    let mail = Mail { from, to, subject, text, html };
    mail.check()?;
    let message = Message::new(url.unwrap_or_else(|| service.url().to_owned()), mail.body(service));
    let message = match service {
        Service::Postmark => message.header("x-postmark-server-token", secrets::placeholder(&key_secret)?)?,
        Service::Resend | Service::Sendgrid => message.bearer(&key_secret)?,
    };
    let response = message.send()?;
    // The message is sent, whatever the answer's body is.
    let answer: Value = response.json().unwrap_or_default();
    let id = match service {
        Service::Resend => answer["id"].as_str(),
        Service::Postmark => answer["MessageID"].as_str(),
        Service::Sendgrid => response.header("x-message-id"),
    };
    Ok(Sent { status: response.status(), id: id.unwrap_or_default().to_owned() })
}

impl Mail {
    fn check(&self) -> Result<(), TaskError> {
        if !(1..=RECEIVERS_MAX).contains(&self.to.len()) {
            return Err(bad_request(format!("`to` has {} addresses: 1 to {RECEIVERS_MAX} get a message", self.to.len())));
        }
        if self.text.is_none() && self.html.is_none() {
            return Err(bad_request("give the message as `text`, as `html`, or as both".to_owned()));
        }
        // A line break would begin another header of the mail; a comma, another receiver.
        let one_line = |text: &str| !text.chars().any(char::is_control);
        let is_address = |text: &&String| one_line(text) && text.contains('@') && !text.contains([',', ';']);
        if let Some(bad) = self.to.iter().chain([&self.from]).find(|address| !is_address(address)) {
            let shown: String = bad.escape_debug().take(100).collect();
            return Err(bad_request(format!("`{shown}` is not the address of one person")));
        }
        if !one_line(&self.subject) {
            return Err(bad_request("`subject` is one line, without control characters".to_owned()));
        }
        Ok(())
    }

    /// The message in the words of a service. What is not given is not there.
    fn body(&self, service: Service) -> Value {
        let parts = |names: [&str; 2]| {
            let parts = names.into_iter().zip([&self.text, &self.html]);
            parts
                .filter_map(|(name, part)| part.as_ref().map(|part| (name.to_owned(), part.clone().into())))
                .collect::<Vec<(String, Value)>>()
        };
        let (mut body, parts) = match service {
            Service::Resend => (json!({ "from": self.from, "to": self.to, "subject": self.subject }), parts(["text", "html"])),
            Service::Postmark => {
                (json!({ "From": self.from, "To": self.to.join(", "), "Subject": self.subject }), parts(["TextBody", "HtmlBody"]))
            }
            Service::Sendgrid => {
                let to: Vec<Value> = self.to.iter().map(|to| json!({ "email": to })).collect();
                let content: Vec<Value> =
                    parts(["text/plain", "text/html"]).into_iter().map(|(kind, value)| json!({ "type": kind, "value": value })).collect();
                let body = json!({ "personalizations": [{ "to": to }], "from": { "email": self.from }, "subject": self.subject });
                (body, vec![("content".to_owned(), content.into())])
            }
        };
        if let Some(fields) = body.as_object_mut() {
            fields.extend(parts);
        }
        body
    }
}
