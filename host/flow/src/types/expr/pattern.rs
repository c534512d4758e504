//! Regular expressions: read as RE2 reads them, compiled within limits, and weighed.

use std::convert::Infallible;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::ast::{self, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, Span, Visitor};
use regex_syntax::hir::{Hir, HirKind};

/// Longest pattern, in bytes.
const BYTES_MAX: usize = 1024;

/// Largest compiled pattern, in bytes: `\w{1000}{1000}` stops here.
const PROGRAM_BYTES_MAX: usize = 128 << 10;

/// How deep groups may lie in each other.
const NEST_MAX: u32 = 32;

/// Bytes of a text times places of a pattern that one operation pays for. cel-go estimates a match by such a product as well
/// (`checker/cost.go`: a tenth of the text times a quarter of the pattern), with the length of the pattern as it is written,
/// which says nothing of `a{1000}`.
const STEPS_PER_OP: u64 = 40;

/// A compiled regular expression.
pub(super) struct Pattern {
    regex: Regex,
    /// How many places of it may have to be looked at for each byte of a text.
    weight: u64,
}

impl Pattern {
    /// Compiles a pattern, or says what is wrong with it.
    pub(super) fn compile(pattern: &str) -> Result<Self, String> {
        if pattern.len() > BYTES_MAX {
            return Err(format!("the pattern has {} bytes, and the limit is {BYTES_MAX}", pattern.len()));
        }
        let pattern = &as_re2(pattern)?;
        let mut builder = RegexBuilder::new(pattern);
        let compiled = builder.size_limit(PROGRAM_BYTES_MAX).dfa_size_limit(1 << 20).nest_limit(NEST_MAX).build();
        let regex = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => format!("the pattern, compiled, is larger than {limit} bytes: repeat less"),
            other => no_pattern(&other.to_string()),
        })?;
        let parsed = ParserBuilder::new().nest_limit(NEST_MAX).build().parse(pattern);
        let weight = parsed.map_err(|error| no_pattern(&error.to_string()))?;
        Ok(Self { regex, weight: weigh(&weight) })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What looking for it in a text of so many bytes costs, in operations.
    pub(super) fn ops(&self, bytes: usize) -> u64 {
        u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(self.weight) / STEPS_PER_OP
    }
}

/// The pattern with the meaning that RE2, and so CEL, gives it: `\d`, `\w`, `\s` and `\b` are about ASCII letters.
fn as_re2(pattern: &str) -> Result<String, String> {
    let parsed = ast::parse::ParserBuilder::new().nest_limit(NEST_MAX).build().parse(pattern);
    let parsed = parsed.map_err(|error| no_pattern(&error.to_string()))?;
    let Ok(mut found) = ast::visit(&parsed, Ascii::default());
    found.sort_by_key(|(span, _)| span.start.offset);
    let (mut text, mut at) = (String::with_capacity(pattern.len()), 0);
    for (span, ascii) in found {
        text.push_str(&pattern[at..span.start.offset]);
        text.push_str(ascii);
        at = span.end.offset;
    }
    text.push_str(&pattern[at..]);
    Ok(text)
}

/// Where a pattern has a class or a boundary of letters, and what stands for it.
#[derive(Default)]
struct Ascii {
    found: Vec<(Span, &'static str)>,
}

impl Ascii {
    fn class(&mut self, class: &ClassPerl) {
        let ascii = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Space, false) => "[\\t\\n\\f\\r\\x20]",
            (ClassPerlKind::Space, true) => "[^\\t\\n\\f\\r\\x20]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
        };
        self.found.push((class.span, ascii));
    }
}

impl Visitor for Ascii {
    type Output = Vec<(Span, &'static str)>;
    type Err = Infallible;

    fn finish(self) -> Result<Self::Output, Infallible> {
        Ok(self.found)
    }

    fn visit_pre(&mut self, part: &Ast) -> Result<(), Infallible> {
        match part {
            Ast::ClassPerl(class) => self.class(class),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::WordBoundary => self.found.push((assertion.span, r"(?-u:\b)")),
                AssertionKind::NotWordBoundary => self.found.push((assertion.span, r"(?-u:\B)")),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        if let ClassSetItem::Perl(class) = item {
            self.class(class);
        }
        Ok(())
    }
}

fn no_pattern(error: &str) -> String {
    let reason = error.lines().last().unwrap_or("it cannot be read").trim_start_matches("error: ");
    format!("the pattern is no regular expression: {reason}")
}

/// The places of a pattern, those that are repeated counted so many times.
fn weigh(part: &Hir) -> u64 {
    let sum = |parts: &[Hir]| parts.iter().map(weigh).fold(0, u64::saturating_add);
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => 1,
        HirKind::Literal(literal) => u64::try_from(literal.0.len()).unwrap_or(u64::MAX),
        HirKind::Repetition(times) => weigh(&times.sub).saturating_mul(u64::from(times.max.unwrap_or(times.min).max(1))),
        HirKind::Capture(group) => weigh(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_are_weighed() {
        let cases = [
            ("", 1),
            ("abc", 3),
            ("a{10}", 10),
            ("(ab){3}c", 7),
            ("((a{10}){10}){10}", 1000),
            ("[ab]*a[ab]{300}", 302),
            ("\\d{2,40}|x", 41),
            ("(?x)(abc # (\n){100}", 300),
        ];
        for (pattern, weight) in cases {
            assert_eq!(Pattern::compile(pattern).map(|pattern| pattern.weight), Ok(weight), "{pattern}");
        }
    }

    #[test]
    fn patterns_mean_what_they_mean_to_re2() {
        let cases = [
            ("^\\d$", "5", true),
            ("^\\d$", "٥", false),
            ("^\\D$", "٥", true),
            ("^[\\d\\s-]+$", "1 -\t2", true),
            ("^[^\\W]$", "é", false),
            ("^\\w+$", "a_1", true),
            ("^\\S$", "\u{a0}", true),
            ("(?x) ^ a \\s b $", "a b", true),
            ("\\bx", "éx", true),
            ("a\\Bb", "ab", true),
            ("^\\p{Greek}.$", "αé", true),
            ("(?i)ΑΒ", "αβ", true),
        ];
        for (pattern, text, matches) in cases {
            assert_eq!(Pattern::compile(pattern).map(|pattern| pattern.is_match(text)), Ok(matches), "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_are_limited() {
        let refused = |pattern: &str| Pattern::compile(pattern).err().unwrap_or_default();
        assert_eq!(refused("a(b"), "the pattern is no regular expression: unclosed group");
        assert!(refused("\\w{1000}{1000}").contains("repeat less") && refused("\\pL{1000}").contains("repeat less"));
        assert!(refused(&"a".repeat(2000)).contains("2000 bytes, and the limit is 1024"));
        assert!(refused(&format!("{}a{}", "(".repeat(40), ")".repeat(40))).contains("no regular expression"));
    }
}
