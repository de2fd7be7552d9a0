//! What is counted while the server works: atomics that are found once and then only added to.
//!
//! No label comes from what a person sends: a route is its pattern, the rest are words of this program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use actix_web::http::{Method, StatusCode};
use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};

use crate::core::{Error, Refusal};
use crate::factors::Factor;
use crate::tickets::Redeemed;
use crate::views::Polled;

/// Upper bounds of the latencies, in seconds.
const LATENCIES: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// The route of a request that no route took.
const NO_ROUTE: &str = "-";
/// Refusals that an alert may wait for: they are told from the start, as zero.
const WATCHED: [&str; 4] = ["unauthenticated", "throttled", "unavailable", "internal"];

/// The counters of this process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latencies: HistogramVec,
    routes: Mutex<HashMap<String, Arc<Route>>>,
    unrouted: Arc<Route>,
    redemptions: IntCounterVec,
    refusals: IntCounterVec,
    links: IntCounterVec,
    mails: IntCounterVec,
    texts: IntCounterVec,
    texts_refused: IntCounterVec,
    calls: IntCounterVec,
    templates: IntCounterVec,
}

impl Metrics {
    /// Counters at zero, in a registry of their own.
    ///
    /// # Errors
    /// Two metrics of one name.
    pub fn new() -> anyhow::Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registered(&registry, counter)
        };
        let requests = counter(
            "tessera_http_requests_total",
            "Requests answered, by route pattern, method and class of status.",
            &["route", "method", "status"],
        )?;
        let latencies = HistogramOpts::new(
            "tessera_http_request_duration_seconds",
            "Time from a request's headers to its answer's, by route pattern.",
        );
        let latencies = latencies.buckets(LATENCIES.to_vec());
        let latencies = registered(&registry, HistogramVec::new(latencies, &["route"])?)?;
        let metrics = Self {
            unrouted: Arc::new(Route::new(NO_ROUTE, &requests, &latencies)),
            requests,
            latencies,
            routes: Mutex::default(),
            redemptions: counter(
                "tessera_redemptions_total",
                "Proofs shown for a ticket, by factor and result.",
                &["factor", "result"],
            )?,
            refusals: counter(
                "tessera_refusals_total",
                "Requests that were refused, by reason.",
                &["reason"],
            )?,
            links: counter(
                "tessera_link_refusals_total",
                "Links and attempts that let nobody in, by reason.",
                &["reason"],
            )?,
            mails: counter(
                "tessera_mails_total",
                "Tries to deliver a mail, by result.",
                &["result"],
            )?,
            texts: counter(
                "tessera_texts_total",
                "Tries to deliver a code to a phone, by channel and result.",
                &["channel", "result"],
            )?,
            texts_refused: counter(
                "tessera_texts_refused_total",
                "Codes that were asked for and not sent, by reason.",
                &["reason"],
            )?,
            calls: counter(
                "tessera_push_calls_total",
                "Tries to call a phone that has a prompt to answer, by result.",
                &["result"],
            )?,
            templates: counter(
                "tessera_template_changes_total",
                "Changes of the template folder that were seen, by result.",
                &["result"],
            )?,
            registry,
        };
        metrics.begin_at_zero();
        Ok(metrics)
    }

    /// An alert on a rate needs the counter to be there before it first counts.
    fn begin_at_zero(&self) {
        for result in ["enrolled", "wrong", "too_soon", "blocked"] {
            let labels = [Factor::Otp.name(), result];
            self.redemptions.with_label_values(&labels);
        }
        for reason in WATCHED {
            self.refusals.with_label_values(&[reason]);
        }
        self.links.with_label_values(&[Refusal::Invalid.code()]);
        for result in ["sent", "deferred", "failed", "dropped"] {
            self.mails.with_label_values(&[result]);
            self.calls.with_label_values(&[result]);
        }
        for result in ["sent", "failed"] {
            self.texts.with_label_values(&["sms", result]);
        }
        for reason in ["prefix_paused", "prefix_full", "budget_spent"] {
            self.texts_refused.with_label_values(&[reason]);
        }
        for result in ["swapped", "refused"] {
            self.templates.with_label_values(&[result]);
        }
    }

    /// What is counted of the route with this pattern; the same for every worker.
    pub fn route(&self, pattern: &str) -> Arc<Route> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.get(pattern) {
            return Arc::clone(route);
        }
        let route = Arc::new(Route::new(pattern, &self.requests, &self.latencies));
        routes.insert(pattern.to_owned(), Arc::clone(&route));
        route
    }

    /// What is counted of requests that no route took.
    pub fn unrouted(&self) -> Arc<Route> {
        Arc::clone(&self.unrouted)
    }

    /// How many requests were answered by all routes together.
    pub fn answered(&self) -> u64 {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let routed: u64 = routes
            .values()
            .map(|route| route.latency.get_sample_count())
            .sum();
        routed + self.unrouted.latency.get_sample_count()
    }

    /// Counts a proof that was shown.
    pub fn redeemed(&self, factor: Factor, redeemed: &Redeemed) {
        let result = match redeemed {
            Redeemed::Enrolled => "enrolled",
            Redeemed::Wrong(_) => "wrong",
            Redeemed::TooSoon(_) => "too_soon",
            Redeemed::Blocked => "blocked",
        };
        self.redemptions
            .with_label_values(&[factor.name(), result])
            .inc();
    }

    /// Counts a refusal.
    pub fn refused(&self, error: &Error) {
        let by_reason = match error {
            Error::Refused(_) => &self.links,
            _ => &self.refusals,
        };
        by_reason.with_label_values(&[error.label()]).inc();
    }

    /// Counts a mail by what became of it: `sent`, `deferred`, `failed` or `dropped`.
    pub fn mailed(&self, result: &'static str) {
        self.mails.with_label_values(&[result]).inc();
    }

    /// Counts a message to a phone by its channel and what became of it.
    pub fn texted(&self, channel: &str, result: &'static str) {
        // A channel of a later version has no series here.
        let channel = if channel == "voice" { "voice" } else { "sms" };
        self.texts.with_label_values(&[channel, result]).inc();
    }

    /// Counts a code that was asked for and not sent.
    pub fn text_refused(&self, reason: &'static str) {
        self.texts_refused.with_label_values(&[reason]).inc();
    }

    /// Counts a call to a phone by what became of it: `sent`, `deferred`, `failed` or `dropped`.
    pub fn called(&self, result: &'static str) {
        self.calls.with_label_values(&[result]).inc();
    }

    /// Counts a look at the templates that found them changed.
    pub fn looked(&self, polled: Polled) {
        let result = match polled {
            Polled::Unchanged => return,
            Polled::Swapped => "swapped",
            Polled::Refused => "refused",
        };
        self.templates.with_label_values(&[result]).inc();
    }

    /// All of it, as it stands.
    pub fn gather(&self) -> Vec<prometheus::proto::MetricFamily> {
        self.registry.gather()
    }
}

