use super::*;

const METHODS: [Method; 2] = [Method::Rendezvous, Method::Ring];
const KEYS: usize = 6_000;

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|key| format!("key-{key}")).collect()
}

fn nodes(names: impl IntoIterator<Item = u32>) -> Vec<Node> {
    names.into_iter().map(|name| node(&format!("node-{name}"), 1.0)).collect()
}

fn node(name: &str, weight: f64) -> Node {
    Node { name: name.to_owned(), weight }
}

fn changed(before: Vec<Node>, after: Vec<Node>, method: Method) -> Moved {
    moved(keys(KEYS), before, after, method, 128).unwrap()
}

#[track_caller]
fn assert_error<T: std::fmt::Debug>(answer: Result<T, PartitionError>, code: &str, part: &str) {
    let error = TaskError::from(answer.unwrap_err());
    assert_eq!(error.code(), code);
    assert!(error.message().contains(part), "{}", error.message());
}

/// What moves to a new node of n is its share of the keys: 1/n, and by chance or an uneven ring a little more.
#[test]
fn a_node_that_comes_takes_its_share_and_nothing_else_moves() {
    for method in METHODS {
        let epsilon = if method == Method::Rendezvous { 0.02 } else { 0.05 };
        for n in 2..=12_u32 {
            let answer = changed(nodes(1..n), nodes(1..=n), method);
            assert!(answer.moved.iter().all(|key| key.to == format!("node-{n}")), "{method:?} {n}");
            let share = answer.moved.len() as f64 / KEYS as f64;
            assert!(share <= 1.0 / f64::from(n) + epsilon, "{method:?} {n}: {share}");
            assert!(share >= 1.0 / f64::from(n) - epsilon, "{method:?} {n}: {share}");
        }
    }
}

#[test]
fn a_node_that_goes_leaves_its_keys_and_nothing_else_moves() {
    for method in METHODS {
        for gone in 1..=7 {
            let assigned = assign(keys(KEYS), nodes(1..=7), method, 128, 1).unwrap();
            let had = assigned.nodes.iter().find(|share| share.node == format!("node-{gone}")).unwrap();
            let answer = changed(nodes(1..=7), nodes((1..=7).filter(|name| *name != gone)), method);
            assert_eq!(answer.moved.iter().map(|key| &key.key).collect::<Vec<_>>(), had.keys.iter().collect::<Vec<_>>());
            assert_eq!(answer.moved.len() + usize::try_from(answer.kept).unwrap(), KEYS);
        }
    }
}

/// Raising one weight moves keys to that node alone; lowering it, from that node alone.
#[test]
fn a_weight_that_changes_moves_keys_one_way() {
    for method in METHODS {
        let with = |weight: f64| [nodes(1..=4), vec![node("heavy", weight)]].concat();
        let (up, down) = (changed(with(1.0), with(2.5), method), changed(with(2.5), with(1.0), method));
        assert!(up.moved.iter().all(|key| key.to == "heavy") && !up.moved.is_empty(), "{method:?}");
        assert!(down.moved.iter().all(|key| key.from == "heavy"), "{method:?}");
        assert_eq!(up.moved.len(), down.moved.len());
    }
}

#[test]
fn shares_are_as_the_weights() {
    for (method, epsilon) in [(Method::Rendezvous, 0.02), (Method::Ring, 0.06)] {
        let nodes = vec![node("a", 1.0), node("b", 2.0), node("c", 4.0), node("d", 0.5), node("none", 0.0)];
        let answer = assign(keys(KEYS), nodes, method, 256, 1).unwrap();
        let shares: Vec<f64> = answer.nodes.iter().map(|share| share.keys.len() as f64 / KEYS as f64).collect();
        for (share, weight) in shares.iter().zip([1.0, 2.0, 4.0, 0.5]) {
            assert!((share - weight / 7.5).abs() < epsilon, "{method:?}: {shares:?}");
        }
        assert_eq!(answer.nodes.len(), 4);
    }
}

#[test]
fn neither_the_order_of_keys_nor_of_nodes_counts() {
    for method in METHODS {
        let straight = assign(keys(200), nodes(1..=5), method, 16, 2).unwrap();
        let (mut turned_keys, mut turned_nodes) = (keys(200), nodes(1..=5));
        turned_keys.reverse();
        turned_nodes.reverse();
        let mut turned = assign(turned_keys, turned_nodes, method, 16, 2).unwrap();
        turned.keys.reverse();
        assert_eq!(straight.keys, turned.keys);
    }
}

/// The node that takes over when the first one goes is the one that has the copy.
#[test]
fn copies_are_on_the_nodes_that_would_be_next() {
    for method in METHODS {
        let answer = assign(keys(300), nodes(1..=4), method, 64, 9).unwrap();
        for placement in &answer.keys {
            assert_eq!(placement.copies.len(), 3);
            let others = nodes(1..=4).into_iter().filter(|node| node.name != placement.node).collect();
            let next = assign(vec![placement.key.clone()], others, method, 64, 1).unwrap();
            assert_eq!(next.keys[0].node, placement.copies[0]);
        }
    }
}

/// A change of these would move everybody's data.
#[test]
fn the_places_of_keys_are_as_they_ever_were() {
    for (method, places) in [(Method::Rendezvous, PLACES_RENDEZVOUS), (Method::Ring, PLACES_RING)] {
        let answer = assign(keys(12), nodes(1..=5), method, 128, 1).unwrap();
        let found: String = answer.keys.iter().map(|placement| placement.node.replace("node-", "")).collect();
        assert_eq!(found, places, "{method:?}");
    }
}

const PLACES_RENDEZVOUS: &str = "142221213541";
const PLACES_RING: &str = "315445513555";

#[test]
fn what_cannot_be_asked() {
    let ask = |nodes: Vec<Node>, method, virtual_nodes, copies| assign(keys(1), nodes, method, virtual_nodes, copies);
    assert_error(ask(vec![], Method::Ring, 1, 1), "no-nodes", "`nodes`");
    assert_error(ask(vec![node("a", 0.0)], Method::Rendezvous, 1, 1), "no-nodes", "above 0");
    assert_error(ask(vec![node("a", 1.0), node("a", 2.0)], Method::Ring, 1, 1), "node-twice", "`a`");
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e7] {
        assert_error(ask(vec![node("a", weight)], Method::Rendezvous, 1, 1), "bad-weight", "`a`");
    }
    assert_error(ask(nodes(1..3), Method::Ring, 0, 1), "bad-request", "`virtual_nodes`");
    assert_error(ask(nodes(1..3), Method::Ring, 1, 0), "bad-request", "`copies`");
    assert_error(ask(vec![node("a", 1e6)], Method::Ring, 4_000_000_000, 1), "too-much", "1000000 are the most");
    assert_error(assign(keys(60_000), nodes(0..1_000), Method::Rendezvous, 1, 1), "too-much", "60000000");
}
