//! Files over the whole language, from a seed: sound ones, against the plugin `t` of the tests of plans.

use std::fmt::Write as _;

/// A small source of choices; the same seed gives the same file. Multiplier and increment are those of Knuth's MMIX.
#[derive(Clone, Debug)]
pub(crate) struct Choices(u64);

impl Choices {
    /// Choices from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// A number below `below`.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

/// What a generated file has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// How many steps.
    pub(crate) steps: usize,
    /// How deep sub-workflows written in place lie in each other.
    pub(crate) flows: usize,
    /// Of a hundred steps, how many wait for something outside: signals, approvals, times.
    pub(crate) waits_percent: usize,
}

impl Shape {
    /// So many steps, a flow in place, and some waits.
    pub(crate) fn of(steps: usize) -> Self {
        Self { steps, flows: 1, waits_percent: 10 }
    }
}

/// A sound workflow file: every step gives an `int` or, with `if`, perhaps nothing.
pub(crate) fn workflow(seed: u64, shape: Shape) -> String {
    let mut file = File { choices: Choices::new(seed), shape };
    let body = file.body(1, shape.flows);
    format!("workflow: generated\ndescription: Made from seed {seed}.\nplugins:\n  t: ./t.wasm\n{body}")
}

struct File {
    choices: Choices,
    shape: Shape,
}

impl File {
    /// What stands under a workflow, indented by so many levels less one.
    fn body(&mut self, level: usize, flows: usize) -> String {
        let pad = "  ".repeat(level - 1);
        let mut text = String::new();
        let _ = writeln!(text, "{pad}inputs: {{ n: {{ type: int, default: 3 }}, list: {{ type: list, items: int, default: [1, 2, 3] }} }}");
        let _ = writeln!(text, "{pad}labels: {{ size: \"${{ string(inputs.n + size(inputs.list)) }}\" }}");
        if self.choices.chance(30) {
            let busy = self.choices.one(&["queue", "skip", "cancel-running"]);
            let _ = writeln!(text, "{pad}concurrency: {{ key: \"${{ string(inputs.n) }}\", limit: 2, when-busy: {busy} }}");
        }
        if self.choices.chance(30) {
            let _ = writeln!(text, "{pad}priority: {}\n{pad}retention: 30d", self.choices.below(201) as i64 - 100);
        }
        let _ = writeln!(text, "{pad}defaults: {{ timeout: 20s, retry: {} }}", 1 + self.choices.below(4));
        if flows > 0 {
            let inner = self.body(level + 2, flows - 1);
            let _ = write!(text, "{pad}flows:\n{pad}  inner:\n{inner}");
        }
        let _ = writeln!(text, "{pad}steps:");
        let mut steps: Vec<Made> = Vec::new();
        for at in 0..self.shape.steps {
            let made = self.step(&mut text, &pad, at, &steps, flows > 0);
            steps.push(made);
        }
        let _ = writeln!(text, "{pad}outputs:\n{pad}  all: \"${{ {} }}\"", self.sum(&steps, steps.len()));
        text
    }

    /// An expression of type `int` over the inputs and the last steps.
    fn sum(&mut self, steps: &[Made], most: usize) -> String {
        let mut sum = "inputs.n".to_owned();
        for step in steps.iter().rev().take(most.min(3)) {
            let _ = match step.optional {
                true => write!(sum, " + steps.{}.orValue(0)", step.name),
                false => write!(sum, " + steps.{}", step.name),
            };
        }
        sum
    }

    /// An expression of type `int` over some earlier steps.
    fn int(&mut self, steps: &[Made]) -> String {
        let upto = if steps.is_empty() { 0 } else { 1 + self.choices.below(steps.len()) };
        let most = self.choices.below(3);
        self.sum(&steps[..upto], most)
    }

    fn step(&mut self, text: &mut String, pad: &str, at: usize, before: &[Made], flows: bool) -> Made {
        let name = format!("s{at}");
        let int = self.int(before);
        let kind = if self.choices.below(100) < self.shape.waits_percent { 8 + self.choices.below(4) } else { self.choices.below(8) };
        let (body, reads) = self.kind(kind, &int, flows);
        let _ = write!(text, "{pad}  {name}-raw:\n{pad}    description: Number {at}.\n");
        let indented = body.lines().map(|line| format!("{pad}    {line}\n")).collect::<String>();
        text.push_str(&indented);
        // What may be nothing by itself cannot be asked twice whether it is.
        let optional = self.choices.chance(20) && ![7, 10].contains(&kind);
        if optional {
            let _ = writeln!(text, "{pad}    if: \"${{ inputs.n > {} }}\"", self.choices.below(6));
        }
        self.modifiers(text, pad, kind, before);
        // Whatever the step gives, its number is the result of the one after it.
        let reads = reads.replace("RAW", &format!("steps.{name}_raw"));
        let value = if optional { format!("steps.{name}_raw != null ? {reads} : 0") } else { reads };
        let _ = writeln!(text, "{pad}  {name}: {{ value: \"${{ {value} }}\" }}");
        Made { name, optional: false }
    }

