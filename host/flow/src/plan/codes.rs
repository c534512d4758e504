//! The codes of the engine's own failures, each with what it means and what to do.

macro_rules! codes {
    ($($code:literal: $page:literal,)+) => {
        /// Every code that a failure of the engine can have. All have a dot, which the codes of tasks have not.
        pub const ENGINE_CODES: &[&str] = &[$($code),+];

        /// What a code of the engine's means, and what to do about it.
        pub fn explain_engine_code(code: &str) -> Option<&'static str> {
            match code {
                $($code => Some($page),)+
                _ => None,
            }
        }
    };
}

codes! {
    "limit.time": "The attempt took longer than its `timeout`, and was interrupted. It is tried again if the step has `retry`. \
        Give it more time with `timeout: 5m`, or less to do.",
    "limit.total-time": "The step took longer in all than its `timeout: { total: … }`, counted over attempts, items and waits. \
        It is not tried again.",
    "limit.children": "The run would start more sub-workflows than a run may, or nest them deeper. Do more in one of them: a `for-each` inside \
        instead of a `flow` for each item.",
    "limit.memory": "The task wanted more memory than its grant gives it. Give it more with `grant: { memory: 512MiB }`, or less to do at once: \
        a `for-each` over parts of the input.",
    "limit.result-size": "The result is larger than a result may be. Let the task write it to a granted file, and answer where it is.",
    "limit.input-size": "The input, a list of items or a computed name is larger than it may be. Hand over where the data is instead of the data.",
    "limit.stack": "The task called itself too deep: its stack is used up. It would fail again with the same input.",
    "limit.host-calls": "The task opened more handles, or moved more data through calls of the host, than it may.",
    "guest.trap": "The task broke: a panic, an access out of bounds, a division by zero. `jackfield runs logs` shows what it said, and the \
        failure has a backtrace.",
    "guest.exit": "The task ended its program instead of answering. `jackfield runs logs` shows what it said before.",
    "guest.abi": "The task answered with bytes that its interface does not allow, such as text that is not UTF-8. The plugin has to be mended.",
    "value.input": "The input is not of the type that the task declares. A `json` value was probably converted to another type than it has.",
    "value.output": "The answer is not of the type that the task declares. The plugin has to be mended.",
    "host.internal": "The engine failed. It is tried again if the step has `retry`; `jackfield doctor` looks whether something is out of order.",
    "host.lost": "The engine stopped while the attempt ran. Such attempts are tried again by themselves; of a step with `effect: at-most-once` \
        nobody knows what it did, and `jackfield runs resolve` says what to hold it for.",
    "host.cancelled": "The attempt was interrupted because nobody needs it any more: the run was cancelled, or another contender won.",
    "plugin.no-task": "The plugin has no such task. It was probably exchanged for another one; `jackfield check` says which it has.",
    "denied.files": "A granted directory or file cannot be opened: it is not there, or leads out of where it may lead. Mend `grant: { files: … }`, \
        or make the directory.",
    "expr.argument": "A function in an expression was given something that it has no answer for.",
    "expr.budget": "An expression did more work, or made a larger value, than an expression may. Let a task do it.",
    "expr.convert": "A text in an expression does not say what it was converted to, such as `int('x')`.",
    "expr.divide-by-zero": "An expression divided by zero. Ask before: `n == 0 ? 0 : total / n`.",
    "expr.index": "An expression asked a list for an element that it has not. Ask for its `size` before.",
    "expr.missing": "An expression asked a map for a key that it has not. Ask with `has` before, or use `orValue`.",
    "expr.overflow": "The result of a computation in an expression has no room in its type.",
    "expr.type": "A `json` value in an expression is of another type than it was used as.",
    "wait.timeout": "Nobody sent the signal, or decided, within the `timeout` of the `wait`. `on-error: { wait.timeout: … }` says how to go on then.",
    "approval.denied": "Somebody denied what the step asked: `jackfield runs approve RUN STEP --deny`. The message says who, and their note.",
    "repeat.max": "A `repeat` had all its iterations, and its condition still did not hold. Raise `max`, or see why it does not hold.",
    "flow.failed": "The sub-workflow failed. The message has its failure; `jackfield runs show` of the run that started it has its number.",
    "flow.cancelled": "Somebody cancelled the sub-workflow.",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Platform;

    /// The one after it. A failure that is added does not compile before it is here.
    fn next(platform: Platform) -> Option<Platform> {
        Some(match platform {
            Platform::LimitTime => Platform::LimitMemory,
            Platform::LimitMemory => Platform::LimitResultSize,
            Platform::LimitResultSize => Platform::LimitInputSize,
            Platform::LimitInputSize => Platform::LimitStack,
            Platform::LimitStack => Platform::LimitHostCalls,
            Platform::LimitHostCalls => Platform::GuestTrap,
            Platform::GuestTrap => Platform::GuestExit,
            Platform::GuestExit => Platform::GuestAbi,
            Platform::GuestAbi => Platform::ValueOutput,
            Platform::ValueOutput => Platform::ValueInput,
            Platform::ValueInput => Platform::PluginNoTask,
            Platform::PluginNoTask => Platform::HostInternal,
            Platform::HostInternal => Platform::Cancelled,
            Platform::Cancelled => Platform::HostLost,
            Platform::HostLost => Platform::LimitTotalTime,
            Platform::LimitTotalTime => Platform::LimitChildren,
            Platform::LimitChildren => Platform::WaitTimeout,
            Platform::WaitTimeout => Platform::ApprovalDenied,
            Platform::ApprovalDenied => Platform::RepeatMax,
            Platform::RepeatMax => Platform::FlowFailed,
            Platform::FlowFailed => Platform::FlowCancelled,
            Platform::FlowCancelled => return None,
        })
    }

    #[test]
    fn every_failure_of_the_engine_has_a_code_of_the_list() {
        let all: Vec<Platform> = std::iter::successors(Some(Platform::LimitTime), |platform| next(*platform)).collect();
        assert_eq!(all.len(), 22);
        for platform in all {
            assert!(ENGINE_CODES.contains(&platform.code()), "{}", platform.code());
        }
    }

    #[test]
    fn every_code_has_a_page_of_sentences() {
        for code in ENGINE_CODES {
            let page = explain_engine_code(code).unwrap();
            assert!(page.ends_with('.') && !page.contains("  "), "{code}: {page}");
        }
        assert_eq!(explain_engine_code("limit.tiem"), None);
    }
}
