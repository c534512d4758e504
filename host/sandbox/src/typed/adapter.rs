//! The adapter: a component that calls another one's functions by whole argument lists.
//!
//! Its two core modules. `memory` holds what is passed: the host writes an argument list at [`BASE`], and the result takes its
//! place, since arguments are copied before the task runs and results after. Nothing is ever given back, because an
//! instance lives for one call. `calls` has one function for each task: it
//! takes where the argument list lies, hands its parts to the task, and answers where the result lies and how long it is.

use wasm_encoder::{
    CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    InstructionSink, MemArg, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use super::TypedTask;
use super::shape::{Core, FLAT_PARAMS_MAX, Shape};

/// Where the argument list lies in the adapter's memory, and then the result. What is before it holds the answer's address and length.
pub(super) const BASE: u32 = 16;
/// Where address and length of the result are answered.
const ANSWER: u32 = 8;
/// What results are aligned to, as [`BASE`] is; no value needs more than 8.
const RESULT_ALIGN: u32 = 16;

/// How a task's arguments are passed.
pub(super) enum Passing {
    /// As these core values, each in 8 bytes of its own.
    Flat(Vec<Core>),
    /// As the address of all of them, laid out as a tuple.
    InMemory,
}

/// How a task's arguments are passed.
pub(super) fn passing(task: &TypedTask) -> Passing {
    let flat: Vec<Core> = task.params.iter().flat_map(|param| param.shape.flat()).collect();
    if flat.len() > FLAT_PARAMS_MAX { Passing::InMemory } else { Passing::Flat(flat) }
}

/// The module with the memory, `realloc`, and `free`, where free memory begins.
pub(super) fn memory_module() -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    let free = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(free, &ConstExpr::i32_const(signed(BASE)));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export("realloc", ExportKind::Func, 0).export("free", ExportKind::Global, 0);
    let mut code = CodeSection::new();
    code.function(&realloc());
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&globals).section(&exports).section(&code);
    module
}

/// `realloc(old, old-size, align, size)`: takes what is next, grows the memory as far as needed, traps when it cannot.
fn realloc() -> Function {
    const OLD: u32 = 0;
    const OLD_SIZE: u32 = 1;
    const ALIGN: u32 = 2;
    const SIZE: u32 = 3;
    const AT: u32 = 4;
    const END: u32 = 5;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    // What shrinks stays where it is.
    code.local_get(OLD).if_(wasm_encoder::BlockType::Empty);
    code.local_get(SIZE).local_get(OLD_SIZE).i32_le_u().if_(wasm_encoder::BlockType::Empty);
    code.local_get(OLD).return_().end().end();
    // at = (free + align - 1) & -align
    code.global_get(0).local_get(ALIGN).i32_add().i32_const(1).i32_sub();
    code.i32_const(0).local_get(ALIGN).i32_sub().i32_and().local_tee(AT);
    code.local_get(SIZE).i32_add().local_tee(END);
    // Past the end of the address space.
    code.local_get(AT).i32_lt_u().if_(wasm_encoder::BlockType::Empty).unreachable().end();
    code.local_get(END).global_set(0);
    // Pages needed: (end - 1) >> 16, plus one.
    code.local_get(END).memory_size(0).i32_const(16).i32_shl().i32_gt_u().if_(wasm_encoder::BlockType::Empty);
    code.local_get(END).i32_const(1).i32_sub().i32_const(16).i32_shr_u().i32_const(1).i32_add().memory_size(0).i32_sub();
    code.memory_grow(0).i32_const(-1).i32_eq().if_(wasm_encoder::BlockType::Empty).unreachable().end().end();
    code.local_get(OLD).if_(wasm_encoder::BlockType::Empty);
    code.local_get(AT).local_get(OLD).local_get(OLD_SIZE).memory_copy(0, 0).end();
    code.local_get(AT).end();
    function
}

