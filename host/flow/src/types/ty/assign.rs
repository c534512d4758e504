//! Whether what has one type may stand where another is expected: structural subtyping.

use std::fmt;

use super::{Field, RecordType, Type, VariantType};
use crate::types::did_you_mean;

/// Two types that do not go together: where, and what stands on each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The place inside of the type, such as `orders[].id`; empty for the type itself.
    pub path: String,
    /// What the place takes.
    pub expected: String,
    /// What would come there.
    pub found: String,
    /// What to do about it, if there is something to say.
    pub help: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Mismatch {}

impl Mismatch {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> Box<Self> {
        Box::new(Self { path: String::new(), expected: expected.into(), found: found.into(), help: None })
    }

    fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    fn below(mut self: Box<Self>, step: &str) -> Box<Self> {
        self.path = join_path(step, &self.path);
        self
    }
}

/// Puts a step (`name` or `[]`) before a path.
pub(super) fn join_path(step: &str, rest: &str) -> String {
    if rest.is_empty() || rest.starts_with('[') { format!("{step}{rest}") } else { format!("{step}.{rest}") }
}

type Fit = Result<(), Box<Mismatch>>;

impl Type {
    /// Whether every value of type `from` may stand where this type is expected.
    ///
    /// Allowed: the same shape; a type where its option is expected; some texts of an enum where more of them, or any text,
    /// are expected; a record where a map is expected; anything where `json` is expected. Never implicit: `int` to
    /// `float`, `json` to anything else, an option to what it may not be, a field that the target does not know.
    pub fn assignable(&self, from: &Self) -> Result<(), Mismatch> {
        self.fits(from).map_err(|mismatch| *mismatch)
    }

    fn fits(&self, from: &Self) -> Fit {
        match (self, from) {
            (Self::Json, _) | (_, Self::Never) | (Self::String, Self::Enum(_)) => Ok(()),
            (Self::Option(some), Self::Json) if **some == Self::Json => Ok(()),
            (_, Self::Json) => Err(self.wrong(from).help(format!("convert it: {}", self.conversion()))),
            (Self::Option(_), Self::Null) => Ok(()),
            (Self::Option(some), Self::Option(other)) => some.fits(other).map_err(|_| self.wrong(from)),
            (Self::Option(some), _) => some.fits(from),
            (_, Self::Option(_)) => Err(self.wrong(from).help("it may be nothing: give it a value with `.orValue(...)`")),
            (Self::Enum(texts), Self::Enum(others)) => match others.iter().find(|other| !texts.contains(other)) {
                None => Ok(()),
                Some(odd) => Err(match did_you_mean(odd, texts.iter().map(|text| &**text)) {
                    Some(near) => self.wrong(from).help(format!("did you mean {near:?}?")),
                    None => self.wrong(from),
                }),
            },
            (Self::List(items), Self::List(others)) => items.fits(others).map_err(|mismatch| mismatch.below("[]")),
            (Self::Tuple(items), Self::Tuple(others)) if items.len() == others.len() => {
                let mut pairs = items.iter().zip(others.iter()).enumerate();
                pairs.try_for_each(|(at, (item, other))| item.fits(other).map_err(|mismatch| mismatch.below(&format!("[{at}]"))))
            }
            (Self::List(items), Self::Tuple(others)) => {
                others.iter().try_for_each(|other| items.fits(other).map_err(|mismatch| mismatch.below("[]")))
            }
            (Self::Tuple(items), Self::List(_)) => Err(self
                .wrong(from)
                .help(format!("a list may have any length: write one of {} entries, each with its own value", items.len()))),
            (Self::Map(values), Self::Map(others)) => values.fits(others).map_err(|mismatch| mismatch.below("[]")),
            (Self::Map(values), Self::Record(record)) => fit_map(values, record),
            (Self::Record(record), Self::Record(other)) => fit_record(record, other),
            (Self::Variant(variant), Self::Variant(other)) => self.fit_cases(variant, other, from),
            (Self::Variant(variant), Self::Enum(texts)) if texts.iter().all(|text| variant.case(text) == Some(None)) => Ok(()),
            (Self::Variant(variant), Self::Record(record)) => self.fit_case(variant, record, from),
            (Self::Float, Self::Int) => Err(self.wrong(from).help("write it with a point, such as `1.0`, or use `float(...)`")),
            (Self::Int, Self::Float) => Err(self.wrong(from).help("use `int(...)`, which drops the fraction")),
            _ if self == from => Ok(()),
            _ => Err(self.wrong(from)),
        }
    }

