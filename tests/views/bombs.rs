//! Templates that never end, or fill the memory, or dig too deep (P5): each dies in a process of its own.

use std::fs;
use std::time::{Duration, Instant};

use tessera::views::{CheckMode, Views};

use crate::support::*;

/// What a bomb is made of: the file, and what is in it.
type Bomb = (&'static str, &'static str, String);

fn frame(line: &str) -> String {
    format!("<p>\n{line}\n</p>{{% block work %}}{{% endblock %}}")
}

/// `open` and `close` around nothing, this often.
fn nested(times: usize, open: &str, inner: &str, close: &str) -> String {
    frame(&format!(
        "{}{inner}{}",
        open.repeat(times),
        close.repeat(times)
    ))
}

fn bombs() -> Vec<Bomb> {
    let range = "range(end=99999)";
    let page = |what, line: &str| (what, "mfa.html", frame(line));
    let doubling = |by: &str| {
        format!(
            "{{% set a = 'xxxxxxxxxxxxxxxx' %}}{{% for i in range(end=60) %}}{{% set_global a = {by} %}}{{% endfor %}}{{{{ a }}}}"
        )
    };
    let laughs: String = (1..40)
        .map(|n| format!("l{n} = {{ l{} }}{{ l{} }}{{ l{} }}\n", n - 1, n - 1, n - 1))
        .collect();
    vec![
        page(
            "a huge range",
            "{% for i in range(end=1000000000) %}x{% endfor %}",
        ),
        page(
            "a range from far",
            "{% for i in range(start=-9223372036854775808, end=9223372036854775807) %}x{% endfor %}",
        ),
        page(
            "a range without steps",
            "{% for i in range(end=10, step_by=0) %}x{% endfor %}",
        ),
        page(
            "loops in loops",
            &format!(
                "{{% for a in {range} %}}{{% for b in {range} %}}{{% endfor %}}{{% endfor %}}"
            ),
        ),
        page(
            "loops that print",
            &format!(
                "{{% for a in {range} %}}{{% for b in {range} %}}xxxxxxxx{{% endfor %}}{{% endfor %}}"
            ),
        ),
        page(
            "a comprehension in a comprehension",
            &format!("{{{{ [[b for b in {range}] for a in {range}] | length }}}}"),
        ),
        page("a text that doubles", &doubling("a ~ a")),
        page(
            "a text that grows by replacing",
            &doubling("a | replace(from='x', to='xxxx')"),
        ),
        page(
            "a list that doubles",
            "{% set a = [1, 2] %}{% for i in range(end=60) %}{% set_global a = [...a, ...a] %}{% endfor %}{{ a | length }}",
        ),
        page(
            "an indent without end",
            "{{ \"a\nb\" | indent(width=99999999999, first=true) }}",
        ),
        page(
            "a long indent",
            "{{ \"a\nb\nc\nd\ne\nf\" | indent(width=900000000, first=true) }}",
        ),
        page(
            "a very round number",
            "{{ 1.5 | round(precision=2147483647) }}{{ 'x' | truncate(length=0 - 1) }}",
        ),
        (
            "a file that includes itself",
            "components/fields.html",
            "{% include \"components/fields.html\" %}".to_owned(),
        ),
        (
            "a frame that includes its pages",
            "mfa.html",
            frame("{% include \"screens/otp.html\" %}"),
        ),
        (
            "a frame that extends its pages",
            "mfa.html",
            "{% extends \"screens/otp.html\" %}".to_owned(),
        ),
        (
            "a component that calls itself",
            "mfa.html",
            format!(
                "{{% component again() %}}{{{{ <again /> }}}}{{% endcomponent again %}}{}",
                frame("{{ <again /> }}")
            ),
        ),
        (
            "two components that call each other",
            "mfa.html",
            format!(
                "{{% component ping() %}}{{{{ <pong /> }}}}{{% endcomponent ping %}}{{% component pong() %}}{{{{ <ping /> }}}}{{{{ <ping /> }}}}{{% endcomponent pong %}}{}",
                frame("{{ <ping /> }}")
            ),
        ),
        (
            "conditions in conditions",
            "mfa.html",
            nested(50_000, "{% if ticket %}", "x", "{% endif %}"),
        ),
        (
            "brackets in brackets",
            "mfa.html",
            nested(
                1,
                "{{ ",
                &format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
                " }}",
            ),
        ),
        (
            "lists in lists",
            "mfa.html",
            nested(
                1,
                "{{ ",
                &format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
                " }}",
            ),
        ),
        (
            "nots of nots",
            "mfa.html",
            frame(&format!(
                "{{% if {} ticket %}}x{{% endif %}}",
                "not ".repeat(100_000)
            )),
        ),
        (
            "a very long sum",
            "mfa.html",
            frame(&format!("{{{{ 1{} }}}}", " + 1".repeat(200_000))),
        ),
        (
            "fields of fields",
            "mfa.html",
            frame(&format!(
                "{{% if ticket{} %}}x{{% endif %}}",
                "?.id".repeat(100_000)
            )),
        ),
        (
            "filters of filters",
            "mfa.html",
            frame(&format!("{{{{ 'x'{} }}}}", " | upper".repeat(100_000))),
        ),
        (
            "blocks in blocks",
            "mfa.html",
            (0..20_000)
                .map(|n| format!("{{% block b{n} %}}"))
                .chain((0..20_000).map(|n| format!("{{% endblock b{} %}}", 19_999 - n)))
                .collect(),
        ),
        (
            "elements in elements",
            "mfa.html",
            nested(60_000, "<div>", "", "</div>"),
        ),
        (
            "words that laugh",
            "locales/en/mine.ftl",
            format!("l0 = haha\n{laughs}welcome = {{ l39 }} {{ $email }}\n"),
        ),
        (
            "words of themselves",
            "locales/en/mine.ftl",
            "welcome = { welcome } { $email }\n".to_owned(),
        ),
        (
            "words in words",
            "locales/en/mine.ftl",
            format!(
                "welcome = {}$email{}\n",
                "{".repeat(50_000),
                "}".repeat(50_000)
            ),
        ),
    ]
}

