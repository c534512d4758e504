//! Words, texts and signs of an expression, whole or not.

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) sort: Sort,
    /// As it is written.
    pub(crate) text: &'a str,
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte after its last one.
    pub(crate) end: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A name.
    Word,
    /// A number.
    Number,
    /// A text in quotes.
    Text,
    /// A text without its closing quote.
    OpenText,
    /// A name in backticks.
    Backticks,
    /// A sign.
    Sign,
}

impl Token<'_> {
    /// Whether a value may end with it.
    pub(super) fn ends_value(self) -> bool {
        matches!(self.sort, Sort::Word | Sort::Text | Sort::Backticks) || matches!(self.text, ")" | "]" | "}")
    }
}

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (sort, len) = token(rest, first);
        found.push(Token { sort, text: &rest[..len], start: at, end: at + len });
        at += len;
    }
    found
}

fn token(rest: &str, first: char) -> (Sort, usize) {
    let run = |fits: fn(char) -> bool| rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
    match first {
        '"' | '\'' => match closing(rest, first) {
            Some(end) => (Sort::Text, end),
            None => (Sort::OpenText, rest.len()),
        },
        '`' => match rest[1..].find('`') {
            Some(end) => (Sort::Backticks, end + 2),
            None => (Sort::OpenText, rest.len()),
        },
        letter if letter.is_ascii_digit() => (Sort::Number, run(|letter| letter.is_ascii_alphanumeric() || letter == '_')),
        letter if letter.is_alphabetic() || letter == '_' => (Sort::Word, run(|letter| letter.is_alphanumeric() || letter == '_')),
        _ if rest.starts_with(".?") || rest.starts_with("[?") => (Sort::Sign, 2),
        letter => (Sort::Sign, letter.len_utf8()),
    }
}

/// The byte after the quote that ends a text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            letter if letter == quote && !escaped => return Some(at + letter.len_utf8()),
            _ => {}
        }
        escaped = false;
    }
    None
}
