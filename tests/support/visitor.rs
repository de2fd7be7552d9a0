//! A person with a browser that knows no JavaScript: keeps cookies, follows links, fills in forms.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{ACCEPT_LANGUAGE, LOCATION, ORIGIN};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use scraper::{Html, Selector};

use super::authenticator;
use super::house::House;

/// The browser, and the page that it shows.
#[derive(Clone)]
pub struct Visitor {
    client: Client,
    jar: Arc<Jar>,
    pub url: Url,
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub html: String,
}

impl Visitor {
    /// A fresh browser.
    pub fn new() -> Self {
        Self::speaking("")
    }

    /// A fresh browser of somebody who prefers these languages.
    pub fn speaking(languages: &str) -> Self {
        let jar = Arc::new(Jar::default());
        let preferred = (!languages.is_empty()).then(|| languages.parse().unwrap());
        let client = Client::builder()
            .default_headers(
                preferred
                    .map(|it| (ACCEPT_LANGUAGE, it))
                    .into_iter()
                    .collect(),
            )
            .cookie_provider(Arc::clone(&jar))
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            jar,
            url: Url::parse("about:blank").unwrap(),
            status: StatusCode::OK,
            headers: Default::default(),
            html: String::new(),
        }
    }

    /// A fresh browser that opened a link.
    pub async fn at(link: &str) -> Self {
        let mut visitor = Self::new();
        visitor.open(link).await;
        visitor
    }

    /// Opens an address, and follows where it leads.
    pub async fn open(&mut self, url: &str) {
        let response = self.client.get(url).send().await.unwrap();
        self.show(response).await;
    }

    /// Presses the button of the page's form `css`, after filling in these fields.
    pub async fn submit(&mut self, css: &str, fill: &[(&str, &str)]) {
        let (action, mut fields) = self.form(css);
        for (name, value) in fill {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        self.post(action.as_str(), &fields).await;
    }

    /// Posts fields as the page's own form would.
    pub async fn post(&mut self, action: &str, fields: &BTreeMap<String, String>) {
        let target = self.url.join(action).unwrap();
        let origin = self.url.origin().ascii_serialization();
        let request = self
            .client
            .post(target)
            .header(ORIGIN, origin)
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        let response = request.send().await.unwrap();
        self.show(response).await;
    }

    async fn show(&mut self, mut response: reqwest::Response) {
        for _ in 0..5 {
            let Some(next) = response
                .headers()
                .get(LOCATION)
                .filter(|_| response.status().is_redirection())
            else {
                break;
            };
            let next = response.url().join(next.to_str().unwrap()).unwrap();
            if next.origin() != response.url().origin() {
                // Somebody else's page: it is enough to know which.
                self.status = response.status();
                self.headers = response.headers().clone();
                (self.url, self.html) = (next, String::new());
                return;
            }
            response = self.client.get(next).send().await.unwrap();
        }
        self.url = response.url().clone();
        self.status = response.status();
        self.headers = response.headers().clone();
        self.html = response.text().await.unwrap();
    }

    /// The cookies that this browser sends, as it would write them.
    pub fn cookie(&self) -> String {
        self.jar
            .cookies(&self.url)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// Where a form of the page posts to, and what it holds.
    pub fn form(&self, css: &str) -> (String, BTreeMap<String, String>) {
        let page = Html::parse_document(&self.html);
        let form = page
            .select(&selector(css))
            .next()
            .unwrap_or_else(|| panic!("no {css} in {}", self.html));
        let input = selector("input");
        let fields = form
            .select(&input)
            .filter(|input| input.attr("type") != Some("checkbox"))
            .filter_map(|input| {
                Some((
                    input.attr("name")?.to_owned(),
                    input.attr("value").unwrap_or_default().to_owned(),
                ))
            });
        (
            form.attr("action").unwrap_or_default().to_owned(),
            fields.collect(),
        )
    }

    /// The text of the first element that matches.
    pub fn text(&self, css: &str) -> String {
        let page = Html::parse_document(&self.html);
        let element = page
            .select(&selector(css))
            .next()
            .unwrap_or_else(|| panic!("no {css} in {}", self.html));
        element
            .text()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// How many elements match.
    pub fn count(&self, css: &str) -> usize {
        Html::parse_document(&self.html)
            .select(&selector(css))
            .count()
    }

    /// The key that the page shows.
    pub fn key(&self) -> String {
        self.text("code#key")
    }

    /// What the person's authenticator app shows for the page's key.
    pub fn code(&self, house: &House) -> String {
        authenticator::code(
            &self.key(),
            u64::try_from(house.app.now().seconds()).unwrap(),
        )
    }

    /// Types the app's code and presses the button.
    pub async fn confirm(&mut self, house: &House) {
        let code = self.code(house);
        self.submit("form", &[("code", &code)]).await;
    }

    /// Ticks the box and goes on.
    pub async fn save_recovery_code(&mut self) {
        self.submit("form", &[("saved", "yes")]).await;
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}
