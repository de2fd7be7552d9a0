//! A real Chromium, driven over WebDriver.

mod driver;

use std::fs;
use std::path::Path;
use std::time::Duration;

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use driver::Driver;

/// The key that sends a form: `type_into("input", &format!("123456{ENTER}"))`.
pub const ENTER: char = '\u{E007}';

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=en-US",
    // The page gets nothing that does not come from this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/// Whose screen it is.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Width in CSS pixels; below 600 it is a phone, with touch.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Whether the person prefers dark colours.
    pub dark: bool,
    /// Whether scripts run.
    pub javascript: bool,
}

impl Options {
    /// A laptop's window.
    pub const DESKTOP: Self = Self {
        width: 1280,
        height: 900,
        dark: false,
        javascript: true,
    };
    /// A phone, held upright.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        ..Self::DESKTOP
    };

    /// The same screen of somebody who prefers dark colours.
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// The same screen with scripts switched off.
    pub const fn without_javascript(self) -> Self {
        Self {
            javascript: false,
            ..self
        }
    }
}

/// A cookie as the browser keeps it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it is sent.
    pub path: String,
    /// Whether scripts are kept away from it.
    pub http_only: bool,
    /// Whether it travels over TLS alone.
    pub secure: bool,
    /// `Lax`, `Strict` or `None`.
    pub same_site: Option<String>,
}

/// One browser with a profile of its own; it closes with this value.
pub struct Browser {
    // The order matters: Chromium ends before its profile is removed.
    driver: Driver,
    http: reqwest::Client,
    _profile: TempDir,
}

impl Browser {
    /// Starts a Chromium with an empty profile.
    pub async fn start(options: Options) -> Option<Self> {
        let Some(program) = super::find_program("TESSERA_TEST_CHROMEDRIVER", "chromedriver") else {
            return super::skip("no chromedriver (Debian: chromium-driver)");
        };
        let profile = TempDir::new().unwrap();
        let mut browser = Self {
            driver: Driver::start(&program),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            _profile: profile,
        };
        browser.open_session(options).await;
        Some(browser)
    }

