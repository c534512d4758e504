//! Enums that do not say what their errors are. All problems of an enum are told at once.
use std::time::Duration;

use jackfield_sdk::prelude::*;

#[derive(TaskErrors)]
enum Several {
    NoCodeAtAll,
    #[error_code("Bad Code", permanent)]
    BadCode,
    #[error_code("no-kind")]
    NoKind,
    #[error_code("wrong-kind", forever)]
    WrongKind,
    #[error_code(permanent)]
    KindFirst,
    #[error_code("when", retry_after)]
    When { wait: Duration },
    #[error_code("no-field", retry_after(later))]
    NoField { wait: Duration },
    #[error_code("no-data", permanent, data(line))]
    NoData,
    #[error_code("more", permanent, fields(line))]
    More { line: u32 },
    #[error_code(transparent)]
    NothingInside,
}

#[derive(TaskErrors)]
struct Single;

#[derive(TaskErrors)]
enum Generic<T> {
    #[error_code("any", permanent)]
    Any(T),
}

fn main() {}
