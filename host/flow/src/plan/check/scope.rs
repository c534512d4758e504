//! What an expression may name where it stands.

use std::sync::Arc;

use super::{Checker, needs};
use crate::definition::{Code, Diagnostic, ExprAt, Span};
use crate::plan::build::ident;
use crate::types::{Budget, Field, RecordType, Reference, Scope, Type};

/// What may be named in a place.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Names<'n> {
    /// The names that mean something here beside `inputs`, `steps` and `run`.
    pub(in crate::plan) locals: Vec<(&'static str, Type)>,
    /// How far it sees.
    pub(in crate::plan) reach: Reach<'n>,
    /// What an expression here may cost.
    pub(in crate::plan) budget: Budget,
}

/// How far a place sees.
#[derive(Clone, Copy, Debug)]
pub(in crate::plan) enum Reach<'n> {
    /// All that has ended before.
    All,
    /// The same without the step that it belongs to; `what` is what stands there.
    Beside {
        /// That step.
        step: usize,
        /// What stands there.
        what: &'n str,
    },
    /// The inputs alone, since nothing has run yet; `what` is what stands there.
    Inputs {
        /// What stands there.
        what: &'n str,
    },
}

impl Names<'_> {
    /// What steps see.
    pub(in crate::plan) fn all() -> Self {
        Self { locals: Vec::new(), reach: Reach::All, budget: Budget::default() }
    }

    /// The same with more names.
    pub(in crate::plan) fn with(&self, locals: impl IntoIterator<Item = (&'static str, Type)>) -> Self {
        let mut names = self.clone();
        names.locals.extend(locals);
        names
    }
}

/// Names that mean something in some places alone, and where.
const LOCALS: &[(&str, &str)] = &[
    ("item", "`item` is the element within `for-each`"),
    ("index", "`index` is the number of the element within `for-each`, and of the iteration within `repeat`"),
    ("carry", "`carry` is the value carried within `repeat`"),
    ("error", "`error` is the failure in the handlers of `on-error`"),
    ("output", "`output` is the result of what is undone, in `compensate`; the result of a step is `steps.NAME`"),
    ("lock", "`lock` is the name and the token of the lock that is held, in the action of a step with `lock`"),
    ("outcome", "`outcome` is how the step ended, in `finally`"),
];

/// The scope of one expression, made of what it names; names that are not there are reported and stand for anything.
struct Visible {
    steps: Vec<Field>,
    inputs: Arc<RecordType>,
    others: Vec<(Arc<str>, Type)>,
}

