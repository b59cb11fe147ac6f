//! Sums that cannot overflow and fractions that are rounded once: the arithmetic behind `aggregate` and `convert`.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::decimal::{Decimal, power_of_ten};

/// A running sum of decimals: 128 bits while they last, a big integer after that.
#[derive(Clone, Debug)]
pub struct Sum {
    small: i128,
    scale: u32,
    /// What no longer fitted, at the scale beside it.
    wide: Option<Box<(BigInt, u32)>>,
}

impl Sum {
    /// The sum of nothing.
    pub const ZERO: Self = Self { small: 0, scale: 0, wide: None };

    /// Adds `mantissa` × 10^(−`scale`).
    #[inline]
    pub fn add_small(&mut self, mantissa: i64, scale: u32) {
        self.add_i128(i128::from(mantissa), scale);
    }

    #[inline]
    fn add_i128(&mut self, mantissa: i128, scale: u32) {
        if scale == self.scale
            && let Some(sum) = self.small.checked_add(mantissa)
        {
            self.small = sum;
            return;
        }
        self.add_unlike(mantissa, scale);
    }

    fn add_unlike(&mut self, mantissa: i128, scale: u32) {
        let common = scale.max(self.scale);
        let raised = |value: i128, from: u32| 10i128.checked_pow(common - from)?.checked_mul(value);
        let sum = raised(self.small, self.scale).zip(raised(mantissa, scale)).and_then(|(a, b)| a.checked_add(b));
        match sum {
            Some(sum) => (self.small, self.scale) = (sum, common),
            None => self.widen(BigInt::from(mantissa), scale),
        }
    }

    fn widen(&mut self, mantissa: BigInt, scale: u32) {
        let (wide, wide_scale) = self.wide.take().map_or((BigInt::ZERO, 0), |wide| *wide);
        let common = scale.max(wide_scale);
        let sum = wide * power_of_ten(common - wide_scale) + mantissa * power_of_ten(common - scale);
        self.wide = Some(Box::new((sum, common)));
    }

    /// Adds a decimal.
    pub fn add(&mut self, value: &Decimal) {
        match value.small() {
            Some((mantissa, scale)) => self.add_small(mantissa, scale),
            None => {
                let (mantissa, scale) = value.to_parts();
                self.widen(mantissa, scale);
            }
        }
    }

    /// Adds a decimal `weight` times.
    pub fn add_times(&mut self, value: &Decimal, weight: i128) {
        match value.small() {
            Some((mantissa, scale)) => match i128::from(mantissa).checked_mul(weight) {
                Some(product) => self.add_i128(product, scale),
                None => self.widen(BigInt::from(mantissa) * BigInt::from(weight), scale),
            },
            None => {
                let (mantissa, scale) = value.to_parts();
                self.widen(mantissa * BigInt::from(weight), scale);
            }
        }
    }

    /// Adds another sum.
    pub fn add_sum(&mut self, other: &Self) {
        self.add_i128(other.small, other.scale);
        if let Some(wide) = &other.wide {
            self.widen(wide.0.clone(), wide.1);
        }
    }

    /// The whole sum as mantissa and scale.
    pub fn to_parts(&self) -> (BigInt, u32) {
        match &self.wide {
            None => (BigInt::from(self.small), self.scale),
            Some(wide) => {
                let mut all = Self { small: 0, scale: 0, wide: self.wide.clone() };
                all.widen(BigInt::from(self.small), self.scale);
                *all.wide.unwrap_or_else(|| wide.clone())
            }
        }
    }

    /// The sum as a decimal.
    pub fn to_decimal(&self) -> Decimal {
        let (mantissa, scale) = self.to_parts();
        Decimal::from_parts(mantissa, scale)
    }
}

/// A sum of fractions, exact until [`Fractions::round`] is called once.
///
/// Terms of one denominator are added as integers; unlike denominators meet only at the end, so a group of a
/// million series that cover the same time costs a million additions.
#[derive(Clone, Debug, Default)]
pub struct Fractions {
    /// By denominator.
    terms: BTreeMap<u128, Sum>,
}

impl Fractions {
    /// Adds numerator ÷ denominator. The denominator is not zero.
    pub fn add(&mut self, numerator: &Sum, denominator: u128) {
        self.terms.entry(denominator).or_insert(Sum::ZERO).add_sum(numerator);
    }

    /// The sum times `factor.0 ÷ factor.1`, rounded half to even at `fraction_digits` where it does not end.
    pub fn round(&self, factor: (u128, u128), fraction_digits: u32) -> Decimal {
        let terms: Vec<_> = self.terms.iter().collect();
        let (numerator, denominator) = add_up(&terms);
        let factor = (BigInt::from(factor.0), BigInt::from(factor.1));
        round(numerator * factor.0, denominator * factor.1, fraction_digits)
    }
}

