//! Sums without overflow, and fractions that are rounded once: the arithmetic of `aggregate` and `convert`.

use std::cmp::Ordering;

use crate::collections::{Pairs, ordered};
use crate::number::decimal::Decimal;
use crate::number::wide::Wide;

/// A running sum of decimals, in 128 bits as long as they suffice, then also in a big integer.
#[derive(Clone, Debug)]
pub struct Sum {
    small: i128,
    scale: u32,
    /// The part that exceeded 128 bits, and its scale.
    wide: Option<Box<(Wide, u32)>>,
}

impl Sum {
    /// The empty sum.
    pub const ZERO: Self = Self { small: 0, scale: 0, wide: None };

    /// Adds `mantissa` × 10^(−`scale`).
    #[inline]
    pub fn add_small(&mut self, mantissa: i64, scale: u32) {
        self.add_i128(i128::from(mantissa), scale);
    }

    /// Adds `mantissa` × 10^(−`scale`).
    #[inline]
    pub fn add_i128(&mut self, mantissa: i128, scale: u32) {
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
            None => self.widen(Wide::from(mantissa), scale),
        }
    }

    fn widen(&mut self, mantissa: Wide, scale: u32) {
        let Some(wide) = self.wide.take() else {
            self.wide = Some(Box::new((mantissa, scale)));
            return;
        };
        let (wide, wide_scale) = *wide;
        let common = scale.max(wide_scale);
        let sum = &raised(&wide, common - wide_scale) + &raised(&mantissa, common - scale);
        self.wide = Some(Box::new((sum, common)));
    }

    /// The bits of the big integer; 0 if there is none.
    pub fn wide_bits(&self) -> u64 {
        self.wide.as_ref().map_or(0, |wide| wide.0.bits())
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
            Some((mantissa, scale)) => self.add_small_times(mantissa, scale, weight),
            None => {
                let (mantissa, scale) = value.to_parts();
                self.widen(&mantissa * &weight.into(), scale);
            }
        }
    }

    /// Adds `mantissa` × 10^(−`scale`) `weight` times.
    #[inline]
    pub fn add_small_times(&mut self, mantissa: i64, scale: u32, weight: i128) {
        match i128::from(mantissa).checked_mul(weight) {
            Some(product) => self.add_i128(product, scale),
            None => self.widen(&Wide::from(mantissa) * &weight.into(), scale),
        }
    }

    /// Adds another sum.
    pub fn add_sum(&mut self, other: &Self) {
        self.add_i128(other.small, other.scale);
        if let Some(wide) = &other.wide {
            self.widen(wide.0.clone(), wide.1);
        }
    }

    /// Subtracts a decimal.
    pub fn take(&mut self, value: &Decimal) {
        self.add_times(value, -1);
    }

    /// Subtracts another sum.
    pub fn subtract(&mut self, other: &Self) {
        self.add_sum(&other.times(-1));
    }

    /// The sum multiplied by an integer.
    pub fn times(&self, factor: i128) -> Self {
        if factor == 1 {
            return self.clone();
        }
        if let (None, Some(small)) = (&self.wide, self.small.checked_mul(factor)) {
            return Self { small, scale: self.scale, wide: None };
        }
        let (mantissa, scale) = self.to_parts();
        let mut product = Self::ZERO;
        product.widen(&mantissa * &factor.into(), scale);
        product
    }

    /// The sum × `part` ÷ `whole`: exact if it is a finite decimal, otherwise rounded half to even at
    /// `fraction_digits`. `whole` must not be zero.
    pub fn portion(&self, part: u128, whole: u128, fraction_digits: u32) -> Self {
        let (mantissa, scale) = round_term(self, whole, (part, 1), fraction_digits);
        let mut portion = Self::ZERO;
        match mantissa {
            Mantissa::Small(small) => portion.add_i128(small, scale),
            Mantissa::Wide(wide) => portion.widen(wide, scale),
        }
        portion
    }

    /// Compares the values of two sums.
    pub fn compare(&self, other: &Self) -> Ordering {
        if self.scale == other.scale && self.wide.is_none() && other.wide.is_none() {
            return self.small.cmp(&other.small);
        }
        let ((a, a_scale), (b, b_scale)) = (self.to_parts(), other.to_parts());
        let common = a_scale.max(b_scale);
        raised(&a, common - a_scale).cmp(&raised(&b, common - b_scale))
    }

    /// The sum as mantissa and scale.
    pub fn to_parts(&self) -> (Wide, u32) {
        match &self.wide {
            None => (Wide::from(self.small), self.scale),
            Some(wide) => {
                let mut all = Self { small: 0, scale: 0, wide: self.wide.clone() };
                all.widen(Wide::from(self.small), self.scale);
                *all.wide.unwrap_or_else(|| wide.clone())
            }
        }
    }

    /// The sum as a decimal.
    pub fn to_decimal(&self) -> Decimal {
        if self.wide.is_none() {
            return Decimal::from_parts(self.small, self.scale);
        }
        let (mantissa, scale) = self.to_parts();
        Decimal::from_wide(mantissa, scale)
    }
}

