use super::*;
use crate::plan::WhenBusy;
use crate::plan::{Digest, FileRule, Grant, HttpRule, SecretRule};
use crate::run::{BlockReason, Decision, Failure, FailureKind, LockToken, Parent, Place, Receipt, Resolution, RunId, RunUid, Scheduled};
use crate::types::Value;

fn failure() -> Failure {
    Failure {
        kind: FailureKind::RetryAfter(1_500),
        code: "busy".into(),
        message: "later".into(),
        data: Some("{\"a\":1}".into()),
        trace: Some("frame".into()),
    }
}

/// The events of the first engine, which knew no more.
fn first_events() -> Vec<Event> {
    let place = Place { step: 3, item: Some(70_000) };
    let failure = failure();
    let receipt = Receipt {
        wall_us: 12,
        fuel: Some(5),
        memory_peak: 65_536,
        bytes_in: 1,
        bytes_out: 2,
        log_dropped: 3,
        hosts: vec!["a:1".into()],
        cached: false,
        used: None,
    };
    vec![
        Event::Began {
            uid: RunUid([9; 16]),
            inputs: Value::map([("a", Value::Int(-1))]),
            directory: "/d".into(),
            rerun_of: Some(RunId(4)),
            parent: None,
            labels: Vec::new(),
            scheduled: None,
        },
        Event::Adopted { step: 1, output: Some(Value::UInt(u64::MAX)) },
        Event::Adopted { step: 2, output: None },
        Event::Skipped { step: 0 },
        Event::ItemsOpened { step: 3, count: 100_000 },
        Event::Started { place, attempt: 2 },
        Event::Done { place: Place { step: 3, item: None }, attempt: 1, output: Value::string("done"), receipt: receipt.clone() },
        Event::AttemptFailed { place, attempt: 2, failure: failure.clone(), retry_at: Some(Millis(99)), receipt: receipt.clone() },
        Event::AttemptFailed { place, attempt: 2, failure: failure.clone(), retry_at: None, receipt },
        Event::StepFailed { step: 1, failure: failure.clone() },
        Event::Lost { places: vec![place, Place { step: 1, item: None }] },
        Event::Released { places: vec![place] },
        Event::CancelRequested { reason: "enough".into() },
        Event::Blocked { reason: BlockReason::PluginMissing { digest: Digest::of(b"x") } },
        Event::Blocked { reason: BlockReason::KilledWorker { place, times: 3 } },
        Event::Unblocked,
        Event::RunDone { outputs: Value::list([Value::Null]) },
        Event::RunFailed { step: Some(1), failure: failure.clone() },
        Event::RunFailed { step: None, failure },
        Event::RunCancelled,
    ]
}

/// One of every kind, and of every variant of it.
pub(crate) fn all_events() -> Vec<Event> {
    let mut events = second_events();
    events.push(Event::Began {
        uid: RunUid([9; 16]),
        inputs: Value::Null,
        directory: "/d".into(),
        rerun_of: None,
        parent: None,
        labels: Vec::new(),
        scheduled: Some(Scheduled { schedule: 2, at: Millis(1_700_000_100_000) }),
    });
    events.push(Event::Prioritized { priority: -100 });
    events
}

