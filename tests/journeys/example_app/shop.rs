//! The shop of `examples/flask`, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tessera::core::Algorithm;

use crate::support::house::House;
use crate::support::{self, skip};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flask");

/// Of everybody in the example.
pub const PASSWORD: &str = "correct horse battery staple";

/// The running application; it ends with this value.
pub struct Shop {
    process: Child,
    port: u16,
}

impl Shop {
    /// Starts it as a client of this house, whose tokens are signed like this.
    pub async fn beside(house: &House, signing_alg: Algorithm) -> Option<Self> {
        let Some(python) = std::env::var_os("TESSERA_TEST_EXAMPLE_PYTHON") else {
            return skip(
                "TESSERA_TEST_EXAMPLE_PYTHON names no Python with examples/flask/requirements.txt",
            );
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let port = free.unwrap().port();
        let callback = format!("http://localhost:{port}/callback");
        let (id, secret) = house.client(&["create:users"]).await;
        let mut tx = house.app.store.begin_write().await.unwrap();
        let mut client = tx.lock_client(&id).await.unwrap().unwrap();
        client.redirect_uris = callback;
        client.signing_alg = signing_alg;
        assert!(tx.update_client(&client).await.unwrap());
        tx.commit().await.unwrap();
        let mut flask = support::sheltered(python);
        flask
            .args(["-m", "flask", "run", "--port", &port.to_string()])
            .current_dir(EXAMPLE)
            .env("TESSERA_URL", house.url(""))
            .env("CLIENT_ID", id.as_str())
            .env("CLIENT_SECRET", &*secret)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let mut process = flask
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let (running, runs) = mpsc::channel();
        std::thread::spawn(move || {
            // To the end, so that it can always write.
            for line in lines.map_while(Result::ok) {
                if line.contains("Running on") {
                    running.send(()).ok();
                }
            }
        });
        let shop = Self { process, port };
        let started = runs.recv_timeout(Duration::from_secs(60));
        assert!(started.is_ok(), "the example does not start");
        Some(shop)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Takes all that a user enrolled away.
    pub async fn start_over(&self, house: &House, user_id: &str) {
        let path = format!(
            "/api/v2/users/{}/authentication-methods",
            user_id.replace('|', "%7C")
        );
        let request = reqwest::Client::new().delete(house.url(&path));
        let answer = request.bearer_auth(house.admin_token().await).send().await;
        assert_eq!(answer.unwrap().status(), 204);
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
