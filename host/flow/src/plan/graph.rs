//! Order: which step waits for which, and whether that can ever end.

use std::collections::VecDeque;

/// The steps in an order in which each comes after all it needs, or the steps of a circle.
///
/// Kahn, "Topological sorting of large networks" (1962); steps that are free at the same time keep the order of the file.
pub(super) fn order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut dependents = vec![Vec::new(); needs.len()];
    let mut unmet: Vec<usize> = needs.iter().map(Vec::len).collect();
    for (step, needed) in needs.iter().enumerate() {
        for need in needed {
            dependents[*need].push(step);
        }
    }
    let mut free: VecDeque<usize> = (0..needs.len()).filter(|step| unmet[*step] == 0).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(step) = free.pop_front() {
        order.push(step);
        for dependent in &dependents[step] {
            unmet[*dependent] -= 1;
            if unmet[*dependent] == 0 {
                free.push_back(*dependent);
            }
        }
    }
    if order.len() == needs.len() { Ok(order) } else { Err(circle(needs, &unmet)) }
}

/// One circle among the steps that never become free: from any of them, its unmet needs lead round to a step seen before.
fn circle(needs: &[Vec<usize>], unmet: &[usize]) -> Vec<usize> {
    let mut path: Vec<usize> = Vec::new();
    let mut at = unmet.iter().position(|unmet| *unmet > 0);
    while let Some(step) = at {
        if let Some(start) = path.iter().position(|seen| *seen == step) {
            path.drain(..start);
            path.reverse();
            return path;
        }
        path.push(step);
        at = needs[step].iter().copied().find(|need| unmet[*need] > 0);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_puts_needs_first_and_finds_circles() {
        assert_eq!(order(&[vec![1], vec![], vec![0, 1]]), Ok(vec![1, 0, 2]));
        assert_eq!(order(&[vec![], vec![2], vec![3], vec![1]]).unwrap_err().len(), 3);
        assert_eq!(order(&[vec![0]]), Err(vec![0]));
        // A step behind a circle is not part of it.
        assert_eq!(
            order(&[vec![1], vec![2], vec![1]]).map_err(|mut circle| {
                circle.sort_unstable();
                circle
            }),
            Err(vec![1, 2])
        );
    }
}
