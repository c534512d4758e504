//! Tasks, types and docs from a component's WIT, without running it.

mod docs;
mod shapes;
mod words;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jackfield_flow::plan::Effect;
use wit_parser::decoding::DecodedWasm;
use wit_parser::{Function, FunctionKind, InterfaceId, Resolve, Type, TypeDefKind, WorldId, WorldItem};

use super::shape::{Kind, Member, Shape};
use super::{ADAPTER, Answer, RefusedExport, Table, TypedTask, outcome, schema};
use crate::plugin::{RawCapability, RawTaskInfo, is_task_name};
#[cfg(test)]
pub(super) use docs::apply;
use shapes::Reader;

/// Most exported functions of one component.
const FUNCTIONS_MAX: usize = 1_000;

/// What a component can use an import for: the import's beginning, the capability's name, what for.
const ASKED: [(&str, &str, &str); 7] = [
    ("wasi:http/outgoing-handler", "http", "It imports `wasi:http/outgoing-handler`."),
    ("wasi:filesystem/preopens", "files-read", "It imports `wasi:filesystem`."),
    ("wasi:filesystem/preopens", "files-write", "It imports `wasi:filesystem`."),
    ("wasi:filesystem/preopens", "scratch", "It imports `wasi:filesystem`."),
    ("wasi:config/store", "config", "It imports `wasi:config/store`."),
    ("wasi:sockets/", "sockets", "It imports `wasi:sockets`, which opens nothing here."),
    ("jackfield:task/secrets", "secrets", "It imports `jackfield:task/secrets`."),
];

/// Reads what a component exports.
///
/// `imports` are the interfaces it imports: a task is pure only when none of them has effects.
///
/// # Errors
/// With a sentence, when the component is not valid or exports more than can be read.
pub(crate) fn read(component: &[u8], imports: &[String]) -> Result<Table, String> {
    // The decoder reads bytes of strangers; what it does not expect must not end the program.
    let (component, documented) = docs::split(component);
    let decoded = catch_unwind(AssertUnwindSafe(|| wit_parser::decoding::decode(&component)));
    let (mut resolve, world) = match decoded {
        Ok(Ok(DecodedWasm::Component(resolve, world))) => (resolve, world),
        Ok(Ok(DecodedWasm::WitPackage(..))) => return Err("it is a WIT package, types without code".to_owned()),
        Ok(Err(error)) => return Err(format!("its types cannot be read: {error:#}")),
        Err(_) => return Err("its types cannot be read".to_owned()),
    };
    documented.iter().for_each(|package| docs::apply(&mut resolve, world, package));
    of_world(&resolve, world, imports)
}

/// Reads what a world exports.
pub(super) fn of_world(resolve: &Resolve, world: WorldId, imports: &[String]) -> Result<Table, String> {
    let mut exports = Vec::new();
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Function(function) => exports.push(Export { interface: None, id: None, function }),
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                let functions = resolve.interfaces[*id].functions.values();
                exports.extend(functions.map(|function| Export { interface: Some(name.clone()), id: Some(*id), function }));
            }
            WorldItem::Type { .. } => {}
        }
    }
    if exports.len() > FUNCTIONS_MAX {
        return Err(format!("it exports {} functions, the limit is {FUNCTIONS_MAX}", exports.len()));
    }
    let names = task_names(&exports);
    let asks = capabilities(imports);
    let mut table = Table { adapter: ADAPTER, tasks: Vec::new(), refused: Vec::new() };
    for (export, name) in exports.iter().zip(names) {
        match name.and_then(|name| task(resolve, export, name, &asks)) {
            Ok(task) => table.tasks.push(task),
            Err(reason) => table.refused.push(RefusedExport { function: export.path(), reason }),
        }
    }
    Ok(table)
}

/// An exported function.
struct Export<'a> {
    interface: Option<String>,
    id: Option<InterfaceId>,
    function: &'a Function,
}

impl Export<'_> {
    fn path(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.function.name),
            None => self.function.name.clone(),
        }
    }

    /// The interface's own name: `parse` of `acme:csv/parse@1.0.0`.
    fn interface_word(&self) -> Option<&str> {
        let path = self.interface.as_deref()?.split('@').next()?;
        path.rsplit('/').next()
    }
}

