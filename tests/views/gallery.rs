//! The gallery that an admin looks at while they edit.

use tessera::config::{Config, Sources};
use tessera::views::gallery::{Content, Gallery, Medium};
use tessera::views::{Polled, Site, Stored, Views};

use crate::support::*;

fn site(name: &str) -> Site {
    let sources = Sources {
        env: vec![("TESSERA_SITE__NAME".to_owned(), name.to_owned())],
        ..Sources::default()
    };
    Site::for_pages(&Config::load(sources).unwrap().site)
}

fn gallery(views: &Views, medium: Medium) -> Gallery {
    Gallery::new(views.clone(), &site("Example Bank"), medium)
}

fn text(gallery: &Gallery, path: &str) -> String {
    let file = gallery.file(path).unwrap().unwrap();
    String::from_utf8(file.bytes.to_vec()).unwrap()
}

/// The part of the gallery that shows one piece.
fn tile<'a>(index: &'a str, id: &str) -> &'a str {
    let start = index.find(&format!("<article id=\"{id}\"")).unwrap();
    let tile = &index[start..];
    &tile[..tile.find("</article>").unwrap()]
}

#[test]
fn every_sample_is_there_in_every_language_on_the_admins_own_site() {
    let admin = Admin::new();
    let gallery = gallery(&admin.starts_the_server(), Medium::Server);
    let index = text(&gallery, "");
    assert_eq!(index, text(&gallery, "index.html"));
    assert_eq!(index.matches("<article").count(), gallery.len());
    assert!(
        index.contains("<a href=\"de.html\" lang=\"de\">Deutsch</a>"),
        "{index}"
    );
    let german = text(&gallery, "de.html");
    assert!(tile(&german, "mail-enrollment-plain").contains("Ihr Link für Example Bank"));
    let page = text(&gallery, "show/de/screens/otp/wrong-code.html");
    assert!(page.contains("Willkommen, ada@example.com") && page.contains("<p>Wrong</p>"));
    assert!(page.contains("<title>Example Bank</title>"), "{page}");
    for path in gallery.paths() {
        assert!(gallery.file(&path).unwrap().is_some(), "{path}");
    }
    for stranger in [
        "fr.html",
        "show/fr/screens/otp/fresh.html",
        "show/en/screens/otp/fresh",
        "show/en/screens/otp/nothing.html",
        "show/en/../../../etc/passwd",
        "static/look.css",
    ] {
        assert!(gallery.file(stranger).unwrap().is_none(), "{stranger}");
    }
}

#[test]
fn a_piece_says_which_files_drew_it() {
    let admin = Admin::new();
    admin.writes("mfa.html", FRAME);
    admin.writes("components/fields.html", format!("{FIELDS}<!-- mine -->"));
    let gallery = gallery(&admin.starts_the_server(), Medium::Server);
    let index = text(&gallery, "");
    let otp = tile(&index, "screens-otp-fresh");
    assert!(
        otp.contains("<code>screens/otp.html</code> built in"),
        "{otp}"
    );
    assert!(
        otp.contains("<code>components/fields.html</code> yours"),
        "{otp}"
    );
    // What is the same as the shipped one counts as shipped.
    assert!(!otp.contains("mfa.html"), "{otp}");
    let result = tile(&index, "screens-result-used");
    assert!(!result.contains("yours"), "{result}");
}

