//! Measuring a component before it is compiled.
//!
//! Compiling is outside wasmtime's security promise, so nothing reaches the compiler that is larger, by any measure that
//! costs time or memory there, than real plugins are. Every refusal names the measure, the limit and the value seen.

use std::fmt;

use wasmparser::{BinaryReaderError, ComponentTypeRef, FunctionBody, MemoryType, Operator, Parser, Payload, TableType, TypeBounds};

use super::identify::NotAComponent;
use super::load::LoadError;
use crate::limits::{MIB, TABLE_ELEMENTS_MAX};

/// What is measured. Limits are some times what the largest real plugins have (CPython, SpiderMonkey, Go).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of the file.
    FileBytes,
    /// Core and component types.
    Types,
    /// Core functions.
    Functions,
    /// Bytes of one function's body.
    BodyBytes,
    /// Locals of one function.
    Locals,
    /// Targets of all `br_table` instructions in one function.
    BranchTargets,
    /// Blocks inside one another in a function.
    BlockDepth,
    /// Imports of all modules and components.
    Imports,
    /// Exports of all modules and components.
    Exports,
    /// Bytes of all names of imports and exports.
    NameBytes,
    /// Bytes of all custom sections.
    CustomBytes,
    /// Components inside the component.
    NestedComponents,
    /// Components inside one another.
    ComponentDepth,
    /// Core modules.
    Modules,
    /// Core and component instances.
    Instances,
    /// Aliases.
    Aliases,
    /// Functions lifted and lowered.
    CanonicalFunctions,
    /// Globals.
    Globals,
    /// Entries of all element segments.
    Elements,
    /// Data segments.
    DataSegments,
    /// Elements a table begins with.
    TableElements,
    /// Bytes a memory begins with.
    MemoryBytes,
}

impl Measure {
    /// The largest value that is let through.
    pub const fn limit(self) -> u64 {
        match self {
            Self::FileBytes => 64 * MIB as u64,
            Self::Types => 20_000,
            Self::Functions => 80_000,
            Self::BodyBytes => 2 * MIB as u64,
            Self::Locals => 20_000,
            Self::BranchTargets => 50_000,
            Self::BlockDepth => 5_000,
            Self::Imports | Self::Globals | Self::DataSegments => 100_000,
            Self::Exports => 200_000,
            Self::NameBytes => 16 * MIB as u64,
            Self::CustomBytes => 48 * MIB as u64,
            Self::NestedComponents | Self::Modules => 200,
            Self::ComponentDepth => 16,
            Self::Instances => 2_000,
            Self::Aliases | Self::CanonicalFunctions => 50_000,
            Self::Elements => 1_000_000,
            Self::TableElements => TABLE_ELEMENTS_MAX as u64,
            // The operator's limit, which is only known when it is measured.
            Self::MemoryBytes => u64::MAX,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileBytes => "size of the file in bytes",
            Self::Types => "number of types",
            Self::Functions => "number of functions",
            Self::BodyBytes => "size of one function in bytes",
            Self::Locals => "number of locals of one function",
            Self::BranchTargets => "number of br_table targets in one function",
            Self::BlockDepth => "nesting of blocks in one function",
            Self::Imports => "number of imports",
            Self::Exports => "number of exports",
            Self::NameBytes => "size of all import and export names in bytes",
            Self::CustomBytes => "size of all custom sections in bytes",
            Self::NestedComponents => "number of nested components",
            Self::ComponentDepth => "nesting of components",
            Self::Modules => "number of core modules",
            Self::Instances => "number of instances",
            Self::Aliases => "number of aliases",
            Self::CanonicalFunctions => "number of lifted and lowered functions",
            Self::Globals => "number of globals",
            Self::Elements => "number of table initialisers",
            Self::DataSegments => "number of data segments",
            Self::TableElements => "initial size of a table in elements",
            Self::MemoryBytes => "initial size of a memory in bytes",
        })
    }
}

/// A component that is too large by some measure. Code `install.too-large`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its {measure} is {seen}, the limit is {limit}")]
pub struct TooLarge {
    /// What was measured.
    pub measure: Measure,
    /// The limit.
    pub limit: u64,
    /// The value seen; measuring stops at the first value past the limit.
    pub seen: u64,
}

