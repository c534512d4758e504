//! Sums that do not depend on the order of rounding errors.

use jackfield_sdk::prelude::*;
use serde_json::Number;

use crate::cell::Num;

/// A running sum: exact for whole numbers; for doubles with the correction of Neumaier (*Rundungsfehleranalyse einiger
/// Verfahren zur Summation endlicher Summen*, 1974), whose error does not grow with the number of terms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    whole: i128,
    float: f64,
    correction: f64,
    has_float: bool,
}

impl Sum {
    /// Adds a number. Whole numbers of 64 bits cannot overflow 128 bits before memory ends.
    pub(crate) fn add(&mut self, number: Num) {
        match number {
            Num::Whole(whole) => self.whole = self.whole.saturating_add(whole),
            Num::Float(float) => {
                self.has_float = true;
                self.add_float(float);
            }
        }
    }

    fn add_float(&mut self, term: f64) {
        let sum = self.float + term;
        self.correction += if self.float.abs() >= term.abs() { (self.float - sum) + term } else { (term - sum) + self.float };
        self.float = sum;
    }

    /// The sum as a JSON number: whole when all terms were, else a double; `None` when it is out of the range of either.
    pub(crate) fn value(mut self) -> Option<Value> {
        if !self.has_float {
            let small = i64::try_from(self.whole).map(Number::from);
            return small.or_else(|_| u64::try_from(self.whole).map(Number::from)).ok().map(Value::Number);
        }
        self.add_float(Num::Whole(self.whole).to_f64());
        Number::from_f64(self.float + self.correction).map(Value::Number)
    }

    /// The sum divided by the number of terms; `None` when there are no terms or the sum is out of range.
    pub(crate) fn mean(mut self, terms: usize) -> Option<f64> {
        self.add_float(Num::Whole(self.whole).to_f64());
        #[expect(clippy::cast_precision_loss, reason = "no table has 2^53 rows")]
        let mean = (self.float + self.correction) / terms as f64;
        mean.is_finite().then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[Num]) -> Sum {
        let mut sum = Sum::default();
        terms.iter().for_each(|term| sum.add(*term));
        sum
    }

    #[test]
    fn whole_numbers_are_exact() {
        let terms = [Num::Whole(i128::from(i64::MAX)), Num::Whole(i128::from(i64::MAX)), Num::Whole(1)];
        assert_eq!(sum(&terms).value(), Some(json!(u64::MAX)));
        assert_eq!(sum(&[Num::Whole(i128::from(u64::MAX)), Num::Whole(1)]).value(), None);
        assert_eq!(sum(&[]).value(), Some(json!(0)));
    }

    #[test]
    fn doubles_keep_what_plain_addition_loses() {
        let terms = [Num::Float(1.0), Num::Float(1e100), Num::Whole(1), Num::Float(-1e100)];
        assert_eq!(sum(&terms).value(), Some(json!(2.0)));
        assert_eq!(sum(&vec![Num::Float(0.1); 1000]).value(), Some(json!(100.0)));
        assert_eq!(sum(&[Num::Float(f64::MAX), Num::Float(f64::MAX)]).value(), None);
    }

    #[test]
    fn means() {
        assert_eq!(sum(&[Num::Whole(1), Num::Whole(2)]).mean(2), Some(1.5));
        assert_eq!(sum(&[]).mean(0), None);
    }
}
