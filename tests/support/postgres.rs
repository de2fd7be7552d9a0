//! A fresh PostgreSQL database for one test.

use std::env;

use sqlx::{Connection as _, PgConnection};
use url::Url;

/// A database of the test's own, dropped with this value.
pub struct Postgres {
    server: String,
    name: String,
    url: String,
}

impl Postgres {
    /// Makes an empty database on the server that `TESSERA_TEST_POSTGRES` names.
    pub async fn fresh() -> Option<Self> {
        let Ok(server) = env::var("TESSERA_TEST_POSTGRES") else {
            return super::skip("TESSERA_TEST_POSTGRES is not set");
        };
        let mut connection = PgConnection::connect(&server)
            .await
            .expect("TESSERA_TEST_POSTGRES names a server that answers");
        let name: String = sqlx::query_scalar(
            "SELECT 'tessera_test_' || replace(gen_random_uuid()::text, '-', '')",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        run(
            &mut connection,
            format!("CREATE DATABASE {name} TEMPLATE template0"),
        )
        .await;
        connection.close().await.unwrap();
        let mut url = Url::parse(&server).expect("TESSERA_TEST_POSTGRES is a URL");
        url.set_path(&name);
        Some(Self {
            server,
            name,
            url: url.into(),
        })
    }

    /// What goes into `database.url`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let server = self.server.clone();
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime of its own: the test's may be ending, and can't be blocked on from inside.
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                if let Ok(mut connection) = PgConnection::connect(&server).await {
                    run(&mut connection, drop_it).await;
                }
            });
        })
        .join();
    }
}

/// A database's name can't be bound; this one was made by the server itself.
async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}