    /// An object with the one name of a case is that case.
    fn fit_case(&self, variant: &VariantType, record: &RecordType, from: &Self) -> Fit {
        match record.fields.as_slice() {
            [field] if field.required && !record.open => match variant.case(&field.name) {
                Some(Some(ty)) => ty.fits(&field.ty).map_err(|mismatch| mismatch.below(&field.name)),
                _ => Err(self.wrong(from)),
            },
            _ => Err(self.wrong(from).help("write one case: an object with its name and its value")),
        }
    }

    fn fit_cases(&self, variant: &VariantType, other: &VariantType, from: &Self) -> Fit {
        for (name, ty) in &other.cases {
            match (variant.case(name), ty) {
                (Some(Some(known)), Some(ty)) => known.fits(ty).map_err(|mismatch| mismatch.below(name))?,
                (Some(None), None) => {}
                _ => return Err(self.wrong(from)),
            }
        }
        Ok(())
    }

    fn wrong(&self, from: &Self) -> Box<Mismatch> {
        Mismatch::new(self.brief(), from.brief())
    }

    /// How a `json` value becomes one of this type, in words.
    pub(crate) fn conversion(&self) -> &'static str {
        match self {
            Self::Bool => "`asBool(...)`",
            Self::Int => "`asInt(...)`",
            Self::Float => "`asFloat(...)`",
            Self::Enum(_) => "`asType(..., {'enum': [...]})`",
            Self::String => "`asString(...)`",
            Self::Bytes => "`bytes(...)`",
            Self::Timestamp => "`timestamp(...)`",
            Self::Duration => "`duration(...)`",
            Self::List(items) if **items == Self::Json => "`asList(...)`",
            Self::Map(values) if **values == Self::Json => "`asMap(...)`",
            Self::Tuple(_) => "a list with an entry for each of its parts, each converted by itself",
            Self::List(_) | Self::Map(_) | Self::Record(_) | Self::Variant(_) => "`asType(..., type)`, with the type as in a workflow file",
            Self::Null | Self::Option(_) | Self::Json | Self::Never => {
                "take it apart with `asString(...)`, `asInt(...)`, `asList(...)` and the like"
            }
        }
    }
}

impl Field {
    /// Whether a value of type `from` may be given to this field. A field that may be left out takes nothing as well:
    /// giving it `null` is leaving it out.
    pub fn assignable(&self, from: &Type) -> Result<(), Mismatch> {
        self.fits(from).map_err(|mismatch| *mismatch)
    }

    fn fits(&self, from: &Type) -> Fit {
        match from {
            Type::Null if !self.required => Ok(()),
            Type::Option(some) if !self.required => self.ty.fits(some),
            _ => self.ty.fits(from),
        }
    }
}

impl RecordType {
    /// The mismatch of a name that this closed record does not have.
    fn unknown(&self, name: &str) -> Box<Mismatch> {
        let known: Vec<&str> = self.names().take(12).collect();
        let expected = if known.is_empty() { "no fields".to_owned() } else { format!("one of the fields {}", known.join(", ")) };
        let mismatch = Mismatch::new(expected, format!("`{name}`"));
        match did_you_mean(name, self.names()) {
            Some(near) => mismatch.help(format!("did you mean `{near}`?")),
            None => mismatch,
        }
    }
}

fn fit_map(values: &Type, record: &RecordType) -> Fit {
    if record.open && *values != Type::Json {
        return Err(Mismatch::new(format!("map<{}>", values.brief()), "a record that may have more fields, of any type"));
    }
    record.fields.iter().try_for_each(|field| values.fits(&field.ty).map_err(|mismatch| mismatch.below(&field.name)))
}

fn fit_record(record: &RecordType, from: &RecordType) -> Fit {
    for field in &record.fields {
        match from.field(&field.name) {
            Some(given) if field.required && !given.required => {
                let mismatch = Mismatch::new(format!("{} that is always there", field.ty.brief()), "a field that may be left out");
                return Err(mismatch.below(&field.name));
            }
            Some(given) => field.fits(&given.ty).map_err(|mismatch| mismatch.below(&field.name))?,
            None if field.required => {
                return Err(Mismatch::new(format!("{} that is always there", field.ty.brief()), "no such field").below(&field.name));
            }
            None if from.open && field.ty != Type::Json => {
                return Err(Mismatch::new(field.ty.brief(), "a record that may have more fields, of any type").below(&field.name));
            }
            None => {}
        }
    }
    if record.open {
        return Ok(());
    }
    if let Some(extra) = from.fields.iter().find(|field| record.field(&field.name).is_none()) {
        return Err(record.unknown(&extra.name));
    }
    if from.open {
        return Err(Mismatch::new("a record with no other fields", "a record that may have more fields"));
    }
    Ok(())
}
