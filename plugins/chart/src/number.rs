//! Round numbers along an axis.

/// Round numbers: the multiples of 1, 2 or 5 times a power of ten in a range.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    /// The numbers, ascending.
    pub(crate) values: Vec<f64>,
    /// The distance between two.
    step: f64,
}

/// A range that has an extent: what is one number, or nearly, is made wider.
pub(crate) fn widened(min: f64, max: f64) -> (f64, f64) {
    let size = min.abs().max(max.abs());
    if max - min > size * 1e-9 {
        return (min, max);
    }
    let half = if size == 0.0 { 1.0 } else { size * 0.1 };
    (min - half, max + half)
}

impl Ticks {
    /// About `count` round numbers in a range; whole ones for whole numbers.
    pub(crate) fn new(min: f64, max: f64, count: f64, step_min: f64) -> Self {
        let step = round_step((max - min) / count.max(1.0)).max(step_min);
        let first = (min / step - 1e-9).ceil();
        let last = (max / step + 1e-9).floor();
        let values = std::iter::successors(Some(first), |place| Some(place + 1.0)).take_while(|place| *place <= last).take(100);
        // A division keeps 0.3 from becoming 0.30000000000000004, where the step is the inverse of a whole number.
        let inverse = (1.0 / step).round();
        let at = |place: f64| if step < 1.0 { place / inverse } else { place * step };
        let exact = step >= 1.0 || ((1.0 / step) - inverse).abs() < 1e-9;
        Self { values: values.map(|place| if exact { at(place) } else { place * step } + 0.0).collect(), step }
    }

    /// The range, made wider so that it begins and ends at a round number.
    pub(crate) fn around(min: f64, max: f64, count: f64) -> (f64, f64, Self) {
        let step = round_step((max - min) / count.max(1.0));
        let (min, max) = ((min / step + 1e-9).floor() * step, (max / step - 1e-9).ceil() * step);
        (min, max, Self::new(min, max, (max - min) / step, 0.0))
    }

    /// How a number is written among these.
    pub(crate) fn label(&self, value: f64) -> String {
        let largest = self.values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        if largest >= 1e9 || self.step < 1e-6 {
            return if value == 0.0 { "0".to_owned() } else { format!("{}", Short(value)) };
        }
        let places = (0..=9_u8).find(|places| is_whole_after(self.step, *places)).unwrap_or(9);
        grouped(&format!("{value:.*}", usize::from(places)))
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not less.
fn round_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let base = raw / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| base <= round + 1e-9).unwrap_or(10.0);
    round * power
}

fn is_whole_after(step: f64, places: u8) -> bool {
    let shifted = step * 10_f64.powi(i32::from(places));
    (shifted - shifted.round()).abs() < 1e-6 * shifted.max(1.0)
}

/// A number for a tooltip or above a bar: at most six significant digits.
pub(crate) fn plain(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e12).contains(&value.abs()) {
        return Short(value).to_string();
    }
    let places = [0_u8, 1, 2, 3, 4, 5, 6].into_iter().find(|places| {
        let shifted = value * 10_f64.powi(i32::from(*places));
        (shifted - shifted.round()).abs() < 1e-6 || shifted.abs() >= 1e5
    });
    grouped(&format!("{value:.*}", usize::from(places.unwrap_or(6))))
}

/// A number with an exponent, without trailing zeros.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.4e}", self.0);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        write!(f, "{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.').replace('-', "−"))
    }
}

/// Commas between thousands, and a real minus sign.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("−", digits));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut grouped = String::from(if text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) { sign } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(min: f64, max: f64, count: f64, labels: &[&str]) {
        let (_, _, ticks) = Ticks::around(min, max, count);
        let found: Vec<String> = ticks.values.iter().map(|value| ticks.label(*value)).collect();
        assert_eq!(found, labels);
    }

    #[test]
    fn ranges_begin_and_end_at_round_numbers() {
        check(0.0, 97.0, 5.0, &["0", "20", "40", "60", "80", "100"]);
        check(-7.1, 38.3, 5.0, &["−10", "0", "10", "20", "30", "40"]);
        check(0.0, 0.3, 3.0, &["0.0", "0.1", "0.2", "0.3"]);
        check(0.0, 4500.0, 3.0, &["0", "2,000", "4,000", "6,000"]);
        check(1e9, 3e9, 2.0, &["1e9", "2e9", "3e9"]);
        check(-2e-8, 2e-8, 2.0, &["−2e-8", "0", "2e-8"]);
        check(1_000_000.25, 1_000_000.75, 2.0, &["1,000,000.0", "1,000,000.5", "1,000,001.0"]);
    }

    #[test]
    fn whole_numbers_get_whole_ticks() {
        assert_eq!(Ticks::new(1.0, 3.0, 10.0, 1.0).values, [1.0, 2.0, 3.0]);
        assert_eq!(Ticks::new(0.0, 0.35, 10.0, 0.0).values, [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    }

    #[test]
    fn one_number_becomes_a_range() {
        assert_eq!(widened(0.0, 0.0), (-1.0, 1.0));
        assert_eq!(widened(50.0, 50.0), (45.0, 55.0));
        assert_eq!(widened(1.0, 2.0), (1.0, 2.0));
        let (min, max) = widened(1e15, 1e15 + 1.0);
        assert!(max - min > 1e13);
    }

    #[test]
    fn extremes_stay_bounded() {
        for (min, max) in [(-1e300, 1e300), (1e-300, 2e-300), (0.0, 1e-12), (-1e15, 1.0)] {
            let (min, max) = widened(min, max);
            let (low, high, ticks) = Ticks::around(min, max, 6.0);
            assert!(low.is_finite() && high.is_finite() && (2..=20).contains(&ticks.values.len()), "{min} {max} {ticks:?}");
        }
    }

    #[test]
    fn plain_numbers() {
        let cases = [
            (0.0, "0"),
            (1234.5, "1,234.5"),
            (-0.25, "−0.25"),
            (1.0 / 3.0, "0.333333"),
            (123_456.789, "123,457"),
            (2e15, "2e15"),
            (-3e-7, "−3e-7"),
        ];
        for (value, text) in cases {
            assert_eq!(plain(value), text);
        }
    }
}
