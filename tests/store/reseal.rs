//! What is sealed is counted and sealed anew, table by table.

use tessera::core::{Algorithm, ChallengeId, Digest, EnrollmentId, OsRng};
use tessera::store::{
    NewCall, NewChallenge, NewEnrollment, NewMessage, NewTicket, SealedTable, SigningKey,
};

use crate::house::{
    House, NOON, Raw, challenge, commit, enrollment, message, on_both, read, ticket,
};

on_both!(
    each_version_is_counted_and_found,
    a_row_that_changed_meanwhile_is_left_alone,
    no_sealed_column_is_forgotten
);

/// One row in each table, sealed with version 1; in the outbox another, sealed with version 2, and a blank one.
async fn furnish(house: &House) {
    let ada = house.user("auth0|ada").await;
    let mails = [Some(vec![1, 10]), Some(vec![2, 20]), None];
    for payload_sealed in mails {
        let mail = NewMessage {
            payload_sealed,
            ..message()
        };
        let new = NewTicket {
            mail: Some(mail),
            ..ticket(&ada)
        };
        house.ticket(&new).await;
    }
    let repeated = NewTicket {
        call: Some(NewCall {
            key_hash: "0f".to_owned(),
            request_hash: Digest::of(b"asked"),
            secret_sealed: vec![1, 13],
        }),
        ..ticket(&ada)
    };
    let (id, dev) = (
        house.ticket(&repeated).await,
        EnrollmentId::new(NOON, &OsRng),
    );
    let factor = NewEnrollment {
        material_sealed: &[1, 11],
        ..enrollment(&ada, &id, &dev)
    };
    commit!(house, tx => tx.insert_enrollment(&factor, NOON));
    for alg in Algorithm::ALL {
        let key = SigningKey {
            kid: "k".to_owned(),
            alg,
            private_sealed: vec![1, 12],
            created_at: NOON,
        };
        commit!(house, tx => tx.insert_signing_key(&key));
    }
    let challenge_id = ChallengeId::new(NOON, &OsRng);
    let begun = NewChallenge {
        payload_sealed: &[1, 14],
        ..challenge(&ada, "att_1", &challenge_id, &dev)
    };
    commit!(house, tx => tx.put_challenge(&begun, NOON));
    commit!(house, tx => tx.set_setting("twilio", "{}", Some(&[1, 15]), NOON));
    commit!(house, tx => tx.set_setting("open", "{}", None, NOON));
}

async fn each_version_is_counted_and_found(house: House) {
    furnish(&house).await;
    for table in SealedTable::ALL {
        let mut counted = read!(house, read => read.count_sealed(table));
        counted.sort_unstable();
        let wanted: &[(u8, i64)] = match table {
            SealedTable::Outbox => &[(1, 1), (2, 1)],
            _ => &[(1, 1)],
        };
        assert_eq!(counted, wanted, "{table:?}");
        let found = read!(house, read => read.rows_sealed_otherwise(table, 2, "", 10));
        assert_eq!(found.len(), 1, "{table:?}");
        assert_eq!(found[0].sealed[0], 1);
        let owned = [SealedTable::Enrollments, SealedTable::Challenges].contains(&table);
        assert_eq!(found[0].owner.is_some(), owned, "{table:?}");
        let behind = found[0].id.as_str();
        let none = read!(house, read => read.rows_sealed_otherwise(table, 2, behind, 10));
        assert!(none.is_empty(), "{table:?}: behind the last row is nothing");
    }
    let both = read!(house, read => read.rows_sealed_otherwise(SealedTable::Outbox, 3, "", 10));
    assert_eq!(both.len(), 2, "what is blank is not sealed");
    let one = read!(house, read => read.rows_sealed_otherwise(SealedTable::Outbox, 3, "", 1));
    assert_eq!(one[0].id, both[0].id);
}

async fn a_row_that_changed_meanwhile_is_left_alone(house: House) {
    furnish(&house).await;
    for table in SealedTable::ALL {
        let found = read!(house, read => read.rows_sealed_otherwise(table, 2, "", 10));
        let row = &found[0];
        assert!(commit!(house, tx => tx.reseal(table, row, &[2, 99])));
        assert!(!commit!(house, tx => tx.reseal(table, row, &[2, 98])));
        assert!(read!(house, read => read.rows_sealed_otherwise(table, 2, "", 10)).is_empty());
        let now = read!(house, read => read.rows_sealed_otherwise(table, 3, "", 10));
        assert!(now.iter().any(|row| row.sealed == [2, 99]), "{table:?}");
    }
}

async fn no_sealed_column_is_forgotten(house: House) {
    let columns = match house.raw().await {
        Raw::Sqlite(_) => house.number(
            "SELECT COUNT(*) FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name LIKE '%\\_sealed' ESCAPE '\\'",
        ).await,
        Raw::Postgres(_) => house.number(
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE '%\\_sealed'",
        ).await,
    };
    assert_eq!(usize::try_from(columns).unwrap(), SealedTable::ALL.len());
}
