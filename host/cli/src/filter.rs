//! Which runs are meant: from words to a query, and from the pages of the store to a list.

use std::path::Path;
use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId};
use jackfield_store::{Family, ListQuery, RunRow, RunState, Store};

use crate::args::{FilterArgs, Pair};
use crate::error::CliError;
use crate::output::time::rfc3339;
use crate::settings::shell_word;

/// What the words mean at this time.
///
/// # Errors
/// When no run could ever be meant.
pub(crate) fn query(typed: &FilterArgs, now: Millis) -> Result<ListQuery, CliError> {
    let began_from = typed.since.map(|since| since.instant(now));
    let began_until = typed.until.map(|until| until.instant(now));
    if let (Some(from), Some(until)) = (began_from, began_until)
        && from >= until
    {
        return Err(CliError::Usage("--since is not before --until: no run can be meant".to_owned()));
    }
    Ok(ListQuery {
        states: typed.state.iter().copied().map(RunState::from).collect(),
        workflow: typed.workflow.as_deref().map(Arc::from),
        labels: typed.label.iter().map(label).collect(),
        family: match typed.children_of {
            Some(parent) => Family::ChildrenOf(parent),
            None if typed.all => Family::All,
            None => Family::TopLevel,
        },
        began_from,
        began_until,
        before: None,
        limit: 0,
    })
}

/// The same words, to be typed again: each with a space before it. Spans of time have become instants, so that they mean the same.
pub(crate) fn words(typed: &FilterArgs, now: Millis) -> String {
    let mut words = String::new();
    let mut add = |name: &str, value: &str| words.push_str(&format!(" --{name} {}", shell_word(Path::new(value))));
    if let Some(workflow) = &typed.workflow {
        add("workflow", workflow);
    }
    typed.state.iter().for_each(|state| add("state", RunState::from(*state).name()));
    typed.label.iter().for_each(|label| add("label", &format!("{}={}", label.name, label.value)));
    for (name, time) in [("since", typed.since), ("until", typed.until)] {
        if let Some(at) = time.and_then(|time| rfc3339(time.instant(now))) {
            add(name, &at);
        }
    }
    if let Some(parent) = typed.children_of {
        add("children-of", &parent.to_string());
    }
    if typed.all {
        words.push_str(" --all");
    }
    words
}

/// A label as the store has it.
pub(crate) fn label(pair: &Pair) -> jackfield_store::Label {
    (Arc::from(&*pair.name), Arc::from(&*pair.value))
}

/// The first runs of a list, newest first, and where the next ones begin.
///
/// A page of the store may be short or empty while more follow, so pages are read until there are enough runs.
pub(crate) async fn gather(store: &dyn Store, mut query: ListQuery, limit: u32) -> Result<(Vec<RunRow>, Option<RunId>), CliError> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows: Vec<RunRow> = Vec::new();
    loop {
        query.limit = limit - u32::try_from(rows.len()).unwrap_or(limit);
        let page = store.list(query.clone()).await?;
        rows.extend(page.rows);
        if rows.len() >= wanted || page.next.is_none() {
            return Ok((rows, page.next));
        }
        query.before = page.next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::TimeArg;

    fn typed(words: &[&str]) -> FilterArgs {
        use clap::Parser as _;
        #[derive(clap::Parser)]
        struct Words {
            #[command(flatten)]
            filter: FilterArgs,
        }
        Words::try_parse_from(["list"].iter().chain(words)).unwrap().filter
    }

    #[test]
    fn words_become_a_query() {
        let typed = typed(&["--state", "failed,done", "--state", "blocked", "--label", "team=a b", "--since", "1h", "--workflow", "w"]);
        let query = query(&typed, Millis(7_200_000)).unwrap();
        assert_eq!(query.states, [RunState::Failed, RunState::Done, RunState::Blocked]);
        assert_eq!(query.labels, [(Arc::from("team"), Arc::from("a b"))]);
        assert_eq!((query.began_from, query.began_until, query.family), (Some(Millis(3_600_000)), None, Family::TopLevel));
        let expected = " --workflow w --state failed --state done --state blocked --label 'team=a b' --since 1970-01-01T01:00:00.000Z";
        assert_eq!(words(&typed, Millis(7_200_000)), expected);
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        let typed = FilterArgs { since: Some(TimeArg::Ago(5)), until: Some(TimeArg::Ago(5)), ..FilterArgs::default() };
        assert!(matches!(query(&typed, Millis(9)), Err(CliError::Usage(_))));
    }
}
