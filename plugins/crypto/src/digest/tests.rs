use jackfield_sdk::testing::Host;

use super::*;

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn hashes_are_the_known_ones() {
    let of = |content: &str, algorithm| hash(text(content), None, algorithm).unwrap().hex;
    assert_eq!(of("", Algorithm::Sha256), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert!(of("abc", Algorithm::Sha512).starts_with("ddaf35a193617abacc417349ae204131"));
    assert_eq!(hash(None, Some(b"abc".to_vec().into()), Algorithm::Sha256).unwrap(), hash(text("abc"), None, Algorithm::Sha256).unwrap());
}

/// RFC 4231, cases 1 and 4 (the key of case 2 is too short for this plugin).
#[test]
fn codes_are_those_of_the_standard() {
    for (key, content, sha256, sha512) in [
        (
            "hex:0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b",
            "87aa7cdea5ef619d4ff0b4241a1d6cb0",
        ),
        (
            "hex:0102030405060708090a0b0c0d0e0f10111213141516171819",
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a",
            "b0ba465637458c6990e5a8c5f61d4af7",
        ),
    ] {
        for (algorithm, expected) in [(Algorithm::Sha256, sha256), (Algorithm::Sha512, sha512)] {
            let ask = || hmac(None, Some(content.clone().into()), "k".into(), algorithm);
            let answer = Host::new().config("k", key).run(ask).0.unwrap();
            assert!(answer.hex.starts_with(expected), "{}", answer.hex);
        }
    }
}

#[test]
fn a_code_is_valid_for_its_content_and_key_alone() {
    let host = || Host::new().config("k", "a long enough key").config("other", "another long key");
    let made = host().run(|| hmac(text("abc"), None, "k".into(), Algorithm::Sha256)).0.unwrap();
    let base64 = serde_json::to_value(&made.base64).unwrap().as_str().unwrap().to_owned();
    let check = |content: &str, key: &str, code: &str, otherwise| {
        host().run(|| verify_hmac(text(content), None, key.into(), code.into(), Algorithm::Sha256, otherwise)).0
    };
    for code in [made.hex.clone(), made.hex.to_uppercase(), format!("sha256={}", made.hex), base64] {
        assert!(check("abc", "k", &code, Otherwise::Fail).unwrap().valid, "{code}");
    }
    for (content, key, code) in
        [("abd", "k", made.hex.as_str()), ("abc", "other", &made.hex), ("abc", "k", &made.hex[..62]), ("abc", "k", ""), ("abc", "k", "é")]
    {
        assert!(!check(content, key, code, Otherwise::Tell).unwrap().valid, "{content} {key} {code}");
        assert!(matches!(check(content, key, code, Otherwise::Fail), Err(CryptoError::NotAuthentic(_))));
    }
}

#[test]
fn there_is_one_content() {
    for (text, bytes) in [(None, None), (text("a"), Some(Bytes::from(vec![1])))] {
        assert!(matches!(hash(text, bytes, Algorithm::Sha256), Err(CryptoError::BadRequest(_))));
    }
}
