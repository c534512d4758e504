//! A structured log, stored with the attempt and bounded by the host.
//!
//! ```
//! use jackfield_sdk::log;
//!
//! let (path, rows) = ("orders.csv", 1_204);
//! log::info!("parsed {path}"; rows = rows, delimiter = ';');
//! log::debug!("nothing more to say");
//! ```

use std::fmt;

use crate::host;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every little step.
    Trace,
    /// For the author of the plugin.
    Debug,
    /// For whoever looks at the run.
    Info,
    /// Something is odd, and the task goes on.
    Warn,
    /// Something went wrong.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

/// Writes one line with named values. The macros of this module are the comfortable way.
pub fn write(level: Level, message: &str, fields: Vec<(String, String)>) {
    host::log(level, message, fields);
}

/// Writes a line at [`Level::Trace`]: a format string and its arguments, then `;` and `name = value` fields.
#[doc(inline)]
pub use crate::__log_trace as trace;

/// Writes a line at [`Level::Debug`]: a format string and its arguments, then `;` and `name = value` fields.
#[doc(inline)]
pub use crate::__log_debug as debug;

/// Writes a line at [`Level::Info`]: a format string and its arguments, then `;` and `name = value` fields.
#[doc(inline)]
pub use crate::__log_info as info;

/// Writes a line at [`Level::Warn`]: a format string and its arguments, then `;` and `name = value` fields.
#[doc(inline)]
pub use crate::__log_warn as warn;

/// Writes a line at [`Level::Error`]: a format string and its arguments, then `;` and `name = value` fields.
#[doc(inline)]
pub use crate::__log_error as error;

#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ($level:ident, $format:literal $(, $argument:expr)* $(,)?) => {
        $crate::log::write($crate::log::Level::$level, &::std::format!($format $(, $argument)*), ::std::vec::Vec::new())
    };
    ($level:ident, $format:literal $(, $argument:expr)* ; $($name:ident = $value:expr),+ $(,)?) => {
        $crate::log::write(
            $crate::log::Level::$level,
            &::std::format!($format $(, $argument)*),
            ::std::vec![$((::std::stringify!($name).to_owned(), ::std::string::ToString::to_string(&$value))),+],
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log_trace { ($($rest:tt)+) => { $crate::__log!(Trace, $($rest)+) }; }

#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug { ($($rest:tt)+) => { $crate::__log!(Debug, $($rest)+) }; }

#[doc(hidden)]
#[macro_export]
macro_rules! __log_info { ($($rest:tt)+) => { $crate::__log!(Info, $($rest)+) }; }

#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn { ($($rest:tt)+) => { $crate::__log!(Warn, $($rest)+) }; }

#[doc(hidden)]
#[macro_export]
macro_rules! __log_error { ($($rest:tt)+) => { $crate::__log!(Error, $($rest)+) }; }
