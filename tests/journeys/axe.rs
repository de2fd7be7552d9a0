//! Each page and mail of the gallery as those meet it who see little, who enlarge, or who see nothing: axe-core finds no
//! fault with it, light and dark, in every language; and nothing has to be scrolled sideways.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tessera::config::{Config, Sources};
use tessera::views::gallery::{Gallery, Medium};
use tessera::views::{BuiltIns, CheckMode, Locale, Options, Site, Views};
use tessera::web::preview::{self, Preview};
use tokio::sync::oneshot;

use crate::support::browser::{self, Browser};
use crate::support::skip;

/// All rules in both colours and widths, which takes minutes.
const ALL: &str = "TESSERA_TEST_AXE_ALL";
/// The smallest window that pages are made for, in CSS pixels.
const NARROW: u32 = 320;
/// A laptop's window at 200 % zoom.
const ZOOMED: u32 = 640;
const WIDE: u32 = 1280;

/// What differs between light and dark.
const COLOURS: &str = "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }";
const DARK: [&str; 2] = ["/en/", "/ar/"];
/// A mail is shown inside a page: it has no landmarks of its own.
const MAIL: &str =
    "{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }";

/// The gallery on a port of its own.
struct House {
    url: String,
    gallery: Gallery,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl House {
    async fn start() -> Self {
        let nowhere = Path::new("/nonexistent");
        let options = Options {
            templates_dir: nowhere.join("templates"),
            static_dir: nowhere.join("static"),
            good_dir: PathBuf::new(),
            default_locale: Locale::parse("en").unwrap(),
            check: CheckMode::InProcess,
            builtins: BuiltIns::compiled_in(),
        };
        let mut samples = tessera::pages::samples();
        samples.extend(tessera::delivery::samples());
        let views = Views::load(options, samples).unwrap();
        let env = [
            ("TESSERA_SITE__NAME", "Example Bank"),
            ("TESSERA_SITE__SUPPORT_EMAIL", "help@example.com"),
        ];
        let sources = Sources {
            env: env
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..Sources::default()
        };
        let site = Site::for_pages(&Config::load(sources).unwrap().site);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}{}", listener.local_addr().unwrap(), preview::PATH);
        let shown = Preview::new(views.clone(), &site, "localhost");
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, started) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = preview::start(shown, listener).unwrap();
                let handle = server.handle();
                actix_web::rt::spawn(server);
                ready.send(()).unwrap();
                stopped.await.ok();
                handle.stop(false).await;
            });
        });
        started.await.unwrap();
        Self {
            url,
            gallery: Gallery::new(views, &site, Medium::Server),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Every page and mail in every language.
    fn documents(&self) -> Vec<String> {
        let locales = self.gallery.views().locales();
        let documents = locales
            .iter()
            .flat_map(|locale| self.gallery.documents(locale));
        documents.collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// A browser that brings axe along to each page.
struct Reader {
    browser: Browser,
    /// The program; the page's policy stays in force, for this is the browser's doing and not the page's.
    axe: String,
    /// The policy of the page that is open.
    policy: String,
    /// Each fault with where it was seen.
    faults: BTreeMap<String, Vec<String>>,
}

impl Reader {
    async fn start(axe: &str) -> Option<Self> {
        let browser = Browser::start(browser::Options::PHONE).await?;
        Some(Self {
            browser,
            axe: format!("{axe}; window.axe = axe"),
            policy: String::new(),
            faults: BTreeMap::new(),
        })
    }

    async fn window(&self, width: u32) {
        let metrics =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.browser
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Colours as somebody prefers them; nothing moves, so that no colour is on its way to another.
    async fn prefer(&self, feature: &str, value: &str) {
        let features = json!([
            { "name": feature, "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        let media = json!({ "features": features });
        self.browser
            .devtools("Emulation.setEmulatedMedia", media)
            .await;
    }

    /// Opens a page under the policy of its kind. A new document in the same window costs a fraction of a visit, and keeps
    /// axe.
    async fn open(&mut self, url: &str) {
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        let html = Value::String(answer.text().await.unwrap());
        if self.policy != policy {
            self.browser.goto(url).await;
            self.browser.execute(&self.axe).await;
            self.policy = policy;
            return;
        }
        self.browser
            .execute(&format!(
                "return new Promise((shown) => {{
                   document.open();
                   addEventListener('load', () => shown(true), {{ once: true }});
                   document.write({html});
                   document.close();
                 }})"
            ))
            .await;
    }

    fn note(&mut self, fault: &str, seen: &str) {
        self.faults
            .entry(fault.to_owned())
            .or_default()
            .push(seen.to_owned());
    }

    /// What axe has to say of the page that is open.
    async fn listen(&mut self, rules: &str, seen: &str) {
        let said = self
            .browser
            .execute(&format!(
                "return axe.run(document, {{ resultTypes: ['violations'], iframes: false, runOnly: {rules} }}).then((told) =>
                   told.violations.flatMap((rule) => rule.nodes.map((node) =>
                     `${{rule.id}}: ${{node.target.join(' ')}}: ${{node.failureSummary.replaceAll('\\n', ' ')}}`)))"
            ))
            .await;
        for fault in said.as_array().unwrap() {
            self.note(fault.as_str().unwrap(), seen);
        }
    }

    async fn measure(&mut self, how: &str, seen: &str) {
        let wide = "const s = document.scrollingElement; return s.scrollWidth - s.clientWidth";
        let over = self.browser.execute(wide).await;
        if over.as_f64().unwrap() > 0.0 {
            self.note(
                &format!("wider than its window {how}"),
                &format!("{seen} by {over} px"),
            );
        }
    }

    /// Reads one document in all ways.
    async fn read(&mut self, url: &str, document: &str, thoroughly: bool) {
        let is_mail = document.contains("/mail/");
        let every = if is_mail { MAIL } else { "undefined" };
        self.prefer("prefers-color-scheme", "light").await;
        self.window(NARROW).await;
        self.open(&format!("{url}{document}")).await;
        self.listen(every, document).await;
        self.measure("of 320 px", document).await;
        // Words change no colours: without all the time there is, one language of each direction tells of the dark.
        if thoroughly || DARK.iter().any(|language| document.contains(language)) {
            self.prefer("prefers-color-scheme", "dark").await;
            let rules = if thoroughly { every } else { COLOURS };
            self.listen(rules, &format!("{document}, dark")).await;
        }
        if thoroughly {
            self.window(WIDE).await;
            self.listen(every, &format!("{document}, dark and wide"))
                .await;
            self.prefer("prefers-color-scheme", "light").await;
            self.listen(every, &format!("{document}, wide")).await;
        }
        self.window(ZOOMED).await;
        let larger = "document.documentElement.style.fontSize = '200%'";
        self.browser.execute(larger).await;
        self.measure("at 200 %", document).await;
    }
}

fn axe() -> Option<String> {
    let Some(file) = std::env::var_os("TESSERA_TEST_AXE") else {
        return skip("no axe-core (TESSERA_TEST_AXE names its axe.min.js)");
    };
    Some(fs::read_to_string(file).unwrap())
}

/// Tells each fault once, with the first places that have it.
fn assert_none(faults: &BTreeMap<String, Vec<String>>) {
    let told: Vec<String> = faults
        .iter()
        .map(|(fault, seen)| {
            let some = seen.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
            format!("{fault}\n    {} times: {some}", seen.len())
        })
        .collect();
    assert!(told.is_empty(), "\n{}\n", told.join("\n"));
}

#[tokio::test]
#[ignore = "needs axe-core and Chromium: bash tests/run.sh"]
async fn everybody_can_read_every_page_and_mail_in_every_language() {
    let Some(axe) = axe() else { return };
    let house = House::start().await;
    let thoroughly = std::env::var_os(ALL).is_some();
    let mut documents = house.documents();
    assert!(documents.len() > 150, "{} pages and mails", documents.len());
    if !thoroughly {
        // English in every state, the other languages in one state of each screen.
        let mut screens = BTreeSet::new();
        documents.retain(|document| {
            let screen = document
                .rsplit_once('/')
                .map(|(screen, _)| screen.to_owned());
            document.contains("/en/") || screens.insert(screen)
        });
    }
    let half = async |nth: usize| {
        let mut reader = Reader::start(&axe).await?;
        for document in documents.iter().skip(nth).step_by(2) {
            reader.read(&house.url, document, thoroughly).await;
        }
        let faults = std::mem::take(&mut reader.faults);
        // Who never finds a fault is asked to find one.
        let fault = "document.body.append(new Image(8, 8))";
        reader.browser.execute(fault).await;
        reader.listen("undefined", "").await;
        let told = reader
            .faults
            .keys()
            .any(|fault| fault.starts_with("image-alt"));
        assert!(told, "axe sees nothing: {:?}", reader.faults);
        Some(faults)
    };
    let (one, other) = tokio::join!(half(0), half(1));
    for faults in [one, other].into_iter().flatten() {
        assert_none(&faults);
    }
}

#[tokio::test]
#[ignore = "needs axe-core and Chromium: bash tests/run.sh"]
async fn everybody_can_use_the_gallery() {
    let Some(axe) = axe() else { return };
    let house = House::start().await;
    let Some(mut reader) = Reader::start(&axe).await else {
        return;
    };
    for (scheme, width) in [("light", WIDE), ("dark", NARROW)] {
        reader.prefer("prefers-color-scheme", scheme).await;
        reader.window(width).await;
        reader.browser.goto(&house.url).await;
        reader.browser.execute(&reader.axe).await;
        let seen = format!("{scheme}, {width} px");
        reader.listen("undefined", &seen).await;
        reader.measure("", &seen).await;
    }
    assert_none(&reader.faults);
    let browser = &reader.browser;
    let plain = json!({ "features": [] });
    browser.devtools("Emulation.setEmulatedMedia", plain).await;
    let shown = "const f = document.querySelector('iframe'); f.scrollIntoView();
        if (f.contentDocument?.readyState !== 'complete' || f.contentDocument.URL === 'about:blank') return '';
        return f.contentWindow.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'";
    assert_eq!(browser.until(shown).await, "light");
    browser.click("#dark").await;
    assert_eq!(
        browser.until(shown).await,
        "dark",
        "a frame has the colours that were asked for"
    );
    let focus = "return document.activeElement.tagName";
    assert_ne!(
        browser.execute(focus).await,
        "IFRAME",
        "a page in a frame took the focus"
    );
    browser.type_into("#find", "webauthn wrong").await;
    assert_eq!(browser.count("article:not([hidden])").await, 0);
    browser.type_into("#find", "otp wrong").await;
    assert!(browser.count("article:not([hidden])").await > 0);
    assert!(browser.count("article[hidden]").await > 50);
    browser.reload().await;
    let kept = browser.execute(
        "return document.querySelector('#find').value + document.querySelector('#dark').checked",
    );
    assert_eq!(kept.await, "otp wrongtrue");
}

/// Pictures for eyes to judge, in `target/pictures`: what is left of a page in the system's few colours.
#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn pages_in_forced_colours() {
    let house = House::start().await;
    let Some(browser) = Browser::start(browser::Options::PHONE).await else {
        return;
    };
    let reader = Reader {
        browser,
        axe: String::new(),
        policy: String::new(),
        faults: BTreeMap::new(),
    };
    reader.prefer("forced-colors", "active").await;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut screens: Vec<String> = house.gallery.documents(&Locale::parse("en").unwrap());
    screens.retain(|document| document.contains("/screens/"));
    if std::env::var_os(ALL).is_none() {
        screens.retain(|document| {
            ["/choose/all", "/otp/wrong-code"]
                .iter()
                .any(|part| document.contains(part))
        });
    }
    assert!(!screens.is_empty());
    for screen in screens {
        reader.browser.goto(&format!("{}{screen}", house.url)).await;
        // What can be used has an edge or says something in a colour unlike its ground.
        let unseen = "return [...document.querySelectorAll('button, input:not([type=hidden]), a, summary')].filter((e) => {
            const s = getComputedStyle(e);
            return e.checkVisibility() && s.borderStyle === 'none' && s.appearance === 'none' && s.color === s.backgroundColor;
          }).map((e) => e.outerHTML.slice(0, 80))";
        assert_eq!(
            reader.browser.execute(unseen).await,
            Value::Array(Vec::new()),
            "{screen}"
        );
        let name = screen.trim_end_matches(".html").replace('/', "-");
        reader
            .browser
            .screenshot(target.join(format!("pictures/forced-{name}.png")))
            .await;
    }
}
