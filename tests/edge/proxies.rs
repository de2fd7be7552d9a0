//! The same malformed HTTP through the proxies that stand before the server: they must agree on where requests end.

use std::collections::BTreeMap;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::UNLIMITED;
use crate::certificate::PATIENCE;
use crate::corpus;
use crate::malformed::send_all;
use crate::support::place::Place;
use crate::support::{find_program, skip};

/// A proxy that runs; it is killed when it is dropped.
struct Proxy {
    child: Child,
    address: String,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it takes to run a proxy whose log tells the name that the server gave each request, its method and status.
struct Kind {
    program: &'static str,
    variable: &'static str,
    settings: fn(listen: &str, server: &str, folder: &Path) -> String,
    arguments: fn(settings: &Path) -> Vec<String>,
}

const NGINX: Kind = Kind {
    program: "nginx",
    variable: "TESSERA_TEST_NGINX",
    settings: |listen, server, folder| {
        let folder = folder.display();
        format!(
            "daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;
            events {{ worker_connections 512; }}
            http {{
              log_format seen '$upstream_http_x_request_id $request_method $upstream_status $status';
              access_log {folder}/seen seen;
              client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
              fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
              upstream tessera {{ server {server}; keepalive 16; }}
              server {{
                listen {listen};
                location / {{
                  proxy_pass http://tessera;
                  proxy_http_version 1.1;
                  proxy_set_header Connection \"\";
                  proxy_set_header Host $host;
                  proxy_next_upstream off;
                  proxy_ignore_client_abort on;
                }}
              }}
            }}"
        )
    },
    arguments: |settings| {
        let settings = settings.display().to_string();
        vec![
            "-c".to_owned(),
            settings,
            "-e".to_owned(),
            "stderr".to_owned(),
        ]
    },
};

const HAPROXY: Kind = Kind {
    program: "haproxy",
    variable: "TESSERA_TEST_HAPROXY",
    settings: |listen, server, _| {
        format!(
            // With several threads it drops a line where two want to write at once.
            "global
  nbthread 1
  log stdout format raw local0
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 15s
  timeout server 15s
  http-reuse always
frontend in
  bind {listen}
  capture response header x-request-id len 64
  log-format \"%[capture.res.hdr(0)] %HM %ST %ST\"
  default_backend tessera
backend tessera
  server tessera {server}
"
        )
    },
    arguments: |settings| {
        vec![
            "-db".to_owned(),
            "-f".to_owned(),
            settings.display().to_string(),
        ]
    },
};

impl Kind {
    fn start(&self, place: &Place, server: &str) -> Option<Proxy> {
        let Some(program) = find_program(self.variable, self.program) else {
            return skip("it is not installed");
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let settings = (self.settings)(&address, server, &place.path("proxy"));
        place.write("proxy/settings", &settings);
        let log = fs::File::create(place.path("proxy/said")).unwrap();
        let child = Command::new(program)
            .args((self.arguments)(&place.path("proxy/settings")))
            .stdout(log)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(&address).is_err() {
            assert!(
                Instant::now() < deadline,
                "{} does not listen",
                self.program
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Proxy { child, address })
    }
}

/// By the server's name for a request: its method and status, as one side saw them.
type Seen = BTreeMap<String, (String, String)>;

fn seen_by_server(log: &str) -> Seen {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let requests = lines.filter(|line| line["message"] == "request");
    let text = |value: &Value| value.to_string().replace('"', "");
    requests
        .map(|line| {
            (
                text(&line["request_id"]),
                (text(&line["method"]), text(&line["status"])),
            )
        })
        .collect()
}

/// What the proxy passed on.
fn seen_by_proxy(log: &str) -> Seen {
    let mut seen = Seen::new();
    for line in log.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if let [id, method, status, _] = words[..]
            && id.starts_with("req_")
        {
            let twice = seen.insert(id.to_owned(), (method.to_owned(), status.to_owned()));
            assert!(twice.is_none(), "one answer for two requests: {line}");
        }
    }
    seen
}

/// Through the proxy, on connections that are used again and again for whoever comes.
fn agree(kind: &Kind) -> String {
    let place = Place::new();
    let server = place.serve_with(&UNLIMITED);
    let Some(proxy) = kind.start(&place, server.address()) else {
        return String::new();
    };
    let cases = corpus::all();
    let replies = send_all(&proxy.address, &cases);
    let mut failures = BTreeMap::<_, usize>::new();
    for (case, reply) in cases.iter().zip(&replies) {
        for answer in reply.answers.iter().filter(|answer| answer.status >= 500) {
            assert_eq!(
                answer.id, None,
                "{} of the server: {}",
                answer.status, case.family
            );
            *failures.entry((answer.status, case.family)).or_default() += 1;
        }
    }
    let ran = server.signal("TERM");
    assert!(ran.status.success(), "{}", ran.err);
    let by_server = seen_by_server(&ran.out);
    // The proxy writes its line after the answer.
    let deadline = Instant::now() + PATIENCE;
    let by_proxy = loop {
        let said = fs::read_to_string(place.path("proxy/said")).unwrap();
        let log = fs::read_to_string(place.path("proxy/seen")).unwrap_or(said);
        let complete = log.rfind('\n').map_or("", |end| &log[..end]);
        let by_proxy = seen_by_proxy(complete);
        if by_proxy.len() >= by_server.len() || Instant::now() > deadline {
            break by_proxy;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    drop(proxy);
    let told = format!(
        "{}: {} requests sent, {} reached the server, answered by the proxy itself: {failures:?}",
        kind.program,
        cases.len(),
        by_server.len(),
    );
    assert!(
        by_server.len() > 500,
        "{} reached the server",
        by_server.len()
    );
    for (id, (method, status)) in &by_server {
        let seen = by_proxy.get(id);
        assert!(seen.is_some(), "the proxy wrote nothing of {id}");
        let (other_method, other_status) = seen.unwrap();
        // A method too long for HAProxy's log is not in it.
        let same = method == other_method || other_method == "<BADREQ>";
        assert!(same, "{id} is {method} and {other_method}");
        assert_eq!(status, other_status, "{id}");
    }
    assert_eq!(by_proxy.len(), by_server.len());
    told
}

#[test]
#[ignore = "needs nginx: bash tests/run.sh"]
fn nginx_and_the_server_agree_where_requests_end() {
    println!("{}", agree(&NGINX));
}

#[test]
#[ignore = "needs HAProxy: bash tests/run.sh"]
fn haproxy_and_the_server_agree_where_requests_end() {
    println!("{}", agree(&HAPROXY));
}
