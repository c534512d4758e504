//! Templates without places.

use crate::definition::{Template, TemplateKind};
use crate::plan::model::PlanTemplate;
use crate::types::Value;

impl PlanTemplate {
    /// A map without names.
    pub(super) fn empty() -> Self {
        Self::Value(Value::Map(std::sync::Arc::default()))
    }

    /// The same, as one literal where no expression is inside.
    fn folded(self) -> Self {
        let literal = |template: &Self| match template {
            Self::Value(value) => Some(value.clone()),
            _ => None,
        };
        match self {
            Self::List(items) => match items.iter().map(literal).collect::<Option<Vec<_>>>() {
                Some(values) => Self::Value(Value::list(values)),
                None => Self::List(items),
            },
            Self::Map(entries) => {
                match entries.iter().map(|(name, value)| Some((name.clone(), literal(value)?))).collect::<Option<Vec<_>>>() {
                    Some(pairs) => Self::Value(Value::map(pairs)),
                    None => Self::Map(entries),
                }
            }
            other => other,
        }
    }
}

impl From<&Template> for PlanTemplate {
    fn from(template: &Template) -> Self {
        match &template.kind {
            TemplateKind::Literal(value) => Self::Value(value.clone()),
            TemplateKind::Expr(at) => Self::Expr(at.expr.clone()),
            TemplateKind::List(items) => Self::List(items.iter().map(Self::from).collect()).folded(),
            TemplateKind::Map(entries) => {
                Self::Map(entries.iter().map(|(name, _, value)| (name.clone(), Self::from(value))).collect()).folded()
            }
        }
    }
}
