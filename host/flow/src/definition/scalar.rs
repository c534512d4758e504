//! Small texts with a meaning: names, durations, sizes.

use super::diagnostic::{Code, Diagnostic};
use super::reader::{Reader, shorten};
use super::tree::{Node, NodeKind};

/// Whether a text is a name: 1 to 64 characters of `a-z`, `0-9` and `-`, beginning with a letter and not ending with `-`.
pub fn is_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(inner) && !text.ends_with('-')
}

/// The longest time a workflow may name: 10 years, in milliseconds.
const DURATION_MS_MAX: u64 = 10 * 366 * 24 * 3_600_000;

impl Reader<'_> {
    /// A duration such as `250ms`, `1.5s`, `5m` or `1h30m`, in milliseconds.
    pub(super) fn duration(&mut self, node: &Node, of: &str) -> Option<u64> {
        let NodeKind::Scalar { text, .. } = &node.kind else {
            self.wrong_shape(node, "a duration such as 30s");
            return None;
        };
        let problem = match parse_duration(text) {
            Some(ms) if ms >= 1.0 && ms <= DURATION_MS_MAX as f64 => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and DURATION_MS_MAX")]
                return Some(ms.round() as u64);
            }
            Some(_) => format!("{of} is {}; it may be 1ms to 3660d", shorten(text)),
            None => format!("{of} is `{}`, which is not a duration of 1ms to 3660d", shorten(text)),
        };
        let help = "write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d";
        self.problem(Diagnostic::new(Code::OutOfRange, node.span, problem).help(help));
        None
    }

    /// A size such as `128MiB` or `65536`, in bytes.
    pub(super) fn size(&mut self, node: &Node, of: &str) -> Option<u64> {
        let NodeKind::Scalar { text, .. } = &node.kind else {
            self.wrong_shape(node, "a size such as 128MiB");
            return None;
        };
        let size = parse_size(text);
        if size.is_none() {
            let message = format!("{of} is `{}`, which is not a size", shorten(text));
            self.problem(
                Diagnostic::new(Code::OutOfRange, node.span, message).help("write bytes, or a number and a unit: 512KiB, 128MiB, 1GiB"),
            );
        }
        size
    }
}

/// Milliseconds of `1h30m`-like text; `None` when it is no duration.
fn parse_duration(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() || rest.len() > 40 {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "ms" => 1.0,
                "s" => 1_000.0,
                "m" => 60_000.0,
                "h" => 3_600_000.0,
                "d" => 86_400_000.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(total)
}

fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(unit)
}
