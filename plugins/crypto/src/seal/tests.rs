use jackfield_sdk::testing::Host;

use super::*;
use crate::content::unhex;

const KEY: &str = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";

fn host() -> Host {
    Host::new().config("k", KEY).config("other", &"11".repeat(32))
}

fn sealed(content: &str, associated: &str) -> Vec<u8> {
    host().run(|| encrypt(Some(content.to_owned()), None, "k".into(), associated.into())).0.unwrap().sealed.0
}

fn opened(sealed: Vec<u8>, key: &str, associated: &str) -> Result<Opened, CryptoError> {
    host().run(|| decrypt(sealed.into(), key.into(), associated.into())).0
}

/// The example of draft-irtf-cfrg-xchacha-03, A.3.1.
#[test]
fn the_format_is_the_standard_one() {
    let nonce = "404142434445464748494a4b4c4d4e4f5051525354555657";
    let encrypted = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e";
    let tag = "c0875924c1c7987947deafd8780acf49";
    let associated = unhex("50515253c0c1c2c3c4c5c6c7").unwrap();
    let key = unhex(KEY).unwrap();
    let bytes = unhex(&format!("{encrypted}{tag}")).unwrap();
    let payload = Payload { msg: &bytes, aad: &associated };
    let nonce = unhex(nonce).unwrap();
    let content = cipher(key.as_slice().try_into().unwrap()).decrypt(XNonce::from_slice(&nonce), payload).unwrap();
    assert!(content.starts_with(b"Ladies and Gentlemen of the class of '99: If I could offer you"));
}

#[test]
fn what_was_sealed_can_be_opened() {
    for content in ["", "a", "käse", &"long ".repeat(10_000)] {
        let answer = opened(sealed(content, "x"), "k", "x").unwrap();
        assert_eq!((answer.text.as_str(), answer.bytes.0.as_slice()), (content, content.as_bytes()));
    }
    let binary = host().run(|| encrypt(None, Some(vec![255, 0].into()), "k".into(), String::new())).0.unwrap();
    let answer = opened(binary.sealed.0, "k", "").unwrap();
    assert_eq!((answer.text.as_str(), answer.bytes.0), ("", vec![255, 0]));
}

#[test]
fn whatever_is_changed_is_noticed() {
    let whole = sealed("content", "x");
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(matches!(opened(changed, "k", "x"), Err(CryptoError::NotAuthentic(_))), "{at}");
        assert!(matches!(opened(whole[..at].to_vec(), "k", "x"), Err(CryptoError::NotAuthentic(_))), "{at}");
    }
    assert!(matches!(opened(whole.clone(), "other", "x"), Err(CryptoError::NotAuthentic(_))));
    assert!(matches!(opened(whole, "k", "y"), Err(CryptoError::NotAuthentic(_))));
}

#[test]
fn another_attempt_answers_the_same_and_another_content_another_nonce() {
    assert_eq!(sealed("content", "x"), sealed("content", "x"));
    let nonces = [sealed("content", "x"), sealed("contenu", "x"), sealed("content", "y"), sealed("xcontent", "")]
        .map(|sealed| sealed[..NONCE_BYTES].to_vec());
    for (at, nonce) in nonces.iter().enumerate() {
        assert!(nonces[at + 1..].iter().all(|other| other != nonce), "{at}");
    }
}
