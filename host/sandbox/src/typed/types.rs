//! Shapes as component types: what the adapter imports functions by.
//!
//! A component may import a function only by types that have names, so each record, variant, enum and set of flags is
//! imported as well, by a name of ours, and given by whoever instantiates it. Equal shapes are one type.

use std::collections::BTreeMap;

use wasm_encoder::{
    Component, ComponentExportKind, ComponentImportSection, ComponentTypeRef, ComponentTypeSection, ComponentValType, PrimitiveValType,
    TypeBounds,
};

use super::shape::{Case, Int, Kind, Member, Shape};
use super::{Answer, TypedTask};

/// Whether types are given names by importing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// Each record, variant, enum and set of flags is imported.
    Imported,
    /// Types are just defined.
    Plain,
}

/// Writes types into a component.
pub(super) struct Types<'a> {
    naming: Naming,
    /// The index of the next type.
    next: u32,
    known: BTreeMap<&'a Shape, ComponentValType>,
    /// The indices of named types, in the order of their names.
    named: Vec<u32>,
}

impl<'a> Types<'a> {
    /// For a component that has so many types already.
    pub(super) fn new(naming: Naming, types: u32) -> Self {
        Self { naming, next: types, known: BTreeMap::new(), named: Vec::new() }
    }

    /// The indices of named types, as arguments for a component that imports them.
    pub(super) fn arguments(&self) -> Vec<(String, ComponentExportKind, u32)> {
        self.named.iter().enumerate().map(|(at, index)| (type_name(at), ComponentExportKind::Type, *index)).collect()
    }

    /// Every type of a task's parameters and answer, the same in every component.
    pub(super) fn of_task(
        &mut self,
        to: &mut Component,
        task: &'a TypedTask,
    ) -> (Vec<(&'a str, ComponentValType)>, Option<ComponentValType>) {
        let params = task.params.iter().map(|param| (param.name.as_str(), self.of(to, &param.shape))).collect();
        let result = match &task.answer {
            Answer::Nothing => None,
            Answer::Value(shape) | Answer::Result(shape) => Some(self.of(to, shape)),
        };
        (params, result)
    }

    /// The index of a function type.
    pub(super) fn function(&mut self, to: &mut Component, params: Vec<(&str, ComponentValType)>, result: Option<ComponentValType>) -> u32 {
        self.define(to, |types| {
            types.function().params(params).result(result);
        })
    }

    /// The index of `list<u8>`.
    pub(super) fn bytes(&mut self, to: &mut Component) -> ComponentValType {
        ComponentValType::Type(self.define(to, |types| types.defined_type().list(PrimitiveValType::U8)))
    }

    fn of(&mut self, to: &mut Component, shape: &'a Shape) -> ComponentValType {
        if let Some(primitive) = primitive(&shape.kind) {
            return ComponentValType::Primitive(primitive);
        }
        if let Some(known) = self.known.get(shape) {
            return *known;
        }
        let mut index = self.defined(to, &shape.kind);
        if matches!(shape.kind, Kind::Record(_) | Kind::Variant(_) | Kind::Enum(_) | Kind::Flags(_)) {
            if self.naming == Naming::Imported {
                let mut imports = ComponentImportSection::new();
                imports.import(type_name(self.named.len()), ComponentTypeRef::Type(TypeBounds::Eq(index)));
                to.section(&imports);
                index = self.count();
            }
            self.named.push(index);
        }
        self.known.insert(shape, ComponentValType::Type(index));
        ComponentValType::Type(index)
    }

    fn defined(&mut self, to: &mut Component, kind: &'a Kind) -> u32 {
        match kind {
            Kind::Record(fields) => {
                let fields = fields.iter().map(|field: &Member| (field.name.as_str(), self.of(to, &field.shape))).collect::<Vec<_>>();
                self.define(to, |types| types.defined_type().record(fields))
            }
            Kind::Tuple(items) => {
                let items = items.iter().map(|item| self.of(to, item)).collect::<Vec<_>>();
                self.define(to, |types| types.defined_type().tuple(items))
            }
            Kind::List(items) => {
                let items = self.of(to, items);
                self.define(to, |types| types.defined_type().list(items))
            }
            Kind::Option(some) => {
                let some = self.of(to, some);
                self.define(to, |types| types.defined_type().option(some))
            }
            Kind::Result(cases) => {
                let [ok, err] = &**cases;
                let (ok, err) = (self.payload(to, ok), self.payload(to, err));
                self.define(to, |types| types.defined_type().result(ok, err))
            }
            Kind::Variant(cases) => {
                let cases = cases.iter().map(|case| (case.name.as_str(), self.payload(to, case))).collect::<Vec<_>>();
                self.define(to, |types| types.defined_type().variant(cases))
            }
            Kind::Enum(cases) => self.define(to, |types| {
                types.defined_type().enum_type(cases.iter().map(|case| case.name.as_str()).collect::<Vec<_>>());
            }),
            Kind::Flags(names) => self.define(to, |types| types.defined_type().flags(names.iter().map(String::as_str).collect::<Vec<_>>())),
            Kind::Bytes => self.define(to, |types| types.defined_type().list(PrimitiveValType::U8)),
            Kind::Bool | Kind::Int(_) | Kind::F32 | Kind::F64 | Kind::Char | Kind::String => {
                let primitive = primitive(kind).unwrap_or(PrimitiveValType::String);
                self.define(to, |types| types.defined_type().primitive(primitive))
            }
        }
    }

    fn payload(&mut self, to: &mut Component, case: &'a Case) -> Option<ComponentValType> {
        case.shape.as_ref().map(|shape| self.of(to, shape))
    }

    fn define(&mut self, to: &mut Component, write: impl FnOnce(&mut ComponentTypeSection)) -> u32 {
        let mut types = ComponentTypeSection::new();
        write(&mut types);
        to.section(&types);
        self.count()
    }

    /// The index of the type that was just written.
    fn count(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}

fn type_name(at: usize) -> String {
    format!("t{at}")
}

fn primitive(kind: &Kind) -> Option<PrimitiveValType> {
    Some(match kind {
        Kind::Bool => PrimitiveValType::Bool,
        Kind::Int(Int::U8) => PrimitiveValType::U8,
        Kind::Int(Int::U16) => PrimitiveValType::U16,
        Kind::Int(Int::U32) => PrimitiveValType::U32,
        Kind::Int(Int::U64) => PrimitiveValType::U64,
        Kind::Int(Int::S8) => PrimitiveValType::S8,
        Kind::Int(Int::S16) => PrimitiveValType::S16,
        Kind::Int(Int::S32) => PrimitiveValType::S32,
        Kind::Int(Int::S64) => PrimitiveValType::S64,
        Kind::F32 => PrimitiveValType::F32,
        Kind::F64 => PrimitiveValType::F64,
        Kind::Char => PrimitiveValType::Char,
        Kind::String => PrimitiveValType::String,
        _ => return None,
    })
}
