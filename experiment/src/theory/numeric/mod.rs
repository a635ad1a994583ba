//! The few numerical methods that the formulas need: complex numbers, roots, quadrature, inversion of transforms.
//!
//! Own code of a few lines each, so that results are the same bits on every platform (`libm` is the only source of
//! transcendental functions).

pub mod complex;
pub mod inversion;
pub mod matrix;
pub mod quadrature;
pub mod roots;

pub use complex::Complex;