impl From<i128> for Sum {
    fn from(whole: i128) -> Self {
        Self { small: whole, scale: 0, wide: None }
    }
}

/// Whether every quotient by this divisor is a finite decimal.
pub fn divides_evenly(divisor: u128) -> bool {
    let mut rest = divisor >> divisor.trailing_zeros();
    while rest.is_multiple_of(5) {
        rest /= 5;
    }
    rest == 1
}

/// A sum of fractions, exact until [`Fractions::round`] is called once.
///
/// Terms with the same denominator are added as integers. Different denominators are combined only at the end, so a group of a
/// million series that cover the same time costs a million additions.
#[derive(Clone, Debug, Default)]
pub struct Fractions {
    /// The first denominator: in most sums it is the only one.
    first: Option<(u128, Sum)>,
    others: Option<Box<Others>>,
}

/// The terms of other denominators.
#[derive(Clone, Debug, Default)]
struct Others {
    /// Sums by denominator, as its two halves.
    codes: Pairs,
    terms: Vec<(u128, Sum)>,
}

/// The limit, in bits, up to which fractions with different denominators are brought to a common one.
const COMMON_DENOMINATOR_BITS: u64 = 1 << 15;

/// Additional digits that are computed if the common denominator would be too large.
const GUARD_DIGITS: u32 = 40;

impl Fractions {
    /// Adds numerator ÷ denominator. The denominator must not be zero.
    pub fn add(&mut self, numerator: &Sum, denominator: u128) {
        match &mut self.first {
            None => self.first = Some((denominator, numerator.clone())),
            Some((first, sum)) if *first == denominator => sum.add_sum(numerator),
            Some(_) => {
                let Others { codes, terms } = &mut **self.others.get_or_insert_default();
                let next = terms.len() as u32;
                let term = codes.of((denominator >> 64) as u64, denominator as u64, next);
                if term == next {
                    terms.push((denominator, numerator.clone()));
                } else {
                    terms[term as usize].1.add_sum(numerator);
                }
            }
        }
    }

    /// The sum, if all terms are whole.
    pub fn whole(&self) -> Option<&Sum> {
        self.first.as_ref().filter(|(denominator, _)| *denominator == 1 && self.others.is_none()).map(|(_, sum)| sum)
    }

    /// The sum × `factor.0 ÷ factor.1`: exact if it is a finite decimal, otherwise rounded half to even at `fraction_digits`.
    pub fn round(&self, factor: (u128, u128), fraction_digits: u32) -> Decimal {
        let Some((denominator, sum)) = &self.first else {
            return Decimal::ZERO;
        };
        if self.others.is_none() {
            return match round_term(sum, *denominator, factor, fraction_digits) {
                (Mantissa::Small(mantissa), scale) => Decimal::from_parts(mantissa, scale),
                (Mantissa::Wide(mantissa), scale) => Decimal::from_wide(mantissa, scale),
            };
        }
        let terms = self.terms(factor);
        let bits: u64 = terms.iter().map(|(_, denominator)| denominator.bits()).sum();
        if bits > COMMON_DENOMINATOR_BITS
            && let Some(rounded) = round_by_digits(&terms, fraction_digits)
        {
            return rounded;
        }
        let (numerator, denominator) = add_up(&terms);
        round(&numerator, &denominator, fraction_digits)
    }

    /// The terms times the factor, in lowest terms, one for each denominator. The mean of a level that never changes is a whole
    /// number here, whatever time it covers.
    fn terms(&self, factor: (u128, u128)) -> Vec<(Wide, Wide)> {
        let factor = (Wide::from(factor.0), Wide::from(factor.1));
        let others = self.others.as_deref().map_or(&[][..], |others| &others.terms);
        let term = |(denominator, sum): &(u128, Sum)| {
            let (mantissa, scale) = sum.to_parts();
            lowest(&(&mantissa * &factor.0), &(&raised(&Wide::from(*denominator), scale) * &factor.1))
        };
        let all: Vec<(Wide, Wide)> = self.first.iter().chain(others).map(term).collect();
        let mut terms: Vec<(Wide, Wide)> = Vec::with_capacity(all.len());
        for i in ordered(all.len(), &|a, b| all[a as usize].1.cmp(&all[b as usize].1)) {
            let (numerator, denominator) = &all[i as usize];
            match terms.last_mut().filter(|(_, last)| last == denominator) {
                Some((sum, _)) => *sum = &*sum + numerator,
                None => terms.push((numerator.clone(), denominator.clone())),
            }
        }
        terms
    }
}

