//! A component and its adapter, in one component.
//!
//! The component is put in as it is. What it imports is imported outside in its place and handed in; so that the types are
//! the same, the sections that import are copied from its own beginning, where every tool writes them.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentImportSection, ComponentInstanceSection, ComponentSectionId, ComponentTypeRef, ExportKind, InstanceSection, ModuleArg,
    ModuleSection, NestedComponentSection, RawSection,
};
use wasmparser::{ComponentAlias, ComponentExternalKind, Parser, Payload};

use super::TypedTask;
use super::adapter::{calls_module, memory_module};
use super::types::{Naming, Types};

/// The name by which the task at a place in the table is exported.
pub(super) fn export_name(at: usize) -> String {
    format!("f{at}")
}

/// Puts a component beside an adapter for its tasks.
///
/// # Errors
/// With a sentence, when its imports stand where they cannot be copied from.
pub(crate) fn wrap(component: &[u8], tasks: &[TypedTask]) -> Result<Vec<u8>, String> {
    let mut root = Component::new();
    let mut spaces = imports(component, &mut root)?;
    root.section(&RawSection { id: ComponentSectionId::Component.into(), data: component });
    root.section(&NestedComponentSection(&adapter(tasks)));
    let (plugin, calls) = (spaces.components, spaces.components + 1);

    let mut types = Types::new(Naming::Plain, spaces.types);
    for task in tasks {
        types.of_task(&mut root, task);
    }
    let mut instances = ComponentInstanceSection::new();
    instances.instantiate(plugin, std::mem::take(&mut spaces.given));
    root.section(&instances);
    let plugin = spaces.take_instance();

    let mut given = types.arguments();
    for (at, task) in tasks.iter().enumerate() {
        given.push((export_name(at), ComponentExportKind::Func, function_of(&mut root, &mut spaces, plugin, task)));
    }
    let mut instances = ComponentInstanceSection::new();
    instances.instantiate(calls, given);
    root.section(&instances);
    let adapter = spaces.take_instance();

    let mut exports = ComponentExportSection::new();
    for at in 0..tasks.len() {
        let name = export_name(at);
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(Alias::InstanceExport { instance: adapter, kind: ComponentExportKind::Func, name: &name });
        root.section(&aliases);
        exports.export(name.as_str(), ComponentExportKind::Func, spaces.take_function(), None);
    }
    root.section(&exports);
    Ok(root.finish())
}

/// How many things of each kind there are already.
#[derive(Default)]
struct Spaces {
    types: u32,
    instances: u32,
    functions: u32,
    components: u32,
    /// What is handed in for each import.
    given: Vec<(String, ComponentExportKind, u32)>,
}

impl Spaces {
    fn take(&mut self, kind: ComponentExternalKind) -> Result<(ComponentExportKind, u32), String> {
        let (kind, count) = match kind {
            ComponentExternalKind::Type => (ComponentExportKind::Type, &mut self.types),
            ComponentExternalKind::Instance => (ComponentExportKind::Instance, &mut self.instances),
            ComponentExternalKind::Func => (ComponentExportKind::Func, &mut self.functions),
            other => return Err(format!("it imports a {}", other.desc())),
        };
        *count += 1;
        Ok((kind, *count - 1))
    }

    fn take_instance(&mut self) -> u32 {
        self.instances += 1;
        self.instances - 1
    }

    fn take_function(&mut self) -> u32 {
        self.functions += 1;
        self.functions - 1
    }
}

/// Copies the sections that import, and counts what is in them.
fn imports(component: &[u8], root: &mut Component) -> Result<Spaces, String> {
    let mut spaces = Spaces::default();
    let mut at_the_beginning = true;
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(|error| error.to_string())?;
        match &payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ if depth > 1 => {}
            Payload::CustomSection(_) => {}
            Payload::ComponentImportSection(_) if !at_the_beginning => {
                return Err("it imports something after code of its own".to_owned());
            }
            _ if at_the_beginning && begins(&mut spaces, &payload)? => {
                if let Some((id, range)) = payload.as_section() {
                    let data = component.get(range).ok_or("it ends too early")?;
                    root.section(&RawSection { id, data });
                }
            }
            _ => at_the_beginning = false,
        }
    }
    Ok(spaces)
}

