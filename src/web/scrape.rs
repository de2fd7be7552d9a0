//! `GET /metrics`: the counters, and what is asked of the rest of the server at this moment.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use prometheus::{Gauge, IntGaugeVec, Opts, Registry, TextEncoder};

use super::App;
use super::metrics::registered;
use crate::core::{Error, Result, Timestamp};
use crate::store::{OutboxVitals, TicketCounts};
use crate::views::Status;

/// The text format of Prometheus (version 0.0.4).
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers with all metrics; without a database those that it has are left out, and `tessera_database_up` is 0.
///
/// # Errors
/// Our own fault.
pub async fn get(app: web::Data<App>) -> Result<HttpResponse> {
    let (outbox, tickets) =
        futures_util::future::join(app.vitals.outbox(&app), app.vitals.tickets(&app)).await;
    let mut families = app.metrics.gather();
    families.extend(
        gauges(&app, outbox.ok(), tickets.ok())
            .map_err(Error::internal)?
            .gather(),
    );
    families.sort_by(|one, other| one.name().cmp(other.name()));
    let text = TextEncoder::new().encode_to_string(&families);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, TEXT))
        .body(text.map_err(Error::internal)?))
}

/// What is so at this moment: a registry for this answer alone, so that what is not known is not told.
fn gauges(
    app: &App,
    outbox: Option<OutboxVitals>,
    tickets: Option<TicketCounts>,
) -> anyhow::Result<Registry> {
    let scrape = Scrape(Registry::new());
    scrape.one(
        "tessera_database_up",
        "Whether the database answered when it was asked last.",
        f64::from(u8::from(outbox.is_some())),
    )?;
    scrape.one(
        "tessera_templates_healthy",
        "Whether the templates in the folder are the ones being served.",
        f64::from(u8::from(matches!(
            app.views.status(),
            Status::Healthy { .. }
        ))),
    )?;
    scrape.by(
        "tessera_build_info",
        "The version that runs.",
        "version",
        &[(env!("CARGO_PKG_VERSION"), 1)],
    )?;
    scrape.connections(app)?;
    if let Some(tls) = &app.tls {
        let status = tls.status();
        scrape.one(
            "tessera_certificate_expires_timestamp_seconds",
            "When the server's certificate ends, in seconds since 1970.",
            status.expires_at.millis() as f64 / 1e3,
        )?;
        scrape.one(
            "tessera_certificate_healthy",
            "Whether the certificate in the files is the one that is served.",
            f64::from(u8::from(status.problem.is_none())),
        )?;
    }
    if let Some(outbox) = outbox {
        scrape.outbox(&outbox, app.now())?;
    }
    if let Some(tickets) = tickets {
        scrape.tickets(&tickets)?;
    }
    Ok(scrape.0)
}

struct Scrape(Registry);

impl Scrape {
    fn one(&self, name: &str, help: &str, value: f64) -> anyhow::Result<()> {
        registered(&self.0, Gauge::new(name, help)?)?.set(value);
        Ok(())
    }

    fn by(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: &[(&str, i64)],
    ) -> anyhow::Result<()> {
        let gauge = registered(&self.0, IntGaugeVec::new(Opts::new(name, help), &[label])?)?;
        for (word, value) in values {
            gauge.with_label_values(&[word]).set(*value);
        }
        Ok(())
    }

    fn connections(&self, app: &App) -> anyhow::Result<()> {
        let help = "Connections to the database, by pool and state.";
        let opts = Opts::new("tessera_database_connections", help);
        let gauge = registered(&self.0, IntGaugeVec::new(opts, &["pool", "state"])?)?;
        for pool in app.store.pool_use() {
            for (state, count) in [("used", pool.used), ("idle", pool.idle)] {
                let labels = [pool.pool, state];
                gauge.with_label_values(&labels).set(i64::from(count));
            }
        }
        Ok(())
    }

    fn outbox(&self, outbox: &OutboxVitals, now: Timestamp) -> anyhow::Result<()> {
        let since = |millis: Option<i64>| {
            millis.map_or(0.0, |millis| {
                now.since(Timestamp::from_millis(millis)).as_secs_f64()
            })
        };
        self.by(
            "tessera_outbox_messages",
            "Messages that wait (due) and that were given up (dead).",
            "state",
            &[("due", outbox.due), ("dead", outbox.dead)],
        )?;
        self.one(
            "tessera_outbox_oldest_seconds",
            "Age of the oldest message that waits.",
            since(outbox.oldest),
        )?;
        self.one(
            "tessera_outbox_overdue_seconds",
            "How long the next message has been due and was not begun.",
            since(outbox.next),
        )
    }

    fn tickets(&self, tickets: &TicketCounts) -> anyhow::Result<()> {
        let states = [
            ("open", tickets.open),
            ("expired", tickets.expired),
            ("held", tickets.held),
            ("used", tickets.used),
            ("closed", tickets.closed),
            ("revoked", tickets.revoked),
        ];
        self.by(
            "tessera_tickets",
            "Tickets that are kept, by state.",
            "state",
            &states,
        )
    }
}
