//! Of many spans how much was done at a time.

use super::model::{End, Span, What};
use super::scale::Scale;

/// One column of a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// How much was worked, 0 to [`FULL`]: as a part of the most that was worked in any column. More than nothing is at least 1.
    pub(super) level: usize,
    /// Whether an attempt failed in it.
    pub(super) failed: bool,
    /// Whether work goes on in it.
    pub(super) open: bool,
}

/// The level of the fullest column.
pub(super) const FULL: usize = 8;

/// The bar of many spans: linear in their number and in that of the columns.
pub(super) fn density(spans: &[Span], scale: &Scale) -> Vec<Load> {
    let (columns, cell) = (scale.columns, u128::from(scale.length));
    let mut partly = vec![0_u128; columns + 1];
    // Where spans begin and stop to fill whole columns.
    let (mut enters, mut leaves) = (vec![0_u128; columns + 2], vec![0_u128; columns + 2]);
    let mut loads = vec![Load::default(); columns];
    for span in spans.iter().filter(|span| span.what != What::Retry) {
        let (from, to) = (scale.fine(span.from), scale.fine(span.to));
        let (first, last) = (scale.column(span.from).min(columns - 1), scale.column(span.to).min(columns));
        if first >= last {
            partly[first] += (to - from).max(1);
        } else {
            partly[first] += ((first as u128 + 1) * cell - from).max(1);
            partly[last] += to - last as u128 * cell;
            enters[first + 1] += 1;
            leaves[last] += 1;
        }
        let end = scale.columns_of(span.from, span.to).end.min(columns) - 1;
        loads[end].failed |= span.end == End::Failed;
        loads[end].open |= span.end == End::Open;
    }
    let mut whole = 0;
    for column in 0..columns {
        whole = whole + enters[column] - leaves[column];
        partly[column] += whole * cell;
    }
    let most = partly[..columns].iter().copied().max().unwrap_or(0).max(1);
    for (load, busy) in loads.iter_mut().zip(&partly) {
        load.level = usize::try_from((busy * FULL as u128).div_ceil(most)).unwrap_or(FULL);
    }
    loads
}
