//! What a page does to those who cannot see it, or to what browsers allow: each is told with its line.

use crate::support::*;

/// A page without fault but for its third line.
fn page(line: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{{{{ locale }}}}\" dir=\"{{{{ dir }}}}\"><head><title>x</title></head><body>\n<h1>x</h1>\n{line}\n</body></html>"
    )
}

/// What is told of the third line, errors and warnings apart.
fn told(line: &str) -> (Vec<String>, Vec<String>) {
    let admin = Admin::new();
    admin.writes("screens/result.html", page(line));
    let report = tessera::views::overlay::check(&admin.options(), &samples());
    (admin.told(&report.errors), admin.told(&report.warnings))
}

#[test]
fn what_everyone_can_use_is_not_complained_of() {
    for line in [
        "<label for=a>A</label><input id=a name=a>",
        "<label>A <select name=a></select></label>",
        "<p id=l>A</p><textarea name=a aria-labelledby=l></textarea>",
        "<button><svg role=img aria-label=Close></svg></button><input type=submit>",
        "<a href=/x><img src=/x.png alt=Home></a><a id=anchor></a>",
        "<img src=/x.png alt=''><svg aria-hidden=true></svg><svg><title>Logo</title></svg>",
        "<h2>a</h2><h3>b</h3><h2>c</h2>",
        "<a href=https://example.com>out</a><a href=mailto:a@b.c>mail</a>",
        "<p title='{{ userData.email }}'>{{ userData.email }}</p>",
        "<form action=/search><label>Q <input name=q></label></form>",
    ] {
        assert_eq!(told(line), (Vec::new(), Vec::new()), "{line}");
    }
}

#[test]
fn what_shuts_people_out_is_a_warning() {
    for (line, part) in [
        ("<input name=a>", "<input name=\"a\"> has no name"),
        ("<input id=a placeholder=A>", "<input> has no name"),
        (
            "<label>{{ '' }}<select name=a></select></label>",
            "<select name=\"a\"> has no name",
        ),
        (
            "<textarea name=a></textarea>",
            "<textarea name=\"a\"> has no name",
        ),
        (
            "<button><svg aria-hidden=true></svg></button>",
            "<button> has no name",
        ),
        ("<a href=/x></a>", "<a> has no name"),
        ("<img src=/x.png>", "<img> without an alternative text"),
        ("<svg></svg>", "<svg> without an alternative text"),
        ("<h3>x</h3>", "<h3> after <h1>: a level is left out"),
        ("<h2> </h2>", "<h2> without words"),
        (
            "<i id=a></i><i id=a></i>",
            "a second element with the id `a`",
        ),
        (
            "<p aria-describedby='b'>x</p>",
            "`aria-describedby` points to `b`",
        ),
        ("<p style=x>x</p>", "`style` on <p>"),
        ("<style>b{}</style>", "<style>"),
        (
            "<img alt='' src=https://cdn.example/x.png>",
            "reaches https://cdn.example/x.png",
        ),
        (
            "<link rel=stylesheet href=//cdn.example/x.css>",
            "reaches //cdn.example/x.css",
        ),
        ("{{ site.name | safe }}", "`safe` switches escaping off"),
    ] {
        let (errors, warnings) = told(line);
        assert_eq!(errors, Vec::<String>::new(), "{line}");
        let start = "templates/screens/result.html:3: ";
        let found = warnings
            .iter()
            .any(|told| told.starts_with(start) && told.contains(part));
        assert!(found, "{line}: {warnings:?}");
    }
}

#[test]
fn what_cannot_work_or_leaks_is_refused() {
    for (line, part) in [
        ("<script>go()</script>", "<script> without `src`"),
        ("<p onclick='go()'>x</p>", "`onclick` on <p>"),
        (
            "<a href=' JavaScript:go()'>x</a>",
            "`href` of <a> is a script",
        ),
        (
            "<script src=https://cdn.example/x.js></script>",
            "reaches https://cdn.example/x.js",
        ),
        (
            "<iframe src=//cdn.example/x></iframe>",
            "reaches //cdn.example/x",
        ),
        (
            "<form action=https://evil.example/x></form>",
            "a form that sends what people type to https://evil.example/x",
        ),
        (
            "<form action=/x><button formaction=//evil.example>x</button></form>",
            "to //evil.example",
        ),
        (
            "<p>{{ userData.email | safe }}</p>",
            "what a person typed becomes markup",
        ),
        (
            "<p title={{ userData.email }}>x</p>",
            "what a person typed becomes markup",
        ),
        (
            "{% set a = userData.userId ~ '' %}<p>{{ a | safe }}</p>",
            "what a person typed becomes markup",
        ),
    ] {
        let (errors, _) = told(line);
        let start = "templates/screens/result.html:3: ";
        let found = errors
            .iter()
            .any(|told| told.starts_with(start) && told.contains(part));
        assert!(found, "{line}: {errors:?}");
    }
}

