use super::{NotAComponent, identify};

fn found(bytes: &[u8]) -> String {
    identify(bytes).expect_err("it is no component").to_string()
}

#[test]
fn what_people_give_instead() {
    for (bytes, words) in [
        (b"".as_slice(), "empty"),
        (b"\0as", "cut off after 3 bytes"),
        (b"\0asm\x0d\0", "cut off after 6 bytes"),
        (b"\0asm\x01\0\0\0", "core WebAssembly module"),
        (b"\0asm\x0c\0\x01\0", "unknown encoding 0x0001000c"),
        (b"(component)", "WebAssembly text"),
        (b"  ;; a comment\n(module)", "WebAssembly text"),
        (b"\x7fELF\x02\x01\x01\x00 and more", "ELF"),
        (b"MZ\x90\0", "Windows"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"#!/usr/bin/env python3\n", "script"),
        (b"# comment\nimport json\n", "Python, JavaScript"),
        (b"def run():\n  pass", "Python"),
        (b"// c\nexport function run() {}", "JavaScript or TypeScript"),
        (b"/* c */ const a = 1;", "JavaScript"),
        (b"\"\"\"docs\"\"\"\nfrom a import b", "Python"),
        (b"#include <stdio.h>", "C or C++"),
        (b"use std::io;", "Rust"),
        (b"workflow: daily\n", "workflow file"),
        (b"<!DOCTYPE html>", "HTML"),
        (b"{\"a\": 1}", "JSON"),
        (b"hello", "text, not WebAssembly"),
        (b"\xff\xfe\x00\x01", "begins with the bytes [ff, fe, 00, 01]"),
    ] {
        let message = found(bytes);
        assert!(message.contains(words), "{:?}: {message}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(identify(b"\0asm\x0d\0\x01\0"), Ok(()));
}

#[test]
fn a_text_cut_inside_a_character_is_still_text() {
    let mut text = "x".repeat(super::LOOKED_AT - 1).into_bytes();
    text.extend("é".bytes());
    assert_eq!(identify(&text), Err(NotAComponent::Other("text, not WebAssembly")));
}

#[test]
fn an_unfinished_comment_ends_the_search() {
    for text in ["// never ends", "/* never ends", "\"\"\"never ends", "# x"] {
        assert!(identify(text.as_bytes()).is_err(), "{text}");
    }
}