/// The events of the engines before schedules, and before runs had priorities of their own.
fn second_events() -> Vec<Event> {
    let (place, step) = (Place::item(3, 70_000), Place::step(2));
    let receipt = Receipt { cached: true, ..Receipt::default() };
    let parent = Parent { run: RunId(7), uid: RunUid([3; 16]), place, attempt: 2, depth: 1 };
    let mut events = first_events();
    events.extend([
        Event::Began {
            uid: RunUid([9; 16]),
            inputs: Value::Null,
            directory: "/d".into(),
            rerun_of: None,
            parent: Some(parent),
            labels: vec![("team".into(), "sales".into())],
            scheduled: None,
        },
        Event::ItemAdopted { place, output: Value::Int(1) },
        Event::Queued { key: "eu".into(), limit: 2, when_busy: WhenBusy::CancelRunning },
        Event::Admitted { token: LockToken(5) },
        Event::Opened { step: 2, branch: Some(1) },
        Event::Opened { step: 2, branch: None },
        Event::Closed { step: 2 },
        Event::LockWanted { place: step, name: "db".into(), permits: 3 },
        Event::LockHeld { place: step, token: LockToken(u64::MAX) },
        Event::RateWanted { place },
        Event::Delayed { place, until: Millis(7) },
        Event::Paused { place, until: Millis(i64::MIN) },
        Event::Sleeping { place: step, until: Millis(i64::MAX) },
        Event::Listening { place: step },
        Event::Done { place, attempt: 1, output: Value::Null, receipt: receipt.clone() },
        Event::Settled { place, output: Value::Bool(true) },
        Event::Signalled { place: step, signal: 4 },
        Event::OutcomeUnknown { place, attempt: 1, failure: failure(), receipt },
        Event::Resolved { place, how: Resolution::Done(Value::Int(4)) },
        Event::Resolved { place, how: Resolution::Failed },
        Event::Resolved { place, how: Resolution::Retry },
        Event::PlaceFailed { place, failure: failure() },
        Event::Caught { place, handler: 9 },
        Event::ChildLeft { place: step, attempt: 3 },
        Event::SignalAccepted { id: "i".into(), name: "go".into(), payload: Value::Int(3), by: "me".into(), note: "now".into() },
        Event::Decided { id: "j".into(), place, decision: Decision::Approved, by: "me".into(), note: "".into() },
        Event::Decided { id: "k".into(), place: step, decision: Decision::Denied, by: "".into(), note: "no".into() },
        Event::Failing { failure: failure() },
        Event::CompensationBegan,
        Event::Blocked { reason: BlockReason::UnknownOutcome { place, attempt: 2 } },
        Event::Blocked { reason: BlockReason::CompensationFailed { place } },
    ]);
    events
}

/// The same event about another place.
pub(crate) fn about(event: Event, place: Place) -> Event {
    let mut event = event;
    match &mut event {
        Event::Adopted { step, .. }
        | Event::Skipped { step }
        | Event::ItemsOpened { step, .. }
        | Event::Opened { step, .. }
        | Event::Closed { step }
        | Event::StepFailed { step, .. } => *step = place.step,
        Event::ItemAdopted { place: at, .. }
        | Event::LockWanted { place: at, .. }
        | Event::LockHeld { place: at, .. }
        | Event::RateWanted { place: at }
        | Event::Delayed { place: at, .. }
        | Event::Paused { place: at, .. }
        | Event::Started { place: at, .. }
        | Event::Sleeping { place: at, .. }
        | Event::Listening { place: at }
        | Event::Done { place: at, .. }
        | Event::Settled { place: at, .. }
        | Event::Signalled { place: at, .. }
        | Event::AttemptFailed { place: at, .. }
        | Event::OutcomeUnknown { place: at, .. }
        | Event::Resolved { place: at, .. }
        | Event::PlaceFailed { place: at, .. }
        | Event::Caught { place: at, .. }
        | Event::ChildLeft { place: at, .. }
        | Event::Decided { place: at, .. } => *at = place,
        Event::Lost { places } | Event::Released { places } => *places = vec![place],
        _ => {}
    }
    event
}

fn round_trip(batch: &Batch) -> Batch {
    let encoded = encode(batch);
    decode(&encoded.bytes, &mut |digest| encoded.blobs.iter().find(|blob| blob.digest() == *digest).map(|blob| blob.bytes().clone()))
        .expect("decodes")
}

#[test]
fn every_event_survives() {
    let batch = Batch { at: Millis(-5), events: all_events() };
    assert_eq!(round_trip(&batch), batch);
}

/// These bytes are on disks. When this test fails, old runs can no longer be resumed: add a format, keep this one.
#[test]
fn the_bytes_of_format_1_never_change() {
    let encoded = encode(&Batch { at: Millis(1_700_000_000_000), events: second_events() });
    assert_eq!(encoded.bytes[0], 1);
    expect_test::expect!["sha256:7f4342f27cc0732b601a726f027661b38b77e0de3399d2e4dbb07236b590c678"]
        .assert_eq(&Digest::of(&encoded.bytes).to_string());
    let encoded = encode(&Batch { at: Millis(1_700_000_000_000), events: all_events() });
    expect_test::expect!["sha256:455b1804f265caf09ec600655fdb3eff0f08f73c947ee9976ec047751c0c292f"]
        .assert_eq(&Digest::of(&encoded.bytes).to_string());
}

