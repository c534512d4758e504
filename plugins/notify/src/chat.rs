//! `slack` and `teams`.

use jackfield_sdk::prelude::*;

use crate::send::{Message, Sent, bad_request, place};

/// The longest text that Slack takes, in characters.
const SLACK_CHARS_MAX: usize = 40_000;
/// The largest message that Teams takes, in bytes.
const TEAMS_BYTES_MAX: usize = 28 << 10;
/// Where Slack takes messages with a token.
const SLACK_API: &str = "https://slack.com/api/chat.postMessage";

/// A line of a message.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
pub(crate) struct Fact {
    /// What it is about.
    pub(crate) name: String,
    /// What there is to say about it.
    pub(crate) value: String,
}

/// How a text for Slack is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// As it is: no part of it can become a link or call people.
    #[default]
    Plain,
    /// As Slack's `mrkdwn`, where `<!channel>` calls everybody. Not for texts that come from elsewhere.
    Mrkdwn,
}

/// Sends a message to Slack: to an incoming webhook, or with a token to a channel.
#[task(
    effect = effects,
    asks(http, secrets(optional), config(optional)),
    errors(
        "slack-refused" = "Slack took the request and refuses the message; `data.error` has its word for why.",
        "http-status" = "Slack refuses; `data.status` has the number. 408, 425, 429 and 5xx are tried again, not before `Retry-After`.",
        "http-redirect" = "The other side points elsewhere.",
        "http-denied" = "The step's grant does not allow the request; the message has the line to add.",
        "http-bad-request" = "The address is none.",
        "http-bad-body" = "The answer is not what Slack answers.",
        "http-unreachable" = "Nothing could be sent; tried again.",
        "http-lost-reply" = "The message may have been sent, and no answer came.",
        "http-body-too-large" = "The answer is longer than answers to messages are.",
        "secret-not-granted" = "The step's grant does not list the secret.",
        "secret-not-set" = "The secret is granted, and nobody has set it.",
        "config-unreadable" = "The configuration cannot be read.",
        "no-config" = "The configuration value with the address is not granted or not set.",
        "bad-request" = "The input makes no message."
    ),
    title = "Send a message to Slack",
    example_input = r#"{"channel":"C024BE91L","token_secret":"slack-token","title":"Orders","text":"All saved.","facts":[{"name":"count","value":"7"}]}"#,
    example_output = r#"{"status":200,"id":"1503435956.000247"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn slack(
    /// The text.
    text: String,
    /// A line above it.
    title: Option<String>,
    /// Lines below it.
    #[serde(default)]
    facts: Vec<Fact>,
    /// How the text is read; title and facts are always as they are.
    #[serde(default)]
    format: Format,
    /// The address of an incoming webhook; either this, `url_config`, or `channel` with `token_secret`.
    url: Option<String>,
    /// The name of a configuration value with the address of an incoming webhook. Whoever has it can send, so it is better kept here.
    url_config: Option<String>,
    /// The channel's id.
    channel: Option<String>,
    /// The secret with the token of an app that may write to the channel.
    token_secret: Option<String>,
) -> Result<Sent, TaskError> {
    let text = slack_text(&text, title.as_deref(), &facts, format);
    let length = text.chars().count();
    if length > SLACK_CHARS_MAX {
        return Err(bad_request(format!("the message has {length} characters, and Slack takes {SLACK_CHARS_MAX}")));
    }
    let (Some(channel), Some(token)) = (&channel, &token_secret) else {
        if channel.is_some() || token_secret.is_some() {
            return Err(bad_request("`channel` and `token_secret` belong together".to_owned()));
        }
        let response = Message::new(place(url, url_config)?, json!({ "text": text })).send()?;
        return Ok(Sent { status: response.status(), id: String::new() });
    };
    if url_config.is_some() {
        return Err(bad_request("give `channel` and `token_secret`, or `url_config`, not both".to_owned()));
    }
    let url = url.unwrap_or_else(|| SLACK_API.to_owned());
    let response = Message::new(url, json!({ "channel": channel, "text": text })).bearer(token)?.send()?;
    let answer: Value = response.json()?;
    // Slack answers refusals with status 200.
    if answer["ok"] != true {
        let word: String = answer["error"].as_str().unwrap_or("unknown").chars().take(100).collect();
        let message = format!("Slack refuses the message: {word}");
        return Err(TaskError::permanent("slack-refused", message).with_data(&json!({ "error": word })));
    }
    Ok(Sent { status: response.status(), id: answer["ts"].as_str().unwrap_or_default().to_owned() })
}

fn slack_text(text: &str, title: Option<&str>, facts: &[Fact], format: Format) -> String {
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let text = if format == Format::Plain { plain(text) } else { text.to_owned() };
    let title = title.map(|title| format!("*{}*", plain(title)));
    let facts = facts.iter().map(|fact| format!("*{}:* {}", plain(&fact.name), plain(&fact.value)));
    title.into_iter().chain([text]).chain(facts).collect::<Vec<_>>().join("\n")
}

/// Sends a message to a channel of Microsoft Teams, as an adaptive card.
#[task(
    effect = effects,
    asks(http, config(optional)),
    errors(
        "http-status" = "Teams refuses; `data.status` has the number. 408, 425, 429 and 5xx are tried again, not before `Retry-After`.",
        "http-redirect" = "The other side points elsewhere.",
        "http-denied" = "The step's grant does not allow the request; the message has the line to add.",
        "http-bad-request" = "The address is none.",
        "http-unreachable" = "Nothing could be sent; tried again.",
        "http-lost-reply" = "The message may have been sent, and no answer came.",
        "http-body-too-large" = "The answer is longer than answers to messages are.",
        "config-unreadable" = "The configuration cannot be read.",
        "no-config" = "The configuration value with the address is not granted or not set.",
        "bad-request" = "The input makes no message."
    ),
    title = "Send a message to Teams",
    example_input = r#"{"url_config":"teams-url","title":"Orders","text":"All saved.","facts":[{"name":"count","value":"7"}]}"#,
    example_output = r#"{"status":202,"id":""}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn teams(
    /// The text.
    text: String,
    /// A line above it.
    title: Option<String>,
    /// Lines below it.
    #[serde(default)]
    facts: Vec<Fact>,
    /// The address of the channel's webhook; either this or `url_config`.
    url: Option<String>,
    /// The name of a configuration value with the address. Whoever has it can send, so it is better kept here.
    url_config: Option<String>,
) -> Result<Sent, TaskError> {
    let title = title.map(|title| json!({ "type": "TextBlock", "text": title, "weight": "bolder", "size": "medium", "wrap": true }));
    let text = json!({ "type": "TextBlock", "text": text, "wrap": true });
    let list: Vec<Value> = facts.into_iter().map(|fact| json!({ "title": fact.name, "value": fact.value })).collect();
    let facts = (!list.is_empty()).then(|| json!({ "type": "FactSet", "facts": list }));
    let body: Vec<Value> = title.into_iter().chain([text]).chain(facts).collect();
    let card =
        json!({ "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body });
    let attachment = json!({ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card });
    let message = json!({ "type": "message", "attachments": [attachment] });
    let bytes = message.to_string().len();
    if bytes > TEAMS_BYTES_MAX {
        return Err(bad_request(format!("the message has {bytes} bytes, and Teams takes {TEAMS_BYTES_MAX}")));
    }
    let response = Message::new(place(url, url_config)?, message).send()?;
    Ok(Sent { status: response.status(), id: String::new() })
}
