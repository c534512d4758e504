//! The one wasmtime engine, configured so that the same bits come out everywhere and a guest cannot take too much.

use std::num::NonZeroUsize;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy, WasmBacktraceDetails};

use crate::limits::{INSTANCES_MAX, MEMORIES_MAX, MIB, TABLE_ELEMENTS_MAX, TABLES_MAX};

/// Most attempts at once; more wait for their turn.
pub(crate) const ATTEMPTS_MAX: u32 = 256;
/// Linear memories in the pool. Most plugins have one or two; eight each would reserve 8 TiB of addresses.
const POOL_MEMORIES: u32 = 1024;
/// Tables in the pool.
const POOL_TABLES: u32 = 2048;
/// Frames of a backtrace.
const FRAMES_MAX: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

/// What differs from one engine to another.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// Whether instructions are counted.
    pub(crate) metering: crate::sandbox::Metering,
    /// The largest linear memory, in bytes.
    pub(crate) memory_bytes_max: u64,
}

/// Where instances get their memory from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// From a pool that was reserved at the start; fast.
    Pool,
    /// From the operating system each time, because the pool could not be reserved, for this reason; slower.
    OnDemand(String),
}

/// Starts an engine, with a pool where the address space allows.
///
/// # Errors
/// When wasmtime refuses the configuration even without a pool, as it does on a processor it cannot compile for.
pub(crate) fn start(shape: Shape) -> wasmtime::Result<(Engine, Allocation)> {
    let mut config = base(shape);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(shape)));
    match Engine::new(&config) {
        Ok(engine) => Ok((engine, Allocation::Pool)),
        Err(reason) => {
            let engine = Engine::new(&base(shape))?;
            Ok((engine, Allocation::OnDemand(format!("{reason:#}"))))
        }
    }
}

fn base(shape: Shape) -> Config {
    let mut config = Config::new();
    // The same bits everywhere.
    config.strategy(Strategy::Cranelift);
    config.cranelift_opt_level(OptLevel::Speed);
    config.cranelift_nan_canonicalization(true);
    config.relaxed_simd_deterministic(true);
    // What plugins need and nothing else: every feature left out here has had advisories. Threads, garbage collection,
    // exceptions, stack switching and the asynchronous component model are not even compiled into wasmtime.
    config.wasm_component_model(true);
    config.wasm_memory64(false);
    config.wasm_multi_memory(true);
    config.wasm_custom_page_sizes(false);
    config.wasm_wide_arithmetic(false);
    config.wasm_stack_switching(false);
    config.shared_memory(false);
    config.concurrency_support(false);
    // Time and room.
    config.epoch_interruption(true);
    config.consume_fuel(shape.metering == crate::sandbox::Metering::Fuel);
    config.max_wasm_stack(512 * 1024);
    config.async_stack_size(MIB);
    // What a trap can tell. The environment must not change it.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.wasm_backtrace_max_frames(Some(FRAMES_MAX));
    config
}

fn pool(shape: Shape) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(ATTEMPTS_MAX);
    pool.total_stacks(ATTEMPTS_MAX);
    pool.total_core_instances(ATTEMPTS_MAX * 32);
    pool.total_memories(POOL_MEMORIES);
    pool.total_tables(POOL_TABLES);
    pool.max_core_instances_per_component(small(INSTANCES_MAX));
    pool.max_memories_per_component(small(MEMORIES_MAX));
    pool.max_memories_per_module(small(MEMORIES_MAX));
    pool.max_tables_per_component(small(TABLES_MAX));
    pool.max_tables_per_module(small(TABLES_MAX));
    pool.max_component_instance_size(8 * MIB);
    pool.max_core_instance_size(8 * MIB);
    pool.table_elements(TABLE_ELEMENTS_MAX);
    if let Ok(bytes @ 1..) = usize::try_from(shape.memory_bytes_max) {
        pool.max_memory_size(bytes);
    }
    // Measured: what is kept warm saves page faults at the next attempt, and what is kept must be cleared at each drop.
    pool.linear_memory_keep_resident(64 * 1024);
    pool.table_keep_resident(16 * 1024);
    pool.async_stack_keep_resident(64 * 1024);
    pool.pagemap_scan(Enabled::Auto);
    pool
}

fn small(count: usize) -> u32 {
    u32::try_from(count).expect("the limits of one attempt are small numbers")
}
