//! A security key made of software: it answers what a page asks, and can be bent to answer wrongly.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

/// The person was there.
pub const PRESENT: u8 = 0x01;
/// The person was verified.
pub const VERIFIED: u8 = 0x04;
/// The credential may be backed up.
pub const ELIGIBLE: u8 = 0x08;
/// The credential is backed up.
pub const BACKED_UP: u8 = 0x10;
/// A credential is attested.
pub const ATTESTED: u8 = 0x40;
/// There are extensions.
pub const EXTENDED: u8 = 0x80;

/// The point of the private key 0707…07.
const KNOWN_PUBLIC: &[u8] = b"041e18532fd4754c02f3041d9c75ceb33b83ffd81ac7ce4fe882ccb1c98bc5896e\
    a46c311c4e2ff40dd96a3653e6e45445d32dfe486eced75c7a90c6a18881c0a3";

/// The key.
pub struct Token {
    key: EcdsaKeyPair,
    /// The id of its credential.
    pub id: Vec<u8>,
}

/// What a browser says of a new credential, in pieces.
#[derive(Clone)]
pub struct Answer {
    pub id: String,
    pub raw_id: Vec<u8>,
    pub kind: String,
    pub attachment: Value,
    pub client: Map<String, Value>,
    /// In the place of `client`.
    pub client_bytes: Option<Vec<u8>>,
    pub fmt: String,
    /// CBOR.
    pub statement: Vec<u8>,
    pub rp_hash: [u8; 32],
    pub flags: u8,
    pub counter: u32,
    pub aaguid: [u8; 16],
    pub id_length: u16,
    pub attested_id: Vec<u8>,
    /// CBOR.
    pub cose: Vec<u8>,
    /// What follows.
    pub rest: Vec<u8>,
    /// In the place of the whole.
    pub attestation: Option<Vec<u8>>,
}

impl Token {
    /// With a fresh credential.
    pub fn new() -> Self {
        let mut id = [0; 32];
        aws_lc_rs::rand::fill(&mut id).unwrap();
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: id.to_vec(),
        }
    }

    /// With a credential that is the same in every run.
    pub fn known() -> Self {
        let (private, public) = (
            [7; 32],
            data_encoding::HEXLOWER.decode(KNOWN_PUBLIC).unwrap(),
        );
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        Self {
            key: EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &public)
                .unwrap(),
            id: (1..33).collect(),
        }
    }

    /// The right answer to a page's options, by a browser that shows a page of `origin`.
    pub fn register(&self, options: &Value, origin: &str) -> Answer {
        let rp_id = options["rp"]["id"].as_str().unwrap();
        let client = json!({
            "type": "webauthn.create",
            "challenge": options["challenge"],
            "origin": origin,
            "crossOrigin": false,
        });
        Answer {
            id: BASE64URL_NOPAD.encode(&self.id),
            raw_id: self.id.clone(),
            kind: "public-key".to_owned(),
            attachment: options["authenticatorSelection"]["authenticatorAttachment"].clone(),
            client: client.as_object().unwrap().clone(),
            client_bytes: None,
            fmt: "none".to_owned(),
            statement: vec![0xa0],
            rp_hash: hash(rp_id.as_bytes()),
            flags: PRESENT | VERIFIED | ATTESTED,
            counter: 1,
            aaguid: [7; 16],
            id_length: u16::try_from(self.id.len()).unwrap(),
            attested_id: self.id.clone(),
            cose: self.cose(),
            rest: Vec::new(),
            attestation: None,
        }
    }

    /// The public key as a COSE_Key.
    pub fn cose(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32];
        cose.extend(&point[1..33]);
        cose.extend([0x22, 0x58, 32]);
        cose.extend(&point[33..]);
        cose
    }

    /// The answer to a page that asks for the credential, as JSON; `bend` changes client data and authenticator data
    /// before they are signed.
    pub fn assert(
        &self,
        options: &Value,
        origin: &str,
        counter: u32,
        bend: impl FnOnce(&mut Map<String, Value>, &mut Vec<u8>),
    ) -> Value {
        let client = json!({
            "type": "webauthn.get",
            "challenge": options["challenge"],
            "origin": origin,
            "crossOrigin": false,
        });
        let mut client = client.as_object().unwrap().clone();
        let mut data = hash(options["rpId"].as_str().unwrap().as_bytes()).to_vec();
        data.push(PRESENT | VERIFIED);
        data.extend(counter.to_be_bytes());
        bend(&mut client, &mut data);
        let client = Value::Object(client).to_string();
        let signed = [&data[..], &hash(client.as_bytes())].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let id = BASE64URL_NOPAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "cross-platform",
            "response": {
                "clientDataJSON": BASE64URL_NOPAD.encode(client.as_bytes()),
                "authenticatorData": BASE64URL_NOPAD.encode(&data),
                "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
                "userHandle": null,
            },
        })
    }
}

impl Answer {
    /// As the page's script writes it.
    pub fn json(&self) -> String {
        let client = Value::Object(self.client.clone()).to_string().into_bytes();
        let client = self.client_bytes.clone().unwrap_or(client);
        let attestation = self.attestation.clone().unwrap_or_else(|| self.object());
        json!({
            "id": self.id,
            "rawId": BASE64URL_NOPAD.encode(&self.raw_id),
            "type": self.kind,
            "authenticatorAttachment": self.attachment,
            "response": {
                "clientDataJSON": BASE64URL_NOPAD.encode(&client),
                "attestationObject": BASE64URL_NOPAD.encode(&attestation),
                "transports": ["usb", "smoke"],
            },
        })
        .to_string()
    }

    /// The authenticator data.
    pub fn data(&self) -> Vec<u8> {
        let mut data = self.rp_hash.to_vec();
        data.push(self.flags);
        data.extend(self.counter.to_be_bytes());
        if self.flags & ATTESTED != 0 {
            data.extend(self.aaguid);
            data.extend(self.id_length.to_be_bytes());
            data.extend(&self.attested_id);
            data.extend(&self.cose);
        }
        data.extend(&self.rest);
        data
    }

    fn object(&self) -> Vec<u8> {
        let mut object = vec![0xa3];
        for (name, value) in [
            ("fmt", text(&self.fmt)),
            ("attStmt", self.statement.clone()),
            ("authData", bytes(&self.data())),
        ] {
            object.extend(text(name));
            object.extend(value);
        }
        object
    }
}

/// The SHA-256 of it.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().unwrap()
}

/// A short text in CBOR.
pub fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let mut cbor = vec![0x78, length];
    cbor.extend(text.as_bytes());
    cbor
}

/// Bytes in CBOR.
pub fn bytes(bytes: &[u8]) -> Vec<u8> {
    let mut cbor = vec![0x59];
    cbor.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
    cbor.extend(bytes);
    cbor
}
