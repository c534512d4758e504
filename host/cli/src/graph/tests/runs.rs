//! From a workflow file through a run to its picture.

use std::sync::Arc;

use expect_test::expect;
use jackfield_flow::definition::{Source, read};
use jackfield_flow::plan::{Digest, Effect, Flows, Plan, PluginInfo, Plugins, TaskSignature, build};
use jackfield_flow::run::{Beginning, Command, Input, Millis, Platform, Receipt, Run, RunId, RunUid};
use jackfield_flow::types::{Fields, Type};

use super::super::model::Graph;
use super::super::text::Paint;

const WORKFLOW: &str = r#"
workflow: orders
plugins: { shop: shop.wasm }
steps:
  list: { task: shop.numbers }
  save:
    for-each: ${ steps.list }
    max-parallel: 2
    task: shop.save
    with: { n: "${ item }" }
  audit:
    if: ${ size(steps.list) > 100 }
    task: shop.numbers
  report:
    needs: [list, save, audit]
    task: shop.numbers
"#;

fn plan() -> Plan {
    let task = |name: &str, input: &str, output: &str| TaskSignature {
        name: name.into(),
        docs: "".into(),
        input: Type::from_schema(input).expect("a schema"),
        output: Type::from_schema(output).expect("a schema"),
        input_schema: input.into(),
        output_schema: output.into(),
        errors: Vec::new(),
        effect: Effect::Pure,
        asks: Vec::new(),
        annotations: Vec::new(),
    };
    let numbers = task("numbers", r#"{"type":"object","properties":{}}"#, r#"{"type":"array","items":{"type":"integer"}}"#);
    let save = task("save", r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"#, r#"{"type":"null"}"#);
    let info = PluginInfo { digest: Digest::of(b"shop"), tasks: vec![numbers, save] };
    let source = Source::new("orders.yaml", WORKFLOW);
    let (definition, problems) = read(&source);
    let plugins = Plugins::from([(Arc::from("shop"), Ok(Arc::new(info)))]);
    let (plan, more) = build(&definition.expect("a definition"), &plugins, &Flows::new());
    let lines: Vec<String> = problems.iter().chain(&more).map(|problem| problem.line(&source)).collect();
    plan.unwrap_or_else(|| panic!("{}", lines.join("\n")))
}

/// A run in which `list` has answered five numbers, one item is saved and one has failed.
fn run() -> Run {
    let plan = Arc::new(plan());
    let inputs = plan.inputs_from(&Fields::new()).expect("no inputs");
    let beginning = Beginning::new(RunUid([7; 16]), inputs, "/w");
    let (run, _) = Run::begin(plan, beginning, Millis(1_000)).expect("legal");
    let mut run = run.named(RunId(7));
    let mut now = Millis(1_000);
    for result in [Ok(Arc::from("[1,2,3,4,5]")), Ok(Arc::from("null")), Err(Platform::GuestTrap.failure("it broke"))] {
        let started = run.take_commands().into_iter().find_map(|command| match command {
            Command::Start { place, attempt } => Some((place, attempt)),
            _ => None,
        });
        let (place, attempt) = started.expect("an attempt that was started");
        now = now.after(1_250);
        run.turn(Input::AttemptEnded { place, attempt, result, receipt: Receipt::default() }, now).expect("legal");
    }
    run
}

#[test]
fn a_plan_is_drawn_without_states_and_without_needless_edges() {
    let graph = Graph::of_plan(&plan());
    assert_eq!(graph.edges, [(0, 1), (0, 2), (1, 3), (2, 3)]);
    expect![[r#"
        orders
                         ┌───────────────┐
                         │ list        ◇ │
                         │ shop.numbers  │
                         └───────┬───────┘
                     ╭───────────┴────────────╮
                     ▼                        ▼
        ╔═════════════════════════╗   ┌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┐
        ║ save                  ◇ ║   ┆ audit       ◇ ┆
        ║ ∥ each item, 2 at once  ║   ┆ shop.numbers  ┆
        ║ shop.save               ║   └╌╌╌╌╌╌╌┬╌╌╌╌╌╌╌┘
        ╚════════════╤════════════╝           │
                     ╰───────────┬────────────╯
                                 ▼
                         ┌───────────────┐
                         │ report      ◇ │
                         │ shop.numbers  │
                         └───────────────┘

        ◇ pure   ═ for each   ┆ if
    "#]]
    .assert_eq(&graph.to_text(80, Paint::Plain));
}

#[test]
fn a_run_is_drawn_with_its_states() {
    expect![[r#"
        orders, run 7: running
                            ┌───────────────┐
                            │ ✓ list      ◇ │
                            │ shop.numbers  │
                            │ 1.2 s         │
                            └───────┬───────┘
                       ╭────────────┴─────────────╮
                       ▼                          ▼
        ╔═════════════════════════════╗   ┌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┐
        ║ ✗ save                    ◇ ║   ┆ – audit     ◇ ┆
        ║ ∥ 1/5 items                 ║   ┆ shop.numbers  ┆
        ║ shop.save                   ║   └╌╌╌╌╌╌╌┬╌╌╌╌╌╌╌┘
        ║ 2.5 s, 1 failed, guest.trap ║           │
        ╚══════════════╤══════════════╝           │
                       ╰────────────┬─────────────╯
                                    ▼
                            ┌───────────────┐
                            │ ○ report    ◇ │
                            │ shop.numbers  │
                            └───────────────┘

        ◇ pure   ═ for each   ┆ if   ✓ 1 done   ○ 1 waiting   ✗ 1 failed   – 1 skipped
    "#]]
    .assert_eq(&Graph::of_run(&run()).to_text(80, Paint::Plain));
}