/// What was seen of a component that is not too large.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Names the component itself imports.
    pub(super) imports: Vec<String>,
    /// Names the component itself exports.
    pub(super) exports: Vec<String>,
    memory_bytes_max: u64,
    depth: u64,
    counts: Counts,
}

/// Values summed over the whole file.
#[derive(Debug, Default)]
struct Counts {
    types: u64,
    functions: u64,
    imports: u64,
    exports: u64,
    name_bytes: u64,
    custom_bytes: u64,
    components: u64,
    modules: u64,
    instances: u64,
    aliases: u64,
    canonical: u64,
    globals: u64,
    elements: u64,
    data: u64,
}

/// Measures a component whose first bytes say that it is one.
///
/// # Errors
/// When it is too large by some measure, is cut off or malformed, or uses a kind of memory or table that is switched off.
pub(super) fn survey(bytes: &[u8], memory_bytes_max: u64) -> Result<Survey, LoadError> {
    within(Measure::FileBytes, bytes.len() as u64)?;
    let mut survey = Survey { memory_bytes_max, ..Survey::default() };
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| malformed(&error, bytes.len()))?;
        survey.see(payload, bytes.len())?;
    }
    Ok(survey)
}

fn malformed(error: &BinaryReaderError, length: usize) -> LoadError {
    // A section or function that would go on past the last byte: the file was cut.
    if error.message().contains("unexpected end") {
        return NotAComponent::Truncated(length).into();
    }
    LoadError::Invalid(error.to_string())
}

fn within(measure: Measure, seen: u64) -> Result<(), TooLarge> {
    let limit = measure.limit();
    if seen > limit { Err(TooLarge { measure, limit, seen }) } else { Ok(()) }
}

fn add(sum: &mut u64, measure: Measure, more: impl Into<u64>) -> Result<(), TooLarge> {
    *sum = sum.saturating_add(more.into());
    within(measure, *sum)
}

