//! Evaluation of macros: something computed for each element.

use super::ast::{FoldKind, Kind, Node, NodeId};
use super::eval::{Eval, EvalCode, Fault, Run};
use super::functions::sort_keyed;
use crate::types::Value;
use crate::types::ty::shown;

/// A macro and what it is applied to.
#[derive(Clone, Copy)]
struct Fold<'a> {
    node: &'a Node,
    items: &'a [Value],
    body: NodeId,
}

impl Eval<'_, '_> {
    pub(super) fn fold(&mut self, node: &Node) -> Run<Value> {
        let Kind::Fold { kind, over, body, then, .. } = &node.kind else {
            return Err(Fault::types("this is no macro").at(node.span));
        };
        let items = match self.value(*over)? {
            Value::List(items) => items,
            Value::Map(fields) => {
                self.budget.values(fields.len()).map_err(|fault| fault.at(node.span))?;
                fields.iter().map(|(name, _)| Value::String(name.clone())).collect()
            }
            other => {
                let message = format!("only lists and maps have elements, not {}", shown(&other));
                return Err(Fault::types(message).at(self.ast.node(*over).span));
            }
        };
        let fold = Fold { node, items: &items, body: *body };
        match (kind, then) {
            (FoldKind::All, _) => self.decides(fold, false),
            (FoldKind::Exists, _) => self.decides(fold, true),
            (FoldKind::ExistsOne, _) => self.exists_one(fold),
            (FoldKind::Filter, _) => self.filter(fold),
            (FoldKind::Map, Some(then)) => self.filter_map(fold, *then),
            (FoldKind::Map, None) => self.map_each(fold),
            (FoldKind::SortBy, _) => self.sort_by(fold),
        }
    }

    /// Computes something with an element as the variable.
    fn with<T>(&mut self, element: &Value, compute: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        self.locals.push(element.clone());
        let result = compute(self);
        self.locals.pop();
        result
    }

    /// `all` and `exists`: like `&&` and `||` over the elements, failures included.
    fn decides(&mut self, fold: Fold<'_>, deciding: bool) -> Run<Value> {
        let mut failed = None;
        for item in fold.items {
            match self.with(item, |eval| eval.truth(fold.body)) {
                Ok(truth) if truth == deciding => return Ok(Value::Bool(deciding)),
                Ok(_) => {}
                Err(error) if error.code == EvalCode::Budget => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(Value::Bool(!deciding)), Err)
    }

    fn exists_one(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut count = 0_usize;
        for item in fold.items {
            count += usize::from(self.with(item, |eval| eval.truth(fold.body))?);
        }
        Ok(Value::Bool(count == 1))
    }

    fn filter(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut kept = Vec::new();
        for item in fold.items {
            if self.with(item, |eval| eval.truth(fold.body))? {
                self.budget.values(1).map_err(|fault| fault.at(fold.node.span))?;
                kept.push(item.clone());
            }
        }
        Ok(Value::List(kept.into()))
    }

    fn map_each(&mut self, fold: Fold<'_>) -> Run<Value> {
        self.budget.values(fold.items.len()).map_err(|fault| fault.at(fold.node.span))?;
        let mut made = Vec::with_capacity(fold.items.len());
        for item in fold.items {
            made.push(self.with(item, |eval| eval.value(fold.body))?);
        }
        Ok(Value::List(made.into()))
    }

    fn filter_map(&mut self, fold: Fold<'_>, then: NodeId) -> Run<Value> {
        let mut made = Vec::new();
        for item in fold.items {
            let value = self.with(item, |eval| if eval.truth(fold.body)? { eval.value(then).map(Some) } else { Ok(None) })?;
            if let Some(value) = value {
                self.budget.values(1).map_err(|fault| fault.at(fold.node.span))?;
                made.push(value);
            }
        }
        Ok(Value::List(made.into()))
    }

    fn sort_by(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut keyed = Vec::with_capacity(fold.items.len());
        for item in fold.items {
            keyed.push((self.with(item, |eval| eval.value(fold.body))?, item.clone()));
        }
        sort_keyed(&mut keyed, self.budget).map_err(|fault| fault.at(fold.node.span))?;
        Ok(Value::list(keyed.into_iter().map(|(_, item)| item)))
    }
}
