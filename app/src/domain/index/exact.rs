//! Sums of two doubles ("double-double", Dekker 1971): about 31 digits.
//!
//! Variances of the index are small differences of large sums. Counts enter exactly, everything is carried with 31
//! digits, and a figure becomes an `f64` once, at the end.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// An unevaluated sum `hi + lo` with |lo| ≤ ulp(hi)/2.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Exact {
    hi: f64,
    lo: f64,
}

fn two_sum(a: f64, b: f64) -> Exact {
    let s = a + b;
    let bb = s - a;
    Exact { hi: s, lo: (a - (s - bb)) + (b - bb) }
}

fn quick_two_sum(a: f64, b: f64) -> Exact {
    let s = a + b;
    Exact { hi: s, lo: b - (s - a) }
}

/// Splits a double into two halves of 26 bits.
fn split(a: f64) -> (f64, f64) {
    let c = 134_217_729.0 * a; // 2^27 + 1
    let hi = c - (c - a);
    (hi, a - hi)
}

fn two_prod(a: f64, b: f64) -> Exact {
    let p = a * b;
    let ((ah, al), (bh, bl)) = (split(a), split(b));
    Exact { hi: p, lo: ((ah * bh - p) + ah * bl + al * bh) + al * bl }
}

impl Exact {
    pub(super) const ZERO: Self = Self { hi: 0.0, lo: 0.0 };

    /// The nearest double.
    pub(super) fn to_f64(self) -> f64 {
        self.hi + self.lo
    }

    /// The size, roughly.
    pub(super) fn size(self) -> f64 {
        self.hi.abs()
    }

    pub(super) fn is_positive(self) -> bool {
        self.hi > 0.0
    }
}

impl From<i64> for Exact {
    /// Exact for every count.
    fn from(n: i64) -> Self {
        let hi = n as f64;
        Self { hi, lo: (i128::from(n) - hi as i128) as f64 }
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let s = two_sum(self.hi, other.hi);
        let t = two_sum(self.lo, other.lo);
        let s = quick_two_sum(s.hi, s.lo + t.hi);
        quick_two_sum(s.hi, s.lo + t.lo)
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Exact {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let p = two_prod(self.hi, other.hi);
        quick_two_sum(p.hi, p.lo + (self.hi * other.lo + self.lo * other.hi))
    }
}

impl Div for Exact {
    type Output = Self;
    /// The caller sees to it that the divisor is not 0.
    fn div(self, other: Self) -> Self {
        let q1 = self.hi / other.hi;
        let r = self - other * Self { hi: q1, lo: 0.0 };
        let q2 = r.hi / other.hi;
        let r = r - other * Self { hi: q2, lo: 0.0 };
        let q3 = r.hi / other.hi;
        let q = quick_two_sum(q1, q2);
        q + Self { hi: q3, lo: 0.0 }
    }
}

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_any_size_enter_exactly() {
        for n in [0, 1, -7, (1 << 53) + 1, i64::MAX, i64::MIN + 1] {
            let e = Exact::from(n);
            assert_eq!(e.hi as i128 + e.lo as i128, i128::from(n));
        }
    }

    #[test]
    fn thirds_add_up_to_one_to_thirty_digits() {
        let third = Exact::from(1) / Exact::from(3);
        let gap = (third + third + third - Exact::from(1)).to_f64().abs();
        assert!(gap < 1e-31, "{gap}");
        let square = third * third * Exact::from(9) - Exact::from(1);
        assert!(square.to_f64().abs() < 1e-30);
    }

    #[test]
    fn a_product_of_large_counts_keeps_its_last_digit() {
        let (a, b) = (10_000_019_i64, 999_999_937_i64);
        let exact = i128::from(a) * i128::from(b) * i128::from(a);
        let e = Exact::from(a) * Exact::from(b) * Exact::from(a);
        assert_eq!(e.hi as i128 + e.lo as i128, exact);
    }
}