impl Survey {
    fn see(&mut self, payload: Payload<'_>, length: usize) -> Result<(), LoadError> {
        let bad = |error: BinaryReaderError| malformed(&error, length);
        let counts = &mut self.counts;
        match payload {
            Payload::Version { .. } => {
                self.depth += 1;
                within(Measure::ComponentDepth, self.depth)?;
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::ModuleSection { .. } => add(&mut counts.modules, Measure::Modules, 1_u64)?,
            Payload::ComponentSection { .. } => add(&mut counts.components, Measure::NestedComponents, 1_u64)?,
            Payload::TypeSection(reader) => add(&mut counts.types, Measure::Types, reader.count())?,
            Payload::CoreTypeSection(reader) => add(&mut counts.types, Measure::Types, reader.count())?,
            Payload::ComponentTypeSection(reader) => add(&mut counts.types, Measure::Types, reader.count())?,
            Payload::FunctionSection(reader) => add(&mut counts.functions, Measure::Functions, reader.count())?,
            Payload::GlobalSection(reader) => add(&mut counts.globals, Measure::Globals, reader.count())?,
            Payload::DataSection(reader) => add(&mut counts.data, Measure::DataSegments, reader.count())?,
            Payload::InstanceSection(reader) => add(&mut counts.instances, Measure::Instances, reader.count())?,
            Payload::ComponentInstanceSection(reader) => add(&mut counts.instances, Measure::Instances, reader.count())?,
            Payload::ComponentAliasSection(reader) => add(&mut counts.aliases, Measure::Aliases, reader.count())?,
            Payload::ComponentCanonicalSection(reader) => add(&mut counts.canonical, Measure::CanonicalFunctions, reader.count())?,
            Payload::CustomSection(reader) => add(&mut counts.custom_bytes, Measure::CustomBytes, reader.data().len() as u64)?,
            Payload::CodeSectionEntry(body) => see_body(&body).map_err(|problem| problem.into_load_error(length))?,
            Payload::TableSection(reader) => {
                for table in reader {
                    see_table(&table.map_err(bad)?.ty)?;
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.see_memory(&memory.map_err(bad)?)?;
                }
            }
            Payload::ElementSection(reader) => {
                for element in reader {
                    let items = match element.map_err(bad)?.items {
                        wasmparser::ElementItems::Functions(items) => items.count(),
                        wasmparser::ElementItems::Expressions(_, items) => items.count(),
                    };
                    add(&mut counts.elements, Measure::Elements, items)?;
                }
            }
            names => self.see_names(names, length)?,
        }
        Ok(())
    }

    fn see_names(&mut self, payload: Payload<'_>, length: usize) -> Result<(), LoadError> {
        let bad = |error: BinaryReaderError| malformed(&error, length);
        let counts = &mut self.counts;
        match payload {
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import.map_err(bad)?;
                    add(&mut counts.imports, Measure::Imports, 1_u64)?;
                    add(&mut counts.name_bytes, Measure::NameBytes, (import.module.len() + import.name.len()) as u64)?;
                }
            }
            Payload::ExportSection(reader) => {
                add(&mut counts.exports, Measure::Exports, reader.count())?;
                for export in reader {
                    add(&mut counts.name_bytes, Measure::NameBytes, export.map_err(bad)?.name.len() as u64)?;
                }
            }
            Payload::ComponentImportSection(reader) => {
                add(&mut counts.imports, Measure::Imports, reader.count())?;
                for import in reader {
                    let import = import.map_err(bad)?;
                    let name = import.name.name;
                    add(&mut counts.name_bytes, Measure::NameBytes, name.len() as u64)?;
                    // A type that is told whole needs nobody to give it: that is how types of a world are named.
                    let told = matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_)));
                    if self.depth == 1 && !told {
                        self.imports.push(name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(reader) => {
                add(&mut counts.exports, Measure::Exports, reader.count())?;
                for export in reader {
                    let name = export.map_err(bad)?.name.name;
                    add(&mut counts.name_bytes, Measure::NameBytes, name.len() as u64)?;
                    if self.depth == 1 {
                        self.exports.push(name.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn see_memory(&self, memory: &MemoryType) -> Result<(), LoadError> {
        if memory.memory64 {
            return Err(switched_off("64-bit memories (memory64)"));
        }
        if memory.shared {
            return Err(switched_off("shared memories (threads)"));
        }
        let page_bytes_log2 = memory.page_size_log2.unwrap_or(16).min(16);
        let seen = memory.initial.saturating_mul(1 << page_bytes_log2);
        if seen > self.memory_bytes_max {
            return Err(TooLarge { measure: Measure::MemoryBytes, limit: self.memory_bytes_max, seen }.into());
        }
        Ok(())
    }
}

fn see_table(table: &TableType) -> Result<(), LoadError> {
    if table.table64 {
        return Err(switched_off("64-bit tables (memory64)"));
    }
    if table.shared {
        return Err(switched_off("shared tables (threads)"));
    }
    Ok(within(Measure::TableElements, table.initial)?)
}

fn switched_off(feature: &str) -> LoadError {
    LoadError::Invalid(format!("it uses {feature}, which are switched off here: build it without"))
}

/// What can be wrong with a function's body.
enum BodyProblem {
    TooLarge(TooLarge),
    Malformed(BinaryReaderError),
}

impl BodyProblem {
    fn into_load_error(self, length: usize) -> LoadError {
        match self {
            Self::TooLarge(too_large) => too_large.into(),
            Self::Malformed(error) => malformed(&error, length),
        }
    }
}

impl From<TooLarge> for BodyProblem {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error)
    }
}

impl From<BinaryReaderError> for BodyProblem {
    fn from(error: BinaryReaderError) -> Self {
        Self::Malformed(error)
    }
}

fn see_body(body: &FunctionBody<'_>) -> Result<(), BodyProblem> {
    let range = body.range();
    within(Measure::BodyBytes, (range.end - range.start) as u64)?;
    let mut locals = 0;
    for local in body.get_locals_reader()? {
        add(&mut locals, Measure::Locals, local?.0)?;
    }
    let (mut depth, mut targets) = (0_u64, 0_u64);
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                add(&mut depth, Measure::BlockDepth, 1_u64)?;
            }
            Operator::End => depth = depth.saturating_sub(1),
            Operator::BrTable { targets: table } => add(&mut targets, Measure::BranchTargets, table.len())?,
            _ => {}
        }
    }
    Ok(())
}
