//! The examples that people read first do what they say.

use std::fs;

use kit::flaky::Service;
use kit::world::World;

/// An example's workflow in a folder of its own, with the plugins where they are built.
fn copied(world: &World, example: &str) -> String {
    let build = kit::plugin("csv").parent().expect("a folder").to_string_lossy().into_owned();
    let text = fs::read_to_string(kit::file(&format!("plugins/examples/{example}/workflow.yaml"))).expect("there");
    let text = text.replace("../../build", &build);
    world.write("workflow.yaml", &text);
    text
}

#[test]
fn weather_turns_real_data_into_charts_and_reports() {
    let world = World::new();
    copied(&world, "weather");
    let data = fs::read_to_string(kit::file("plugins/examples/weather/data/weather.csv")).expect("there");
    world.write("data/weather.csv", &data);
    let answer = world.jackfield(&["run", "workflow.yaml", "--json", "--quiet"]).expect(0).json();
    let rows: Vec<Vec<&str>> = data.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(answer["outputs"]["days"], rows.len());
    assert!(rows.len() >= 1_000);
    // The hottest day, found again without the engine.
    let header: Vec<&str> = data.lines().next().expect("a header").split(',').collect();
    let high = header.iter().position(|name| *name == "temp_max").expect("a column");
    let hottest = rows.iter().filter_map(|row| row[high].parse::<f64>().ok()).fold(f64::MIN, f64::max);
    assert_eq!(answer["outputs"]["hottest-day"]["temp_max"], hottest);
    for year in 2012..=2015 {
        let chart = world.read(&format!("out/warmth-{year}.svg"));
        assert!(chart.starts_with("<svg") && chart.contains(&year.to_string()), "{year}");
    }
    let report: serde_json::Value = serde_json::from_str(&world.read("out/report.json")).expect("JSON");
    assert_eq!(report["months"].as_array().map(Vec::len), Some(96));
    assert_eq!(world.read("out/monthly.csv").lines().count(), 97);
}

#[test]
fn poll_gets_every_record_once_from_a_service_that_fails() {
    let service = Service::default();
    let running = service.start().expect("it listens");
    let world = World::new();
    let text = copied(&world, "poll").replace("127.0.0.1:8099", &format!("127.0.0.1:{}", running.port()));
    world.write("workflow.yaml", text.replace("first: 50ms", "first: 5ms"));
    let run =
        |world: &World| world.jackfield(&["run", "workflow.yaml", "--json", "--quiet", "--allow-network", "127.0.0.0/8"]).expect(0).json();
    let answer = run(&world);
    let records = service.records();
    assert_eq!(answer["outputs"]["records"], records.len());
    assert_eq!(answer["outputs"]["total"], records.iter().map(|record| record.amount).sum::<u32>());
    let counts = running.counts();
    assert!(counts.faults.values().sum::<u32>() > 3, "a service that never fails proves nothing: {counts:?}");
    // Twice the same: the report is not written again when nothing changed.
    let again = run(&world);
    assert_eq!(again["outputs"]["sha256"], answer["outputs"]["sha256"]);
    let report: serde_json::Value = serde_json::from_str(&world.read("out/report.json")).expect("JSON");
    let ids: Vec<u64> = report["records"].as_array().expect("a list").iter().filter_map(|record| record["id"].as_u64()).collect();
    assert_eq!(ids, (1..=records.len() as u64).collect::<Vec<_>>());
}

#[test]
fn without_the_operator_the_loopback_network_stays_closed() {
    let running = Service::default().start().expect("it listens");
    let world = World::new();
    let text = copied(&world, "poll").replace("127.0.0.1:8099", &format!("127.0.0.1:{}", running.port()));
    world.write("workflow.yaml", text);
    let answer = world.jackfield(&["run", "workflow.yaml"]).expect(1);
    assert!(answer.stderr.contains("--allow-network"), "{}", answer.stderr);
    assert_eq!(running.counts().requests, 0);
}