/// A task's name is its function's, and where several have the same one, the interface's name stands before it.
fn task_names(exports: &[Export<'_>]) -> Vec<Result<String, String>> {
    let mut short: BTreeMap<String, usize> = BTreeMap::new();
    for export in exports {
        *short.entry(export.function.name.to_ascii_lowercase()).or_default() += 1;
    }
    let name = |export: &Export<'_>| {
        let name = export.function.name.to_ascii_lowercase();
        match export.interface_word() {
            Some(word) if short[&name] > 1 => format!("{}-{name}", word.to_ascii_lowercase()),
            _ => name,
        }
    };
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    exports.iter().for_each(|export| *taken.entry(name(export)).or_default() += 1);
    let checked = |export| {
        let name = name(export);
        match taken[&name] {
            1 => Ok(name),
            _ => Err(format!("several functions would be the task `{name}`; export them from interfaces with other names")),
        }
    };
    exports.iter().map(checked).collect()
}

fn task(resolve: &Resolve, export: &Export<'_>, name: String, asks: &Asks) -> Result<TypedTask, String> {
    let function = export.function;
    match function.kind {
        FunctionKind::Freestanding => {}
        FunctionKind::AsyncFreestanding => return Err("it is an async function, which cannot be called yet".to_owned()),
        _ => return Err("it is a function of a resource, and a task keeps no resources between calls".to_owned()),
    }
    if !is_task_name(&name) {
        return Err(format!("`{name}` cannot be a task's name, which has at most 64 characters of a-z, 0-9 and -"));
    }
    let mut reader = Reader::new(resolve);
    let mut params = Vec::with_capacity(function.params.len());
    for param in &function.params {
        let shape = reader.shape(&param.ty).map_err(|reason| format!("its parameter `{}` {reason}", param.name))?;
        params.push(Member { name: param.name.clone(), key: words::key(&param.name), docs: String::new(), shape });
    }
    let answer = match &function.result {
        None => Answer::Nothing,
        Some(ty) => {
            let shape = reader.shape(ty).map_err(|reason| format!("its result {reason}"))?;
            if matches!(shape.kind, Kind::Result(_)) { Answer::Result(shape) } else { Answer::Value(shape) }
        }
    };
    let mut annotations = vec![("wit".to_owned(), words::signature(resolve, function))];
    if let Some(interface) = &export.interface {
        annotations.push(("interface".to_owned(), interface.clone()));
    }
    let interface_docs = export.id.and_then(|id| resolve.interfaces[id].docs.contents.clone());
    let docs = function.docs.contents.clone().or(interface_docs).unwrap_or_default();
    let info = RawTaskInfo {
        name,
        docs: docs.trim().to_owned(),
        input_schema: schema::of_input(&params),
        output_schema: schema::of_answer(&answer),
        errors: outcome::errors(&answer),
        effect: if asks.pure { Effect::Pure } else { Effect::Effects },
        capabilities: asks.capabilities.clone(),
        annotations,
    };
    let (interface, function) = (export.interface.clone(), function.name.clone());
    Ok(TypedTask { info, interface, function, params, answer, pure: asks.pure })
}

/// What follows from a component's imports.
struct Asks {
    pure: bool,
    capabilities: Vec<RawCapability>,
}

/// What a component that says nothing of itself may be given: whatever it imports a use for. Nothing of it is required.
fn capabilities(imports: &[String]) -> Asks {
    let effects = |import: &String| {
        ["wasi:http/", "wasi:filesystem/", "wasi:sockets/", "wasi:config/", "jackfield:task/secrets"]
            .iter()
            .any(|beginning| import.starts_with(beginning))
    };
    let asked =
        ASKED.iter().filter(|(beginning, name, _)| *name != "sockets" && imports.iter().any(|import| import.starts_with(beginning)));
    let capability = |(_, name, docs): &(&str, &str, &str)| RawCapability {
        name: (*name).to_owned(),
        scope: Vec::new(),
        required: false,
        docs: (*docs).to_owned(),
    };
    Asks { pure: !imports.iter().any(effects), capabilities: asked.map(capability).collect() }
}

impl Answer {
    /// The type of what the function gives back.
    pub(super) fn shape(&self) -> Option<&Shape> {
        match self {
            Self::Nothing => None,
            Self::Value(shape) | Self::Result(shape) => Some(shape),
        }
    }
}

/// What a type is when its names are followed.
fn followed<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a TypeDefKind> {
    let Type::Id(id) = ty else { return None };
    match &resolve.types[*id].kind {
        TypeDefKind::Type(ty @ Type::Id(_)) => followed(resolve, ty),
        kind => Some(kind),
    }
}
