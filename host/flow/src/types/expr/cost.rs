//! The most that an expression can cost, before it runs: an upper bound of what the evaluator charges, where sizes are known.
//!
//! The way is that of cel-go's estimate (`checker/cost.go`, `SizeEstimate` and `CostEstimate`): sizes go up through the tree, costs add
//! up, and a macro costs its body as many times as its list has elements. Sizes are known of literals, of what is made of them, and of
//! types with known texts or fields; where a size that counts is not known, neither is the cost.

mod call;
mod extent;

use super::ast::{Arithmetic, Ast, Comparison, Entry, FoldKind, Kind, Missing, NodeId, Path, Root, Variables};
use super::scope::{Scope, ScopeRoot};
use crate::types::{Type, Value};
use extent::Extent;

/// What an evaluation costs, in the measures of a [`Budget`](super::Budget).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Operations.
    pub ops: u64,
    /// Bytes produced.
    pub bytes: u64,
}

impl Cost {
    fn ops(ops: u64) -> Self {
        Self { ops, bytes: 0 }
    }

    fn bytes(bytes: u64) -> Self {
        Self { ops: 0, bytes }
    }

    /// A list or map of so many elements.
    fn values(count: u64) -> Self {
        Self { ops: count, bytes: count.saturating_mul(16) }
    }

    fn plus(self, other: Self) -> Self {
        Self { ops: self.ops.saturating_add(other.ops), bytes: self.bytes.saturating_add(other.bytes) }
    }

    fn times(self, count: u64) -> Self {
        Self { ops: self.ops.saturating_mul(count), bytes: self.bytes.saturating_mul(count) }
    }

    fn or(self, other: Self) -> Self {
        Self { ops: self.ops.max(other.ops), bytes: self.bytes.max(other.bytes) }
    }
}

/// The most that evaluating the expression costs; `None` when that depends on what is not known.
pub(super) fn worst(ast: &Ast, scope: &Scope) -> Option<Cost> {
    let mut walk = Walk { ast, scope, locals: Vec::new(), cost: Cost::default() };
    walk.node(ast.root)?;
    Some(walk.cost)
}

struct Walk<'a> {
    ast: &'a Ast,
    scope: &'a Scope,
    /// The variables of the macros around.
    locals: Vec<Extent>,
    /// What the parts walked so far cost.
    cost: Cost,
}

