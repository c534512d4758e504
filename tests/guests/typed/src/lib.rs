//! A component of typed functions: what comes in goes out, and a little shop.

#[rustfmt::skip]
mod bindings;

use bindings::exports::acme::warehouse::echo::{self, Color, Everything, Numbers, Rights, Shape};
use bindings::exports::acme::warehouse::shop::{self, Order, Priced, Problem};

struct Warehouse;

impl echo::Guest for Warehouse {
    fn all_numbers(value: Numbers) -> Numbers {
        value
    }

    fn one_shape(value: Shape) -> Shape {
        value
    }

    fn shapes(values: Vec<Shape>) -> Vec<Shape> {
        values
    }

    fn all(value: Everything) -> Everything {
        assert!(matches!(value.tint, Color::Red | Color::DarkBlue), "a colour");
        value
    }

    fn tuple_of(first: u8, second: Option<String>, rights: Rights) -> (u8, Option<String>, Rights) {
        (first, second, rights)
    }

    fn text(text: String) -> String {
        text
    }

    fn bytes(data: Vec<u8>) -> Vec<u8> {
        data
    }

    fn files(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
        files
    }
}

impl shop::Guest for Warehouse {
    fn price(order: Order) -> Result<Priced, Problem> {
        let cents = match order.sku.as_str() {
            "apple" => 20,
            "pear" => 35,
            "" => return Err(Problem::Closed),
            _ => return Err(Problem::UnknownSku(format!("nobody sells `{}`", order.sku))),
        };
        if order.count > 100 {
            return Err(Problem::TooMany(100));
        }
        Ok(Priced { id: order.id, cents: cents * u64::from(order.count) })
    }
}

impl bindings::Guest for Warehouse {
    fn sum(numbers: Vec<i64>) -> Result<i64, String> {
        let sum = numbers.iter().try_fold(0_i64, |sum, number| sum.checked_add(*number));
        sum.ok_or_else(|| "the sum is more than 64 bits hold".to_owned())
    }

    fn crash(how: String) {
        match how.as_str() {
            "exit" => std::process::exit(0),
            _ => panic!("{how}"),
        }
    }
}

bindings::export!(Warehouse with_types_in bindings);