/// The module with a function for each task.
pub(super) fn calls_module(tasks: &[TypedTask]) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([ValType::I32; 2], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("memory", "memory", MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    imports.import("memory", "free", EntityType::Global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }));
    imports.import("memory", "realloc", EntityType::Function(0));
    let (mut functions, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
    for (task, at) in tasks.iter().zip(0_u32..) {
        let (params, results) = core_type(task);
        types.ty().function(params, results);
        imports.import("tasks", &super::wrap::export_name(at as usize), EntityType::Function(at + 2));
        functions.function(1);
        // After `realloc` and the tasks themselves.
        let count = u32::try_from(tasks.len()).expect("the tasks of a plugin are a thousand at most");
        exports.export(&super::wrap::export_name(at as usize), ExportKind::Func, 1 + count + at);
        code.function(&call(task, at + 1));
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
    module
}

/// The type of a task's function once it is lowered.
fn core_type(task: &TypedTask) -> (Vec<ValType>, Vec<ValType>) {
    let mut params = match passing(task) {
        Passing::Flat(flat) => flat.into_iter().map(val_type).collect(),
        Passing::InMemory => vec![ValType::I32],
    };
    let result = task.answer.shape().map(Shape::flat).unwrap_or_default();
    if let [one] = result[..] {
        return (params, vec![val_type(one)]);
    }
    if result.len() > 1 {
        params.push(ValType::I32);
    }
    (params, Vec::new())
}

fn call(task: &TypedTask, function: u32) -> Function {
    const ARGUMENTS: u32 = 0;
    const RESULT: u32 = 2;
    let (shape, flat) = (task.answer.shape(), task.answer.shape().map(Shape::flat).unwrap_or_default());
    let mut body = Function::new([(1, ValType::I32)]);
    let mut code = body.instructions();
    // What comes back takes the place of what went in. result = realloc(0, 0, 16, size)
    code.i32_const(signed(BASE)).global_set(0);
    let size = shape.map_or(0, |shape| shape.size);
    code.i32_const(0).i32_const(0).i32_const(signed(RESULT_ALIGN)).i32_const(signed(size)).call(0).local_set(RESULT);
    if flat.len() == 1 {
        code.local_get(RESULT);
    }
    match passing(task) {
        Passing::InMemory => {
            code.local_get(ARGUMENTS);
        }
        Passing::Flat(cores) => {
            for (core, at) in cores.into_iter().zip(0_u64..) {
                code.local_get(ARGUMENTS);
                load(&mut code, core, at * 8);
            }
        }
    }
    if flat.len() > 1 {
        code.local_get(RESULT);
    }
    code.call(function);
    if let ([core], Some(shape)) = (&flat[..], shape) {
        store(&mut code, *core, shape.size);
    }
    // The answer: where the result begins, and how much memory was used since.
    code.i32_const(signed(ANSWER)).local_get(RESULT).i32_store(at(0, 2));
    code.i32_const(signed(ANSWER)).global_get(0).local_get(RESULT).i32_sub().i32_store(at(4, 2));
    code.i32_const(signed(ANSWER)).end();
    body
}

fn load(code: &mut InstructionSink<'_>, core: Core, offset: u64) {
    match core {
        Core::I32 => code.i32_load(at(offset, 2)),
        Core::I64 => code.i64_load(at(offset, 3)),
        Core::F32 => code.f32_load(at(offset, 2)),
        Core::F64 => code.f64_load(at(offset, 3)),
    };
}

/// Stores a result that is one core value as it would lie in memory.
fn store(code: &mut InstructionSink<'_>, core: Core, size: u32) {
    match (core, size) {
        (Core::I32, 1) => code.i32_store8(at(0, 0)),
        (Core::I32, 2) => code.i32_store16(at(0, 1)),
        (Core::I32, _) => code.i32_store(at(0, 2)),
        (Core::I64, _) => code.i64_store(at(0, 3)),
        (Core::F32, _) => code.f32_store(at(0, 2)),
        (Core::F64, _) => code.f64_store(at(0, 3)),
    };
}

fn at(offset: u64, align: u32) -> MemArg {
    MemArg { offset, align, memory_index: 0 }
}

fn val_type(core: Core) -> ValType {
    match core {
        Core::I32 => ValType::I32,
        Core::I64 => ValType::I64,
        Core::F32 => ValType::F32,
        Core::F64 => ValType::F64,
    }
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).expect("places and sizes of the adapter are small")
}