impl Walk<'_> {
    fn charge(&mut self, cost: Cost) {
        self.cost = self.cost.plus(cost);
    }

    /// Walks a part by itself; answers how large its value can be and what it costs.
    fn apart(&mut self, id: NodeId) -> Option<(Extent, Cost)> {
        let before = std::mem::take(&mut self.cost);
        let extent = self.node(id);
        let cost = std::mem::replace(&mut self.cost, before);
        extent.map(|extent| (extent, cost))
    }

    /// How large the value of a part can be. What it costs is added up on the way.
    fn node(&mut self, id: NodeId) -> Option<Extent> {
        let ast = self.ast;
        self.charge(Cost::ops(1));
        match &ast.node(id).kind {
            Kind::Literal(value) => Some(Extent::of_value(value)),
            Kind::Path(path) => self.path(path),
            Kind::Select { of, name, missing } => match (missing, self.member(*of, &name.text)) {
                (Missing::IsNothing, Some(member)) => Some(member),
                _ => self.node(*of).map(|of| of.field(&name.text)),
            },
            Kind::Index { of, at, .. } => {
                let (of, at) = (self.node(*of)?, self.node(*at)?);
                if at.is_text() {
                    self.charge(Cost::ops(at.len()? / 16));
                }
                Some(of.element())
            }
            Kind::Has { of, name } => {
                if self.member(*of, &name.text).is_none() {
                    self.node(*of)?;
                }
                Some(Extent::Fixed)
            }
            Kind::List(entries) => self.list(entries),
            Kind::Map(entries) => self.map(entries),
            Kind::Not(of) => self.node(*of).map(|_| Extent::Fixed),
            Kind::Negate(of) => self.node(*of).map(|of| of.negated()),
            Kind::If { condition, then, otherwise } => {
                self.node(*condition)?;
                let (then, otherwise) = (self.apart(*then)?, self.apart(*otherwise)?);
                self.charge(then.1.or(otherwise.1));
                Some(then.0.join(&otherwise.0))
            }
            Kind::And(operands) | Kind::Or(operands) => {
                operands.iter().try_for_each(|operand| self.node(*operand).map(|_| ()))?;
                Some(Extent::Fixed)
            }
            Kind::Chain { first, rest } => self.chain(*first, rest),
            Kind::Compare { op, left, right } => self.compare(*op, *left, *right),
            Kind::Call { function, args, pattern } => {
                let args: Vec<Extent> = args.iter().map(|arg| self.node(*arg)).collect::<Option<_>>()?;
                let (cost, extent) = call::worst(function, &args, pattern.as_deref())?;
                self.charge(cost);
                Some(extent)
            }
            Kind::Fold { kind, over, variables, body, then } => self.fold(*kind, *over, *variables, *body, *then),
            Kind::As { of, ty } => {
                let tree = self.node(*of)?.tree()?;
                self.charge(tree);
                Some(Extent::Of(Type::clone(ty)))
            }
            Kind::Bind { value, body, .. } => {
                let value = self.node(*value)?;
                self.locals.push(value);
                let body = self.node(*body);
                self.locals.pop();
                // Nothing instead of the body costs no more, and is no larger.
                body
            }
        }
    }

    /// A member of a place such as `steps`, which is no value by itself.
    fn member(&mut self, of: NodeId, name: &str) -> Option<Extent> {
        let path = self.ast.node(of).as_path()?;
        let Some(ScopeRoot::Members(members)) = self.scope.root(&path.name.text) else { return None };
        if path.root != Root::Outside || !path.fields.is_empty() {
            return None;
        }
        self.charge(Cost::ops(1));
        members.field(name).map(|field| Extent::Of(field.ty.clone()))
    }

    fn path(&mut self, path: &Path) -> Option<Extent> {
        self.charge(Cost::ops(count(path.fields.len())));
        let (start, fields) = match path.root {
            Root::Local(slot) => (self.locals.get(slot)?.clone(), path.fields.as_slice()),
            Root::Outside => match (self.scope.root(&path.name.text)?, path.fields.split_first()) {
                (ScopeRoot::Value(ty), _) => (Extent::Of(ty.clone()), path.fields.as_slice()),
                (ScopeRoot::Members(members), Some((first, rest))) => (Extent::Of(members.field(&first.text)?.ty.clone()), rest),
                (ScopeRoot::Members(_), None) => return None,
            },
        };
        Some(fields.iter().fold(start, |extent, name| extent.field(&name.text)))
    }

    fn list(&mut self, entries: &[(Entry, NodeId)]) -> Option<Extent> {
        self.charge(Cost::values(count(entries.len())));
        let mut all: Option<Extent> = None;
        for (_, id) in entries {
            let extent = self.node(*id)?;
            all = Some(all.map_or_else(|| extent.clone(), |all| all.join(&extent)));
        }
        Some(Extent::list(count(entries.len()), all.unwrap_or(Extent::Fixed)))
    }

    fn map(&mut self, entries: &[(Entry, NodeId, NodeId)]) -> Option<Extent> {
        self.charge(Cost::values(count(entries.len())));
        let (mut names, mut all) = (Some(0), Extent::Fixed);
        for (_, key, value) in entries {
            let (key, value) = (self.node(*key)?, self.node(*value)?);
            names = names.zip(key.len()).map(|(a, b): (u64, u64)| a.max(b));
            all = all.join(&value);
        }
        Some(Extent::map(count(entries.len()), names, all))
    }

    fn chain(&mut self, first: NodeId, rest: &[(Arithmetic, NodeId)]) -> Option<Extent> {
        let mut sum = self.node(first)?;
        for (op, operand) in rest {
            let right = self.node(*operand)?;
            let (cost, extent) = sum.arithmetic(*op, &right)?;
            self.charge(cost);
            sum = extent;
        }
        Some(sum)
    }

    fn compare(&mut self, op: Comparison, left: NodeId, right: NodeId) -> Option<Extent> {
        let (a, b) = (self.node(left)?, self.node(right)?);
        let cost = match op {
            Comparison::Equal | Comparison::NotEqual => a.equal(&b)?,
            Comparison::In if b.is_map() => Cost::ops(a.len()? / 16),
            Comparison::In => a.equal(&b.element())?.times(b.count()?),
            _ => Cost::ops(a.order(&b)?),
        };
        self.charge(cost);
        Some(Extent::Fixed)
    }

    fn fold(&mut self, kind: FoldKind, over: NodeId, variables: Variables, body: NodeId, then: Option<NodeId>) -> Option<Extent> {
        let over = self.node(over)?;
        let times = over.count()?;
        let before = self.locals.len();
        let names = Extent::text(over.names_len());
        let element = match (over.is_map(), variables) {
            (false, Variables::One) => over.element(),
            (false, Variables::Two) => {
                self.locals.push(Extent::int(0, i128::from(times)));
                over.element()
            }
            (true, Variables::One) => names.clone(),
            (true, Variables::Two) => {
                self.locals.push(names.clone());
                over.element()
            }
        };
        if over.is_map() || variables == Variables::Two {
            self.charge(Cost::values(times).times(2));
        }
        self.locals.push(element.clone());
        let made = match then {
            None => self.apart(body),
            Some(then) => self.apart(body).zip(self.apart(then)).map(|((_, a), (made, b))| (made, a.plus(b))),
        };
        self.locals.truncate(before);
        let (made, cost) = made?;
        self.charge(cost.times(times));
        let (more, extent) = match kind {
            FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => (Cost::default(), Extent::Fixed),
            FoldKind::Filter => (Cost::values(times), Extent::list(times, element)),
            FoldKind::Map | FoldKind::TransformList => (Cost::values(times), Extent::list(times, made)),
            FoldKind::TransformMap => (Cost::values(times), Extent::map(times, over.names_len(), made)),
            FoldKind::TransformMapEntry => {
                let entries = times.saturating_mul(made.count()?);
                (Cost::values(entries), Extent::map(entries, made.names_len(), made.element()))
            }
            FoldKind::SortBy => (Cost::values(times).plus(call::sorted(times, &made)?), Extent::list(times, element)),
        };
        self.charge(more);
        Some(extent)
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl Extent {
    fn of_value(value: &Value) -> Self {
        match value {
            Value::Int(number) => Self::int(i128::from(*number), i128::from(*number)),
            Value::UInt(number) => Self::int(i128::from(*number), i128::from(*number)),
            Value::String(text) => Self::text(Some(count(text.len()))),
            Value::Bytes(bytes) => Self::text(Some(count(bytes.len()))),
            _ => Self::Fixed,
        }
    }
}