/// Rounds a sum of fractions without a common denominator, which might have millions of
/// digits. Each term is cut after so many digits that only a sum within 10⁻³⁰ of a tie is uncertain; the result is then `None`.
fn round_by_digits(terms: &[(Wide, Wide)], fraction_digits: u32) -> Option<Decimal> {
    let unit = Wide::power_of_ten(fraction_digits + GUARD_DIGITS);
    let at_least = terms
        .iter()
        .fold(Wide::ZERO, |sum, (numerator, denominator)| &sum + &(numerator * &unit).div_floor(denominator));
    let at_most = &at_least + &Wide::from(terms.len() as i128);
    let guard = Wide::power_of_ten(GUARD_DIGITS);
    let half = guard.over(&2.into());
    let nearest = |bound: &Wide| (bound + &half).div_floor(&guard);
    let (low, high) = (nearest(&at_least), nearest(&at_most));
    (low == high).then(|| Decimal::from_wide(low, fraction_digits))
}

/// Numerator and denominator of a sum of fractions. The list is halved recursively, so that numbers of similar size are multiplied.
fn add_up(terms: &[(Wide, Wide)]) -> (Wide, Wide) {
    match terms {
        [] => (Wide::ZERO, Wide::from(1)),
        [(numerator, denominator)] => (numerator.clone(), denominator.clone()),
        _ => {
            let (left, right) = terms.split_at(terms.len() / 2);
            let ((a, b), (c, d)) = (add_up(left), add_up(right));
            let common = b.gcd(&d);
            let (b, d_only) = (b.over(&common), d.over(&common));
            (&(&a * &d_only) + &(&c * &b), &b * &d)
        }
    }
}

/// A number times 10^n.
fn raised(number: &Wide, n: u32) -> Wide {
    if n == 0 || number.is_zero() { number.clone() } else { number * &Wide::power_of_ten(n) }
}

fn lowest(numerator: &Wide, denominator: &Wide) -> (Wide, Wide) {
    let common = numerator.gcd(denominator);
    (numerator.over(&common), denominator.over(&common))
}

/// A decimal times `factor.0 ÷ factor.1`.
pub fn scaled(value: &Decimal, factor: (u128, u128), fraction_digits: u32) -> Decimal {
    let mut fractions = Fractions::default();
    let mut sum = Sum::ZERO;
    sum.add(value);
    fractions.add(&sum, 1);
    fractions.round(factor, fraction_digits)
}

enum Mantissa {
    Small(i128),
    Wide(Wide),
}

/// sum ÷ denominator × factor as mantissa and scale, rounded like every quotient.
fn round_term(sum: &Sum, denominator: u128, factor: (u128, u128), fraction_digits: u32) -> (Mantissa, u32) {
    if let Some((mantissa, scale)) = round_small(sum, denominator, factor, fraction_digits) {
        return (Mantissa::Small(mantissa), scale);
    }
    let (mantissa, scale) = sum.to_parts();
    if (denominator, factor) == (1, (1, 1)) {
        return (Mantissa::Wide(mantissa), scale);
    }
    let denominator = &raised(&denominator.into(), scale) * &factor.1.into();
    let (mantissa, scale) = round(&(&mantissa * &factor.0.into()), &denominator, fraction_digits).to_parts();
    (Mantissa::Wide(mantissa), scale)
}

