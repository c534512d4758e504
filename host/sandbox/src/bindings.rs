//! Rust types and traits for the contract in `wit/task-0.1.0`.

wasmtime::component::bindgen!({
    path: "../../wit/task-0.1.0",
    world: "task",
    imports: {
        "jackfield:task/progress.save": async,
        default: trappable,
    },
    exports: { default: async },
});
