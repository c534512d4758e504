//! Source → tokens, one at a time.

use super::literal::{self, Quoted};
use super::{ExprError, Span};
use crate::types::Value;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A name or a word such as `in` and `true`.
    Word(&'a str),
    /// A name in backticks.
    Quoted(&'a str),
    /// A number, text or bytes.
    Literal(Value),
    /// Operators and brackets.
    Symbol(&'static str),
    /// The end of the source.
    End,
}

/// Operators and brackets, longer ones first.
const SYMBOLS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", ".?", "[?", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{",
    "}",
];

#[derive(Clone)]
pub(super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    pub(super) fn next(&mut self) -> Result<(Token<'a>, Span), ExprError> {
        self.skip_space();
        let start = self.at;
        let rest = &self.source[start..];
        let bytes = rest.as_bytes();
        let token = match bytes.first() {
            None => Token::End,
            Some(b'0'..=b'9') => self.number()?,
            Some(b'.') if bytes.get(1).is_some_and(u8::is_ascii_digit) => self.number()?,
            Some(b'"' | b'\'') => self.quoted(0)?,
            Some(b'`') => self.backticks()?,
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => match literal::prefix_len(bytes) {
                Some(prefix) => self.quoted(prefix)?,
                None => self.word(),
            },
            Some(_) => self.symbol()?,
        };
        Ok((token, Span::new(start, self.at)))
    }

    fn skip_space(&mut self) {
        loop {
            let rest = &self.source.as_bytes()[self.at..];
            self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)).count();
            if !self.source[self.at..].starts_with("//") {
                return;
            }
            let line = self.source[self.at..].find('\n');
            self.at = line.map_or(self.source.len(), |end| self.at + end);
        }
    }

    fn word(&mut self) -> Token<'a> {
        let rest = &self.source[self.at..];
        let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        self.at += len;
        Token::Word(&rest[..len])
    }

    fn backticks(&mut self) -> Result<Token<'a>, ExprError> {
        let rest = &self.source[self.at + 1..];
        match rest.find('`') {
            Some(end) if end > 0 => {
                self.at += end + 2;
                Ok(Token::Quoted(&rest[..end]))
            }
            Some(_) => Err(ExprError::new(Span::new(self.at, self.at + 2), "there is no name between the backticks")),
            None => Err(ExprError::new(Span::new(self.at, self.source.len()), "the name has no backtick at its end")),
        }
    }

    fn quoted(&mut self, prefix: usize) -> Result<Token<'a>, ExprError> {
        let Quoted { value, end } = literal::quoted(self.source, self.at, prefix)?;
        self.at = end;
        Ok(Token::Literal(value))
    }

    fn number(&mut self) -> Result<Token<'a>, ExprError> {
        let start = self.at;
        let bytes = &self.source.as_bytes()[start..];
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if bytes.len() > 1 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
            let len = bytes[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            self.at += 2 + len;
            let number = u64::from_str_radix(&self.source[start + 2..self.at], 16).ok();
            return self.whole(start, number);
        }
        let mut len = digits(0);
        let mut whole = true;
        // A point belongs to the number only when a digit follows it.
        if bytes.get(len) == Some(&b'.') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit) {
            whole = false;
            len += 1 + digits(len + 1);
        }
        if matches!(bytes.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
            let exponent = digits((len + 1 + sign).min(bytes.len()));
            if exponent > 0 {
                whole = false;
                len += 1 + sign + exponent;
            }
        }
        self.at += len;
        if whole {
            return self.whole(start, self.source[start..self.at].parse().ok());
        }
        self.no_letter_after(start)?;
        match self.source[start..self.at].parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Token::Literal(Value::Float(number))),
            _ => Err(ExprError::new(Span::new(start, self.at), "the number is beyond the largest double")),
        }
    }

    fn whole(&mut self, start: usize, number: Option<u64>) -> Result<Token<'a>, ExprError> {
        let digits = Span::new(start, self.at);
        if matches!(self.source.as_bytes().get(self.at), Some(b'u' | b'U')) {
            self.at += 1;
        }
        self.no_letter_after(start)?;
        let range = "a whole number has at least one digit and is at most 18446744073709551615";
        number.map(|number| Token::Literal(Value::uint(number))).ok_or_else(|| ExprError::new(digits, range))
    }

    fn no_letter_after(&self, start: usize) -> Result<(), ExprError> {
        let rest = &self.source.as_bytes()[self.at..];
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if letters == 0 {
            return Ok(());
        }
        let span = Span::new(start, self.at + letters);
        let error = ExprError::new(span, format!("`{}` is not a number", &self.source[span.start..span.end]));
        Err(error.help("a name begins with a letter; a span of time is written `duration('5m')`"))
    }

    fn symbol(&mut self) -> Result<Token<'a>, ExprError> {
        let rest = &self.source[self.at..];
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            // `.?5` and `a ?.5 : b` do not occur; `[?` before a ternary does not either.
            self.at += symbol.len();
            return Ok(Token::Symbol(symbol));
        }
        let letter = rest.chars().next().unwrap_or(' ');
        let error = ExprError::new(Span::new(self.at, self.at + letter.len_utf8()), format!("{letter:?} cannot stand in an expression"));
        Err(match letter {
            '=' => error.help("equality is `==`"),
            '&' => error.help("`and` is `&&`"),
            '|' => error.help("`or` is `||`"),
            '$' => error.help("the whole value is one `${ … }`; inside of it names stand as they are"),
            '“' | '”' | '‘' | '’' => error.help("texts stand in straight quotes: \"…\" or '…'"),
            _ => error,
        })
    }
}
