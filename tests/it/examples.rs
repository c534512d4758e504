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

#[test]
fn the_tests_of_the_examples_pass_without_data_or_service() {
    for (example, tests) in [("weather", 2), ("poll", 2)] {
        let world = World::new();
        copied(&world, example);
        world.write("workflow.test.yaml", fs::read(kit::file(&format!("plugins/examples/{example}/workflow.test.yaml"))).expect("there"));
        let report = world.jackfield(&["test", "--json"]).expect(0).json();
        assert_eq!(report["passed"], tests, "{example}");
        assert!(!world.file("out").exists(), "a test writes nothing");
    }
}