    /// The lines of an action or structure, and an expression of type `int` over its result, which is `RAW` there.
    fn kind(&mut self, kind: usize, int: &str, flows: bool) -> (String, String) {
        let lines = |text: &str| text.replace("INT", int);
        let (body, reads) = match kind {
            0 => ("task: t.inc\nwith: { n: \"${ INT }\" }", "RAW.n"),
            1 => ("value: \"${ INT }\"", "RAW"),
            2 => {
                let error = self.choices.one(&["fail", "skip"]);
                let each = "for-each: \"${ inputs.list }\"\nmax-parallel: 2\ntask: t.inc\nwith: { n: \"${ item + index + INT }\" }";
                return (lines(&format!("{each}\non-item-error: {error}")), "size(RAW)".to_owned());
            }
            3 => ("for-each: \"${ [INT, 2] }\"\non-item-error: collect\nvalue: \"${ item }\"", "size(RAW.filter(one, one.ok != null))"),
            4 => (
                "repeat: { start: { n: 0 }, until: \"${ carry.n > 2 }\", max: 9 }\ntask: t.inc\nwith: { n: \"${ carry.n + index }\" }",
                "RAW.n",
            ),
            5 => (
                "choose:\n  - if: \"${ INT > 3 }\"\n    task: t.inc\n    with: { n: \"${ INT }\" }\n  - if: \"${ inputs.n > 1 }\"\n    value: { n: 1 }\n  - value: { n: 0 }",
                "RAW.n",
            ),
            6 => ("race:\n  fast: { task: t.inc, with: { n: \"${ INT }\" } }\n  known: { value: { n: 1 } }", "RAW.value.n"),
            7 if flows => ("flow: inner\nwith: { n: \"${ INT }\" }\nif-parent-ends: wait", "RAW.all"),
            7 => ("repeat: { while: \"${ carry == null || index < 2 }\", every: 1s }\nvalue: \"${ index }\"", "(RAW != null ? RAW : 0)"),
            8 => ("wait: { signal: go, type: int }\ntimeout: 2h", "RAW"),
            9 => ("wait: { approval: \"${ 'Go on with ' + string(INT) + '?' }\" }", "size(RAW.by)"),
            10 => ("sleep: 5s", "(RAW == null ? 1 : 0)"),
            _ => (
                "race:\n  nap: { sleep: \"${ duration('1m') }\" }\n  told: { wait: { signal: go, type: int } }",
                "(RAW.value != null ? RAW.value : 0)",
            ),
        };
        (lines(body), reads.to_owned())
    }

    fn modifiers(&mut self, text: &mut String, pad: &str, kind: usize, before: &[Made]) {
        let int = self.int(before);
        if kind == 0 && self.choices.chance(40) {
            let _ = writeln!(text, "{pad}    retry: {{ attempts: 3, backoff: linear, first: 100ms, max: 2s, jitter: equal }}");
            let _ = writeln!(text, "{pad}    timeout: {{ attempt: 5s, total: 1m }}");
        }
        if kind == 0 && self.choices.chance(50) {
            let _ = writeln!(text, "{pad}    on-error:\n{pad}      limit.time: {{ value: {{ n: \"${{ size(error.code) }}\" }} }}");
            let _ = writeln!(text, "{pad}      any: {{ task: t.inc, with: {{ n: \"${{ {int} }}\" }}, timeout: 3s }}");
        }
        if kind < 8 && self.choices.chance(20) {
            let _ = writeln!(text, "{pad}    finally: {{ task: t.any, with: {{ value: \"${{ outcome.status }}\" }} }}");
        }
        if kind == 0 && self.choices.chance(30) {
            let _ = writeln!(text, "{pad}    compensate: {{ task: t.inc, with: {{ n: \"${{ output.n + {int} }}\" }}, retry: 2 }}");
        }
        if self.choices.chance(15) {
            let _ = writeln!(text, "{pad}    lock: {{ name: \"${{ 'lock-' + string(inputs.n) }}\", permits: 2 }}");
        }
        if self.choices.chance(10) {
            let _ = writeln!(text, "{pad}    rate: {{ limit: 100, per: 1s, name: shared }}\n{pad}    priority: 5");
        }
        if kind == 0 && self.choices.chance(15) {
            let _ = writeln!(text, "{pad}    cache: true");
        }
        if let (Some(other), true) = (before.last(), self.choices.chance(20)) {
            let _ = writeln!(text, "{pad}    needs: [{}]", other.name);
        }
    }
}

/// A step that is there already.
struct Made {
    /// Its name.
    name: String,
    /// Whether it may have no result.
    optional: bool,
}
