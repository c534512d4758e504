//! The order of steps, and circles among them.

use super::Builder;
use crate::definition::{Code, Diagnostic};
use crate::plan::check::Edge;
use crate::plan::graph;

/// Circles that are told; whoever has more repairs these first.
const CIRCLES_MAX: usize = 50;

impl Builder<'_> {
    /// What each step needs, and an order in which each comes after what it needs. Circles are reported, and broken at one place, so
    /// that other circles and the types are checked as well.
    pub(super) fn order(&mut self) -> (Vec<Vec<usize>>, Vec<usize>) {
        let edges = self.checker.edges();
        let mut needs: Vec<Vec<usize>> = edges.iter().map(|edges| edges.iter().map(|edge| edge.need).collect()).collect();
        for told in 0.. {
            match graph::order(&needs) {
                Ok(order) => return (needs, order),
                Err(circle) if told < CIRCLES_MAX => {
                    self.report_circle(&circle, &edges);
                    let within: std::collections::BTreeSet<usize> = circle.iter().copied().collect();
                    needs[circle[0]].retain(|need| !within.contains(need));
                }
                Err(_) => break,
            }
        }
        needs.iter_mut().for_each(Vec::clear);
        (needs, (0..edges.len()).collect())
    }

    fn report_circle(&mut self, circle: &[usize], edges: &[Vec<Edge>]) {
        /// A longer circle is not shown whole.
        const SHOWN_MAX: usize = 12;
        let steps = &self.definition.steps;
        let name = |step: usize| &*steps[step].name.value;
        let mut names: Vec<&str> = circle.iter().take(SHOWN_MAX).map(|step| name(*step)).collect();
        if circle.len() > SHOWN_MAX {
            names.push("…");
        }
        names.push(name(circle[0]));
        let message = format!("steps wait for each other in a circle: {}", names.join(" → "));
        let mut problem =
            Diagnostic::new(Code::Cycle, steps[circle[0]].name.span, message).help("remove one of these references, or one of the `needs`");
        let next = circle.iter().skip(1).chain(circle.first());
        for (step, need) in circle.iter().zip(next).take(SHOWN_MAX) {
            let Some(edge) = edges[*step].iter().find(|edge| edge.need == *need) else { continue };
            let (own, other) = (name(*step), name(*need));
            let text = match edge.of {
                "step" => format!("`{own}` reads the result of `{other}`"),
                "needs" => format!("`{own}` needs `{other}`"),
                handler => format!("`{handler}` of `{own}` reads the result of `{other}`, which `{own}` therefore waits for"),
            };
            problem = problem.label(edge.span, text);
        }
        self.checker.problem(problem);
    }
}
