use jackfield_flow::definition::{self, Source};
use jackfield_flow::plan::{self, Plugins};
use jackfield_flow::run::{Beginning, RunUid};
use jackfield_flow::types::Value;
use jackfield_sandbox::LogSource;

use super::*;

fn run() -> Run {
    let (definition, _) = definition::read(&Source::new("w.yaml", "workflow: w\nsteps: {}\n"));
    let (plan, problems) = plan::build(&definition.expect("a definition"), &Plugins::new(), &plan::Flows::new());
    let beginning = Beginning::new(RunUid([7; 16]), Value::map::<&str>([]), "/");
    Run::begin(Arc::new(plan.unwrap_or_else(|| panic!("{problems:?}"))), beginning, Millis(0)).expect("legal").0
}

fn line(at_ms: u64, bytes: usize) -> News {
    let line = LogLine { at_ms, source: LogSource::Info, text: "x".repeat(bytes), fields: Vec::new() };
    News::Log { place: Place { step: 0, item: None }, attempt: 1, line }
}

/// Tells so many lines of so many bytes to a watcher that does not listen, and answers how many it still gets.
fn heard(lines: u64, bytes: usize) -> usize {
    let teller = Teller::default();
    let mut watch = teller.listen(run());
    for at in 0..lines {
        teller.tell(bytes, || line(at, bytes));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut heard = 0;
        for at in 0..lines {
            // Those that waited, in order, and then nothing for ever: no gap is passed over in silence.
            match tokio::select! { biased; news = watch.next() => news, () = std::future::ready(()) => return heard } {
                Some(News::Log { line, .. }) => assert_eq!(line.at_ms, at),
                Some(other) => panic!("{other:?}"),
                None => {
                    assert!(!teller.is_heard());
                    return heard;
                }
            }
            heard += 1;
        }
        heard
    })
}

#[test]
fn a_slow_watcher_costs_bounded_memory() {
    assert_eq!(heard(100, 1), 100);
    assert_eq!(heard(10_000, 1), WAITING_MAX);
    assert_eq!(heard(10_000, 16 << 10), WAITING_BYTES_MAX / (16 << 10));
    // One that is larger than all that may wait is told, when it comes alone.
    assert_eq!(heard(2, WAITING_BYTES_MAX + 1), 1);
}

#[test]
fn a_watcher_that_keeps_up_hears_everything() {
    let teller = Teller::default();
    let mut watch = teller.listen(run());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        for at in 0..10_000 {
            teller.tell(16 << 10, || line(at, 16));
            assert!(matches!(watch.next().await, Some(News::Log { line, .. }) if line.at_ms == at));
        }
    });
    drop(watch);
    assert!(!teller.is_heard());
    teller.tell(1, || line(0, 1));
    teller.tell(1, || panic!("made for nobody"));
}
