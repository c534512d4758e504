//! From text to a value, within bounds.

use std::collections::BTreeMap;

use jackfield_sdk::prelude::*;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::Map;

use super::{Documents, FORMAT, scalar};
use crate::bounds::Count;
use crate::error::ConvertError;

/// Reads the documents of a text.
pub(crate) fn read(text: &str, documents: Documents) -> Result<Value, ConvertError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), count: Count::new(FORMAT) };
    let mut values = Vec::new();
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::DocumentStart(_) if documents == Documents::One && !values.is_empty() => {
                return Err(bad(span, "there is a second document: ask for `documents: all`".to_owned()));
            }
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => reader.anchors.clear(),
            event => values.push(reader.value(event, span, 1)?),
        }
    }
    match documents {
        Documents::One => Ok(values.pop().unwrap_or_default()),
        Documents::All => Ok(Value::Array(values)),
    }
}

/// What an anchor stands for.
struct Anchored {
    value: Value,
    size: usize,
    height: usize,
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Anchored>,
    count: Count,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), ConvertError> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                let (line, column) = (error.marker().line(), error.marker().col() + 1);
                Err(ConvertError::BadText { format: FORMAT, line, column, message: error.info().to_owned() })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn value(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Value, ConvertError> {
        self.count.depth(depth)?;
        self.count.add(1)?;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, tagged(&text, style, tag.as_deref(), span)?),
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", span)?;
                (anchor, self.list(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", span)?;
                (anchor, self.map(depth)?)
            }
            Event::Alias(anchor) => {
                let Some(anchored) = self.anchors.get(&anchor) else {
                    return Err(bad(span, "an alias inside of what it stands for".to_owned()));
                };
                // Counted before it is copied: ten lines of aliases can stand for a billion values.
                self.count.add(anchored.size)?;
                self.count.depth(depth + anchored.height)?;
                return Ok(anchored.value.clone());
            }
            _ => return Err(bad(span, "something is missing here".to_owned())),
        };
        if anchor > 0 {
            let (size, height) = measure(&value);
            // It is kept beside the value, once for every anchor around it.
            self.count.add(size)?;
            self.anchors.insert(anchor, Anchored { value: value.clone(), size, height });
        }
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Value, ConvertError> {
        let mut values = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::Array(values));
            }
            values.push(self.value(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, ConvertError> {
        let mut fields = Map::new();
        loop {
            let (event, span) = self.next()?;
            let name = match event {
                Event::MappingEnd => return Ok(Value::Object(fields)),
                Event::Scalar(text, style, 0, None) if style != ScalarStyle::Plain || text != "<<" => text.into_owned(),
                Event::Scalar(_, ScalarStyle::Plain, 0, None) => {
                    return Err(bad(span, "merge keys (`<<`) are not part of YAML 1.2".to_owned()));
                }
                _ => return Err(bad(span, "a key is a text, without anchor, alias or tag".to_owned())),
            };
            let (event, value_span) = self.next()?;
            let value = self.value(event, value_span, depth + 1)?;
            if fields.contains_key(&name) {
                let name: String = name.chars().take(60).collect();
                return Err(bad(span, format!("the key `{name}` comes twice")));
            }
            fields.insert(name, value);
        }
    }
}

/// A scalar by its tag, or by how it is written.
fn tagged(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Value, ConvertError> {
    let plain = || scalar::plain(text).map_err(|message| bad(span, message));
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain { plain() } else { Ok(text.into()) };
    };
    // `!` alone says: a text, whatever it looks like.
    if is_core(tag, "str") || (tag.handle.is_empty() && tag.suffix == "!") {
        return Ok(text.into());
    }
    let value = plain()?;
    let fits = match &value {
        Value::Null => is_core(tag, "null"),
        Value::Bool(_) => is_core(tag, "bool"),
        Value::Number(number) => is_core(tag, "float") || (is_core(tag, "int") && !number.is_f64()),
        _ => false,
    };
    if fits { Ok(value) } else { Err(bad_tag(tag, span)) }
}

fn check_tag(tag: Option<&Tag>, expected: &str, span: Span) -> Result<(), ConvertError> {
    tag.map_or(Ok(()), |tag| if is_core(tag, expected) { Ok(()) } else { Err(bad_tag(tag, span)) })
}

fn is_core(tag: &Tag, name: &str) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == name
}

fn bad_tag(tag: &Tag, span: Span) -> ConvertError {
    let name: String = format!("{}{}", tag.handle, tag.suffix).chars().take(60).collect();
    bad(span, format!("the tag `{name}` does not fit here, or has no meaning in JSON"))
}

/// How many values there are in one, and how many levels below it.
fn measure(value: &Value) -> (usize, usize) {
    let within: Vec<(usize, usize)> = match value {
        Value::Array(values) => values.iter().map(measure).collect(),
        Value::Object(fields) => fields.values().map(measure).collect(),
        _ => return (1, 0),
    };
    let below = within.iter().map(|(_, height)| height + 1).max().unwrap_or(0);
    (1 + within.iter().map(|(size, _)| size).sum::<usize>(), below)
}

fn bad(span: Span, message: String) -> ConvertError {
    ConvertError::BadText { format: FORMAT, line: span.start.line(), column: span.start.col() + 1, message }
}