/// Registers a metric.
///
/// # Errors
/// When there is one of this name.
pub fn registered<M: Collector + Clone + 'static>(
    registry: &Registry,
    metric: M,
) -> anyhow::Result<M> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

/// What is counted of one route.
pub struct Route {
    pattern: String,
    latency: Histogram,
    requests: IntCounterVec,
    /// By method and class of status; what never happened has no series.
    answers: [[OnceLock<IntCounter>; CLASSES.len()]; METHODS.len()],
}

impl Route {
    fn new(pattern: &str, requests: &IntCounterVec, latencies: &HistogramVec) -> Self {
        Self {
            pattern: pattern.to_owned(),
            latency: latencies.with_label_values(&[pattern]),
            requests: requests.clone(),
            answers: Default::default(),
        }
    }

    /// The pattern, as the route table has it.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Counts an answer that took so many seconds.
    pub fn answered(&self, method: &Method, status: StatusCode, seconds: f64) {
        self.latency.observe(seconds);
        let method = match *method {
            Method::GET => 0,
            Method::HEAD => 1,
            Method::POST => 2,
            Method::PUT => 3,
            Method::PATCH => 4,
            Method::DELETE => 5,
            _ => 6,
        };
        let class = usize::from(status.as_u16() / 100)
            .saturating_sub(1)
            .min(CLASSES.len() - 1);
        self.answers[method][class]
            .get_or_init(|| {
                let labels = [self.pattern.as_str(), METHODS[method], CLASSES[class]];
                self.requests.with_label_values(&labels)
            })
            .inc();
    }
}