#[test]
fn a_bomb_is_refused_and_takes_nobody_along() {
    let before = memory();
    let mut slowest = Duration::ZERO;
    let bombs = bombs();
    assert!(bombs.len() >= 20);
    // One after the other would take a minute; each is a process that mostly waits for its own end.
    let (refused, passed): (Vec<_>, Vec<_>) = std::thread::scope(|scope| {
        let halves = bombs.chunks(bombs.len().div_ceil(2)).map(|half| {
            scope.spawn(move || {
                half.iter()
                    .map(|bomb| (bomb.0, explode(bomb)))
                    .collect::<Vec<_>>()
            })
        });
        let halves: Vec<_> = halves.collect();
        let all = halves.into_iter().flat_map(|half| half.join().unwrap());
        all.inspect(|(_, (took, _))| slowest = slowest.max(*took))
            .partition(|(_, (_, complaint))| complaint.is_some())
    });
    println!("{} refused, after {slowest:?} at most", refused.len());
    // What the engine is fine with is within the limits: it ends, and soon.
    for (what, (took, _)) in &passed {
        println!("{what}: harmless, {took:?}");
    }
    assert!(refused.len() >= 20, "{refused:#?}");
    let after = memory();
    assert!(after < before + 64 * 1024, "{before} kB, then {after} kB");
}

/// What the admin is told, if the set is refused, and when. The pages are served all the while.
fn explode((what, name, text): &Bomb) -> (Duration, Option<String>) {
    let admin = Admin::new();
    let mut options = with_child(admin.options());
    if let CheckMode::Child(check) = &mut options.check {
        check.cpu_seconds = 1;
    }
    admin.writes(name, text);
    let start = Instant::now();
    let views = Views::load(options, samples()).unwrap();
    let took = start.elapsed();
    let told = errors(&views);
    if told.is_empty() {
        otp_page(&views);
    } else {
        assert!(
            otp_page(&views).contains("Welcome, ada@example.com"),
            "{what}"
        );
    }
    assert!(took < Duration::from_secs(15), "{what} took {took:?}");
    (took, told.first().map(ToString::to_string))
}

/// The memory of this process, in kB, without the pages of its program.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("RssAnon:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
