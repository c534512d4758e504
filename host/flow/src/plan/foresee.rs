//! What can be said of a run before it begins: in which order its steps come, and what is known of their values.

use std::sync::Arc;

use super::model::{Plan, PlanStep, PlanTemplate};
use crate::types::{Budget, Env, Value};

/// A value as far as it is known before a run begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreseen {
    /// The value; an expression that is not known yet stands in it as the text `${ … }`.
    pub value: Value,
    /// How much of it is known.
    pub known: Known,
}

/// How much of a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// All of it.
    Wholly,
    /// Not all.
    Partly,
}

impl Plan {
    /// The steps of the file in waves: the steps of a wave need those of the waves before it, and none of their own.
    pub fn waves(&self) -> Vec<Vec<usize>> {
        let mut wave_of: Vec<Option<usize>> = vec![None; self.steps.len()];
        let mut waves: Vec<Vec<usize>> = Vec::new();
        let mut left: Vec<usize> = (0..self.steps.len()).filter(|step| self.steps[*step].is_main()).collect();
        while !left.is_empty() {
            let ready = |step: &usize| self.steps[*step].needs.iter().all(|need| wave_of[*need].is_some());
            let (now, later): (Vec<usize>, Vec<usize>) = left.into_iter().partition(ready);
            // A plan has no circles; a stored one that was tampered with must not keep anybody here for ever.
            if now.is_empty() {
                break;
            }
            now.iter().for_each(|step| wave_of[*step] = Some(waves.len()));
            waves.push(now);
            left = later;
        }
        waves
    }

    /// What a value will be, as far as the inputs tell.
    pub fn foresee(&self, template: &PlanTemplate, inputs: &Value) -> Foreseen {
        let facts = Value::map([("workflow", Value::String(Arc::clone(&self.workflow)))]);
        let env = Env::new().value("inputs", inputs).value("run", &facts);
        fill(template, &env, &mut Budget::default())
    }

    /// Whether a step will run, as far as the inputs tell; nothing when they do not.
    pub fn foresee_condition(&self, step: &PlanStep, inputs: &Value) -> Option<bool> {
        let Some(condition) = &step.condition else { return Some(true) };
        match self.foresee(condition, inputs) {
            Foreseen { value: Value::Bool(holds), known: Known::Wholly } => Some(holds),
            _ => None,
        }
    }
}

fn fill(template: &PlanTemplate, env: &Env<'_>, budget: &mut Budget) -> Foreseen {
    let gather = |parts: Vec<Foreseen>, make: &dyn Fn(Vec<Value>) -> Value| {
        let known = if parts.iter().all(|part| part.known == Known::Wholly) { Known::Wholly } else { Known::Partly };
        Foreseen { value: make(parts.into_iter().map(|part| part.value).collect()), known }
    };
    match template {
        PlanTemplate::Value(value) => Foreseen { value: value.clone(), known: Known::Wholly },
        PlanTemplate::Expr(expr) => {
            let of_inputs = |path: &[Arc<str>]| path.first().is_some_and(|name| &**name == "workflow");
            let knowable = expr
                .references()
                .iter()
                .all(|reference| &*reference.root == "inputs" || &*reference.root == "run" && of_inputs(&reference.path));
            // One that has no value fails when it is reached, and not here.
            match knowable.then(|| expr.eval(env, budget)) {
                Some(Ok(value)) => Foreseen { value, known: Known::Wholly },
                _ => Foreseen { value: Value::string(format!("${{ {} }}", expr.source().trim())), known: Known::Partly },
            }
        }
        PlanTemplate::List(items) => gather(items.iter().map(|item| fill(item, env, budget)).collect(), &Value::list),
        PlanTemplate::Map(entries) => {
            let values = entries.iter().map(|(_, value)| fill(value, env, budget)).collect();
            let names = || entries.iter().map(|(name, _)| Arc::clone(name));
            gather(values, &|values| Value::map(names().zip(values)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, StepKind};
    use crate::types::{Expr, Type};

    fn plan(steps: Vec<PlanStep>) -> Plan {
        Plan {
            format: crate::plan::PLAN_FORMAT,
            workflow: "w".into(),
            inputs: Vec::new(),
            plugins: Vec::new(),
            tasks: Vec::new(),
            flows: Vec::new(),
            steps,
            outputs: Vec::new(),
            labels: Vec::new(),
            concurrency: None,
            priority: 0,
            retain_ms: None,
            schedules: Vec::new(),
        }
    }

    fn step(name: &str, needs: &[usize]) -> PlanStep {
        let kind = StepKind::One(Action::Value(PlanTemplate::Value(Value::Null)));
        PlanStep { needs: needs.to_vec(), ..PlanStep::new(name, kind, Type::Json) }
    }

    fn expr(source: &str) -> PlanTemplate {
        PlanTemplate::Expr(Expr::parse(source).unwrap())
    }

    #[test]
    fn waves_follow_needs_and_a_circle_ends() {
        let plan = plan(vec![step("d", &[1, 2]), step("b", &[3]), step("c", &[]), step("a", &[]), step("x", &[5]), step("y", &[4])]);
        assert_eq!(plan.waves(), [vec![2, 3], vec![1], vec![0]]);
    }

    #[test]
    fn what_reads_only_inputs_is_known() {
        let plan = plan(Vec::new());
        let inputs = Value::map([("region", Value::string("eu")), ("none", Value::list([]))]);
        let foresee = |template: &PlanTemplate| {
            let foreseen = plan.foresee(template, &inputs);
            (foreseen.value.to_json(), foreseen.known)
        };
        let map = PlanTemplate::Map(vec![("a".into(), expr("inputs.region + '-1'")), ("b".into(), expr("steps.x.y"))]);
        assert_eq!(foresee(&map), (r#"{"a":"eu-1","b":"${ steps.x.y }"}"#.to_owned(), Known::Partly));
        assert_eq!(foresee(&expr("run.workflow")), ("\"w\"".to_owned(), Known::Wholly));
        assert_eq!(foresee(&expr("run.key")).1, Known::Partly);
        assert_eq!(foresee(&expr("item + 1")).1, Known::Partly);
        assert_eq!(foresee(&expr("inputs.none[0]")).1, Known::Partly, "it fails, but not before it is reached");
        let conditional = |source: &str| PlanStep { condition: Some(expr(source)), ..step("a", &[]) };
        assert_eq!(plan.foresee_condition(&conditional("inputs.region == 'us'"), &inputs), Some(false));
        assert_eq!(plan.foresee_condition(&conditional("steps.x"), &inputs), None);
        assert_eq!(plan.foresee_condition(&step("a", &[]), &inputs), Some(true));
    }
}