/// The tables of the example, and the workflow that keeps them in step.
fn two_tables() -> World {
    let world = World::new();
    copied(&world, "two-tables");
    for name in TABLES {
        world.write(
            &format!("data/{name}.csv"),
            fs::read(kit::file(&format!("plugins/examples/two-tables/data/{name}.csv"))).expect("there"),
        );
    }
    world
}

const TABLES: [&str; 3] = ["base", "office", "archive"];

/// What a run of it answers, and the tables after it.
fn in_step(world: &World) -> (serde_json::Value, Vec<String>) {
    let answer = world.jackfield(&["run", "workflow.yaml", "--json", "--quiet"]).expect(0).json();
    (answer["outputs"].clone(), TABLES.map(|name| world.read(&format!("out/{name}.csv"))).to_vec())
}

#[test]
fn two_tables_come_into_step_and_stay_there() {
    let world = two_tables();
    let (answer, tables) = in_step(&world);
    assert_eq!(answer, serde_json::json!({"records": 33, "to-office": 4, "to-archive": 5, "resolved": 2, "undecided": 1}));
    // What both sides made of the days, found again without the engine: the same lines but for the day that nobody decided.
    let undecided = |line: &&str| !line.starts_with("2012-01-12");
    let days = |table: &str| table.lines().filter(undecided).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(days(&tables[1]), days(&tables[2]));
    assert!(tables[1].contains("2012-01-05,1.3,8.9,2.8,6.3,drizzle,"), "field by field:\n{}", tables[1]);
    assert!(tables[1].contains("2012-01-12,0.0,6.1,-1.7,2.1,") && !tables[2].contains("2012-01-12"), "left alone everywhere");
    assert!(world.read("out/conflicts.json").contains("2012-01-12"));
    let (again, unchanged) = in_step(&world);
    assert_eq!((&again["to-office"], &again["to-archive"], &unchanged), (&0.into(), &0.into(), &tables));
    // Somebody decides, and somebody else goes on.
    world.write("out/office.csv", tables[1].replace("2012-01-12,0.0,6.1,-1.7,2.1,sun,2012-02-02T08:30:00Z\n", ""));
    world.write("out/archive.csv", tables[2].replace("2012-01-31,", "2012-03-31,"));
    let (decided, tables) = in_step(&world);
    assert_eq!((&decided["undecided"], &decided["to-office"], &tables[1]), (&0.into(), &2.into(), &tables[2]));
    assert!(tables[1].contains("2012-03-31,") && !tables[1].contains("2012-01-31,"));
}

/// Whatever a run had written before it was lost with all its records, a new one comes to the same tables: the base is written last.
#[test]
fn two_tables_come_into_step_after_a_run_that_was_lost_half_way() {
    let whole = two_tables();
    let (_, expected) = in_step(&whole);
    let after = |written: &[&str]| {
        let world = two_tables();
        written.iter().for_each(|name| drop(world.write(&format!("out/{name}.csv"), whole.read(&format!("out/{name}.csv")))));
        in_step(&world).1
    };
    for written in [&["office"][..], &["archive"], &["office", "archive"], &["office", "archive", "base"]] {
        assert_eq!(after(written), expected, "{written:?}");
    }
    assert_ne!(after(&["base"]), expected, "with the base alone it would not: the order matters");
}

#[test]
fn the_tests_of_the_examples_pass_without_data_or_service() {
    for (example, tests) in [("weather", 2), ("poll", 2), ("two-tables", 2)] {
        let world = World::new();
        copied(&world, example);
        world.write("workflow.test.yaml", fs::read(kit::file(&format!("plugins/examples/{example}/workflow.test.yaml"))).expect("there"));
        let report = world.jackfield(&["test", "--json"]).expect(0).json();
        assert_eq!(report["passed"], tests, "{example}");
        assert!(!world.file("out").exists(), "a test writes nothing");
    }
}
