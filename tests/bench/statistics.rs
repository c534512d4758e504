//! Repeated measurements.

use serde_json::{Value, json};

/// The same thing measured several times.
#[derive(Default)]
pub(crate) struct Series {
    values: Vec<f64>,
}

impl Series {
    pub(crate) fn push(&mut self, value: f64) {
        self.values.push(value);
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The value below which so much of the series lies; `q` from 0 to 1, nearest rank.
    pub(crate) fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank within the series")]
        let rank = (q * (sorted.len().saturating_sub(1)) as f64).round() as usize;
        sorted.get(rank).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn summary(&self) -> Value {
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        json!({ "median": round(self.quantile(0.5)), "min": round(self.quantile(0.0)), "max": round(self.quantile(1.0)), "n": self.values.len() })
    }
}

impl FromIterator<f64> for Series {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self { values: values.into_iter().collect() }
    }
}
