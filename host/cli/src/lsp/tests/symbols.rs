//! The list beside the text.

use expect_test::expect;
use lsp_types::DocumentSymbol;

use super::kit;
use crate::lsp::symbols::of;

fn list(symbols: &[DocumentSymbol], depth: usize, out: &mut String) {
    for symbol in symbols {
        let detail = symbol.detail.as_deref().unwrap_or("-");
        out.push_str(&format!("{}{} ({detail}) {}\n", "  ".repeat(depth), symbol.name, symbol.selection_range.start.line));
        list(symbol.children.as_deref().unwrap_or_default(), depth + 1, out);
    }
}

#[test]
fn the_parts_of_a_workflow_even_of_half_a_one() {
    let text = "workflow: w\ninputs: { a: int }\nflows:\n  f:\n    steps:\n      x: { value: 1 }\nsteps:\n  a:\n    task: shop.up\n  b: [\n  c:\n    flow: f\n  half$0\noutputs:\n  n: 1\n";
    kit::check(
        text,
        |document, _, _| {
            let mut out = String::new();
            list(&of(document), 0, &mut out);
            out
        },
        expect![[r#"
            inputs (-) 1
              a (int) 1
            flows (-) 2
              f (-) 3
                steps (-) 4
                  x (-) 5
            steps (-) 6
              a (shop.up) 7
              b (-) 9
              c (f) 10
            outputs (-) 13
              n (1) 14
        "#]],
    );
}
