//! From rows to series of points.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jackfield_sdk::prelude::*;

use crate::calendar;
use crate::error::ChartError;

/// One row: column name → cell.
pub(crate) type Row = serde_json::Map<String, Value>;

/// Series that can still be told apart.
pub(crate) const SERIES_MAX: usize = 30;
/// Points of all series together: beyond that a picture has more points than pixels.
const POINTS_MAX: usize = 200_000;
/// Categories that can still be drawn side by side.
const CATEGORIES_MAX: usize = 1_000;
/// The largest number that can be drawn: sums of two must stay finite.
const NUMBER_MAX: f64 = 1e300;

/// What a chart is drawn from, as the task was asked.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The rows.
    pub(crate) rows: &'a [Row],
    /// The column of the x axis.
    pub(crate) x: &'a str,
    /// The columns of the y axis.
    pub(crate) y: &'a [String],
    /// The column whose values name the series.
    pub(crate) series: Option<&'a str>,
    /// Other names for columns and series.
    pub(crate) labels: &'a BTreeMap<String, String>,
}

/// How the values of the x column are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placing {
    /// As numbers or dates where all of them are, else side by side.
    Measured,
    /// Side by side, in the order in which they first come.
    SideBySide,
}

/// What the x axis shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Domain {
    /// Numbers, all of them whole or not.
    Numbers { min: f64, max: f64, whole: bool },
    /// Times, in seconds since 1970.
    Dates { min: i64, max: i64 },
    /// Names side by side.
    Categories(Vec<String>),
}

/// A point. Without `y` it is a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// A number, seconds since 1970, or the index of a category.
    pub(crate) x: f64,
    /// The value of the y axis.
    pub(crate) y: Option<f64>,
    /// The row it comes from, from 0.
    pub(crate) row: usize,
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its points, in the order of the rows.
    pub(crate) points: Vec<Point>,
}

/// What a chart is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Data {
    /// What the x axis shows.
    pub(crate) domain: Domain,
    /// The series, in the order of the y columns or of the first row of each.
    pub(crate) series: Vec<Series>,
    /// What the x column says, by row, for people.
    pub(crate) names: Vec<String>,
}

impl Data {
    /// Reads the rows.
    pub(crate) fn new(request: Request<'_>, placing: Placing) -> Result<Self, ChartError> {
        let Request { rows, x, y, series, .. } = request;
        if y.is_empty() {
            return Err(ChartError::BadRequest("`y` names no column".into()));
        }
        if series.is_some() && y.len() > 1 {
            return Err(ChartError::BadRequest("with a `series` column there can be only one column in `y`".into()));
        }
        for column in y.iter().map(String::as_str).chain(series).chain([x]) {
            require_column(rows, column)?;
        }
        let points = rows.len().saturating_mul(y.len());
        if points > POINTS_MAX {
            let hint = "group or filter the rows before";
            return Err(ChartError::TooMuch { what: "points", count: points, max: POINTS_MAX, hint });
        }
        let names: Vec<String> = rows.iter().map(|row| shown_cell(row.get(x))).collect();
        let (domain, places) = place(rows, x, &names, placing)?;
        let series = match series {
            None => y.iter().map(|column| request.series_of_column(column, &places)).collect::<Result<_, _>>()?,
            Some(by) => request.series_by(by, &y[0], &places)?,
        };
        Ok(Self { domain, series, names })
    }

    /// The least and the greatest y.
    pub(crate) fn extent(&self) -> Option<(f64, f64)> {
        extent(self.series.iter().flat_map(|series| &series.points).filter_map(|point| point.y))
    }
}

impl Request<'_> {
    /// The name of a column or a series for people.
    pub(crate) fn label(&self, name: &str) -> String {
        self.labels.get(name).map_or(name, String::as_str).to_owned()
    }

    /// The numbers of a column, with the places of their rows.
    pub(crate) fn series_of_column(&self, column: &str, places: &[Option<f64>]) -> Result<Series, ChartError> {
        let mut points = Vec::with_capacity(self.rows.len());
        for (row, place) in places.iter().enumerate() {
            let y = number(self.rows, row, column)?;
            points.extend(place.map(|x| Point { x, y, row }));
        }
        Ok(Series { name: self.label(column), points })
    }

    fn series_by(&self, by: &str, column: &str, places: &[Option<f64>]) -> Result<Vec<Series>, ChartError> {
        let mut series: Vec<Series> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        for (row, place) in places.iter().enumerate() {
            let name = shown_cell(self.rows[row].get(by));
            let at = *index.entry(name.clone()).or_insert(series.len());
            if at == series.len() {
                series.push(Series { name: self.label(&name), points: Vec::new() });
            }
            let y = number(self.rows, row, column)?;
            series[at].points.extend(place.map(|x| Point { x, y, row }));
        }
        Ok(series)
    }
}

