//! Types of WIT as shapes, or why a value of one cannot be passed.

use wit_parser::{Docs, Handle, Resolve, Type, TypeDefKind};

use super::super::shape::{Case, Int, Kind, Member, Shape};
use super::{followed, words};

/// Types deeper in each other are refused.
const DEPTH_MAX: usize = 32;
/// Most parts of the types of one function, with every use of a named type counted anew.
const PARTS_MAX: usize = 2_000;
/// Most flags of one type, which is what the component model allows.
const FLAGS_MAX: usize = 32;

/// Reads the types of one function.
pub(super) struct Reader<'a> {
    resolve: &'a Resolve,
    parts: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(resolve: &'a Resolve) -> Self {
        Self { resolve, parts: 0, depth: 0 }
    }

    /// The shape of a type.
    ///
    /// # Errors
    /// With the rest of a sentence, which names the type.
    pub(super) fn shape(&mut self, ty: &Type) -> Result<Shape, String> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(format!("has a type of more than {PARTS_MAX} parts"));
        }
        let kind = match ty {
            Type::Bool => Kind::Bool,
            Type::U8 => Kind::Int(Int::U8),
            Type::U16 => Kind::Int(Int::U16),
            Type::U32 => Kind::Int(Int::U32),
            Type::U64 => Kind::Int(Int::U64),
            Type::S8 => Kind::Int(Int::S8),
            Type::S16 => Kind::Int(Int::S16),
            Type::S32 => Kind::Int(Int::S32),
            Type::S64 => Kind::Int(Int::S64),
            Type::F32 => Kind::F32,
            Type::F64 => Kind::F64,
            Type::Char => Kind::Char,
            Type::String => Kind::String,
            Type::ErrorContext => return Err("has the type `error-context`, which is for async functions".to_owned()),
            Type::Id(id) => {
                if self.depth == DEPTH_MAX {
                    return Err(format!("has a type nested more than {DEPTH_MAX} deep"));
                }
                self.depth += 1;
                let kind = self.kind(ty, &self.resolve.types[*id].kind);
                self.depth -= 1;
                kind?
            }
        };
        Ok(Shape::new(kind))
    }

    fn kind(&mut self, ty: &Type, kind: &'a TypeDefKind) -> Result<Kind, String> {
        let refused = |why: &str| Err(format!("has the type `{}`, {why}", words::type_name(self.resolve, ty)));
        Ok(match kind {
            TypeDefKind::Type(ty) => self.shape(ty)?.kind,
            TypeDefKind::Record(record) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for field in &record.fields {
                    let shape = self.shape(&field.ty)?;
                    fields.push(Member { name: field.name.clone(), key: words::key(&field.name), docs: text(&field.docs), shape });
                }
                Kind::Record(fields)
            }
            TypeDefKind::Tuple(tuple) => Kind::Tuple(tuple.types.iter().map(|ty| self.shape(ty)).collect::<Result<_, _>>()?),
            TypeDefKind::Flags(flags) if flags.flags.len() > FLAGS_MAX => return refused("which has more than 32 flags"),
            TypeDefKind::Flags(flags) => Kind::Flags(flags.flags.iter().map(|flag| flag.name.clone()).collect()),
            TypeDefKind::Enum(cases) => {
                let case = |name: &str, docs| Case { name: name.to_owned(), docs: text(docs), shape: None };
                self.parts += cases.cases.len();
                Kind::Enum(cases.cases.iter().map(|known| case(&known.name, &known.docs)).collect())
            }
            TypeDefKind::Variant(variant) => {
                let mut cases = Vec::with_capacity(variant.cases.len());
                for case in &variant.cases {
                    self.parts += 1;
                    cases.push(Case { name: case.name.clone(), docs: text(&case.docs), shape: self.payload(case.ty.as_ref())? });
                }
                Kind::Variant(cases)
            }
            TypeDefKind::Option(some) if matches!(followed(self.resolve, some), Some(TypeDefKind::Option(_))) => {
                return refused("an option of an option, which JSON cannot tell from an option");
            }
            TypeDefKind::Option(some) => Kind::Option(Box::new(self.shape(some)?)),
            TypeDefKind::Result(result) => {
                let mut case = |name: &str, ty: &Option<Type>| {
                    Ok::<_, String>(Case { name: name.to_owned(), docs: String::new(), shape: self.payload(ty.as_ref())? })
                };
                Kind::Result(Box::new([case("ok", &result.ok)?, case("err", &result.err)?]))
            }
            TypeDefKind::List(items) => match self.shape(items)? {
                Shape { kind: Kind::Int(Int::U8), .. } => Kind::Bytes,
                items => Kind::List(Box::new(items)),
            },
            TypeDefKind::Resource | TypeDefKind::Handle(Handle::Own(_)) => {
                return refused("a resource, and a task keeps no resources between calls");
            }
            TypeDefKind::Handle(Handle::Borrow(_)) => return refused("a borrowed resource, and nobody here owns one to lend"),
            TypeDefKind::Future(_) | TypeDefKind::Stream(_) => return refused("which is for async functions"),
            TypeDefKind::Map(..) | TypeDefKind::FixedLengthList(..) | TypeDefKind::Unknown => {
                return refused("which this version does not know");
            }
        })
    }

    fn payload(&mut self, ty: Option<&Type>) -> Result<Option<Shape>, String> {
        ty.map(|ty| self.shape(ty)).transpose()
    }
}

fn text(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim().to_owned()
}