    async fn open_session(&mut self, options: Options) {
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!(
            "--user-data-dir={}",
            self._profile.path().display()
        ));
        flags.push(format!(
            "--window-size={},{}",
            options.width, options.height
        ));
        let scripts = if options.javascript { 1 } else { 2 };
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "implicit": 10_000, "pageLoad": 30_000, "script": 10_000 },
            "goog:chromeOptions": {
                "args": flags,
                "prefs": { "profile.managed_default_content_settings.javascript": scripts },
            },
        }}});
        let url = format!("http://127.0.0.1:{}/session", self.driver.port);
        let opened = self.send(self.http.post(url).json(&capabilities)).await;
        self.driver.session = opened["sessionId"].as_str().map(str::to_owned);
        let phone = options.width < 600;
        let scheme = if options.dark { "dark" } else { "light" };
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": options.width, "height": options.height, "deviceScaleFactor": 1, "mobile": phone }),
        )
        .await;
        self.devtools(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": phone }),
        )
        .await;
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        )
        .await;
    }

    /// Opens a page of this machine.
    pub async fn goto(&self, url: &str) {
        assert!(
            url.starts_with("http://localhost:") || url.starts_with("http://127.0.0.1:"),
            "a test opened {url}"
        );
        self.post("url", json!({ "url": url })).await;
    }

    /// Goes one page back.
    pub async fn back(&self) {
        self.post("back", json!({})).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.post("refresh", json!({})).await;
    }

    /// Clicks the first element that matches, and waits for the page that it leads to.
    pub async fn press(&self, css: &str) {
        self.leads_on(self.click(css)).await;
    }

    /// Does what leads to another page, and waits until it is there.
    pub async fn leads_on(&self, act: impl Future<Output = ()>) {
        self.execute("window.isFormerPage = true").await;
        act.await;
        let arrived = "return !window.isFormerPage && document.readyState === 'complete'";
        let script = json!({ "script": arrived, "args": [] });
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            // Between two pages there is none to ask.
            let request = self.http.post(self.address("execute/sync")).json(&script);
            if self.answer(request).await["value"] == true {
                return;
            }
            assert!(Instant::now() < deadline, "that led nowhere");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the body of a function in the page returns, once that is not empty; between two pages there is none to ask.
    pub async fn until(&self, script: &str) -> String {
        let script = json!({ "script": script, "args": [] });
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let request = self.http.post(self.address("execute/sync")).json(&script);
            match &self.answer(request).await["value"] {
                Value::String(said) if !said.is_empty() => return said.clone(),
                other => assert!(Instant::now() < deadline, "the page never said it: {other}"),
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Clicks the first element that matches, whatever comes of it.
    pub async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.post(&format!("element/{element}/click"), json!({}))
            .await;
    }

    /// Empties the field and types.
    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.post(&format!("element/{element}/clear"), json!({}))
            .await;
        self.post(&format!("element/{element}/value"), json!({ "text": text }))
            .await;
    }

    /// The visible text of the first element that matches.
    pub async fn text(&self, css: &str) -> String {
        let element = self.element(css).await;
        string(self.get(&format!("element/{element}/text")).await)
    }

    /// An attribute of the first element that matches.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let element = self.element(css).await;
        let path = format!("element/{element}/attribute/{name}");
        self.get(&path).await.as_str().map(str::to_owned)
    }

    /// How many elements match, without waiting for any.
    pub async fn count(&self, css: &str) -> u64 {
        let quoted = json!(css);
        self.execute(&format!(
            "return document.querySelectorAll({quoted}).length"
        ))
        .await
        .as_u64()
        .unwrap()
    }

    /// The document as it stands.
    pub async fn source(&self) -> String {
        string(self.get("source").await)
    }

    /// What the address bar says.
    pub async fn url(&self) -> String {
        string(self.get("url").await)
    }

    /// What the tab says.
    pub async fn title(&self) -> String {
        string(self.get("title").await)
    }

    /// Runs the body of a function in the page (also where the page's own scripts are off).
    pub async fn execute(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] }))
            .await
    }

    /// How many pages "back" can reach, and this one.
    pub async fn history_length(&self) -> u64 {
        self.execute("return history.length")
            .await
            .as_u64()
            .unwrap()
    }

    /// The cookies that this page's address gets, hidden ones too.
    pub async fn cookies(&self) -> Vec<Cookie> {
        serde_json::from_value(self.get("cookie").await).unwrap()
    }

    /// What the browser complained of since the last call: script errors, what the CSP stopped, missing files.
    pub async fn console(&self) -> Vec<String> {
        let lines = self.post("se/log", json!({ "type": "browser" })).await;
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines
            .into_iter()
            .map(|line| string(line["message"].clone()))
            .collect()
    }

    /// Saves a picture of the whole page, below the fold too.
    pub async fn screenshot(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let taken = self
            .devtools(
                "Page.captureScreenshot",
                json!({ "captureBeyondViewport": true }),
            )
            .await;
        let picture = BASE64
            .decode(string(taken["data"].clone()).as_bytes())
            .unwrap();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(path, picture).unwrap();
    }

    /// Sends a command of the DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post(
            "goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        )
        .await
    }

    async fn element(&self, css: &str) -> String {
        let found = self
            .post("element", json!({ "using": "css selector", "value": css }))
            .await;
        string(found[ELEMENT].clone())
    }

    async fn get(&self, path: &str) -> Value {
        self.send(self.http.get(self.address(path))).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.send(self.http.post(self.address(path)).json(&body))
            .await
    }

    fn address(&self, path: &str) -> String {
        let session = self.driver.session.as_deref().expect("the session is open");
        format!(
            "http://127.0.0.1:{}/session/{session}/{path}",
            self.driver.port
        )
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Value {
        let answer = request.send().await.expect("chromedriver answers");
        answer.json().await.expect("chromedriver speaks JSON")
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Value {
        let value = self.answer(request).await["value"].take();
        if let Some(error) = value["error"].as_str() {
            panic!("the browser says {error}: {}", value["message"]);
        }
        value
    }
}

fn string(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("the browser answered {other} where a text belongs"),
    }
}
