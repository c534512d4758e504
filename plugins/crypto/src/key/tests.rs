use jackfield_sdk::testing::Host;

use super::*;

fn read<T>(value: &str, how: impl Fn(&str) -> Result<T, CryptoError>) -> Result<T, String> {
    Host::new().config("k", value).run(|| how("k")).0.map_err(|error| error.to_string())
}

#[test]
fn keys_are_written_in_several_ways() {
    let hex = "00".repeat(31) + "fF";
    let mut expected = [0; 32];
    expected[31] = 255;
    let base64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8=";
    for text in [hex.clone(), format!("hex:{hex}\n"), base64.to_owned(), format!("base64:{base64}")] {
        assert_eq!(*read(&text, exact).unwrap(), expected, "{text}");
    }
    assert_eq!(*read("a long text", any).unwrap(), b"a long text");
    assert_eq!(read("hex:0011223344556677", any).unwrap().len(), 8);
}

#[test]
fn what_is_no_key_is_told_without_showing_it() {
    for (text, part) in [("hunter2hunter2", "neither"), ("hex:00", "1 bytes"), ("hex:0g", "pairs"), ("base64:?", "base64"), ("", "neither")]
    {
        let message = read(text, exact).unwrap_err();
        assert!(message.contains(part) && !message.contains("hunter2"), "{message}");
    }
    assert!(read("short", any).unwrap_err().contains("5 bytes"));
    let (answer, _) = Host::new().run(|| any("k"));
    assert!(matches!(answer, Err(CryptoError::NoKey { .. })));
}
