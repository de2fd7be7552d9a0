use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::*;
use crate::core::OsRng;

struct Phone(EcdsaKeyPair);

impl Phone {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn device(&self) -> Device {
        Device {
            public_key: BASE64URL_NOPAD.encode(self.0.public_key().as_ref()),
            user_agent: "Phone".to_owned(),
            subscription: None,
        }
    }

    fn sign(&self, text: &str) -> String {
        let signed = self.0.sign(&SystemRandom::new(), text.as_bytes());
        BASE64URL_NOPAD.encode(signed.unwrap().as_ref())
    }

    fn answer(&self, asked: &Asked, decision: Decision, number: &str) -> Answer {
        Answer {
            decision,
            number: number.to_owned(),
            signature: self.sign(&asked.statement(decision, number)),
        }
    }
}

fn asked(phone: &Phone) -> Asked {
    let now = Timestamp::from_millis(1_000);
    Asked {
        challenge_id: ChallengeId::new(now, &OsRng),
        enrollment_id: EnrollmentId::new(now, &OsRng),
        origin: "https://mfa.example.com".to_owned(),
        number: "42".to_owned(),
        device: phone.device(),
        name: "Phone".to_owned(),
        wrong: 0,
    }
}

#[test]
fn only_the_right_number_signed_by_the_right_phone_approves() {
    let (phone, foreign) = (Phone::new(), Phone::new());
    let asked = asked(&phone);
    let judged = |answer: &Answer| asked.judge(answer);
    let right = phone.answer(&asked, Decision::Approve, "42");
    assert_eq!(judged(&right), Judged::Approved);
    for number in ["43", "", "042", "4", "42 ", "4２"] {
        let wrong = phone.answer(&asked, Decision::Approve, number);
        assert_eq!(judged(&wrong), Judged::WrongNumber, "{number:?}");
    }
    for decision in [Decision::Deny, Decision::NotMe] {
        assert_eq!(judged(&phone.answer(&asked, decision, "")), Judged::Denied);
    }
    assert_eq!(
        judged(&foreign.answer(&asked, Decision::Approve, "42")),
        Judged::Forged
    );
    // An answer says one thing and no other.
    let mut turned = phone.answer(&asked, Decision::Deny, "42");
    turned.decision = Decision::Approve;
    assert_eq!(judged(&turned), Judged::Forged);
    let mut corrected = phone.answer(&asked, Decision::Approve, "43");
    corrected.number = "42".to_owned();
    assert_eq!(judged(&corrected), Judged::Forged);
}

#[test]
fn a_signature_for_anything_else_is_forged() {
    let phone = Phone::new();
    let here = asked(&phone);
    let now = Timestamp::from_millis(2_000);
    let others = [
        Asked {
            challenge_id: ChallengeId::new(now, &OsRng),
            ..here.clone()
        },
        Asked {
            enrollment_id: EnrollmentId::new(now, &OsRng),
            ..here.clone()
        },
        Asked {
            origin: "https://evil.example".to_owned(),
            ..here.clone()
        },
    ];
    for other in &others {
        let replayed = phone.answer(other, Decision::Approve, "42");
        assert_eq!(here.judge(&replayed), Judged::Forged);
    }
    let listed = phone.sign(&list_statement(&here.origin, &here.enrollment_id, now));
    let right = phone.answer(&here, Decision::Approve, "42");
    let bytes = BASE64URL_NOPAD.decode(right.signature.as_bytes()).unwrap();
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        BASE64URL_NOPAD.encode(&bytes)
    };
    let mut broken: Vec<String> = (0..64).map(flipped).collect();
    broken.extend([
        listed,
        String::new(),
        "AAAA".to_owned(),
        right.signature.clone() + "=",
        right.signature[1..].to_owned(),
        BASE64URL_NOPAD.encode(&[0; 64]),
        BASE64URL_NOPAD.encode(&[255; 64]),
        "not base64!".to_owned(),
    ]);
    for signature in broken {
        let answer = Answer {
            signature,
            ..right.clone()
        };
        assert_eq!(here.judge(&answer), Judged::Forged, "{}", answer.signature);
    }
}

#[test]
fn a_key_is_a_point_of_the_curve() {
    let phone = Phone::new();
    assert!(is_point(&phone.device().public_key));
    let mut off = BASE64URL_NOPAD
        .decode(phone.device().public_key.as_bytes())
        .unwrap();
    off[64] ^= 1;
    for key in [
        BASE64URL_NOPAD.encode(&off),
        BASE64URL_NOPAD.encode(&off[..64]),
        BASE64URL_NOPAD.encode(&[4; 65]),
        BASE64URL_NOPAD.encode(&[0]),
        String::new(),
        "!".to_owned(),
    ] {
        let device = Device {
            public_key: key,
            ..phone.device()
        };
        assert!(!is_point(&device.public_key));
        assert!(!device.has_signed("", ""));
    }
}

#[test]
fn the_proof_is_the_stored_answer_of_the_stored_phone() {
    let phone = Phone::new();
    let asked = asked(&phone);
    let proved = |payload: &Payload| {
        let payload = payload.write();
        let pending = Pending {
            seed: None,
            challenge: Some(&payload),
        };
        prove(&pending).unwrap()
    };
    let with = |answer| Payload {
        code: None,
        asked: Some(asked.clone()),
        answer,
    };
    let right = phone.answer(&asked, Decision::Approve, "42");
    let material = proved(&with(Some(right))).ok().unwrap().material;
    let device: Device = serde_json::from_slice(&material).unwrap();
    assert!(device == phone.device());
    let denied = phone.answer(&asked, Decision::Deny, "");
    let wrong = phone.answer(&asked, Decision::Approve, "43");
    let foreign = Phone::new().answer(&asked, Decision::Approve, "42");
    for answer in [None, Some(denied), Some(wrong), Some(foreign)] {
        assert!(matches!(proved(&with(answer)), Err(Wrong::Push)));
    }
    let code = PairingCode::new(&OsRng);
    assert!(proved(&Payload::waiting(&code)).is_err());
}

#[test]
fn numbers_have_two_digits_and_all_come_up() {
    let made: std::collections::BTreeSet<String> = (0..5_000).map(|_| new_number(&OsRng)).collect();
    assert_eq!(made.len(), 90);
    assert!(
        made.iter()
            .all(|number| number.len() == 2 && !number.starts_with('0'))
    );
}
