//! What goes in comes out.

use super::kit::{call, component, load};

#[tokio::test]
async fn numbers_and_texts() {
    let bytes = component(
        r#"(type $p (record (field "x-axis" s32) (field "y" (option f64)))) (import "point" (type $point (eq $p)))"#,
        r#"(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
           (func (export "same") (param i32 i32) (result i32)
             (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8))
           (func (export "point") (param i32 i32 f64) (result i32)
             (i32.store (i32.const 8) (local.get 0)) (i32.store8 (i32.const 16) (local.get 1)) (f64.store (i32.const 24) (local.get 2)) (i32.const 8))"#,
        r#"(func (export "add") (param "left" s8) (param "right-hand" s8) (result s8) LIFT add)
           (func (export "text") (param "text" string) (result string) LIFT same)
           (func (export "bytes") (param "data" (list u8)) (result (list u8)) LIFT same)
           (func (export "moved") (param "p" $point) (result $point) LIFT point)"#,
    );
    let plugin = load(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(call(&plugin, "add", r#"{"left": -3, "right_hand": 1}"#).await, Ok("-2".to_owned()));
    assert_eq!(call(&plugin, "text", r#"{"text": "añ\n𝄞"}"#).await, Ok(r#""añ\n𝄞""#.to_owned()));
    assert_eq!(call(&plugin, "bytes", r#"{"data": "AAEC/w=="}"#).await, Ok(r#""AAEC/w==""#.to_owned()));
    assert_eq!(call(&plugin, "moved", r#"{"p": {"x_axis": -7, "y": 1.5}}"#).await, Ok(r#"{"x_axis":-7,"y":1.5}"#.to_owned()));
    assert_eq!(call(&plugin, "moved", r#"{"p": {"x_axis": -7}}"#).await, Ok(r#"{"x_axis":-7,"y":null}"#.to_owned()));
}
