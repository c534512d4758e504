//! Signals and decisions: once each, in order, also early, also after a crash.

use super::build::approval;
use super::*;
use crate::plan::OnItemError;
use crate::types::Type;

fn go(id: &str, payload: &str) -> Signal {
    Signal { id: id.into(), name: "go".into(), payload: payload.into(), by: "me".into(), note: "".into() }
}

fn waiting() -> Build {
    let signals = crate::plan::Action::Signal { name: "go".into(), ty: Type::Int };
    Build::new().step("a", &[], one(call("'a'"))).step("each", &["a"], for_each("[1, 2, 3]", 1, OnItemError::Fail, signals))
}

fn plan() -> crate::plan::Plan {
    waiting().output("out", "steps.each").done()
}

#[test]
fn signals_are_delivered_once_in_order_of_acceptance_also_when_they_come_early() {
    let mut bench = Bench::of(plan(), &echo);
    for (id, payload) in [("1", "10"), ("2", "20"), ("1", "10")] {
        bench.input(Input::Signal(go(id, payload)));
    }
    assert_eq!(bench.run.signals_waiting(), 2);
    let mut bench = bench.finish();
    assert_eq!(bench.run.status(), Status::Running);
    assert!(matches!(&bench.run.why(Ownership::Nobody)[..], [Reason::Signal { name, item: Some(2), .. }] if &**name == "go"));
    bench.input(Input::Signal(go("3", "30")));
    assert_eq!(bench.outcome(), r#"{"out":[10,20,30]}"#);
    for batches in 1..=bench.batches.len() {
        // Who sent it and was not told that it was accepted sends it again.
        let mut killed = bench.killed_after(batches);
        for (id, payload) in [("1", "10"), ("2", "20"), ("3", "30")] {
            killed.input(Input::Signal(go(id, payload)));
        }
        assert_eq!(killed.finish().outcome(), r#"{"out":[10,20,30]}"#, "killed after batch {batches}");
    }
}

#[test]
fn signals_that_cannot_be_accepted_are_refused_with_a_reason() {
    let mut bench = Bench::of(plan(), &echo);
    bench.input(Input::Signal(go("1", "10")));
    let refused = |signal: Signal| bench.run.check_signal(&signal).expect_err("refused").to_string();
    assert_eq!(refused(Signal { name: "goo".into(), ..go("2", "1") }), "no step of `made` waits for a signal `goo`; did you mean `go`?");
    assert!(refused(go("2", "\"x\"")).starts_with("the payload of `go` must be int: expected int"));
    assert!(refused(go("2", "{")).contains("must be"));
    assert!(refused(go("1", "11")).contains("was accepted before with other content"));
    assert!(refused(go("2", &" ".repeat(SIGNAL_BYTES_MAX + 1))).starts_with("limit.signals: the payload has"));
    assert!(refused(go(&"i".repeat(5_000), "1")).starts_with("limit.signals: the id has"));
    assert_eq!(bench.run.check_signal(&go("1", " 10 ")), Ok(Reception::Known));
    let before = bench.batches.len();
    bench.input(Input::Signal(go("1", "11")));
    bench.input(Input::Signal(go("1", "10")));
    assert_eq!(bench.batches.len(), before, "what is refused or known changes nothing");
    bench.input(Input::Cancel { reason: "".into() });
    let ended = bench.finish();
    assert!(matches!(ended.run.check_signal(&go("9", "1")), Err(SignalRefusal::Ended { .. })));
}

#[test]
fn ten_thousand_signals_may_wait_and_no_more() {
    let mut bench = Bench::of(Build::new().step("nap", &[], one(sleep("1h"))).step("a", &["nap"], one(signal("go"))).done(), &echo);
    for id in 0..SIGNALS_WAITING_MAX {
        let events = bench.run.turn(Input::Signal(go(&id.to_string(), "1")), bench.now).expect("legal");
        assert_eq!(events.len(), 1);
    }
    assert_eq!(bench.run.check_signal(&go("more", "1")), Err(SignalRefusal::Full));
    assert!(bench.run.turn(Input::Signal(go("more", "1")), bench.now).expect("legal").is_empty());
    assert_eq!(bench.run.check_signal(&go("7", "1")), Ok(Reception::Known));
    bench.now = Millis(10_000_000);
    bench.input(Input::WakeUp);
    assert_eq!((bench.outcome(), bench.run.signals_waiting()), ("{}".to_owned(), SIGNALS_WAITING_MAX - 1));
}

fn decide(place: Place, decision: Decision) -> Approval {
    Approval { id: format!("{place:?}{decision:?}").into(), place, decision, by: "ann".into(), note: "fine".into() }
}

#[test]
fn somebody_approves_or_denies_once() {
    let plan =
        Build::new().step("a", &[], one(call("'a'"))).step("ask", &["a"], one(approval("Ship it?"))).output("out", "steps.ask").done();
    let place = Place::step(1);
    let bench = Bench::of(plan.clone(), &echo).finish();
    assert_eq!(bench.run.approvals(), [(place, "Ship it?".to_owned())]);
    assert!(matches!(&bench.run.why(Ownership::Nobody)[..], [Reason::Approval { question, .. }] if question == "Ship it?"));
    let early = |decision| {
        let mut bench = Bench::of(plan.clone(), &echo);
        bench.input(Input::Approval(decide(place, decision)));
        bench.input(Input::Approval(decide(place, decision)));
        let again = Approval { id: "other".into(), ..decide(place, decision) };
        assert_eq!(bench.run.check_approval(&again), Err(SignalRefusal::AlreadyDecided { decision }));
        bench.finish().outcome()
    };
    assert_eq!(early(Decision::Approved), r#"{"out":{"by":"ann","note":"fine","at":"1970-01-01T00:00:01Z"}}"#);
    assert_eq!(early(Decision::Denied), "Some(1) approval.denied: denied by ann: fine");
    assert_eq!(bench.run.check_approval(&decide(Place::step(0), Decision::Approved)), Err(SignalRefusal::NoApproval));
    assert_eq!(bench.run.check_approval(&decide(Place::step(70), Decision::Approved)), Err(SignalRefusal::NoApproval));
    assert_eq!(bench.run.check_approval(&decide(Place::item(1, 0), Decision::Approved)), Err(SignalRefusal::NoApproval));
}
