//! A plan with everything a step may be and have.

use std::sync::Arc;

use expect_test::expect;
use jackfield_flow::plan::{
    Action, Branch, Call, Contender, Digest, Effect, Grant, Lock, OnError, OnItemError, PLAN_FORMAT, ParentEnds, PinnedPlugin, Plan,
    PlanStep, PlanTask, PlanTemplate, Rate, RepeatTest, Role, StepKind, Then,
};
use jackfield_flow::run::{Beginning, Millis, Run, RunId, RunUid, Status};
use jackfield_flow::types::{Expr, Type, Value};

use super::super::model::{Graph, Mark};
use super::super::text::Paint;

fn task(task: usize, effect: Effect) -> Action {
    Action::Task(Call { task, with: PlanTemplate::Map(Vec::new()), grant: Grant::default(), effect })
}

fn text(text: &str) -> PlanTemplate {
    PlanTemplate::Value(Value::string(text))
}

fn expr(source: &str) -> PlanTemplate {
    PlanTemplate::Expr(Expr::parse(source).expect("an expression"))
}

fn plan(name: &str, flows: Vec<Arc<Plan>>, steps: Vec<PlanStep>) -> Plan {
    let tasks = ["list", "save", "delete"];
    let task = |name: &str| PlanTask { plugin: 0, name: name.into(), input: Type::Json, output: Type::Json };
    Plan {
        format: PLAN_FORMAT,
        workflow: name.into(),
        inputs: Vec::new(),
        plugins: vec![PinnedPlugin { name: "shop".into(), digest: Digest::of(b"shop") }],
        tasks: tasks.map(task).into(),
        steps,
        flows,
        outputs: Vec::new(),
        labels: Vec::new(),
        concurrency: None,
        priority: 0,
        retain_ms: None,
        schedules: Vec::new(),
    }
}

fn needing(needs: &[usize], name: &str, kind: StepKind) -> PlanStep {
    PlanStep { needs: needs.to_vec(), ..PlanStep::new(name, kind, Type::Json) }
}

fn belonging(role: Role, name: &str, action: Action) -> PlanStep {
    PlanStep { role, ..PlanStep::new(name, StepKind::One(action), Type::Json) }
}

/// One step of every kind, with one of every modifier among them.
pub(super) fn everything() -> Plan {
    let archive = plan("archive", Vec::new(), vec![PlanStep::new("put", StepKind::One(task(1, Effect::Effects)), Type::Json)]);
    let list = || task(0, Effect::Reads);
    let save = StepKind::ForEach {
        items: expr("steps.list"),
        max_parallel: 32,
        on_item_error: OnItemError::Collect,
        action: task(1, Effect::Effects),
    };
    let poll = StepKind::Repeat {
        start: PlanTemplate::Value(Value::Null),
        test: RepeatTest::Until(expr("carry.done")),
        max: 100,
        every_ms: 10_000,
        action: list(),
    };
    let pick = StepKind::Choose(vec![
        Branch { condition: Some(expr("size(steps.list)   > 100")), action: list() },
        Branch { condition: None, action: Action::Value(PlanTemplate::List(Vec::new())) },
    ]);
    let contender = |name: &str, action| Contender { name: name.into(), action };
    let first = StepKind::Race(vec![contender("fast", list()), contender("late", Action::Sleep(text("5m")))]);
    let flow = Action::Flow { flow: 0, with: PlanTemplate::Map(Vec::new()), parent_ends: ParentEnds::Cancel };
    let signal = Action::Signal { name: "paid".into(), ty: Type::Json };
    let one = StepKind::One;
    let mut steps = vec![
        needing(&[], "list", one(list())),
        needing(&[0], "save", save),
        needing(&[0], "poll", poll),
        needing(&[0], "pick", pick),
        needing(&[1], "first", first),
        needing(&[1, 2], "archive", one(flow)),
        needing(&[3], "cool-down", one(Action::Sleep(text("PT48H")))),
        needing(&[6], "morning", one(Action::Until(expr("inputs.at")))),
        needing(&[4, 5], "paid", one(signal)),
        needing(&[7], "release", one(Action::Approval { question: text("Release it?\u{1b}[2J") })),
        needing(&[8, 9], "answer", one(Action::Value(PlanTemplate::Value(Value::Int(42))))),
        belonging(Role::Handler { of: 1 }, "save/on-error", list()),
        belonging(Role::Finally { of: 1 }, "save/finally", Action::Sleep(text("2s"))),
        belonging(Role::Compensate { of: 1 }, "save/compensate", task(2, Effect::Effects)),
    ];
    let on_error = |code: Option<&str>, then| OnError { code: code.map(Arc::from), then };
    steps[0].cache = true;
    steps[1].on_error = vec![
        on_error(Some("sold-out"), Then::Step(11)),
        on_error(Some("guest.trap"), Then::Fail),
        on_error(None, Then::Value(PlanTemplate::Value(Value::Null))),
    ];
    (steps[1].finally, steps[1].compensate) = (Some(12), Some(13));
    steps[1].lock = Some(Lock { name: text("stock"), permits: 2 });
    steps[1].rate = Some(Rate { name: "shop".into(), limit: 10, per_ms: 60_000 });
    steps[5].at_most_once = true;
    steps[6].condition = Some(expr("inputs.wait"));
    steps[8].timeout.total_ms = Some(86_400_000);
    plan("everything", vec![Arc::new(archive)], steps)
}

