use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{TICK, Ticker};
use crate::engine;

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(10), "waited 10 s until {what}");
        std::thread::yield_now();
    }
}

/// Lets so much time pass without anything to wait for.
fn let_pass(time: Duration) {
    let (_keep, never) = mpsc::channel::<()>();
    never.recv_timeout(time).unwrap_err();
}

#[test]
fn ticks_while_an_attempt_is_active_and_never_otherwise() {
    let (engine, _) = engine::start(engine::Shape::default()).unwrap();
    let ticker = Ticker::start(&engine).unwrap();
    wait_until("the new ticker sleeps", || ticker.is_asleep());
    let before = ticker.ticks();
    let_pass(TICK * 5);
    assert_eq!(ticker.ticks(), before, "an idle ticker wakes up");

    for _ in 0..3 {
        let active = ticker.activate();
        let second = ticker.activate();
        let start = ticker.ticks();
        wait_until("five ticks have passed", || ticker.ticks() >= start + 5);
        drop(active);
        let start = ticker.ticks();
        wait_until("two more ticks have passed for the second attempt", || ticker.ticks() >= start + 2);
        drop(second);
        wait_until("the ticker sleeps again", || ticker.is_asleep());
        let before = ticker.ticks();
        let_pass(TICK * 5);
        assert_eq!(ticker.ticks(), before, "an idle ticker wakes up after an attempt");
    }
}
