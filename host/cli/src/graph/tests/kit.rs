//! Graphs for tests.

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::super::model::{Graph, Inner, Mark, Node, Part, Saying};

/// A step that calls `shop.NAME`, pure and without a state.
pub(super) fn node(name: &str) -> Node {
    Node {
        step: 0,
        name: name.to_owned(),
        does: vec![Saying::new(Mark::Task, format!("shop.{name}"))],
        inner: Vec::new(),
        badges: Vec::new(),
        parts: Vec::new(),
        effect: Some(Effect::Pure),
        condition: None,
        status: None,
        note: String::new(),
        items: None,
    }
}

/// Makes a step one for each of many items, some of which are done.
pub(super) fn make_many(node: &mut Node, items: Option<(u32, u32)>) {
    let words = items.map_or_else(|| "each item, 4 at once".to_owned(), |(done, total)| format!("{done}/{total} items"));
    node.does.insert(0, Saying::new(Mark::Each, words));
    node.items = items;
}

/// A graph from lines `a b -> c d`: each on the left leads to each on the right. Steps are in the order of their first mention.
pub(super) fn graph(title: &str, lines: &str) -> Graph {
    let (mut names, mut edges): (Vec<&str>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    for line in lines.split(';') {
        let sides: Vec<Vec<usize>> = line
            .split("->")
            .map(|side| {
                let mut index = |name| {
                    names.iter().position(|known| *known == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    })
                };
                side.split_whitespace().map(&mut index).collect()
            })
            .collect();
        for pair in sides.windows(2) {
            edges.extend(pair[0].iter().flat_map(|from| pair[1].iter().map(move |to| (*from, *to))));
        }
    }
    Graph::new(title.to_owned(), names.into_iter().map(node).collect(), edges)
}

pub(super) fn diamond() -> Graph {
    graph("diamond", "fetch -> resize classify -> store; fetch -> store")
}

/// A diamond in the middle of a run, with one of everything.
pub(super) fn running_diamond() -> Graph {
    let mut graph = diamond();
    graph.title = "diamond, run 7: running".to_owned();
    let [fetch, resize, classify, store] = graph.nodes.as_mut_slice() else { panic!("four steps") };
    (fetch.status, fetch.note, fetch.effect) = (Some(Status::Done), "1.2 s".to_owned(), Some(Effect::Reads));
    resize.status = Some(Status::Running);
    make_many(resize, Some((480, 1_000)));
    (classify.status, classify.note) = (Some(Status::Failed), "3 attempts, http-timeout".to_owned());
    (store.status, store.condition, store.effect) = (Some(Status::Waiting), Some("x > 1".to_owned()), Some(Effect::Effects));
    graph
}

pub(super) fn fan() -> Graph {
    graph("fan", "split -> r01 r02 r03 r04 r05 r06 r07 r08 r09 r10 r11 r12 -> join")
}

/// Numbers from a seed (Knuth's multiplier).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `end`.
    pub(super) fn roll(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end.max(1)
    }
}

/// A random graph of so many steps, each with at most `needs` parents among the `reach` steps before it.
pub(super) fn random(seed: u64, steps: usize, needs: usize, reach: usize) -> Graph {
    let mut dice = Dice(seed);
    let statuses = [Status::Done, Status::Running, Status::Waiting, Status::Failed, Status::Skipped, Status::Cancelled, Status::Blocked];
    let is_run = dice.roll(2) == 0;
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let mut new = node(&format!("s{step}{}", "-long".repeat(dice.roll(4))));
        new.effect = [Some(Effect::Pure), Some(Effect::Reads), Some(Effect::Effects), None][dice.roll(4)];
        new.condition = (dice.roll(5) == 0).then(|| "a < b".to_owned());
        new.status = is_run.then(|| statuses[dice.roll(statuses.len())]);
        let mark = Mark::ALL[dice.roll(8)];
        match mark {
            Mark::Each => make_many(&mut new, is_run.then_some((2, 9))),
            mark => new.does = vec![Saying::new(mark, "w".repeat(1 + dice.roll(50)))],
        }
        let words = |dice: &mut Dice| "word-".repeat(1 + dice.roll(9));
        if dice.roll(6) == 0 {
            let inner = |dice: &mut Dice| Inner { label: words(dice), does: Saying::new(Mark::ALL[dice.roll(6)], words(dice)) };
            new.inner = (0..=dice.roll(4)).map(|_| inner(&mut dice)).collect();
        }
        if dice.roll(4) == 0 {
            new.badges = (0..=dice.roll(4)).map(|at| Saying::new(Mark::ALL[10 + at], words(&mut dice))).collect();
        }
        if dice.roll(4) == 0 {
            let part = |dice: &mut Dice, at: usize| Part {
                step: None,
                mark: Mark::ALL[15 + at],
                label: words(dice),
                does: Saying::new(Mark::ALL[dice.roll(6)], words(dice)),
                status: is_run.then(|| statuses[dice.roll(statuses.len())]),
                note: String::new(),
            };
            new.parts = (0..=dice.roll(3)).map(|at| part(&mut dice, at)).collect();
        }
        nodes.push(new);
        let parents = if step == 0 { 0 } else { dice.roll(needs + 1) };
        edges.extend((0..parents).map(|_| (step - 1 - dice.roll(reach.min(step)), step)));
    }
    Graph::new(format!("random {seed}"), nodes, edges)
}