#[test]
fn a_file_whose_suffix_escapes_nothing_is_no_way_round() {
    let admin = Admin::new();
    admin.writes("components/plain.txt", "{{ userData.email }}");
    admin.writes(
        "screens/result.html",
        page("<p>{% include \"components/plain.txt\" %}</p>"),
    );
    assert_eq!(admin.complaints(), Vec::<String>::new());
    let views = admin.starts_the_server();
    let mut context = result_context();
    context["userData"]["email"] = "<b>".into();
    let shown = views
        .render("screens/result.html", &locale("en"), &context)
        .unwrap();
    assert!(shown.contains("<p>&lt;b&gt;</p>"), "{shown}");
}

#[test]
fn a_page_says_its_language_its_name_and_what_it_is_for() {
    for (text, line, part) in [
        (
            "<html lang=en><head><title>x</title></head><h1>x</h1>",
            ":1",
            "<html> does not say the language",
        ),
        (
            "<html lang='{{ locale }}'><head><title>x</title></head><h1>x</h1>",
            ":1",
            "<html> does not say the language",
        ),
        (
            "<html lang='{{ locale }}' dir='{{ dir }}'><h1>x</h1><svg aria-hidden=true><title>x</title></svg>",
            "",
            "a page without <title>",
        ),
        (
            "<html lang='{{ locale }}' dir='{{ dir }}'><head>\n<title> </title></head><h1>x</h1>",
            ":2",
            "a page without <title>",
        ),
        (
            "<html lang='{{ locale }}' dir='{{ dir }}'><head><title>x</title></head><h2>x</h2>",
            "",
            "a page without <h1>",
        ),
        (
            "<html lang='{{ locale }}' dir='{{ dir }}'><head><title>x</title>\n<meta name=viewport content='width=device-width, user-scalable=no'></head><h1>x</h1>",
            ":2",
            "cannot be enlarged",
        ),
    ] {
        let admin = Admin::new();
        admin.writes("screens/result.html", text);
        let told = admin.warnings();
        let start = format!("templates/screens/result.html{line}: ");
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert!(
            told[0].starts_with(&start) && told[0].contains(part),
            "{text}: {told:?}"
        );
    }
}

#[test]
fn each_fault_is_told_once_and_where_it_stands() {
    let admin = Admin::new();
    admin.writes(
        "components/fields.html",
        format!("{FIELDS}\n<img src=/a.png><svg></svg>"),
    );
    let told = admin.warnings();
    assert_eq!(told.len(), 2, "{told:?}");
    for told in told {
        assert!(
            told.starts_with("templates/components/fields.html:2: "),
            "{told}"
        );
        assert!(told.ends_with(" (sample `fresh` in `en`)"), "{told}");
    }
}

#[test]
fn colours_that_cannot_be_read_are_told_where_they_are_declared() {
    let admin = Admin::new();
    admin.writes_static("look.css", ":root {\n--ink: #777;\n--paper: #fff }");
    admin.writes_static("unused.css", ":root { --soft: #fff }");
    let told = admin.warnings();
    assert_eq!(told.len(), 2, "in both schemes: {told:?}");
    assert!(
        told[0].starts_with("static/look.css:3: --ink on --paper (#777 on #fff)"),
        "{told:?}"
    );
}

#[test]
fn words_that_nobody_asks_for_or_a_language_lacks_are_warnings() {
    let admin = Admin::new();
    admin.writes(
        "locales/en/mine.ftl",
        "\nwelcom = Hi\nback = Back { hidden }\nhidden = .\nresult-lost = Lost\n",
    );
    admin.writes(
        "locales/it/all.ftl",
        "language-name = Italiano\nback = Bentornato\n",
    );
    admin.writes("locales/de-CH/all.ftl", "back = Grüezi\n");
    let told = admin.warnings();
    assert_eq!(
        told[0],
        "templates/locales/ar: 3 of 11 words are not translated, another language stands in: hidden, result-lost, welcom"
    );
    assert!(
        told[1].starts_with("templates/locales/de: 3 of 11 words"),
        "{told:?}"
    );
    assert!(
        told[2].starts_with("templates/locales/en/mine.ftl:2: nothing asks for the words `welcom`; the nearest that are asked for: welcome, "),
        "{told:?}"
    );
    assert!(
        told[3].starts_with("templates/locales/it: 9 of 11 words"),
        "{told:?}"
    );
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(admin.complaints(), Vec::<String>::new());
}

#[test]
fn values_of_words_are_passed_and_the_same_in_every_language() {
    let admin = Admin::new();
    admin.writes(
        "locales/de/mine.ftl",
        "welcome = Willkommen\nback = Hallo { $emial }\n\nminutes = { $count } von { $total }\nresult-used = { $why }\n",
    );
    assert_eq!(
        admin.warnings(),
        [
            "templates/locales/de/mine.ftl:1: the words `welcome` leave out `{ $email }`; in `en` they show it",
            "templates/locales/de/mine.ftl:4: the words `minutes` show `{ $total }`; in `en` they do not",
            "templates/locales/de/mine.ftl:5: the words `result-used` show `{ $why }`; in `en` they do not",
        ]
    );
    let told = admin.complaints().join("\n");
    assert!(
        told.contains("templates/locales/de/mine.ftl:2: the words `back` show `{ $emial }`, which no template passes"),
        "{told}"
    );
}