/// The same in a run that has done one half of it.
fn running() -> Graph {
    let plan = Arc::new(plan("empty", Vec::new(), Vec::new()));
    let beginning = Beginning::new(RunUid([7; 16]), Value::map::<&str>([]), "/");
    let (run, _) = Run::begin(plan, beginning, Millis(0)).expect("legal");
    let run = run.named(RunId(7));
    assert_eq!(Graph::of_run(&run).title, "empty, run 7: done");
    let mut graph = Graph::of_plan(&everything());
    let states = [Status::Done, Status::Failed, Status::Running, Status::Skipped, Status::Waiting];
    graph.nodes.iter_mut().zip(states.into_iter().cycle()).for_each(|(node, status)| node.status = Some(status));
    let save = &mut graph.nodes[1];
    (save.items, save.note) = (Some((2, 5)), "2.5 s, 7 attempts, sold-out".to_owned());
    save.does[0].words = "2/5 items".to_owned();
    (save.parts[0].status, save.parts[0].note) = (Some(Status::Done), "1.0 s".to_owned());
    (save.parts[4].status, save.parts[4].note) = (Some(Status::Blocked), "its worker died 3 times".to_owned());
    graph
}

#[test]
fn every_kind_has_its_mark_and_its_words() {
    let graph = Graph::of_plan(&everything());
    assert_eq!(graph.nodes.len(), 11, "what belongs to a step is no node");
    let marks: std::collections::BTreeSet<Mark> = graph.nodes.iter().flat_map(super::super::model::Node::marks).collect();
    assert!(Mark::ALL.iter().all(|mark| marks.contains(mark)), "{marks:?}");
    assert_eq!(graph.nodes[5].effect, Some(Effect::Effects), "a sub-workflow does what its steps do");
    assert_eq!(graph.nodes[6].effect, None);
    expect![[r#"
        everything
                                                         ┌───────────┐
                                                         │ list    ◈ │
                                                         │ shop.list │
                                                         │ ⊡ cache   │
                                                         └─────┬─────┘
                        ╭─────────────────────────────────────┬┴──────────────────────────────────────╮
                        ▼                                     ▼                                       ▼
        ╔═══════════════════════════════╗   ┌───────────────────────────────────┐   ┌───────────────────────────────────┐
        ║ save                        ◆ ║   │ poll                            ◈ │   │ pick                            ◈ │
        ║ ∥ each item, 32 at once,      ║   │ ⟳ repeat ≤100, every 10s, until   │   │ ⑂ choose                          │
        ║ collects failures             ║   │ carry.done                        │   │ ├ if size(steps.…> 100: shop.list │
        ║ shop.save                     ║   │ shop.list                         │   │ ╰ else: = value […]               │
        ║ ⚿ lock stock ×2  ≋ 10 per 1m  ║   └─────────────────┬─────────────────┘   └─────────────────┬─────────────────┘
        ╟╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╢                     │                                       │
        ║ ↯ on sold-out: shop.list      ║                     │                                       │
        ║ ↯ on guest.trap: fail         ║                     │                                       │
        ║ ↯ on any error: = value null  ║                     │                                       │
        ║ ⇥ finally: ⏱ sleep 2s         ║                     │                                       │
        ║ ↶ compensate: shop.delete     ║                     │                                       │
        ╚═══════════════╤═══════════════╝                     │                                       │
                     ╭──┴───────────────────╮ ╭───────────────╯                                       │
                     ▼                      ▼ ▼                                                       ▼
          ┌─────────────────────┐   ┌─────────────────┐                                        ┌╌╌╌╌╌╌╌╌╌╌╌╌╌┐
          │ first             ◈ │   │ archive       ◆ │                                        ┆ cool-down   ┆
          │ ⚑ race              │   │ ▣ flow archive  │                                        ┆ ⏱ sleep 2d  ┆
          │ ├ fast: shop.list   │   │ ① at most once  │                                        └╌╌╌╌╌╌┬╌╌╌╌╌╌┘
          │ ╰ late: ⏱ sleep 5m  │   └────────┬────────┘                                               │
          └──────────┬──────────┘            │                                                        │
                     ╰───────────┬───────────╯                                                        │
                                 ▼                                                                    ▼
                         ┌───────────────┐                                                  ┌───────────────────┐
                         │ paid          │                                                  │ morning           │
                         │ ✉ signal paid │                                                  │ ⏱ until inputs.at │
                         │ ◔ within 1d   │                                                  └─────────┬─────────┘
                         └───────┬───────┘                                                            │
                                 │                                                                    ▼
                                 │                                                  ┌───────────────────────────────────┐
                                 │                                                  │ release                           │
                                 │                                                  │ ☑ approval: Release it?\u{1b}[2J  │
                                 │                                                  └─────────────────┬─────────────────┘
                                 ╰──────────────────────┬─────────────────────────────────────────────╯
                                                        ▼
                                                 ┌─────────────┐
                                                 │ answer      │
                                                 │ = value 42  │
                                                 └─────────────┘

        ◈ reads   ◆ effects   ═ for each   ┆ if
    "#]]
    .assert_eq(&graph.to_text(130, Paint::Plain));
    expect![[r#"
        everything
        ├── ◈ list  shop.list
        │       ⊡ cache
        ├─┬ ◆ save  ∥ each item, 32 at once, collects failures
        │ │     ⚿ lock stock ×2  ≋ 10 per 1m
        │ │     ↯ on sold-out: shop.list
        │ │     ↯ on guest.trap: fail
        │ │     ↯ on any error: = value null
        │ │     ⇥ finally: ⏱ sleep 2s
        │ │     ↶ compensate: shop.delete
        │ ├ ◈ poll  ⟳ repeat ≤100, every 10s, until carry.done
        │ ╰ ◈ pick  ⑂ choose
        │       ├ if size(steps.list) > 100: shop.list
        │       ╰ else: = value […]
        ├─┬ ◈ first  ⚑ race  ← save
        │ │     ├ fast: shop.list
        │ │     ╰ late: ⏱ sleep 5m
        │ ├ ◆ archive  ▣ flow archive  ← save, poll
        │ │     ① at most once
        │ ╰   cool-down  ⏱ sleep 2d  if  ← pick
        ├─┬   morning  ⏱ until inputs.at  ← cool-down
        │ ╰   paid  ✉ signal paid  ← first, archive
        │       ◔ within 1d
        ├──   release  ☑ approval: Release it?\u{1b}[2J  ← morning
        ╰──   answer  = value 42  ← paid, release

        ◈ reads   ◆ effects
    "#]]
    .assert_eq(&graph.to_text(60, Paint::Plain));
    expect![[r#"
        ---
        title: "everything"
        ---
        flowchart TD
          s0("<b>list</b><br/>shop.list<br/>#8865; cache"):::reads
          s1[["<b>save</b><br/>#8741; each item, 32 at once, collects failures<br/>shop.save<br/>#9919; lock stock #215;2<br/>#8779; 10 per 1m<br/><i>#8623; on sold-out: shop.list</i><br/><i>#8623; on guest.trap: fail</i><br/><i>#8623; on any error: #61; value null</i><br/><i>#8677; finally: #9201; sleep 2s</i><br/><i>#8630; compensate: shop.delete</i>"]]:::effects
          s2[["<b>poll</b><br/>#10227; repeat #8804;100, every 10s, until carry.done<br/>shop.list"]]:::reads
          s3{{"<b>pick</b><br/>#9282; choose<br/>if size#40;steps.list#41; #62; 100: shop.list<br/>else: #61; value #91;#8230;#93;"}}:::reads
          s4{{"<b>first</b><br/>#9873; race<br/>fast: shop.list<br/>late: #9201; sleep 5m"}}:::reads
          s5[["<b>archive</b><br/>#9635; flow archive<br/>#9312; at most once"]]:::effects
          s6(["<b>cool-down</b><br/>#9201; sleep 2d"]):::plain
          s7(["<b>morning</b><br/>#9201; until inputs.at"]):::plain
          s8[/"<b>paid</b><br/>#9993; signal paid<br/>#9684; within 1d"/]:::plain
          s9[/"<b>release</b><br/>#9745; approval: Release it#63;#92;u#123;1b#125;#91;2J"\]:::plain
          s10["<b>answer</b><br/>#61; value 42"]:::plain
          s0 --> s1
          s0 --> s2
          s0 --> s3
          s1 --> s4
          s1 --> s5
          s2 --> s5
          s3 --> s6
          s4 --> s8
          s5 --> s8
          s6 --> s7
          s7 --> s9
          s8 --> s10
          s9 --> s10
          classDef plain fill:#f8fafc,stroke:#94a3b8,color:#0f172a
          classDef reads fill:#eff6ff,stroke:#3b76e0,color:#0f172a
          classDef effects fill:#fff7ed,stroke:#e0662b,color:#0f172a
          classDef conditional stroke-dasharray:4 3
          class s6 conditional
    "#]].assert_eq(&graph.to_mermaid());
}

#[test]
fn in_a_run_every_part_has_its_state() {
    expect![[r#"
        everything
                                                            ┌───────────┐
                                                            │ ✓ list  ◈ │
                                                            │ shop.list │
                                                            │ ⊡ cache   │
                                                            └─────┬─────┘
                          ╭───────────────────────────────────────┼───────────────────────────────────────╮
                          ▼                                       ▼                                       ▼
        ╔═══════════════════════════════════╗   ┌───────────────────────────────────┐   ┌───────────────────────────────────┐
        ║ ✗ save                          ◆ ║   │ ● poll                          ◈ │   │ – pick                          ◈ │
        ║ ∥ 2/5 items                       ║   │ ⟳ repeat ≤100, every 10s, until   │   │ ⑂ choose                          │
        ║ shop.save                         ║   │ carry.done                        │   │ ├ if size(steps.…> 100: shop.list │
        ║ 2.5 s, 7 attempts, sold-out       ║   │ shop.list                         │   │ ╰ else: = value […]               │
        ║ ⚿ lock stock ×2  ≋ 10 per 1m      ║   └─────────────────┬─────────────────┘   └─────────────────┬─────────────────┘
        ╟╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╢                     │                                       │
        ║ ✓ ↯ on sold-out: shop.list, 1.0 s ║                     │                                       │
        ║ ↯ on guest.trap: fail             ║                     │                                       │
        ║ ↯ on any error: = value null      ║                     │                                       │
        ║ ⇥ finally: ⏱ sleep 2s             ║                     │                                       │
        ║ ! ↶ compensate: …ker died 3 times ║                     │                                       │
        ╚═════════════════╤═════════════════╝                     │                                       │
                       ╭──┴───────────────────╮ ╭─────────────────╯                                       │
                       ▼                      ▼ ▼                                                         ▼
            ┌─────────────────────┐   ┌─────────────────┐                                          ┌╌╌╌╌╌╌╌╌╌╌╌╌╌┐
            │ ○ first           ◈ │   │ ✓ archive     ◆ │                                          ┆ ✗ cool-down ┆
            │ ⚑ race              │   │ ▣ flow archive  │                                          ┆ ⏱ sleep 2d  ┆
            │ ├ fast: shop.list   │   │ ① at most once  │                                          └╌╌╌╌╌╌┬╌╌╌╌╌╌┘
            │ ╰ late: ⏱ sleep 5m  │   └────────┬────────┘                                                 │
            └──────────┬──────────┘            │                                                          │
                       ╰───────────┬───────────╯                                                          │
                                   ▼                                                                      ▼
                           ┌───────────────┐                                                    ┌───────────────────┐
                           │ – paid        │                                                    │ ● morning         │
                           │ ✉ signal paid │                                                    │ ⏱ until inputs.at │
                           │ ◔ within 1d   │                                                    └─────────┬─────────┘
                           └───────┬───────┘                                                              │
                                   │                                                                      ▼
                                   │                                                    ┌───────────────────────────────────┐
                                   │                                                    │ ○ release                         │
                                   │                                                    │ ☑ approval: Release it?\u{1b}[2J  │
                                   │                                                    └─────────────────┬─────────────────┘
                                   ╰───────────────────────┬──────────────────────────────────────────────╯
                                                           ▼
                                                    ┌─────────────┐
                                                    │ ✓ answer    │
                                                    │ = value 42  │
                                                    └─────────────┘

        ◈ reads   ◆ effects   ═ for each   ┆ if   ✓ 3 done   ● 2 running   ○ 2 waiting   ✗ 2 failed   – 2 skipped
    "#]]
    .assert_eq(&running().to_text(130, Paint::Plain));
}

#[test]
fn the_picture_of_everything_is_whole() {
    for graph in [Graph::of_plan(&everything()), running()] {
        super::xml::check(&graph);
        let svg = graph.to_svg();
        for word in ["sub-workflow", "waits for a signal", "lock", "on error", "compensate", "at most once", "on a condition"] {
            assert!(svg.contains(&format!(">{word}</text>")), "the legend has no {word}");
        }
        assert!(!svg.contains('\u{1b}'));
    }
}