/// What the first engine wrote: fewer fields in some events.
#[test]
fn the_bytes_of_the_first_engine_are_still_read() {
    let text = include_str!("tests/first.hex").trim();
    let bytes: Vec<u8> = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect();
    assert_eq!(Digest::of(&bytes).to_string(), "sha256:9614ad9d9705fde8d406967cedf7ccbce102f1b8261d7c9e948a4778401fbce9");
    let batch = decode(&bytes, &mut |_| None).expect("readable");
    assert_eq!(batch, Batch { at: Millis(1_700_000_000_000), events: first_events() });
}

#[test]
fn what_was_used_is_kept_in_few_bytes_and_whole() {
    let used = Grant {
        http: vec![HttpRule::parse("GET https://a.example/b/*").expect("a rule"), HttpRule::parse("* http://[::1]:8/").expect("a rule")],
        files: vec![FileRule::parse("write out as o").expect("a rule")],
        config: vec!["region".into()],
        secrets: vec![SecretRule { name: "token".into(), hosts: vec!["a.example".into()] }],
        scratch: true,
        memory: None,
    };
    let done = |used| {
        let receipt = Receipt { used, ..Receipt::default() };
        Batch { at: Millis(1), events: vec![Event::Done { place: Place::step(0), attempt: 1, output: Value::Null, receipt }] }
    };
    let (none, empty, whole) = (done(None), done(Some(Box::default())), done(Some(Box::new(used))));
    for batch in [&none, &empty, &whole] {
        assert_eq!(&round_trip(batch), batch);
    }
    assert_eq!(encode(&empty).bytes.len(), encode(&none).bytes.len() + 1);
    // These bytes are in stores, and are read for ever.
    let bytes = encode(&whole).bytes;
    assert_eq!(Digest::of(&bytes).to_string(), "sha256:1438aa54f515175785633e47a5d2589844d7dbb1c7d38df1403ace3eb23e5583");
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end], &mut |_| None).is_err(), "cut after {end} bytes");
    }
}

#[test]
fn small_steps_take_few_bytes() {
    let events = vec![
        Event::Done {
            place: Place { step: 20, item: None },
            attempt: 1,
            output: Value::map([("v", Value::Int(20))]),
            receipt: Receipt { wall_us: 60, memory_peak: 65_536, bytes_in: 8, bytes_out: 8, ..Receipt::default() },
        },
        Event::Started { place: Place { step: 21, item: None }, attempt: 1 },
    ];
    let bytes = encode(&Batch { at: Millis(1_700_000_000_000), events }).bytes.len();
    assert!(bytes <= 64, "{bytes} bytes");
}

#[test]
fn large_values_are_kept_beside_and_named_by_digest() {
    let large = Value::string("x".repeat(INLINE_BYTES_MAX));
    let done = |step| Event::Done { place: Place { step, item: None }, attempt: 1, output: large.clone(), receipt: Receipt::default() };
    let batch = Batch { at: Millis(0), events: vec![done(0), done(1)] };
    let encoded = encode(&batch);
    assert_eq!(encoded.blobs.len(), 1, "the same value is kept once");
    assert!(encoded.bytes.len() < 200);
    assert_eq!(blobs_of(&encoded.bytes).expect("readable").into_iter().collect::<Vec<_>>(), [encoded.blobs[0].digest()]);
    assert_eq!(round_trip(&batch), batch);
    let missing = decode(&encoded.bytes, &mut |_| None);
    assert_eq!(missing, Err(DecodeError::BlobMissing(encoded.blobs[0].digest())));
}

#[test]
fn damaged_bytes_are_refused_and_never_panic() {
    let bytes = encode(&Batch { at: Millis(1), events: all_events() }).bytes;
    let mut none = |_: &Digest| None;
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end], &mut none).is_err(), "cut after {end} bytes");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            // It may still be well-formed (a digit of a number changed); the store's checksum finds that.
            let _ = decode(&damaged, &mut none);
        }
    }
    assert_eq!(decode(&[2], &mut none), Err(DecodeError::Format { found: 2 }));
    // Lengths of 2^60 elements are not believed.
    assert!(decode(&[1, 0, 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0], &mut none).is_err());
}
