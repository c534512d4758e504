//! Expressions that somebody is writing: which part of one stands at a place.
//!
//! The parser of expressions wants whole ones; this looks at words and brackets only, and hands the part that is whole (what
//! stands before a dot, say) to the parser and the checker of the language.

mod lex;
#[cfg(test)]
mod tests;

use jackfield_flow::definition::Span;
use jackfield_flow::types::{Expr, Scope, Type};

pub(crate) use lex::{Sort, Token, tokens};

/// What somebody who is writing at the end of a text is about to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish<'a> {
    /// What stands before the dot or bracket; nothing at the beginning of a name.
    pub(crate) of: Option<&'a str>,
    /// What is written of the name already.
    pub(crate) prefix: &'a str,
    /// How the name will be written.
    pub(crate) form: Form,
}

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As a word.
    Word,
    /// In quotes, within brackets.
    Quoted,
}

/// A name and what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named<'a> {
    /// A function.
    Function(&'a str),
    /// A value: the text up to the end of the name.
    Value(&'a str),
}

/// What is about to be named at the end of a text; nothing inside of a text or a number.
pub(crate) fn wish(before: &str) -> Option<Wish<'_>> {
    let mut tokens = tokens(before);
    let (mut prefix, mut form) = ("", Form::Word);
    match tokens.last() {
        Some(last) if last.end == before.len() && last.sort == Sort::Word => {
            prefix = last.text;
            tokens.pop();
        }
        Some(last) if last.sort == Sort::OpenText => {
            prefix = &last.text[1..];
            form = Form::Quoted;
            tokens.pop();
        }
        Some(last) if last.end == before.len() && last.sort == Sort::Number => return None,
        _ => {}
    }
    let access = tokens.last().is_some_and(|token| match form {
        Form::Word => matches!(token.text, "." | ".?"),
        Form::Quoted => token.text == "[",
    });
    if !access {
        return (form == Form::Word).then_some(Wish { of: None, prefix, form });
    }
    let last = tokens.len().checked_sub(2)?;
    let start = tokens.get(chain_start(&tokens, last)?)?.start;
    Some(Wish { of: before.get(start..tokens.get(last)?.end), prefix, form })
}

/// The name at a byte of an expression, with its place.
pub(crate) fn named(text: &str, at: usize) -> Option<(Named<'_>, Span)> {
    let tokens = tokens(text);
    let index = tokens.iter().position(|token| token.start <= at && at <= token.end && token.sort == Sort::Word)?;
    let token = &tokens[index];
    let span = Span::new(token.start, token.end);
    if tokens.get(index + 1).is_some_and(|next| next.text == "(") {
        return Some((Named::Function(token.text), span));
    }
    let start = tokens.get(chain_start(&tokens, index)?)?.start;
    Some((Named::Value(text.get(start..token.end)?), span))
}

/// Every `ROOT.NAME` of an expression: the name, and where it stands, without quotes or backticks.
pub(crate) fn members<'t>(text: &'t str, root: &str) -> Vec<(&'t str, Span)> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let after = index.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|before| matches!(before.text, "." | ".?"));
        if token.text != root || token.sort != Sort::Word || after {
            continue;
        }
        let (Some(access), Some(name)) = (tokens.get(index + 1), tokens.get(index + 2)) else { continue };
        let quoted = matches!(name.sort, Sort::Text | Sort::Backticks);
        let inner = || (name.text.get(1..name.text.len() - 1).unwrap_or_default(), Span::new(name.start + 1, name.end - 1));
        match access.text {
            "." | ".?" if name.sort == Sort::Word => found.push((name.text, Span::new(name.start, name.end))),
            "." | ".?" if name.sort == Sort::Backticks => found.push(inner()),
            "[" | "[?" if quoted => found.push(inner()),
            _ => {}
        }
    }
    found
}

/// The first token of the value that ends with a token: `steps.a[0].b` as a whole.
fn chain_start(tokens: &[Token<'_>], last: usize) -> Option<usize> {
    let mut at = last;
    loop {
        let text = tokens.get(at)?.text;
        if matches!(text, ")" | "]" | "}") {
            let open = open_of(tokens, at)?;
            let before = open.checked_sub(1).and_then(|before| tokens.get(before).map(|token| (before, token)));
            match before {
                Some((before, token)) if text == "]" && token.ends_value() => {
                    at = before;
                    continue;
                }
                Some((before, token)) if text == ")" && token.sort == Sort::Word => at = before,
                _ => at = open,
            }
        }
        match at.checked_sub(2) {
            Some(before) if matches!(tokens[at - 1].text, "." | ".?") => at = before,
            _ => return Some(at),
        }
    }
}

/// The bracket that a closing one belongs to.
fn open_of(tokens: &[Token<'_>], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for index in (0..=close).rev() {
        match tokens[index].text {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "[?" | "{" => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// Functions that give their first argument a name for each element.
const FOLDS: &[&str] = &["all", "exists", "exists_one", "filter", "map", "sortBy"];

/// How many functions with variables lie around a place at most; more are not looked at.
const FOLDS_MAX: usize = 8;

/// The variables that are in reach at the end of a text, outermost first, and the scope with them.
pub(crate) fn with_variables(scope: Scope, before: &str) -> (Scope, Vec<(String, Type)>) {
    let tokens = tokens(before);
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => open.push(index),
            ")" => drop(open.pop()),
            _ => {}
        }
    }
    let (mut scope, mut variables) = (scope, Vec::new());
    for index in open.into_iter().take(FOLDS_MAX) {
        let Some((name, list)) = fold_at(before, &tokens, index) else { continue };
        let element = match type_of(list, &scope) {
            Some(Type::List(element)) => (*element).clone(),
            Some(Type::Map(_) | Type::Record(_)) => Type::String,
            _ => Type::Json,
        };
        scope = scope.value(name, element.clone());
        variables.push((name.to_owned(), element));
    }
    (scope, variables)
}

/// The variable and the list of `LIST.map(VARIABLE, …`, whose bracket is the token.
fn fold_at<'t>(text: &'t str, tokens: &[Token<'t>], bracket: usize) -> Option<(&'t str, &'t str)> {
    let function = tokens.get(bracket.checked_sub(1)?)?;
    let dot = tokens.get(bracket.checked_sub(2)?)?;
    let last = bracket.checked_sub(3)?;
    let (variable, comma) = (tokens.get(bracket + 1)?, tokens.get(bracket + 2)?);
    let is_fold = FOLDS.contains(&function.text) && dot.text == "." && variable.sort == Sort::Word && comma.text == ",";
    let start = tokens.get(chain_start(tokens, last)?)?.start;
    is_fold.then(|| Some((variable.text, text.get(start..tokens.get(last)?.end)?))).flatten()
}

/// The type of an expression, if it has one.
pub(crate) fn type_of(text: &str, scope: &Scope) -> Option<Type> {
    Expr::parse(text).ok()?.check(scope).ok()
}

/// The type of a part that ends with a name. A field that may be absent has one too: what `.?` in place of `.` gives.
pub(crate) fn type_of_part(text: &str, scope: &Scope) -> Option<Type> {
    type_of(text, scope).or_else(|| {
        let tokens = tokens(text);
        let dot = tokens.get(tokens.len().checked_sub(2)?).filter(|token| token.text == ".")?;
        type_of(&format!("{}.?{}", text.get(..dot.start)?, text.get(dot.end..)?), scope)
    })
}
