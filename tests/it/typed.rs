//! Typed exports: a component that has never heard of Jackfield is a plugin as it is.

mod calls;
mod workflow;

use kit::world::World;

/// A folder with the guest of typed exports in it.
fn with_typed() -> World {
    let world = World::new();
    std::fs::copy(kit::guest("typed"), world.file("typed.wasm")).expect("copied");
    world
}
