//! A value against the type that is wanted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Checker, Names};
use crate::definition::{Code, Diagnostic, ExprAt, Span, Template, TemplateKind};
use crate::types::{Field, RecordType, Type, did_you_mean};

/// Who wants a value.
#[derive(Clone, Copy, Debug)]
struct Wants<'w> {
    /// Its name: `shop.upsert.order`.
    of: &'w str,
    /// What may be named in the value.
    names: &'w Names<'w>,
}

impl Checker<'_> {
    /// Checks the input of a call, or what stands where it is missing; `of` is the name of what is called, `span` where it stands.
    pub(in crate::plan) fn input_of(&mut self, with: Option<&Template>, wanted: &Type, names: &Names<'_>, of: &str, span: Span) {
        match with {
            Some(with) => self.expect(with, wanted, Wants { of, names }),
            None => self.missing_fields(wanted, &BTreeSet::new(), span, of),
        }
    }

    /// Checks a value that must be of a type; `of` is the key it stands under.
    pub(in crate::plan) fn expect_type(&mut self, template: &Template, wanted: &Type, names: &Names<'_>, of: &str) {
        self.expect(template, wanted, Wants { of, names });
    }

    fn expect(&mut self, template: &Template, wanted: &Type, wants: Wants<'_>) {
        match (&template.kind, wanted.unwrapped()) {
            (TemplateKind::Map(entries), Type::Record(record)) => self.expect_record(entries, template.span, record, wants),
            (TemplateKind::Map(entries), Type::Map(value)) => entries.iter().for_each(|(_, _, entry)| self.expect(entry, value, wants)),
            (TemplateKind::List(items), Type::List(inner)) => items.iter().for_each(|entry| self.expect(entry, inner, wants)),
            (TemplateKind::List(entries), Type::Tuple(items)) if entries.len() == items.len() => {
                entries.iter().zip(items.iter()).for_each(|(entry, item)| self.expect(entry, item, wants));
            }
            (TemplateKind::Literal(value), _) => {
                if let Err(error) = wanted.check(value) {
                    let message = format!("`{}` wants {} here: {error}", wants.of, wanted.brief());
                    self.problem(Diagnostic::new(Code::TypeMismatch, template.span, message));
                }
            }
            _ => {
                let Some(found) = self.infer(template, wants.names) else { return };
                if let Err(mismatch) = wanted.assignable(&found) {
                    let message = format!("`{}` wants {}, and this is {}: {mismatch}", wants.of, wanted.brief(), found.brief());
                    let problem = Diagnostic::new(Code::TypeMismatch, template.span, message).maybe_help(mismatch.help.clone());
                    let problem = self.with_origins(problem, template);
                    self.problem(problem);
                }
            }
        }
    }

    fn expect_record(&mut self, entries: &[(Arc<str>, Span, Template)], span: Span, record: &Arc<RecordType>, wants: Wants<'_>) {
        let mut given = BTreeSet::new();
        for (name, place, entry) in entries {
            given.insert(&**name);
            let of = format!("{}.{name}", wants.of);
            let within = Wants { of: &of, ..wants };
            match record.field(name) {
                Some(field) if field.required => self.expect(entry, &field.ty, within),
                // A field that may be left out takes nothing as well.
                Some(field) => self.expect(entry, &Type::option(field.ty.clone()), within),
                None => {
                    if !record.open {
                        self.unknown_field(record, name, *place, wants.of);
                    }
                    self.infer(entry, wants.names);
                }
            }
        }
        self.missing_fields(&Type::Record(Arc::clone(record)), &given, span, wants.of);
    }

    fn unknown_field(&mut self, record: &RecordType, name: &str, place: Span, of: &str) {
        let names = || record.names().take(50);
        let help = match did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if record.fields.is_empty() => "it takes nothing".to_owned(),
            None => format!("it has: {}", names().collect::<Vec<_>>().join(", ")),
        };
        self.problem(Diagnostic::new(Code::UnknownKey, place, format!("`{of}` has no field `{name}`")).help(help));
    }

    fn missing_fields(&mut self, wanted: &Type, given: &BTreeSet<&str>, span: Span, of: &str) {
        let Type::Record(record) = wanted.unwrapped() else { return };
        for field in record.fields.iter().filter(|field| field.required && !given.contains(&*field.name)) {
            let about = if field.docs.is_empty() { String::new() } else { format!(" ({})", field.docs.lines().next().unwrap_or_default()) };
            let message = format!("`{of}` needs `{}`: {}{about}", field.name, field.ty.brief());
            self.problem(Diagnostic::new(Code::MissingKey, span, message).help(format!("add `{}:` under `with:`", field.name)));
        }
    }

    /// The type of a template; nothing where an expression has an error, which is reported.
    pub(in crate::plan) fn infer(&mut self, template: &Template, names: &Names<'_>) -> Option<Type> {
        match &template.kind {
            TemplateKind::Literal(value) => Some(Type::of(value)),
            TemplateKind::Expr(at) => {
                self.warn_hidden(at, names);
                self.infer_expr(at, template, names)
            }
            TemplateKind::List(items) => {
                // All of them are looked at before one that has no type ends it.
                let types: Vec<Option<Type>> = items.iter().map(|entry| self.infer(entry, names)).collect();
                types.into_iter().collect::<Option<Vec<Type>>>().map(|types| Type::list(Type::join_all(&types)))
            }
            TemplateKind::Map(entries) => {
                let fields: Vec<Option<Field>> =
                    entries.iter().map(|(name, _, entry)| Some(Field::required(name.clone(), self.infer(entry, names)?))).collect();
                fields.into_iter().collect::<Option<Vec<Field>>>().map(Type::record)
            }
        }
    }

    /// A variable of a macro with the name of something else hides it, which readers do not see.
    fn warn_hidden(&mut self, at: &ExprAt, names: &Names<'_>) {
        for (variable, span) in at.expr.variables() {
            let local = names.locals.iter().map(|(name, _)| *name).find(|name| **name == *variable);
            let Some(hidden) = local.or_else(|| ["inputs", "steps", "run"].into_iter().find(|name| **name == *variable)) else { continue };
            let message = format!("the variable `{hidden}` hides the `{hidden}` of the workflow");
            self.problem(Diagnostic::new(Code::ShadowedName, at.place(span), message).help("give the variable a name of its own"));
        }
    }

    fn infer_expr(&mut self, at: &ExprAt, template: &Template, names: &Names<'_>) -> Option<Type> {
        let scope = self.scope(at, names);
        let affordable = |ty| at.expr.affordable(&scope, &names.budget).map(|()| ty).map_err(|error| vec![error]);
        match at.expr.check(&scope).and_then(affordable) {
            Ok(ty) => Some(ty),
            Err(errors) => {
                for error in errors {
                    let problem = Diagnostic::new(Code::TypeMismatch, at.place(error.span), error.message).maybe_help(error.help);
                    let problem = self.with_origins(problem, template);
                    self.problem(problem);
                }
                None
            }
        }
    }
}
