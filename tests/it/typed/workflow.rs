//! Typed tasks in a workflow: checked against their WIT, run, and gone on with when they fail.

use super::with_typed;

const ORDERS: &str = "workflow: orders
plugins: { shop: ./typed.wasm }
inputs:
  sku: { type: string, default: pear }
steps:
  first: { task: shop.price, with: { order: { id: 1, sku: apple, count: 2 } } }
  second:
    task: shop.price
    with: { order: { id: \"${ steps.first.id + 1 }\", sku: \"${ inputs.sku }\", count: 1 } }
    on-error:
      unknown-sku: { value: { id: 0, cents: 0 } }
  pair: { task: shop.tuple-of, with: { first: 1, second: null, rights: [can-read] } }
  sum: { task: shop.sum, with: { numbers: [\"${ steps.first.cents }\", \"${ steps.second.cents }\"] } }
outputs:
  cents: ${ steps.sum }
  rights: ${ steps.pair[2] }
";

#[test]
fn a_workflow_uses_typed_tasks() {
    let world = with_typed();
    world.write("orders.yaml", ORDERS);
    let ran = world.jackfield(&["run", "orders.yaml", "--json"]).expect(0);
    assert!(ran.stdout.contains(r#""cents":75"#) && ran.stdout.contains(r#""rights":["can-read"]"#), "{}", ran.stdout);
    // Another process finds the compiled code, with what is noted beside it.
    let ran = world.jackfield(&["run", "orders.yaml", "--json", "--input", "sku=kiwi"]).expect(0);
    assert!(ran.stdout.contains(r#""cents":40"#), "{}", ran.stdout);
}

#[test]
fn mistakes_are_found_before_anything_runs() {
    let world = with_typed();
    for (right, wrong, expected) in [
        ("sku: apple", "skew: apple", "has no field `skew`"),
        ("count: 2", "count: two", "wants int here"),
        ("steps.first.cents", "steps.first.euros", "there is no field `euros`"),
        ("first: 1,", "first: one,", "wants int"),
        ("[can-read]", "[can-reed]", "did you mean \"can-read\"?"),
        ("steps.pair[2]", "steps.pair[3]", "there is no 3"),
        ("unknown-sku:", "unknown-skew:", "unknown-skew"),
        ("shop.sum", "shop.summ", "did you mean `shop.sum`?"),
    ] {
        world.write("orders.yaml", ORDERS.replacen(right, wrong, 1));
        let said = world.jackfield(&["check", "orders.yaml"]);
        assert!(said.code == 2 || expected == "unknown-skew", "{said:?}");
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(all.contains(expected), "{expected}: {all}");
    }
}
