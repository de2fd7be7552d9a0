//! A copy of the database redeems nothing: no secret lies in it in any form that could be used.

use std::fs;

use data_encoding::{BASE32, BASE32_NOPAD, BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use sqlx::PgConnection;
use tessera::core::seal::Place;
use tessera::core::{
    Algorithm, ClientId, Digest, MessageId, OsRng, RecoveryCode, Rng, Sealer, Seed, TicketSecret,
};
use tessera::store::{NewEnrollment, NewMessage, NewTicket, Settlement, SigningKey};

use crate::house::{House, MINUTE, NOON, Raw, commit, enrollment, on_both, ticket};

on_both!(
    no_secret_lies_in_the_database,
    what_was_sealed_is_gone_after_delivery
);

const KEY: [u8; Sealer::KEY_BYTES] = *b"the sealing key of all the tests";

/// All bytes of the database: the files of SQLite; each row of each table of PostgreSQL, as a dump writes it.
async fn copy(house: &House) -> Vec<u8> {
    match house.raw().await {
        Raw::Sqlite(_) => {
            let file = house.file();
            let mut all = fs::read(&file).unwrap();
            for end in ["-wal", "-shm"] {
                all.extend(fs::read(format!("{}{end}", file.display())).unwrap());
            }
            all
        }
        Raw::Postgres(mut connection) => dump(&mut connection).await,
    }
}

async fn dump(connection: &mut PgConnection) -> Vec<u8> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    assert!(tables.len() >= 10, "{tables:?}");
    let mut all = Vec::new();
    for table in tables {
        // A table's name can't be bound; these are our own.
        let select = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(select)
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        all.extend(rows.concat().into_bytes());
    }
    all
}

fn holds(copy: &[u8], needle: &[u8]) -> bool {
    copy.windows(needle.len()).any(|window| window == needle)
}

/// A secret, and what it looks like to somebody who encoded it.
fn faces(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut faces = vec![secret.to_vec()];
    for encoding in [
        HEXLOWER,
        HEXUPPER,
        BASE64,
        BASE64URL,
        BASE64URL_NOPAD,
        BASE32,
        BASE32_NOPAD,
    ] {
        faces.push(encoding.encode(secret).into_bytes());
    }
    faces
}

fn assert_hidden(copy: &[u8], secrets: &[(&str, Vec<u8>)]) {
    for (name, secret) in secrets {
        for (form, face) in faces(secret).iter().enumerate() {
            assert!(!holds(copy, face), "{name} lies there in form {form}");
        }
    }
}

fn seal(table: &str, row: &[&str], column: &str, plain: &[u8]) -> Vec<u8> {
    let place = Place { table, row, column };
    Sealer::new(&KEY).seal(&place, plain, &OsRng)
}

fn link_mail(secret: &TicketSecret) -> NewMessage {
    let message_id = MessageId::new(NOON, &OsRng);
    let plain = secret.expose().as_bytes();
    NewMessage {
        payload_sealed: Some(seal(
            "outbox",
            &[message_id.as_str()],
            "payload_sealed",
            plain,
        )),
        message_id,
        ..crate::house::message()
    }
}

