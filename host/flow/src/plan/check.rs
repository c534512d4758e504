//! Types along every edge: what something is given against what it wants.

mod expect;
mod join;
mod needs;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) use join::Part;
pub(super) use needs::{Edge, is_constant};
pub(super) use scope::{Names, Reach};

use super::build::ident;
use crate::definition::{Code, Definition, Diagnostic, Problems, Span, Template};
use crate::types::{Budget, Field, RecordType, Type, did_you_mean};

/// Checks templates against types, and remembers what was read.
pub(super) struct Checker<'a> {
    definition: &'a Definition,
    problems: Problems,
    inputs: Arc<RecordType>,
    run: Type,
    /// What is known of each step so far.
    steps: Vec<Known>,
    /// Steps by their names in expressions.
    step_index: BTreeMap<Arc<str>, usize>,
    inputs_read: BTreeSet<Arc<str>>,
    steps_read: BTreeSet<usize>,
    /// Names that may still be compared with a misspelt one; bounds what a hostile file can make us compare.
    comparisons_left: usize,
}

/// What is known of a step's result.
#[derive(Clone, Debug)]
struct Known {
    /// Its type. The one that fits everywhere while it is unknown, so that a problem is not told again wherever the step is read.
    ty: Type,
    /// Where it comes from, and what that is, for messages.
    from: Option<(Span, String)>,
}

/// So many names are compared with misspelt ones.
const COMPARISONS_MAX: usize = 200_000;

impl<'a> Checker<'a> {
    pub(super) fn new(definition: &'a Definition) -> Self {
        let inputs = definition.inputs.iter().map(|input| Field::required(ident(&input.name.value), input.ty.clone()));
        let run = [
            ("key", Type::String),
            ("workflow", Type::String),
            ("started_at", Type::Timestamp),
            ("scheduled_at", Type::option(Type::Timestamp)),
        ];
        let step_index = definition.steps.iter().enumerate().map(|(at, step)| (ident(&step.name.value), at)).collect();
        Self {
            definition,
            problems: Problems::default(),
            inputs: Arc::new(RecordType { fields: inputs.collect(), open: false }),
            run: Type::record(run.into_iter().map(|(name, ty)| Field::required(name, ty)).collect()),
            steps: vec![Known { ty: Type::Never, from: None }; definition.steps.len()],
            step_index,
            inputs_read: BTreeSet::new(),
            steps_read: BTreeSet::new(),
            comparisons_left: COMPARISONS_MAX,
        }
    }

    pub(super) fn problem(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    pub(super) fn has_errors(&self) -> bool {
        self.problems.has_errors()
    }

    pub(super) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems.into_sorted()
    }

    /// What is done without telling what is wrong: for a type that has to be guessed before it can be checked.
    pub(super) fn silently<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let kept = std::mem::take(&mut self.problems);
        let result = work(self);
        self.problems = kept;
        result
    }

    /// Makes the result of a checked step visible; `from` is where it comes from and what that is.
    pub(super) fn add_step(&mut self, step: usize, output: Type, from: (Span, String)) {
        self.steps[step] = Known { ty: output, from: Some(from) };
    }

    /// The types of the results, in the order of the steps.
    pub(super) fn results(&self) -> impl Iterator<Item = &Type> {
        self.steps.iter().map(|step| &step.ty)
    }

    /// Whether an expression reads the result of a step.
    pub(super) fn is_read(&self, step: usize) -> bool {
        self.steps_read.contains(&step)
    }

    /// The nearest of many names, as long as comparing stays cheap.
    fn suggest<'n>(&mut self, word: &str, names: impl ExactSizeIterator<Item = &'n str>) -> Option<String> {
        let cost = names.len();
        if cost > self.comparisons_left {
            return None;
        }
        self.comparisons_left -= cost;
        did_you_mean(word, names).map(|near| format!("did you mean `{near}`?"))
    }

    /// The type of the items of a `for-each`; the one that fits everywhere when it is unknown.
    pub(super) fn items(&mut self, items: &Template, names: &Names<'_>) -> Type {
        let names = Names { budget: Budget::for_items(), ..names.clone() };
        match self.infer(items, &names) {
            None | Some(Type::Never) => {}
            Some(Type::List(item)) => return (*item).clone(),
            Some(other) => {
                let help = match &other {
                    Type::Json => Some("say that it is a list: `asList(…)`"),
                    Type::Option(some) if matches!(**some, Type::List(_)) => Some("it may be nothing: give it a value with `.orValue([])`"),
                    _ => None,
                };
                let message = format!("`for-each` needs a list; this is {}", other.brief());
                let problem = Diagnostic::new(Code::TypeMismatch, items.span, message).maybe_help(help.map(str::to_owned));
                let problem = self.with_origins(problem, items);
                self.problem(problem);
            }
        }
        Type::Never
    }

    /// A condition: true or false. `of` is the key it stands under.
    pub(super) fn condition(&mut self, condition: &Template, of: &str, names: &Names<'_>) {
        match self.infer(condition, names) {
            None | Some(Type::Bool | Type::Never) => {}
            Some(ty) => {
                let help = match &ty {
                    Type::Json => "convert it with `asBool(…)`",
                    Type::Option(_) => "it may be nothing: give it a value with `.orValue(false)`, or ask first: `x != null`",
                    _ => "compare it with something: there is no truth in other values",
                };
                let message = format!("`{of}` needs true or false; this is {}", ty.brief());
                let problem = Diagnostic::new(Code::TypeMismatch, condition.span, message).help(help);
                let problem = self.with_origins(problem, condition);
                self.problem(problem);
            }
        }
    }

    /// A problem together with the places that the values of a template come from.
    fn with_origins(&self, mut problem: Diagnostic, template: &Template) -> Diagnostic {
        /// More of them would hide the problem.
        const ORIGINS_MAX: usize = 3;
        let mut told = BTreeSet::new();
        needs::for_each_expression(template, &mut |at| {
            for reference in at.expr.references() {
                let Some(name) = reference.path.first() else { continue };
                let origin = match &*reference.root {
                    "steps" => self.step_index.get(name).and_then(|step| {
                        let known = &self.steps[*step];
                        let (span, what) = known.from.as_ref()?;
                        Some((*span, format!("`steps.{name}` is {what}: {}", known.ty.brief())))
                    }),
                    "inputs" => self
                        .definition
                        .inputs
                        .iter()
                        .find(|input| ident(&input.name.value) == *name)
                        .map(|input| (input.name.span, format!("`inputs.{name}` is {}", input.ty.brief()))),
                    _ => None,
                };
                if let Some((span, text)) = origin
                    && told.len() < ORIGINS_MAX
                    && told.insert((reference.root.clone(), name.clone()))
                {
                    problem.labels.push((span, text));
                }
            }
        });
        problem
    }

    pub(super) fn report_unused_inputs(&mut self) {
        for input in &self.definition.inputs {
            if !self.inputs_read.contains(&ident(&input.name.value)) {
                let message = format!("nothing reads the input `{}`", input.name.value);
                self.problems.push(Diagnostic::new(Code::UnusedInput, input.name.span, message).help("remove it"));
            }
        }
    }
}
