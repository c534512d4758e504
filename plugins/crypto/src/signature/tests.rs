use jackfield_sdk::testing::Host;

use super::*;

/// RFC 8032, 7.1, test 2: a message of one byte.
const SECRET: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE: &str =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

fn signed(content: &[u8]) -> Signed {
    Host::new().config("k", SECRET).run(|| sign(None, Some(content.to_vec().into()), "k".into())).0.unwrap()
}

fn valid(content: &[u8], signature: &str, public_key: &str) -> bool {
    verify(None, Some(content.to_vec().into()), signature.into(), public_key.into(), Otherwise::Tell).unwrap().valid
}

#[test]
fn signatures_are_those_of_the_standard() {
    let answer = signed(&[0x72]);
    assert_eq!((hex(&answer.signature.0).as_str(), answer.public_key.as_str()), (SIGNATURE, PUBLIC));
    let told = Host::new().config("k", SECRET).run(|| public_key("k".into())).0.unwrap();
    assert_eq!(told.public_key, PUBLIC);
}

#[test]
fn a_signature_is_valid_for_its_content_and_key_alone() {
    assert!(valid(&[0x72], SIGNATURE, PUBLIC));
    assert!(!valid(&[0x73], SIGNATURE, PUBLIC));
    assert!(!valid(&[0x72], &SIGNATURE.replace("92a0", "92a1"), PUBLIC));
    assert!(!valid(&[0x72], &SIGNATURE[..126], PUBLIC));
    assert!(!valid(&[0x72], SIGNATURE, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    let fails = verify(Some("r".into()), None, "".into(), PUBLIC.into(), Otherwise::Fail);
    assert!(matches!(fails, Err(CryptoError::NotAuthentic(_))));
}

/// The neutral element as key verifies one signature for every content; a strict check refuses it.
#[test]
fn a_key_that_signs_everything_is_refused() {
    let weak = format!("01{}", "00".repeat(31));
    let forged = format!("{weak}{}", "00".repeat(32));
    assert!(!valid(b"anything", &forged, &weak));
}

#[test]
fn what_is_no_public_key_is_refused() {
    let is_refused = |key: &str| {
        let answer = verify(Some("a".into()), None, SIGNATURE.into(), key.into(), Otherwise::Tell);
        matches!(answer, Err(CryptoError::BadRequest(_)))
    };
    assert!(is_refused("") && is_refused("00") && !is_refused(PUBLIC));
    // About half of all numbers are no point of the curve.
    let numbers = (2..40_u8).map(|number| format!("{number:02x}{}", "00".repeat(31)));
    assert!(numbers.filter(|key| is_refused(key)).count() > 5);
}