/// Refuses more series than can be told apart.
pub(crate) fn require_few(series: &[Series]) -> Result<(), ChartError> {
    let (count, max) = (series.len(), SERIES_MAX);
    if count > max {
        return Err(ChartError::TooMuch { what: "series", count, max, hint: "filter the rows, or draw several charts" });
    }
    Ok(())
}

/// The least and the greatest of some numbers.
pub(crate) fn extent(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |extent, number| {
        let (min, max) = extent.unwrap_or((number, number));
        Some((min.min(number), max.max(number)))
    })
}

/// What the x axis shows, and the place of every row on it; rows without a value have none.
fn place(rows: &[Row], x: &str, names: &[String], placing: Placing) -> Result<(Domain, Vec<Option<f64>>), ChartError> {
    let cells = || rows.iter().map(|row| row.get(x).filter(|cell| !cell.is_null()));
    let any = cells().any(|cell| cell.is_some());
    if placing == Placing::Measured && any && cells().flatten().all(Value::is_number) {
        let places = (0..rows.len()).map(|row| number(rows, row, x)).collect::<Result<Vec<_>, _>>()?;
        let (min, max) = extent(places.iter().copied().flatten()).unwrap_or((0.0, 0.0));
        let whole = places.iter().flatten().all(|place| place.fract() == 0.0);
        return Ok((Domain::Numbers { min, max, whole }, places));
    }
    let date = |cell: &Value| cell.as_str().and_then(calendar::parse);
    if placing == Placing::Measured && any && cells().flatten().all(|cell| date(cell).is_some()) {
        let times: Vec<Option<i64>> = cells().map(|cell| cell.and_then(date)).collect();
        let (min, max) = (times.iter().flatten().min(), times.iter().flatten().max());
        let domain = Domain::Dates { min: min.copied().unwrap_or(0), max: max.copied().unwrap_or(0) };
        #[expect(clippy::cast_precision_loss, reason = "seconds of four-digit years are exact in a double")]
        return Ok((domain, times.into_iter().map(|time| time.map(|seconds| seconds as f64)).collect()));
    }
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut categories: Vec<String> = Vec::new();
    let mut places = Vec::with_capacity(rows.len());
    for (name, cell) in names.iter().zip(cells()) {
        if cell.is_none() {
            places.push(None);
            continue;
        }
        let at = *index.entry(name).or_insert(categories.len());
        if at == categories.len() {
            categories.push(name.clone());
        }
        #[expect(clippy::cast_precision_loss, reason = "there are at most a thousand categories")]
        places.push(Some(at as f64));
    }
    let (count, max) = (categories.len(), CATEGORIES_MAX);
    if count > max {
        return Err(ChartError::TooMuch { what: "different names on the x axis", count, max, hint: "group or filter the rows before" });
    }
    Ok((Domain::Categories(categories), places))
}

/// The number in a cell; `None` when it has no value.
fn number(rows: &[Row], row: usize, column: &str) -> Result<Option<f64>, ChartError> {
    match rows[row].get(column) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(number) if number.abs() <= NUMBER_MAX => Ok(Some(number)),
            _ => Err(ChartError::OutOfRange(format!("row {}, column `{column}`: {number} is too large to be drawn", row + 1))),
        },
        Some(other) => {
            let found: String = other.to_string().chars().take(60).collect();
            Err(ChartError::NotANumber { row: row + 1, column: column.to_owned(), found: format!("`{found}`") })
        }
    }
}

/// A cell as a name: texts as they are, everything else as JSON text.
fn shown_cell(cell: Option<&Value>) -> String {
    match cell {
        None | Some(Value::Null) => "–".into(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn require_column(rows: &[Row], column: &str) -> Result<(), ChartError> {
    if rows.is_empty() || rows.iter().any(|row| row.contains_key(column)) {
        return Ok(());
    }
    let known: BTreeSet<&String> = rows.iter().take(100).flat_map(Row::keys).collect();
    let known = known.iter().take(20).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Err(ChartError::NoSuchColumn { column: column.to_owned(), known })
}

#[cfg(test)]
mod tests;
