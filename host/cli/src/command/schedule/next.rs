//! When schedules fire, without running anything.

use std::sync::Arc;

use jackfield_flow::run::Millis;
use jackfield_flow::schedule::time_zone;
use jackfield_worker::{Clock as _, SystemClock, Upcoming};
use serde_json::json;

use super::Workflow;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::output::table::Table;
use crate::output::time::{rfc3339, utc};

/// Prints the next instants of all schedules together.
pub(super) fn print(home: &Home, workflows: &[Workflow], count: usize, from: Option<Millis>) -> Result<Exit, CliError> {
    let from = from.unwrap_or_else(|| SystemClock.now());
    let mut all = Vec::new();
    for (plan, _) in workflows {
        for (index, schedule) in plan.schedules.iter().enumerate() {
            let timetable = schedule.timetable().map_err(|error| CliError::Refused(error.to_string()))?;
            let name: Arc<str> = plan.schedule_name(index).into();
            let upcoming = |at| Upcoming { schedule: Arc::clone(&name), at, time_zone: Arc::clone(&schedule.time_zone) };
            all.extend(timetable.first(from, count).into_iter().map(upcoming));
        }
    }
    all.sort_by(|one, other| (one.at, &one.schedule).cmp(&(other.at, &other.schedule)));
    all.truncate(count);
    if home.output.format() == Format::Json {
        let of = |next: &Upcoming| {
            let Upcoming { schedule, at, time_zone } = next;
            json!({ "schedule": schedule, "at": rfc3339(*at), "local": local(*at, time_zone), "time_zone": time_zone })
        };
        home.output.json(&all.iter().map(of).collect::<Vec<_>>())?;
    } else {
        let mut table = Table::new(["AT", "THERE", "SCHEDULE"]);
        for Upcoming { schedule, at, time_zone } in &all {
            table.row([utc(*at).into(), local(*at, time_zone).unwrap_or_default().into(), schedule.into()]);
        }
        home.output.data(&table.render(&home.output))?;
    }
    Ok(Exit::Done)
}

/// What the clocks of a time zone show: `Sun 2030-03-31 03:00 Europe/Rome`.
pub(super) fn local(at: Millis, zone: &str) -> Option<String> {
    let local = at.timestamp().to_zoned(time_zone(zone).ok()?);
    Some(format!("{} {zone}", local.strftime("%a %Y-%m-%d %H:%M")))
}