/// The same within 128 bits; `None` if they do not suffice.
fn round_small(sum: &Sum, denominator: u128, factor: (u128, u128), fraction_digits: u32) -> Option<(i128, u32)> {
    if sum.wide.is_some() {
        return None;
    }
    let numerator = sum.small.unsigned_abs().checked_mul(factor.0)?;
    let denominator = u64::try_from(denominator.checked_mul(factor.1)?).ok()?;
    // A division of 128 bits takes many times as long as one of 64 bits.
    let (whole, rest) = match u64::try_from(numerator) {
        Ok(numerator) => (u128::from(numerator / denominator), numerator % denominator),
        Err(_) => (numerator / u128::from(denominator), (numerator % u128::from(denominator)) as u64),
    };
    if rest == 0 {
        let whole = i128::try_from(whole).ok()?;
        return Some((if sum.small < 0 { -whole } else { whole }, sum.scale));
    }
    let common = common_divisor(rest, denominator);
    let (rest, denominator) = (rest / common, denominator / common);
    let ends = digits_until_small_ends(denominator);
    let digits = match ends {
        Some(digits) => digits,
        None => fraction_digits.checked_sub(sum.scale)?,
    };
    let unit = 10u128.checked_pow(digits)?;
    let scaled = u128::from(rest).checked_mul(unit)?;
    let fraction = scaled / u128::from(denominator);
    // A quotient that is not a finite decimal is never a tie.
    let up = ends.is_none() && (scaled % u128::from(denominator)) * 2 > u128::from(denominator);
    let magnitude = whole.checked_mul(unit)?.checked_add(fraction)?.checked_add(u128::from(up))?;
    let mantissa = i128::try_from(magnitude).ok()?;
    Some((if sum.small < 0 { -mantissa } else { mantissa }, sum.scale + digits))
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn digits_until_small_ends(denominator: u64) -> Option<u32> {
    let twos = denominator.trailing_zeros();
    let mut rest = denominator >> twos;
    let mut fives = 0;
    while rest.is_multiple_of(5) {
        rest /= 5;
        fives += 1;
    }
    (rest == 1).then(|| twos.max(fives))
}

/// A fraction as a decimal: exact if it is finite, otherwise rounded half to even. The denominator must be positive.
fn round(numerator: &Wide, denominator: &Wide, fraction_digits: u32) -> Decimal {
    let (numerator, denominator) = lowest(numerator, denominator);
    if let Some(digits) = digits_until_it_ends(&denominator) {
        return Decimal::from_wide(raised(&numerator, digits).over(&denominator), digits);
    }
    let (quotient, remainder) = raised(&numerator.abs(), fraction_digits).div_rem(&denominator);
    let twice = remainder.shifted_left(1);
    let up = twice > denominator || (twice == denominator && quotient.is_odd());
    let magnitude = if up { &quotient + &1.into() } else { quotient };
    Decimal::from_wide(if numerator.is_negative() { -magnitude } else { magnitude }, fraction_digits)
}

/// The number of fraction digits of 1 ÷ `denominator`, if it is a finite decimal: its only prime factors are then 2 and 5.
fn digits_until_it_ends(denominator: &Wide) -> Option<u32> {
    let twos = denominator.trailing_zeros();
    let mut rest = denominator.shifted_right(twos);
    let five = Wide::from(5);
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

    #[test]
    fn twenty_thousand_unlike_denominators_are_rounded_like_one() {
        // Σ 1 ÷ n(n+1) up to n = 20,000 is 20,000 ÷ 20,001, because it telescopes.
        let mut one = Sum::ZERO;
        one.add(&decimal("1"));
        let mut many = Fractions::default();
        for n in 1..=20_000u128 {
            many.add(&one, n * (n + 1));
        }
        let mut due = Fractions::default();
        let mut all = Sum::ZERO;
        all.add(&decimal("20000"));
        due.add(&all, 20_001);
        assert_eq!(many.round((1, 1), 20), due.round((1, 1), 20));
    }

    proptest! {
        #[test]
        fn within_128_bits_a_quotient_is_what_it_is_beyond_them(value: i64, scale in 0u32..30, d in 1u128..100_000, factor in 1u128..100_000, digits in 0u32..25) {
            let mut sum = Sum::ZERO;
            sum.add_small(value, scale);
            let wide = round(&(&Wide::from(value) * &factor.into()), &raised(&Wide::from(d * 7), scale), digits);
            let (mantissa, small_scale) = round_term(&sum, d, (factor, 7), digits);
            let small = match mantissa {
                Mantissa::Small(mantissa) => Decimal::from_parts(mantissa, small_scale),
                Mantissa::Wide(mantissa) => Decimal::from_wide(mantissa, small_scale),
            };
            prop_assert_eq!(small, wide);
        }

        #[test]
        fn sums_compare_like_the_numbers_they_are(a: i64, b: i64, a_scale in 0u32..20, b_scale in 0u32..20) {
            let (mut x, mut y) = (Sum::ZERO, Sum::ZERO);
            x.add_small(a, a_scale);
            y.add_small(b, b_scale);
            prop_assert_eq!(x.compare(&y), raised(&a.into(), 20 - a_scale).cmp(&raised(&b.into(), 20 - b_scale)));
        }

        #[test]
        fn a_sum_is_the_same_in_any_order(values: Vec<(i64, u8)>) {
            let decimals: Vec<_> = values.iter().map(|(m, s)| Decimal::from_parts((*m).into(), u32::from(s % 40))).collect();
            let (mut forward, mut backward) = (Sum::ZERO, Sum::ZERO);
            decimals.iter().for_each(|d| forward.add(d));
            decimals.iter().rev().for_each(|d| backward.add(d));
            prop_assert_eq!(forward.to_decimal(), backward.to_decimal());
        }
    }
}