/// Numerator and denominator of a sum of fractions, halved again and again: big numbers meet only big numbers.
fn add_up(terms: &[(&u128, &Sum)]) -> (BigInt, BigInt) {
    match terms {
        [] => (BigInt::ZERO, BigInt::one()),
        [(denominator, sum)] => {
            let (mantissa, scale) = sum.to_parts();
            (mantissa, BigInt::from(**denominator) * power_of_ten(scale))
        }
        _ => {
            let (left, right) = terms.split_at(terms.len() / 2);
            let ((a, b), (c, d)) = (add_up(left), add_up(right));
            let common = b.lcm(&d);
            (a * (&common / b) + c * (&common / d), common)
        }
    }
}

/// A decimal times `factor.0 ÷ factor.1`.
pub fn scaled(value: &Decimal, factor: (u128, u128), fraction_digits: u32) -> Decimal {
    let mut fractions = Fractions::default();
    let mut sum = Sum::ZERO;
    sum.add(value);
    fractions.add(&sum, 1);
    fractions.round(factor, fraction_digits)
}

/// A fraction as a decimal: whole where it ends, else rounded half to even. The denominator is positive.
fn round(numerator: BigInt, denominator: BigInt, fraction_digits: u32) -> Decimal {
    let common = numerator.gcd(&denominator);
    let (numerator, denominator) = (numerator / &common, denominator / common);
    if let Some(digits) = digits_until_it_ends(&denominator) {
        return Decimal::from_parts(numerator * power_of_ten(digits) / denominator, digits);
    }
    let (quotient, remainder) = (numerator.abs() * power_of_ten(fraction_digits)).div_rem(&denominator);
    let twice: BigInt = remainder * 2;
    let up = twice > denominator || (twice == denominator && quotient.is_odd());
    let magnitude = if up { quotient + 1 } else { quotient };
    Decimal::from_parts(if numerator.is_negative() { -magnitude } else { magnitude }, fraction_digits)
}

/// How many fraction digits 1 ÷ `denominator` has, where it ends: only with the prime factors 2 and 5.
fn digits_until_it_ends(denominator: &BigInt) -> Option<u32> {
    let twos = denominator.trailing_zeros().unwrap_or(0);
    let mut rest = denominator >> twos;
    let five = BigInt::from(5);
    let mut fives = 0;
    loop {
        let (quotient, remainder) = rest.div_rem(&five);
        if !remainder.is_zero() {
            break;
        }
        rest = quotient;
        fives += 1;
    }
    rest.is_one().then(|| fives.max(u32::try_from(twos).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text, 200).unwrap()
    }

    #[test]
    fn a_sum_never_overflows_and_never_drifts() {
        let mut sum = Sum::ZERO;
        for _ in 0..1000 {
            sum.add(&decimal("9".repeat(76).as_str()));
            sum.add(&decimal("0.1"));
        }
        assert_eq!(sum.to_decimal().to_string(), format!("{}9100", "9".repeat(75)));
    }

    #[test]
    fn a_quotient_that_ends_is_kept_whole_and_another_is_rounded_half_to_even() {
        assert_eq!(scaled(&decimal("1"), (1, 1 << 30), 2).to_string(), "0.000000000931322574615478515625");
        assert_eq!(scaled(&decimal("1"), (1, 3), 20).to_string(), "0.33333333333333333333");
        assert_eq!(scaled(&decimal("-2"), (1, 3), 4).to_string(), "-0.6667");
        assert_eq!(scaled(&decimal("1"), (1, 6), 0).to_string(), "0");
    }

    #[test]
    fn fractions_are_added_before_they_are_rounded() {
        let mut one = Sum::ZERO;
        one.add(&decimal("1"));
        let mut thirds = Fractions::default();
        for _ in 0..3 {
            thirds.add(&one, 3);
        }
        assert_eq!(thirds.round((1, 1), 5).to_string(), "1");
        let mut mixed = Fractions::default();
        for denominator in [2, 3, 6] {
            mixed.add(&one, denominator);
        }
        assert_eq!(mixed.round((1, 1), 5).to_string(), "1");
    }

    proptest! {
        #[test]
        fn a_sum_is_the_same_in_any_order(values: Vec<(i64, u8)>) {
            let decimals: Vec<_> = values.iter().map(|(m, s)| Decimal::from_parts(BigInt::from(*m), u32::from(s % 40))).collect();
            let (mut forward, mut backward) = (Sum::ZERO, Sum::ZERO);
            decimals.iter().for_each(|d| forward.add(d));
            decimals.iter().rev().for_each(|d| backward.add(d));
            prop_assert_eq!(forward.to_decimal(), backward.to_decimal());
        }
    }
}