impl Checker<'_> {
    /// What an expression sees. Only what it names is put in: a scope with all steps would cost as much as there are, for each.
    pub(super) fn scope(&mut self, at: &ExprAt, names: &Names<'_>) -> Scope {
        let mut visible = Visible { steps: Vec::new(), inputs: Arc::clone(&self.inputs), others: names.locals_owned() };
        for reference in at.expr.references() {
            let place = at.place(reference.span);
            match &*reference.root {
                "inputs" => self.input(&reference, place, &mut visible),
                root if names.locals.iter().any(|(name, _)| *name == root) => {}
                root => {
                    if let Reach::Inputs { what } = names.reach {
                        self.beyond_inputs(&reference, place, what, &mut visible);
                    } else if root == "steps" {
                        self.step(&reference, place, names, &mut visible);
                    } else if root != "run" {
                        self.unknown_root(&reference, place, names, &mut visible);
                    }
                }
            }
        }
        let steps = Arc::new(RecordType { fields: visible.steps, open: false });
        let scope = Scope::new().members("inputs", visible.inputs).members("steps", steps).value("run", self.run.clone());
        visible.others.into_iter().fold(scope, |scope, (name, ty)| scope.value(name, ty))
    }

    fn input(&mut self, reference: &Reference, place: Span, visible: &mut Visible) {
        let Some(name) = reference.path.first() else { return };
        self.inputs_read.insert(name.clone());
        if visible.inputs.field(name).is_some() {
            return;
        }
        let inputs = &self.definition.inputs;
        if !self.definition.unread.contains(name) {
            let names: Vec<Arc<str>> = inputs.iter().map(|input| ident(&input.name.value)).collect();
            let help = self.suggest(name, names.iter().map(|name| &**name)).unwrap_or_else(|| match names.len() {
                0 => "the workflow has no inputs: add them under `inputs:`".to_owned(),
                _ => format!("there is: {}", names.iter().take(12).map(|name| &**name).collect::<Vec<_>>().join(", ")),
            });
            self.problem(Diagnostic::new(Code::UnknownName, place, format!("no input is named `{name}`")).help(help));
        }
        Arc::make_mut(&mut visible.inputs).fields.push(Field::required(name.clone(), Type::Never));
    }

    fn step(&mut self, reference: &Reference, place: Span, names: &Names<'_>, visible: &mut Visible) {
        let Some(name) = reference.path.first() else {
            // `steps` alone is an error that the expression's checker tells, with some names.
            let some = self.definition.steps.iter().take(12);
            visible.steps.extend(some.map(|step| Field::required(ident(&step.name.value), Type::Never)));
            return;
        };
        let known = self.step_index.get(name).copied();
        let ty = match (known, names.reach) {
            (Some(step), Reach::Beside { step: own, what }) if step == own => {
                let message = format!("{what} reads `steps.{name}`, the result of the step it belongs to");
                let locals = names.locals.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let help = format!("there is no such result here; there is: {locals}, and the results of other steps");
                self.problem(Diagnostic::new(Code::NameNotHere, place, message).help(help));
                Type::Never
            }
            (Some(step), _) => self.steps[step].ty.clone(),
            (None, _) => {
                self.unknown_step(name, place);
                Type::Never
            }
        };
        if !visible.steps.iter().any(|field| field.name == *name) {
            visible.steps.push(Field::required(name.clone(), ty));
        }
    }

    /// Says that there is no such step, unless it is one that could not be read.
    pub(super) fn unknown_step(&mut self, name: &str, place: Span) {
        if self.definition.unread.contains(&ident(name)) {
            return;
        }
        let steps = &self.definition.steps;
        let help = self.suggest(name, steps.iter().map(|step| &*step.name.value));
        self.problem(Diagnostic::new(Code::UnknownName, place, format!("no step is named `{name}`")).maybe_help(help));
    }

    fn beyond_inputs(&mut self, reference: &Reference, place: Span, what: &str, visible: &mut Visible) {
        let root = &reference.root;
        let message = format!("{what} may read `inputs` alone, and not `{root}`: it is computed before anything runs");
        self.problem(Diagnostic::new(Code::InputsOnly, place, message).help("make what it needs an input"));
        visible.others.push((root.clone(), Type::Never));
    }

    fn unknown_root(&mut self, reference: &Reference, place: Span, names: &Names<'_>, visible: &mut Visible) {
        let root = &reference.root;
        visible.others.push((root.clone(), Type::Never));
        if &**root == "secrets" {
            let message = "a secret is never a value, so that no workflow and no task can leak it";
            self.problem(Diagnostic::new(Code::SecretOutsideGrant, place, message).help(needs::SECRET_HELP));
            return;
        }
        if let Some((_, meaning)) = LOCALS.iter().find(|(name, _)| *name == &**root) {
            let message = format!("there is no `{root}` here");
            let near = names.locals.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let here = if near.is_empty() { String::new() } else { format!("; here there is {near}") };
            self.problem(Diagnostic::new(Code::NameNotHere, place, message).help(format!("{meaning}{here}")));
            return;
        }
        let known: Vec<&str> = names.locals.iter().map(|(name, _)| *name).chain(["inputs", "steps", "run"]).collect();
        let help = if self.step_index.contains_key(root) {
            format!("did you mean `steps.{root}`?")
        } else if self.inputs.field(root).is_some() {
            format!("did you mean `inputs.{root}`?")
        } else {
            self.suggest(root, known.iter().copied()).unwrap_or_else(|| format!("there is: {}", known.join(", ")))
        };
        self.problem(Diagnostic::new(Code::UnknownName, place, format!("there is no `{root}` here")).help(help));
    }
}

impl Names<'_> {
    fn locals_owned(&self) -> Vec<(Arc<str>, Type)> {
        self.locals.iter().map(|(name, ty)| (Arc::from(*name), ty.clone())).collect()
    }
}
