//! The house keeps its rules: layers, sizes, what stands where.

mod layers;
mod tidy;
