//! From times to columns or pixels, and the ticks of an axis.

use jackfield_flow::run::Millis;

use crate::graph::label::units;

/// A stretch of time over so many columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) began: Millis,
    /// At least 1.
    pub(super) length: u64,
    /// At least 1.
    pub(super) columns: usize,
}

/// Distances of ticks that people count in, in milliseconds.
const STEPS: [u64; 31] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
    1_209_600_000,
    2_419_200_000,
];

impl Scale {
    pub(super) fn new(began: Millis, length: u64, columns: usize) -> Self {
        Self { began, length: length.max(1), columns: columns.max(1) }
    }

    /// How far a time is from the beginning, in `1 / length` columns.
    pub(super) fn fine(&self, at: Millis) -> u128 {
        u128::from(at.since(self.began).min(self.length)) * self.columns as u128
    }

    /// The column in which a time lies; the end of all lies after the last.
    pub(super) fn column(&self, at: Millis) -> usize {
        usize::try_from(self.fine(at) / u128::from(self.length)).unwrap_or(self.columns)
    }

    /// The columns of a stretch of time, at least one.
    pub(super) fn columns_of(&self, from: Millis, to: Millis) -> std::ops::Range<usize> {
        let first = self.column(from).min(self.columns - 1);
        first..self.column(to).max(first + 1)
    }

    /// Ticks at least `apart` columns from each other: the column and the time since the beginning.
    pub(super) fn ticks(&self, apart: usize) -> Vec<(usize, String)> {
        let fits = |step: &u64| u128::from(*step) * self.columns as u128 >= apart as u128 * u128::from(self.length);
        let mut step = STEPS[STEPS.len() - 1];
        if let Some(known) = STEPS.iter().find(|step| fits(step)) {
            step = *known;
        }
        while !fits(&step) {
            let Some(twice) = step.checked_mul(2) else { return vec![(0, units(0))] };
            step = twice;
        }
        let times = (0..).map(|tick: u64| tick.saturating_mul(step)).take_while(|time| *time < self.length);
        times.take(self.columns).map(|time| (self.column(self.began.after(time)), units(time))).collect()
    }
}