/// Whether this belongs to the beginning, where types and imports are; if so it is counted.
fn begins(spaces: &mut Spaces, payload: &Payload<'_>) -> Result<bool, String> {
    let broken = |error: wasmparser::BinaryReaderError| error.to_string();
    match payload {
        Payload::CoreTypeSection(_) => {}
        Payload::ComponentTypeSection(types) => spaces.types += types.count(),
        Payload::ComponentImportSection(imports) => {
            for import in imports.clone() {
                let import = import.map_err(broken)?;
                let (kind, index) = spaces.take(import.ty.kind())?;
                spaces.given.push((import.name.name.to_owned(), kind, index));
            }
        }
        Payload::ComponentAliasSection(aliases) => {
            let mut kinds = Vec::new();
            for alias in aliases.clone() {
                match alias.map_err(broken)? {
                    ComponentAlias::InstanceExport { kind, .. } => kinds.push(kind),
                    _ => return Ok(false),
                }
            }
            for kind in kinds {
                spaces.take(kind)?;
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The function of a task, taken out of the plugin's instance.
fn function_of(root: &mut Component, spaces: &mut Spaces, plugin: u32, task: &TypedTask) -> u32 {
    let mut aliases = ComponentAliasSection::new();
    let mut instance = plugin;
    if let Some(interface) = &task.interface {
        aliases.alias(Alias::InstanceExport { instance, kind: ComponentExportKind::Instance, name: interface });
        instance = spaces.take_instance();
    }
    aliases.alias(Alias::InstanceExport { instance, kind: ComponentExportKind::Func, name: &task.function });
    root.section(&aliases);
    spaces.take_function()
}

/// The adapter for these tasks.
fn adapter(tasks: &[TypedTask]) -> Component {
    let mut adapter = Component::new();
    let mut types = Types::new(Naming::Imported, 0);
    for (at, task) in tasks.iter().enumerate() {
        let (params, result) = types.of_task(&mut adapter, task);
        let ty = types.function(&mut adapter, params, result);
        let mut imports = ComponentImportSection::new();
        imports.import(export_name(at).as_str(), ComponentTypeRef::Func(ty));
        adapter.section(&imports);
    }
    let bytes = types.bytes(&mut adapter);
    let call = types.function(&mut adapter, vec![("arguments", bytes)], Some(bytes));
    adapter.section(&ModuleSection(&memory_module())).section(&ModuleSection(&calls_module(tasks)));
    core_instances(&mut adapter, tasks.len());
    lifted(&mut adapter, tasks.len(), call);
    adapter
}

/// Core functions: 0 is `realloc`, then the tasks lowered, then the adapter's calls.
fn core_instances(adapter: &mut Component, tasks: usize) {
    let mut instances = InstanceSection::new();
    instances.instantiate(0, Vec::<(&str, ModuleArg)>::new());
    adapter.section(&instances);
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::CoreInstanceExport { instance: 0, kind: ExportKind::Memory, name: "memory" });
    aliases.alias(Alias::CoreInstanceExport { instance: 0, kind: ExportKind::Func, name: "realloc" });
    adapter.section(&aliases);
    let mut lowered = CanonicalFunctionSection::new();
    for at in 0..small(tasks) {
        lowered.lower(at, [CanonicalOption::UTF8, CanonicalOption::Memory(0), CanonicalOption::Realloc(0)]);
    }
    adapter.section(&lowered);
    let mut instances = InstanceSection::new();
    instances.export_items((0..tasks).map(|at| (export_name(at), ExportKind::Func, small(at) + 1)).collect::<Vec<_>>());
    instances.instantiate(1, [("memory", ModuleArg::Instance(0)), ("tasks", ModuleArg::Instance(1))]);
    adapter.section(&instances);
    let mut aliases = ComponentAliasSection::new();
    for at in 0..tasks {
        aliases.alias(Alias::CoreInstanceExport { instance: 2, kind: ExportKind::Func, name: &export_name(at) });
    }
    adapter.section(&aliases);
}

/// The adapter's calls as functions of the component, exported.
fn lifted(adapter: &mut Component, tasks: usize, ty: u32) {
    let mut lifted = CanonicalFunctionSection::new();
    let mut exports = ComponentExportSection::new();
    for at in 0..small(tasks) {
        lifted.lift(1 + small(tasks) + at, ty, [CanonicalOption::UTF8, CanonicalOption::Memory(0), CanonicalOption::Realloc(0)]);
        exports.export(export_name(at as usize).as_str(), ComponentExportKind::Func, small(tasks) + at, None);
    }
    adapter.section(&lifted).section(&exports);
}

fn small(count: usize) -> u32 {
    u32::try_from(count).expect("the tasks of a plugin are a thousand at most")
}
