//! What would harm a visitor or the server (P1–P10): each is found, with its line, and none is ever served.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tessera::views::{CheckMode, Polled, Views};

use crate::support::*;

/// What is wrong, in which file, how it comes about, and what the admin is told first.
type Sabotage = (&'static str, &'static str, Act, &'static str);

enum Act {
    /// The file has this content.
    Holds(Vec<u8>),
    /// The file comes about otherwise.
    Made(fn(&Path)),
}

fn frame(line: &str) -> Act {
    Act::Holds(format!("<p>\n{line}\n</p>{{% block work %}}{{% endblock %}}").into())
}

fn holds(text: &str) -> Act {
    Act::Holds(text.into())
}

fn sabotage() -> Vec<Sabotage> {
    let page = |what, line: &str, told| (what, "mfa.html", frame(line), told);
    let otp = |what, from: &str, to: &str, told| {
        assert!(OTP.contains(from));
        (
            what,
            "screens/otp.html",
            holds(&OTP.replace(from, to)),
            told,
        )
    };
    vec![
        page("a syntax error", "{% if %}", "mfa.html:2: "),
        page("a tag that never ends", "{{ csrf", "mfa.html:"),
        page(
            "an unknown name",
            "{{ usrData }}",
            "mfa.html:2: unknown variable `usrData`",
        ),
        page(
            "an unknown name in a condition",
            "{% if tickt %}x{% endif %}",
            "mfa.html:2: unknown variable `tickt`",
        ),
        page(
            "an unknown field",
            "{{ userData.emial }}",
            "mfa.html:2: unknown field `emial`",
        ),
        page(
            "an unknown function",
            "{{ get_env(name='HOME') }}",
            "mfa.html:2: Unknown function",
        ),
        page("an unknown filter", "{{ csrf | shout }}", "mfa.html:2: "),
        page(
            "a wrong argument of a function",
            "{{ date(time=1) }}",
            "mfa.html:2: ",
        ),
        page("an unknown component", "{{ <badge /> }}", "mfa.html:2: "),
        (
            "a wrong argument of a component",
            "mfa.html",
            holds(
                "{% component badge(text: string) %}\n<b>{{ text }}</b>{% endcomponent badge %}\n{{ <badge txt='x' /> }}{% block work %}{% endblock %}",
            ),
            "mfa.html:3: ",
        ),
        (
            "a component that looks beyond its arguments",
            "mfa.html",
            holds(
                "{% component badge() %}\n<b>{% if csrf %}x{% endif %}</b>{% endcomponent badge %}\n{{ <badge /> }}{% block work %}{% endblock %}",
            ),
            "mfa.html:2: unknown name `csrf`",
        ),
        page(
            "unknown words",
            "{{ t(key='welcom') }}",
            "mfa.html:2: no words for `welcom`",
        ),
        page(
            "words without their value",
            "{{ t(key='welcome') }}",
            "mfa.html:2: ",
        ),
        page(
            "an unknown file",
            "{{ asset(path='no.css') }}",
            "mfa.html:2: no static file `no.css`",
        ),
        page(
            "an unknown include",
            "{% include \"no.html\" %}",
            "mfa.html:2: ",
        ),
        page(
            "an include of a file of the system",
            "{% include \"/etc/passwd\" %}",
            "mfa.html:2: ",
        ),
        (
            "a self-include",
            "components/fields.html",
            holds("<i>\n{% include \"components/fields.html\" %}"),
            "components/fields.html:2: includes itself",
        ),
        page(
            "a range without end",
            "{% for i in range(end=1000000000) %}x{% endfor %}",
            "mfa.html:2: ",
        ),
        page(
            "nested loops",
            "{% for a in range(end=99999) %}{% for b in range(end=99999) %}{% endfor %}{% endfor %}",
            "templates: rendering the samples took more than",
        ),
        page(
            "output without end",
            "{% for a in range(end=99999) %}{{ site.name }} is here again and again{% endfor %}",
            "screens/otp.html: renders more than 1 MiB",
        ),
        (
            "components that call themselves",
            "mfa.html",
            holds(
                "{% component a() %}{{ <a /> }}{% endcomponent a %}{{ <a /> }}{% block work %}{% endblock %}",
            ),
            "",
        ),
        otp(
            "a form without its csrf",
            "{% include \"components/fields.html\" %}",
            "",
            "screens/otp.html:5: a form without its `attempt` input",
        ),
        otp(
            "a form without what the screen asks",
            "name=\"code\"",
            "name=\"kode\"",
            "screens/otp.html:5: no POST form has the input `code`",
        ),
        otp(
            "a foreign form target",
            "{{ form.action }}",
            "https://evil.example/take",
            "screens/otp.html:5: a form that sends what people type to https://evil.example/take",
        ),
        (
            "a false csrf",
            "components/fields.html",
            holds("<input name=csrf value=x><input name=attempt value='{{ attempt }}'>"),
            "screens/otp.html:5: the `csrf` input of a form does not carry",
        ),
        page(
            "markup from people",
            "<b>{{ userData.email | safe }}</b>",
            "mfa.html:2: what a person typed becomes markup",
        ),
        page(
            "an inline handler",
            "<b onclick='go()'>x</b>",
            "mfa.html:2: `onclick` on <b>",
        ),
        page(
            "an inline script",
            "<script>go()</script>",
            "mfa.html:2: <script> without `src`",
        ),
        page(
            "a foreign script",
            "<script src='https://cdn.example/x.js'></script>",
            "mfa.html:2: <script src> reaches https://cdn.example/x.js",
        ),
        (
            "a syntax error in words",
            "locales/en/mine.ftl",
            holds("welcome = Hello, { $email }\nback = { $\n"),
            "locales/en/mine.ftl:",
        ),
        (
            "words that show what is not passed",
            "locales/en/mine.ftl",
            holds("\nback = Hello { $emial }\n"),
            "locales/en/mine.ftl:2: the words `back` show `{ $emial }`",
        ),
        (
            "a subject of two lines",
            "mail/enrollment/subject.txt",
            holds("a\nBcc: {{ site.name }}"),
            "mail/enrollment/subject.txt: a subject must be one line",
        ),
        (
            "what is not UTF-8",
            "mfa.html",
            Act::Holds(vec![0xff, 0xfe, b'<', 0]),
            "mfa.html: is not UTF-8",
        ),
        (
            "more than 1 MiB",
            "mfa.html",
            Act::Holds(vec![b'x'; 1024 * 1024 + 1]),
            "mfa.html: is larger than 1 MiB",
        ),
        (
            "a link out of the folder",
            "mfa.html",
            Act::Made(|path| symlink("/etc/passwd", path).unwrap()),
            "mfa.html: is a link that leads out of the folder",
        ),
        (
            "a pipe",
            "mfa.html",
            Act::Made(|path| {
                let status = std::process::Command::new("mkfifo").arg(path).status();
                assert!(status.unwrap().success());
            }),
            "mfa.html: is neither a file nor a folder",
        ),
        (
            "a folder in a file's place",
            "mfa.html",
            Act::Made(|path| {
                fs::create_dir(path).unwrap();
                symlink("..", path.join("again")).unwrap();
            }),
            "mfa.html/again: folders are nested without end",
        ),
        (
            "another suffix",
            "mfa.html.tera",
            holds("x"),
            "mfa.html.tera: is not a template",
        ),
        (
            "the shipped files' place",
            "builtin/mfa.html",
            holds("x"),
            "builtin/mfa.html: the folder `builtin` is reserved",
        ),
    ]
}

#[tokio::test]
async fn sabotage_is_found_and_never_served() {
    let admin = Admin::new();
    admin.writes("screens/otp.html", OTP.replace("<b>", "<b class=mine>"));
    let mut options = with_child(admin.options());
    if let CheckMode::Child(check) = &mut options.check {
        check.cpu_seconds = 1;
        check.wall = std::time::Duration::from_secs(60);
    }
    let views = Views::load(options, samples()).unwrap();
    let good = otp_page(&views);
    assert!(good.contains("<b class=mine>"));
    let cases = sabotage();
    assert!(cases.len() >= 20);
    for (what, name, act, told) in cases {
        let path = admin.template(name);
        let before = fs::read(&path).ok();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match act {
            Act::Holds(content) => fs::write(&path, content).unwrap(),
            Act::Made(make) => make(&path),
        }
        assert_eq!(next_change(&views).await, Polled::Refused, "{what}");
        let found = admin.told(&errors(&views));
        assert!(
            found.iter().any(|found| found.starts_with(told)),
            "{what}: {told} in {found:?}"
        );
        assert_eq!(otp_page(&views), good, "{what}");
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
    }
    next_change(&views).await;
    assert_eq!(errors(&views), [], "the folder is as it was");
}
