//! Evaluation of macros: something computed for each element.

use std::sync::Arc;

use super::ast::{BindKind, FoldKind, Kind, Node, NodeId, Variables};
use super::eval::{Eval, EvalCode, Fault, Run};
use super::functions::sort_keyed;
use crate::types::ty::shown;
use crate::types::{Fields, Value};

/// A macro and what it is applied to.
#[derive(Clone, Copy)]
struct Fold<'a> {
    node: &'a Node,
    /// What comes with each element, where the macro has two variables: its position or its name.
    keys: Option<&'a [Value]>,
    items: &'a [Value],
    /// What must hold for an element to be looked at.
    condition: Option<NodeId>,
    body: NodeId,
}

/// What comes with the elements, if anything does, and the elements.
type Visited = (Option<Vec<Value>>, Arc<[Value]>);

impl Eval<'_, '_> {
    pub(super) fn fold(&mut self, node: &Node) -> Run<Value> {
        let Kind::Fold { kind, over, variables, body, then } = &node.kind else {
            return Err(Fault::types("this is no macro").at(node.span));
        };
        let over = self.value(*over)?;
        let (keys, items) = self.elements(&over, *variables, node)?;
        let (condition, body) = then.map_or((None, *body), |then| (Some(*body), then));
        let fold = Fold { node, keys: keys.as_deref(), items: &items, condition, body };
        match kind {
            FoldKind::All => self.decides(fold, false),
            FoldKind::Exists => self.decides(fold, true),
            FoldKind::ExistsOne => self.exists_one(fold),
            FoldKind::Filter => self.filter(fold),
            FoldKind::Map | FoldKind::TransformList => self.map_each(fold),
            FoldKind::SortBy => self.sort_by(fold),
            FoldKind::TransformMap => self.transform_map(fold),
            FoldKind::TransformMapEntry => self.transform_entries(fold),
        }
    }

    /// What a macro visits, with positions or names where it has two variables.
    fn elements(&mut self, over: &Value, variables: Variables, node: &Node) -> Run<Visited> {
        match (over, variables) {
            (Value::List(items), Variables::One) => Ok((None, Arc::clone(items))),
            (Value::List(items), Variables::Two) => {
                self.budget.values(items.len()).map_err(|fault| fault.at(node.span))?;
                let positions = (0_i64..).map(Value::Int).take(items.len()).collect();
                Ok((Some(positions), Arc::clone(items)))
            }
            (Value::Map(fields), Variables::One) => {
                self.budget.values(fields.len()).map_err(|fault| fault.at(node.span))?;
                Ok((None, fields.iter().map(|(name, _)| Value::String(Arc::clone(name))).collect()))
            }
            (Value::Map(fields), Variables::Two) => {
                self.budget.values(fields.len().saturating_mul(2)).map_err(|fault| fault.at(node.span))?;
                let names = fields.iter().map(|(name, _)| Value::String(Arc::clone(name))).collect();
                Ok((Some(names), fields.iter().map(|(_, value)| value.clone()).collect()))
            }
            (other, _) => {
                let message = format!("only lists and maps have elements, not {}", shown(other));
                Err(Fault::types(message).at(node.span))
            }
        }
    }

    /// Computes something with the variables of an element.
    fn with<T>(&mut self, fold: Fold<'_>, at: usize, compute: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        let before = self.locals.len();
        self.locals.extend(fold.keys.map(|keys| keys[at].clone()));
        self.locals.push(fold.items[at].clone());
        let result = compute(self);
        self.locals.truncate(before);
        result
    }

    /// The value computed for an element, if its condition holds.
    fn made(&mut self, fold: Fold<'_>, at: usize) -> Run<Option<Value>> {
        self.with(fold, at, |eval| match fold.condition {
            Some(condition) if !eval.truth(condition)? => Ok(None),
            _ => eval.value(fold.body).map(Some),
        })
    }

    fn charge(&mut self, fold: Fold<'_>, values: usize) -> Run<()> {
        self.budget.values(values).map_err(|fault| fault.at(fold.node.span))
    }

    /// `all` and `exists`: like `&&` and `||` over the elements, failures included.
    fn decides(&mut self, fold: Fold<'_>, deciding: bool) -> Run<Value> {
        let mut failed = None;
        for at in 0..fold.items.len() {
            match self.with(fold, at, |eval| eval.truth(fold.body)) {
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
        for at in 0..fold.items.len() {
            count += usize::from(self.with(fold, at, |eval| eval.truth(fold.body))?);
        }
        Ok(Value::Bool(count == 1))
    }

    fn filter(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut kept = Vec::new();
        for (at, item) in fold.items.iter().enumerate() {
            if self.with(fold, at, |eval| eval.truth(fold.body))? {
                self.charge(fold, 1)?;
                kept.push(item.clone());
            }
        }
        Ok(Value::List(kept.into()))
    }

    fn map_each(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut made = Vec::new();
        for at in 0..fold.items.len() {
            if let Some(value) = self.made(fold, at)? {
                self.charge(fold, 1)?;
                made.push(value);
            }
        }
        Ok(Value::List(made.into()))
    }

    fn transform_map(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut fields = Fields::new();
        for at in 0..fold.items.len() {
            let Some(value) = self.made(fold, at)? else { continue };
            let Some(Value::String(name)) = fold.keys.and_then(|keys| keys.get(at)) else {
                return Err(Fault::types("only a map has names to keep").at(fold.node.span));
            };
            self.charge(fold, 1)?;
            fields.insert(Arc::clone(name), value);
        }
        Ok(Value::Map(Arc::new(fields)))
    }

    fn transform_entries(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut fields = Fields::new();
        for at in 0..fold.items.len() {
            let Some(made) = self.made(fold, at)? else { continue };
            let Value::Map(entries) = &made else {
                return Err(Fault::types(format!("an entry is a map such as {{name: value}}, not {}", shown(&made))).at(fold.node.span));
            };
            self.charge(fold, entries.len())?;
            for (name, value) in entries.iter() {
                if fields.insert(Arc::clone(name), value.clone()).is_some() {
                    return Err(Fault::argument(format!("the name {name:?} is made twice")).at(fold.node.span));
                }
            }
        }
        Ok(Value::Map(Arc::new(fields)))
    }

    fn sort_by(&mut self, fold: Fold<'_>) -> Run<Value> {
        let mut keyed = Vec::new();
        for (at, item) in fold.items.iter().enumerate() {
            self.charge(fold, 1)?;
            keyed.push((self.with(fold, at, |eval| eval.value(fold.body))?, item.clone()));
        }
        sort_keyed(&mut keyed, self.budget).map_err(|fault| fault.at(fold.node.span))?;
        Ok(Value::list(keyed.into_iter().map(|(_, item)| item)))
    }

    pub(super) fn bind(&mut self, kind: BindKind, value: NodeId, body: NodeId) -> Run<Value> {
        let value = self.value(value)?;
        if kind != BindKind::Always && matches!(value, Value::Null) {
            return Ok(Value::Null);
        }
        self.locals.push(value);
        let result = self.value(body);
        self.locals.pop();
        result
    }
}