#[tokio::test]
async fn what_is_stored_is_not_called_the_folders() {
    let admin = Admin::new();
    admin.writes("mfa.html", FRAME.replace("<body>", "<body>folder"));
    let views = admin.starts_the_server();
    let gallery = gallery(&views, Medium::Server);
    let drawn = |index: &str| tile(index, "screens-otp-fresh").to_owned();
    let before = drawn(&text(&gallery, ""));
    assert!(before.contains("<code>mfa.html</code> yours"), "{before}");
    let stored = Stored {
        page: Some(FRAME.replace("<body>", "<body>stored")),
        mail: None,
    };
    assert_eq!(views.serve_stored(stored).await, Polled::Swapped);
    let after = drawn(&text(&gallery, ""));
    assert!(
        after.contains("<code>mfa.html</code> stored by API"),
        "{after}"
    );
    // What does not pass any more is told by its own name, where it would have been.
    let broken = Stored {
        page: Some(FRAME.replace("<body>", "<body>{{ userDta.email }}")),
        mail: None,
    };
    assert_eq!(views.serve_stored(broken).await, Polled::Refused);
    let refused = drawn(&text(&gallery, ""));
    assert!(refused.contains("<code>mfa.html</code> yours"), "{refused}");
    assert!(
        refused.contains("<code>guardian_mfa_page.html:"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_error_stands_where_it_is_with_its_lines() {
    let admin = Admin::new();
    let views = admin.starts_the_server();
    let gallery = gallery(&views, Medium::Server);
    let before = gallery.version();
    admin.writes("mfa.html", FRAME.replace("<body>", "<body><b>new</b>"));
    assert_eq!(next_change(&views).await, Polled::Swapped);
    let good = gallery.version();
    assert_ne!(before, good);

    let broken = FRAME.replace("<body>", "<body>{{ userDta.email }}<i>&</i>");
    let line = 1 + broken
        .lines()
        .position(|line| line.contains("userDta"))
        .unwrap();
    admin.writes("mfa.html", broken);
    assert_eq!(next_change(&views).await, Polled::Refused);
    assert_ne!(good, gallery.version());
    let index = text(&gallery, "");
    let place = format!("<code>mfa.html:{line}</code>");
    assert!(index.contains("Not served: 1 error<"), "{index}");
    let meant = format!("<mark><i>{line}</i> &lt;body&gt;{{{{ userDta.email }}}}");
    assert!(index.contains(&place) && index.contains(&meant), "{index}");
    // The pages that it would have drawn say so, and show what visitors see.
    assert!(tile(&index, "screens-otp-fresh").contains(&place));
    assert!(!tile(&index, "mail-enrollment-plain").contains(&place));
    assert!(text(&gallery, "show/en/screens/otp/fresh.html").contains("<b>new</b>"));
}

#[test]
fn what_is_served_and_questionable_is_a_warning() {
    let admin = Admin::new();
    admin.writes(
        "mfa.html",
        FRAME.replace("{{ site.name }}", "{{ site.name | safe }}"),
    );
    let gallery = gallery(&admin.starts_the_server(), Medium::Server);
    let index = text(&gallery, "");
    assert!(
        index.contains("warning") && index.contains("switches escaping off"),
        "{index}"
    );
    assert!(!index.contains("Not served"), "{index}");
}

#[test]
fn a_folder_has_all_that_it_needs_and_is_the_same_each_time() {
    let admin = Admin::new();
    let views = admin.starts_the_server();
    let gallery = gallery(&views, Medium::Folder);
    let page = text(&gallery, "show/en/screens/otp/fresh.html");
    assert!(
        page.contains("href=\"../../../../static/look.css\""),
        "{page}"
    );
    assert!(text(&gallery, "static/look.css").contains("color: black"));
    assert_eq!(
        gallery
            .file("show/en/screens/otp/fresh.html")
            .unwrap()
            .unwrap()
            .content,
        Content::Page
    );
    let again = self::gallery(&admin.starts_the_server(), Medium::Folder);
    assert_eq!(gallery.paths(), again.paths());
    for path in gallery.paths() {
        let text = text(&gallery, &path);
        assert_eq!(text, self::text(&again, &path), "{path}");
        let home = admin.path("").display().to_string();
        assert!(
            !text.contains(&home),
            "{path} names a folder of this machine"
        );
        assert!(
            !text.contains("\"/static"),
            "{path} leads out of the folder: {text}"
        );
    }
}
