//! Complex numbers.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

impl Complex {
    /// One.
    pub const ONE: Complex = Complex { re: 1.0, im: 0.0 };

    /// A number from its parts.
    pub fn new(re: f64, im: f64) -> Self {
        Complex { re, im }
    }

    /// The exponential.
    pub fn exp(self) -> Self {
        let size = libm::exp(self.re);
        Complex::new(size * libm::cos(self.im), size * libm::sin(self.im))
    }

    /// A power with a real exponent, on the principal branch.
    pub fn powf(self, exponent: f64) -> Self {
        let size = exponent * libm::log(libm::hypot(self.re, self.im));
        Complex::new(size, exponent * libm::atan2(self.im, self.re)).exp()
    }
}

impl From<f64> for Complex {
    fn from(re: f64) -> Self {
        Complex::new(re, 0.0)
    }
}

impl Add for Complex {
    type Output = Complex;
    fn add(self, other: Complex) -> Complex {
        Complex::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Complex;
    fn sub(self, other: Complex) -> Complex {
        Complex::new(self.re - other.re, self.im - other.im)
    }
}

impl Neg for Complex {
    type Output = Complex;
    fn neg(self) -> Complex {
        Complex::new(-self.re, -self.im)
    }
}

impl Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

impl Mul<f64> for Complex {
    type Output = Complex;
    fn mul(self, factor: f64) -> Complex {
        Complex::new(self.re * factor, self.im * factor)
    }
}

impl Div for Complex {
    type Output = Complex;
    fn div(self, other: Complex) -> Complex {
        let size = other.re * other.re + other.im * other.im;
        self * Complex::new(other.re / size, -other.im / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_and_powers() {
        let z = Complex::new(3.0, 4.0);
        assert_eq!(z * z, Complex::new(-7.0, 24.0));
        assert_eq!(z / z, Complex::ONE);
        let root = z.powf(0.5);
        assert!((root.re - 2.0).abs() < 1e-12 && (root.im - 1.0).abs() < 1e-12);
        let half_turn = Complex::new(0.0, std::f64::consts::PI).exp();
        assert!((half_turn.re + 1.0).abs() < 1e-12 && half_turn.im.abs() < 1e-12);
    }
}
