//! People who have an authenticator app and prove it.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use tessera::core::seal::Place as Sealed;
use tessera::core::{Clock as _, EnrollmentId, OsRng, Seed, SystemClock, UserId};
use tessera::factors::Factor;
use tessera::store::NewEnrollment;
use tessera::tickets::Issued;

use crate::load::post;
use crate::place::{Kind, Place, code};

/// Small, so that a busy machine writes one in the time that a transaction has.
const BATCH: usize = 200;

/// Somebody with an app, who wants to add another factor.
pub struct Person {
    user_id: UserId,
    seed: Seed,
    ticket: Issued,
}

impl Place {
    /// So many people, whose apps showed nobody a code yet.
    pub async fn add_people(&self, count: usize) -> Result<Vec<Person>> {
        let tickets = self.add_tickets("enrolled", count, Kind::More, true);
        let tickets = tickets.await?.into_iter().enumerate();
        let people: Result<Vec<Person>> = tickets
            .map(|(number, ticket)| {
                Ok(Person {
                    user_id: format!("enrolled|{number:08}").parse()?,
                    seed: Seed::new(&OsRng),
                    ticket,
                })
            })
            .collect();
        let people = people?;
        for batch in people.chunks(BATCH) {
            let mut tx = self.store.begin_write().await?;
            for person in batch {
                self.enroll(&mut tx, person).await?;
            }
            tx.commit().await?;
        }
        Ok(people)
    }

    async fn enroll(&self, tx: &mut tessera::store::Write, person: &Person) -> Result<()> {
        let now = SystemClock.now();
        let id = EnrollmentId::new(now, &OsRng);
        let sealed = Sealed {
            table: "enrollments",
            row: &[person.user_id.as_str(), id.as_str()],
            column: "material_sealed",
        };
        let material = self.sealer.seal(&sealed, person.seed.expose(), &OsRng);
        let enrollment = NewEnrollment {
            user_id: &person.user_id,
            enrollment_id: &id,
            factor: Factor::Otp.name(),
            is_first: true,
            ticket_id: None,
            material_sealed: &material,
            last_step: None,
            name: None,
            credential_id: None,
            facts: "{}",
        };
        ensure!(
            tx.insert_enrollment(&enrollment, now).await?,
            "an app was not enrolled"
        );
        Ok(())
    }

    /// How many of them proved their app.
    pub async fn proved(&self, people: &[Person]) -> Result<u64> {
        let mut proved = 0;
        for batch in people.chunks(BATCH) {
            let mut read = self.store.begin_read().await?;
            for person in batch {
                let enrollments = read.enrollments_of(&person.user_id).await?;
                proved += u64::from(enrollments.iter().any(|app| app.last_auth_at.is_some()));
            }
        }
        Ok(proved)
    }
}

impl Person {
    /// The form of the authenticate page with the right code, once.
    pub fn verify_by_page(&self, place: &Place, address: SocketAddr) -> Vec<u8> {
        let attempt = place.opened(&self.ticket);
        let cookie = attempt.seal(&place.sealer, &OsRng);
        let form = format!(
            "attempt={}&csrf={}&code={}",
            attempt.id,
            attempt.csrf(),
            code(&self.seed, SystemClock.now())
        );
        let header = format!("Cookie: tessera_attempt={cookie}");
        let kind = "application/x-www-form-urlencoded";
        post(address, "/guardian/authenticate/otp", &header, kind, &form)
    }
}
