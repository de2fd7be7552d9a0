//! `tessera templates preview`

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;

use super::progress::Progress;
use super::templates::{options, samples};
use super::{Context, out, stored};
use crate::config::Config;
use crate::views::gallery::{Gallery, Medium};
use crate::views::{Site, Views};
use crate::web::preview;

#[derive(Args)]
pub(super) struct Preview {
    /// Where to listen, on this machine
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8089")]
    listen: SocketAddr,
    /// Write the same gallery as files into a folder, for a review
    #[arg(long, value_name = "DIR", conflicts_with = "listen")]
    out: Option<PathBuf>,
}

/// The list of its files makes a folder known as a gallery.
const LIST: &str = "gallery.json";

pub(super) async fn run(
    preview: &Preview,
    config: Config,
    context: &Context,
) -> anyhow::Result<ExitCode> {
    let site = Site::for_pages(&config.site);
    let mut options = options(&config)?;
    // A look at the folder is nothing that a server should find later.
    options.good_dir = PathBuf::new();
    let waiting = Progress::waiting("checking");
    let load = move || Views::load(options, samples());
    let views = tokio::task::spawn_blocking(load).await??;
    drop(waiting);
    for name in stored::of(&config).await.names() {
        out::remark(&format!(
            "{name}: stored by the API, and served in the place of the folder's, which is shown here"
        ));
    }
    match &preview.out {
        Some(dir) => {
            let gallery = Gallery::new(views, &site, Medium::Folder);
            write(&gallery, dir, context)
        }
        None => {
            serve(preview.listen, views, &site, context).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn serve(
    listen: SocketAddr,
    views: Views,
    site: &Site,
    context: &Context,
) -> anyhow::Result<()> {
    ensure!(
        listen.ip().to_canonical().is_loopback(),
        "--listen: {listen} can be reached from other machines; say an address like 127.0.0.1:8089"
    );
    let listener = TcpListener::bind(listen)
        .with_context(|| format!("cannot listen on {listen}; --listen names another address"))?;
    let address = listener.local_addr()?;
    let host = match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let url = format!("http://{host}:{}{}", address.port(), preview::PATH);
    let followed = views.clone();
    tokio::spawn(async move {
        loop {
            followed.next_change().await;
        }
    });
    let server = preview::start(preview::Preview::new(views, site, "localhost"), listener)?;
    context.out.answer(&json!({ "url": url }), || {
        format!("The gallery of your templates: {url}\nIt follows your changes; Ctrl+C ends it.")
    })?;
    server.await?;
    Ok(())
}

/// Writes the gallery; a folder that holds anything else stays as it is.
fn write(gallery: &Gallery, dir: &Path, context: &Context) -> anyhow::Result<ExitCode> {
    let former = former(dir)?;
    let paths = gallery.paths();
    let progress = Progress::counting("drawing", paths.len() as u64);
    let mut failed = Vec::new();
    for path in &paths {
        let target = dir.join(path);
        let within = || format!("{}", target.display());
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).with_context(within)?;
        }
        match gallery.file(path) {
            Ok(Some(file)) => fs::write(&target, &file.bytes).with_context(within)?,
            Ok(None) => {}
            Err(error) => {
                fs::write(&target, error.to_string()).with_context(within)?;
                failed.push(format!("{path}: {error}"));
            }
        }
        progress.add(1);
    }
    drop(progress);
    let written: BTreeSet<&String> = paths.iter().collect();
    for gone in former.iter().filter(|path| !written.contains(path)) {
        fs::remove_file(dir.join(gone)).ok();
    }
    let list = serde_json::to_string_pretty(&json!({ "files": written }))?;
    fs::write(dir.join(LIST), list + "\n")?;
    let refused = gallery.errors();
    for error in &refused {
        out::remark(&format!("not in it: {error}"));
    }
    for error in &failed {
        out::remark(&format!("error: {error}"));
    }
    let index = dir.join("index.html");
    let summary = json!({
        "index": index,
        "files": paths.len(),
        "pieces": gallery.len(),
        "languages": gallery.views().locales(),
        "refused": refused,
        "failed": failed,
    });
    context.out.answer(&summary, || {
        format!(
            "{} ({} pages, mails and messages in {} languages)",
            index.display(),
            gallery.len(),
            gallery.views().locales().len()
        )
    })?;
    let is_whole = refused.is_empty() && failed.is_empty();
    Ok(ExitCode::from(u8::from(!is_whole)))
}

/// The files of a former gallery in this folder; an error if it holds anything, and is none.
fn former(dir: &Path) -> anyhow::Result<Vec<String>> {
    let is_empty = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| dir.display().to_string()),
    };
    if is_empty {
        return Ok(Vec::new());
    }
    let list = fs::read(dir.join(LIST)).ok();
    let list = list.and_then(|list| serde_json::from_slice::<serde_json::Value>(&list).ok());
    let files = list.as_ref().and_then(|list| list["files"].as_array());
    let files = files.with_context(|| {
        format!(
            "{} holds something else than a gallery; name a folder that is empty or not there yet",
            dir.display()
        )
    })?;
    let inside = |path: &&str| {
        let mut parts = Path::new(path).components();
        parts.all(|part| matches!(part, Component::Normal(_)))
    };
    let files = files.iter().filter_map(serde_json::Value::as_str);
    Ok(files.filter(inside).map(str::to_owned).collect())
}