async fn no_secret_lies_in_the_database(house: House) {
    let ada = house.user("auth0|ada").await;
    let (first, second) = (TicketSecret::new(&OsRng), TicketSecret::new(&OsRng));
    let new = NewTicket {
        secret_hash: first.digest(),
        mail: Some(link_mail(&first)),
        ..ticket(&ada)
    };
    let id = house.ticket(&new).await;
    commit!(house, tx => tx.replace_ticket_secret(&id, &second.digest(), NOON)).unwrap();
    commit!(house, tx => tx.insert_message(&link_mail(&second), &ada, Some(&id), NOON));

    let seed = Seed::new(&OsRng);
    let dev = tessera::core::EnrollmentId::new(NOON, &OsRng);
    let row = [ada.as_str(), dev.as_str()];
    let material = seal("enrollments", &row, "material_sealed", seed.expose());
    let factor = NewEnrollment {
        material_sealed: &material,
        ..enrollment(&ada, &id, &dev)
    };
    commit!(house, tx => tx.insert_enrollment(&factor, NOON));
    let code = RecoveryCode::new(&OsRng);
    commit!(house, tx => tx.set_recovery_code(&ada, &code.digest(), Some(&id), NOON));

    let rng: &dyn Rng = &OsRng;
    let (client_secret, private): ([u8; 32], [u8; 64]) = (rng.bytes(), rng.bytes());
    let client = ClientId::new(NOON, &OsRng);
    let digest = Digest::of(&client_secret);
    commit!(house, tx => tx.insert_client(&client, "Back end", &digest, "", NOON));
    let key = SigningKey {
        kid: "k".to_owned(),
        alg: Algorithm::Rs256,
        private_sealed: seal("signing_keys", &["k"], "private_sealed", &private),
        created_at: NOON,
    };
    commit!(house, tx => tx.insert_signing_key(&key));
    let ec: [u8; 32] = rng.bytes();
    let key = SigningKey {
        alg: Algorithm::Es256,
        private_sealed: seal("ec_signing_keys", &["k"], "private_sealed", &ec),
        ..key
    };
    commit!(house, tx => tx.insert_signing_key(&key));

    let copy = copy(&house).await;
    assert!(
        holds(&copy, id.as_str().as_bytes()),
        "the copy has what was written"
    );
    let hash = second.digest();
    let shown = faces(hash.as_bytes());
    assert!(
        shown.iter().any(|face| holds(&copy, face)),
        "and finds a secret's hash"
    );
    assert_hidden(
        &copy,
        &[
            (
                "the secret of the link",
                second.expose().as_bytes().to_vec(),
            ),
            (
                "the secret of the former link",
                first.expose().as_bytes().to_vec(),
            ),
            ("the seed", seed.expose().to_vec()),
            ("the recovery code", code.expose().as_bytes().to_vec()),
            ("the client's secret", client_secret.to_vec()),
            ("the private key", private.to_vec()),
            ("the private key of the curve", ec.to_vec()),
            ("the sealing key", KEY.to_vec()),
        ],
    );
}

/// Not even the sealed form stays, in a row or in a page that is free now.
async fn what_was_sealed_is_gone_after_delivery(house: House) {
    let ada = house.user("auth0|ada").await;
    let mut sealed = Vec::new();
    for _ in 0..40 {
        let secret = TicketSecret::new(&OsRng);
        let mail = link_mail(&secret);
        sealed.push((
            mail.message_id.clone(),
            mail.payload_sealed.clone().unwrap(),
        ));
        let new = NewTicket {
            secret_hash: secret.digest(),
            mail: Some(mail),
            ..ticket(&ada)
        };
        house.ticket(&new).await;
    }
    checkpoint(&house).await;
    let before = copy(&house).await;
    for (_, payload) in &sealed {
        assert!(faces(payload).iter().any(|face| holds(&before, face)));
    }
    let leased = house.store.lease_messages("a", NOON, NOON + MINUTE, 40);
    assert_eq!(leased.await.unwrap().len(), 40);
    let settled: Vec<(MessageId, Settlement)> = sealed
        .iter()
        .map(|(id, _)| (id.clone(), Settlement::Sent))
        .collect();
    house
        .store
        .settle_messages("a", &settled, &[], NOON)
        .await
        .unwrap();
    checkpoint(&house).await;
    let after = copy(&house).await;
    for (_, payload) in &sealed {
        assert_hidden(&after, &[("a delivered link", payload.clone())]);
    }
}

/// Moves what SQLite's log holds into the file, as it does by itself every thousand pages and at the end.
async fn checkpoint(house: &House) {
    if let Raw::Sqlite(connection) = &mut house.raw().await {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(connection)
            .await
            .unwrap();
    }
}
