//! Types along every edge: what a step is given against what its task wants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::build::ident;
use super::signature::TaskSignature;
use crate::definition::{Code, Definition, Diagnostic, ExprAt, Problems, Span, Spanned, StepDef, Template, TemplateKind};
use crate::types::{Budget, Field, RecordType, Scope, Type, did_you_mean};

/// Checks templates against types, and remembers what was read.
pub(super) struct Checker<'a> {
    definition: &'a Definition,
    problems: Problems,
    inputs: Arc<RecordType>,
    run: Type,
    /// The steps checked so far, with their results.
    steps: Arc<RecordType>,
    step_index: BTreeMap<Arc<str>, usize>,
    inputs_read: BTreeSet<Arc<str>>,
    /// Steps in `steps` whose type cannot be known.
    unknown: BTreeSet<Arc<str>>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(definition: &'a Definition) -> Self {
        let inputs = definition.inputs.iter().map(|input| field(ident(&input.name.value), input.ty.clone()));
        let run = [("key", Type::String), ("workflow", Type::String), ("started_at", Type::Timestamp)];
        let step_index = definition.steps.iter().enumerate().map(|(at, step)| (ident(&step.name.value), at)).collect();
        Self {
            definition,
            problems: Problems::default(),
            inputs: Arc::new(RecordType { fields: inputs.collect(), open: false }),
            run: record(run.into_iter().map(|(name, ty)| field(Arc::from(name), ty))),
            steps: Arc::default(),
            step_index,
            inputs_read: BTreeSet::new(),
            unknown: BTreeSet::new(),
        }
    }

    /// What expressions see: `inputs`, `steps`, `run`, and within a `for-each` also `item` and `index`.
    fn scope(&self, item: Option<&Type>) -> Scope {
        let scope = Scope::new()
            .members("inputs", Arc::clone(&self.inputs))
            .members("steps", Arc::clone(&self.steps))
            .value("run", self.run.clone());
        match item {
            Some(item) => scope.value("item", item.clone()).value("index", Type::Int),
            None => scope,
        }
    }

    pub(super) fn problem(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    pub(super) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems.into_sorted()
    }

    /// For each step the steps it refers to or names in `needs`, in order, each once.
    pub(super) fn needs(&mut self, steps: &[StepDef]) -> Vec<Vec<usize>> {
        steps.iter().map(|step| self.needs_of(step)).collect()
    }

    fn needs_of(&mut self, step: &StepDef) -> Vec<usize> {
        let mut needs = BTreeSet::new();
        let templates = [step.with.as_ref(), step.condition.as_ref(), step.for_each.as_ref().map(|for_each| &for_each.items)];
        for template in templates.into_iter().flatten() {
            for_each_expression(template, &mut |at| {
                for reference in at.expr.references() {
                    let name = reference.path.first();
                    match (&*reference.root, name) {
                        ("steps", Some(name)) => needs.extend(self.step_index.get(name)),
                        ("inputs", Some(name)) => {
                            self.inputs_read.insert(name.clone());
                        }
                        _ => {}
                    }
                }
            });
        }
        for need in &step.needs {
            match self.definition.steps.iter().position(|other| other.name.value == need.value) {
                Some(index) => {
                    needs.insert(index);
                }
                None => self.unknown_step(need),
            }
        }
        needs.into_iter().collect()
    }

    fn unknown_step(&mut self, name: &Spanned<Arc<str>>) {
        let near = did_you_mean(&name.value, self.definition.steps.iter().map(|step| &*step.name.value));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        self.problem(Diagnostic::new(Code::UnknownName, name.span, format!("no step is named `{}`", name.value)).maybe_help(help));
    }

    /// Makes a checked step visible to those after it. One that could not be checked has the type that fits everywhere,
    /// so that its own problem is not reported again wherever it is read.
    pub(super) fn add_step(&mut self, step: &StepDef, output: Option<Type>) {
        let step = field(ident(&step.name.value), output.unwrap_or(Type::Never));
        let steps = &mut Arc::make_mut(&mut self.steps).fields;
        if self.unknown.remove(&step.name) {
            steps.retain(|known| known.name != step.name);
        }
        steps.push(step);
    }

    /// Makes a step visible whose type cannot be known, because it is part of a circle.
    pub(super) fn add_unknown(&mut self, step: &StepDef) {
        let step = field(ident(&step.name.value), Type::Never);
        if self.unknown.insert(step.name.clone()) {
            Arc::make_mut(&mut self.steps).fields.push(step);
        }
    }

    /// The type of the items of a `for-each`; `json` when it is unknown, so that nothing more is said of it.
    pub(super) fn items(&mut self, items: &Template) -> Type {
        match self.infer(items, None) {
            None | Some(Type::Never) => {}
            Some(Type::List(item)) => return (*item).clone(),
            Some(other) => {
                let help = (other == Type::Json).then(|| "say that it is a list: `asList(…)`".to_owned());
                let message = format!("`for-each` needs a list; this is {other}");
                self.problem(Diagnostic::new(Code::TypeMismatch, items.span, message).maybe_help(help));
            }
        }
        Type::Never
    }

    pub(super) fn condition(&mut self, condition: &Template) {
        match self.infer(condition, None) {
            None | Some(Type::Bool | Type::Never) => {}
            Some(ty) => {
                let message = format!("`if` needs true or false; this is {ty}");
                self.problem(
                    Diagnostic::new(Code::TypeMismatch, condition.span, message)
                        .help("compare it with something: there is no truth in other values"),
                );
            }
        }
    }

    /// Checks the input of a step's task.
    pub(super) fn call(&mut self, step: &StepDef, signature: &TaskSignature, item: Option<&Type>) {
        let name = format!("{}.{}", step.task.plugin, signature.name);
        match &step.with {
            Some(with) => self.expect(with, &signature.input, item, &name),
            None => self.missing_fields(&signature.input, &BTreeSet::new(), step.task.span, &name),
        }
    }

    /// Checks a template against the type that is wanted; `of` names who wants it.
    fn expect(&mut self, template: &Template, wanted: &Type, item: Option<&Type>, of: &str) {
        match (&template.kind, wanted.unwrapped()) {
            (TemplateKind::Map(entries), Type::Record(record)) => self.expect_record(entries, template.span, record, wanted, item, of),
            (TemplateKind::Map(entries), Type::Map(value)) => entries.iter().for_each(|(_, _, entry)| self.expect(entry, value, item, of)),
            (TemplateKind::List(items), Type::List(inner)) => items.iter().for_each(|entry| self.expect(entry, inner, item, of)),
            (TemplateKind::Literal(value), _) => {
                if let Err(error) = wanted.check(value) {
                    let message = format!("`{of}` wants {wanted} here: {error}");
                    self.problem(Diagnostic::new(Code::TypeMismatch, template.span, message));
                }
            }
            _ => {
                let Some(found) = self.infer(template, item) else { return };
                if let Err(mismatch) = wanted.assignable(&found) {
                    let message = format!("`{of}` wants {wanted}, and this is {found}: {mismatch}");
                    self.problem(Diagnostic::new(Code::TypeMismatch, template.span, message).maybe_help(mismatch.help.clone()));
                }
            }
        }
    }

    fn expect_record(
        &mut self,
        entries: &[(Arc<str>, Span, Template)],
        span: Span,
        record: &RecordType,
        wanted: &Type,
        item: Option<&Type>,
        of: &str,
    ) {
        let mut given = BTreeSet::new();
        for (name, place, entry) in entries {
            given.insert(&**name);
            match record.field(name) {
                Some(field) if field.required => self.expect(entry, &field.ty, item, &format!("{of}.{name}")),
                // A field that may be left out takes nothing as well.
                Some(field) => self.expect(entry, &Type::option(field.ty.clone()), item, &format!("{of}.{name}")),
                None if record.open => {
                    self.infer(entry, item);
                }
                None => {
                    let names = || record.fields.iter().map(|field| &*field.name);
                    let help = did_you_mean(name, names()).map_or_else(
                        || format!("it has: {}", names().collect::<Vec<_>>().join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.problem(Diagnostic::new(Code::UnknownKey, *place, format!("`{of}` has no field `{name}`")).help(help));
                    self.infer(entry, item);
                }
            }
        }
        self.missing_fields(wanted.unwrapped(), &given, span, of);
    }

    fn missing_fields(&mut self, wanted: &Type, given: &BTreeSet<&str>, span: Span, of: &str) {
        let Type::Record(record) = wanted else { return };
        for field in record.fields.iter().filter(|field| field.required && !given.contains(&*field.name)) {
            let about = if field.docs.is_empty() { String::new() } else { format!(" ({})", field.docs.lines().next().unwrap_or_default()) };
            let message = format!("`{of}` needs `{}`: {}{about}", field.name, field.ty);
            self.problem(Diagnostic::new(Code::MissingKey, span, message).help(format!("add `{}:` under `with:`", field.name)));
        }
    }

    /// The type of a template; nothing where an expression has an error, which is reported.
    pub(super) fn infer(&mut self, template: &Template, item: Option<&Type>) -> Option<Type> {
        match &template.kind {
            TemplateKind::Literal(value) => Some(Type::of(value)),
            TemplateKind::Expr(at) => self.infer_expr(at, item),
            TemplateKind::List(items) => {
                // All of them are looked at before one that has no type ends it.
                let types: Vec<Option<Type>> = items.iter().map(|entry| self.infer(entry, item)).collect();
                types.into_iter().collect::<Option<Vec<Type>>>().map(|types| Type::list(Type::join_all(&types)))
            }
            TemplateKind::Map(entries) => {
                let fields: Vec<Option<Field>> =
                    entries.iter().map(|(name, _, entry)| Some(field(name.clone(), self.infer(entry, item)?))).collect();
                fields.into_iter().collect::<Option<Vec<Field>>>().map(record)
            }
        }
    }

    fn infer_expr(&mut self, at: &ExprAt, item: Option<&Type>) -> Option<Type> {
        for reference in at.expr.references() {
            if let ("inputs", Some(name)) = (&*reference.root, reference.path.first()) {
                self.inputs_read.insert(name.clone());
            }
        }
        let scope = self.scope(item);
        let affordable = |ty| at.expr.affordable(&scope, &Budget::default()).map(|()| ty).map_err(|error| vec![error]);
        let checked = at.expr.check(&scope).and_then(affordable);
        match checked {
            Ok(ty) => Some(ty),
            Err(errors) => {
                for error in errors {
                    self.problem(Diagnostic::new(Code::TypeMismatch, at.place(error.span), error.message).maybe_help(error.help));
                }
                None
            }
        }
    }

    pub(super) fn report_unused(&mut self) {
        for input in &self.definition.inputs {
            if !self.inputs_read.contains(&ident(&input.name.value)) {
                let message = format!("nothing reads the input `{}`", input.name.value);
                self.problems.push(Diagnostic::new(Code::UnusedInput, input.name.span, message));
            }
        }
    }
}

fn field(name: Arc<str>, ty: Type) -> Field {
    Field { name, ty, required: true, docs: Arc::from("") }
}

fn record(fields: impl IntoIterator<Item = Field>) -> Type {
    Type::Record(Arc::new(RecordType { fields: fields.into_iter().collect(), open: false }))
}

fn for_each_expression(template: &Template, visit: &mut impl FnMut(&ExprAt)) {
    match &template.kind {
        TemplateKind::Literal(_) => {}
        TemplateKind::Expr(at) => visit(at),
        TemplateKind::List(items) => items.iter().for_each(|item| for_each_expression(item, visit)),
        TemplateKind::Map(entries) => entries.iter().for_each(|(_, _, entry)| for_each_expression(entry, visit)),
    }
}
