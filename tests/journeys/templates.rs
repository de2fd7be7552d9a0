//! An admin edits the pages while the server runs, and cannot break them.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tessera::tickets::Asked;
use tessera::views::{CheckMode, ChildCheck, Locale, Polled};

use crate::support::house::{House, Setup, asked};
use crate::support::visitor::Visitor;

/// The greeting of the page that this product is made after, word for word.
const SEED: &str = r#"{% if ticket %}
<h4 class="message">Welcome, {{ userData.email }}, enroll your device below</h4>
{% else %}
<h4 class="message">Welcome back, {{ userData.email }}, authenticate below</h4>
{% endif %}
"#;

fn shipped(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The admin saves a file, and the server looks until it has seen it.
async fn save(house: &House, name: &str, text: &str) -> Polled {
    let file = house.templates().join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    looks(house).await
}

/// A second look finds what the file system's clock hid from the first.
async fn looks(house: &House) -> Polled {
    match house.app.views.poll_once().await {
        Polled::Unchanged => house.app.views.poll_once().await,
        seen => seen,
    }
}

async fn readyz(house: &House) -> Value {
    let answer = reqwest::get(house.url("/readyz")).await.unwrap();
    assert_eq!(
        answer.status(),
        200,
        "templates do not make a server unready"
    );
    answer.json().await.unwrap()
}

#[tokio::test]
async fn the_seeds_snippet_works_unchanged() {
    let house = House::start().await;
    let own = format!(
        "{{% extends \"builtin/mfa.html\" %}}\n{{% block message %}}\n{SEED}{{% endblock message %}}\n"
    );
    assert_eq!(save(&house, "mfa.html", &own).await, Polled::Swapped);
    let ada = Visitor::at(&house.link_for("auth0|ada").await).await;
    assert_eq!(
        ada.text("h4.message"),
        "Welcome, ada@example.com, enroll your device below"
    );
    // On every page, in whichever mode it is.
    let english = Locale::parse("en").unwrap();
    let (mut enrolling, mut authenticating) = (0, 0);
    for sample in tessera::pages::samples() {
        let views = &house.app.views;
        let page = views
            .render(&sample.template, &english, &sample.context)
            .unwrap();
        let email = sample.context["userData"]["email"].as_str().unwrap();
        let greeting = if sample.context["ticket"].is_object() {
            enrolling += 1;
            format!(">Welcome, {email}, enroll your device below</h4>")
        } else {
            authenticating += 1;
            format!(">Welcome back, {email}, authenticate below</h4>")
        };
        assert!(page.contains(&greeting), "{}: {page}", sample.template);
    }
    assert!(enrolling > 10 && authenticating > 10);
    assert_eq!(readyz(&house).await["status"], "ok");
}

#[tokio::test]
async fn a_broken_save_is_told_by_file_and_line_and_never_reaches_a_visitor() {
    let house = House::start().await;
    let good = shipped("mfa.html").replace("<main ", "<!-- mine --><main ");
    assert_eq!(save(&house, "mfa.html", &good).await, Polled::Swapped);
    let mut ada = Visitor::at(&house.link_for("auth0|ada").await).await;
    assert!(ada.html.contains("<!-- mine -->"));

    let frame = |line: &str| format!("{{# mine #}}\n{line}\n{good}");
    let otp = shipped("screens/otp.html");
    let broken = [
        ("mfa.html", frame("{% if %}"), "mfa.html:2:"),
        ("mfa.html", frame("{{ userData.emial }}"), "mfa.html:2:"),
        ("mfa.html", frame("{% if tickt %}x{% endif %}"), "mfa.html:2:"),
        ("mfa.html", frame("{{ nothing_like_it }}"), "mfa.html:2:"),
        (
            "screens/otp.html",
            otp.replace("{% include \"components/fields.html\" %}", ""),
            "a form without its `attempt` input",
        ),
        (
            "screens/otp.html",
            otp.replace("{% include \"components/code-input.html\" %}", ""),
            "no POST form has the input `code`",
        ),
        (
            "screens/choose.html",
            "{% extends \"mfa.html\" %}\n{% block work %}\n{% include \"no.html\" %}{% endblock work %}".to_owned(),
            "screens/choose.html:3:",
        ),
        ("mail/enrollment/subject.txt", "one\ntwo {{ site.name }}".to_owned(), "mail/enrollment/subject.txt"),
        ("locales/en/mine.ftl", "otp-title = { $\n".to_owned(), "locales/en/mine.ftl:"),
    ];
    for (name, text, told) in broken {
        let before = fs::read(house.templates().join(name)).ok();
        assert_eq!(save(&house, name, &text).await, Polled::Refused, "{text}");
        let ready = readyz(&house).await;
        assert_eq!(ready["status"], "degraded", "{ready}");
        let errors = ready["templates"]["errors"].to_string();
        assert!(errors.contains(told), "{told} in {errors}");
        ada.open(&house.url("/guardian/enroll/otp")).await;
        assert_eq!(ada.status, 200);
        assert!(ada.html.contains("<!-- mine -->"), "the last good page");
        let file = house.templates().join(name);
        match before {
            Some(bytes) => fs::write(file, bytes).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        looks(&house).await;
    }
    assert_eq!(readyz(&house).await["status"], "ok");

    fs::remove_dir_all(house.templates()).unwrap();
    assert_eq!(looks(&house).await, Polled::Swapped);
    ada.open(&house.url("/guardian/enroll/otp")).await;
    assert!(!ada.html.contains("<!-- mine -->"), "the built-in page");
    ada.confirm(&house).await;
    assert_eq!(ada.status, 200);
}

#[tokio::test]
async fn words_and_one_block_change_without_copying_a_page() {
    let house = House::start().await;
    save(
        &house,
        "locales/en/mine.ftl",
        "otp-title = Link your app, please\n",
    )
    .await;
    let block = "{% extends \"builtin/screens/done.html\" %}{% block work %}{{ super() }}<p id=own>See you at the front desk.</p>{% endblock work %}";
    assert_eq!(
        save(&house, "screens/done.html", block).await,
        Polled::Swapped
    );
    let mut ada = Visitor::at(&house.link_for("auth0|ada").await).await;
    assert_eq!(ada.text("h1"), "Link your app, please");
    ada.confirm(&house).await;
    ada.save_recovery_code().await;
    assert_eq!(ada.text("#own"), "See you at the front desk.");
    assert_eq!(ada.text("h1"), "You’re all set, your app is connected");
}

#[tokio::test]
async fn a_bomb_dies_in_a_process_of_its_own() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_tessera"));
    let mut child = ChildCheck::calling(program, ["templates", "check-child"]);
    child.cpu_seconds = 3;
    // A busy machine may take long to give it these three.
    child.wall = Duration::from_secs(120);
    let house = Setup::new().checking(CheckMode::Child(child)).start().await;
    let good = shipped("mfa.html").replace("<main ", "<!-- mine --><main ");
    assert_eq!(save(&house, "mfa.html", &good).await, Polled::Swapped);
    let bomb =
        "{% for a in range(end=99999) %}{% for b in range(end=99999) %}{% endfor %}{% endfor %}";
    let bomb = good.replace("<main ", &format!("{bomb}<main "));
    assert_eq!(save(&house, "mfa.html", &bomb).await, Polled::Refused);
    let errors = readyz(&house).await["templates"]["errors"].to_string();
    assert!(errors.contains("processor time"), "{errors}");
    let ada = Visitor::at(&house.link_for("auth0|ada").await).await;
    assert!(ada.html.contains("<!-- mine -->"));
}

#[tokio::test]
async fn no_template_sees_a_secret_or_the_environment() {
    let house = House::start().await;
    let dump = "{% extends \"builtin/screens/choose.html\" %}{% block work %}{{ super() }}<pre id=all>{{ __tera_context }}</pre>{% endblock work %}";
    assert_eq!(
        save(&house, "screens/choose.html", dump).await,
        Polled::Swapped
    );
    let issued = house
        .ticket(Asked {
            allow_multiple_enrollments: true,
            ..asked("auth0|ada")
        })
        .await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    let key = ada.key().replace(' ', "");
    ada.open(&house.url("/guardian/enroll/choose")).await;
    let all = ada.text("#all");
    assert!(all.contains(issued.ticket_id.as_str()), "{all}");
    for secret in [issued.secret.expose(), &key, "otpauth"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    for reach in [
        "{{ get_env(name=\"PATH\") }}",
        "{{ load_data(path=\"/etc/passwd\") }}",
        "{% include \"../../etc/passwd\" %}",
        "{% include \"/etc/passwd\" %}",
    ] {
        let frame = shipped("mfa.html").replace("<main ", &format!("{reach}<main "));
        assert_eq!(
            save(&house, "mfa.html", &frame).await,
            Polled::Refused,
            "{reach}"
        );
    }
}
