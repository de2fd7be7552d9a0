//! PostgreSQL: migrated by hand, used without the right to change the schema.

use sqlx::{Connection as _, PgConnection};
use url::Url;

use crate::place::Place;
use crate::start::NEWER;
use crate::support::postgres::Postgres;

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn an_old_or_newer_schema_is_refused_by_name() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let place = Place::new().with("TESSERA_DATABASE__URL", database.url());
    for verb in ["serve", "token"] {
        let why = place.refused(&[verb]);
        let told = why.contains("at schema 0") && why.contains("run `tessera migrate`");
        assert!(told, "{why}");
    }
    place.ok(&["migrate"]);
    place.ok(&["migrate"]);
    let server = place.serve();
    let ready = reqwest::get(server.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(server.signal("TERM").status.code(), Some(0));

    let mut admin = PgConnection::connect(database.url()).await.unwrap();
    sqlx::query(NEWER).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    for verb in ["serve", "migrate", "token"] {
        let why = place.refused(&[verb]);
        assert!(why.contains("schema 9999, which is newer"), "{why}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn several_may_migrate_at_once() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let place = Place::new().with("TESSERA_DATABASE__URL", database.url());
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| place.ok(&["migrate"]));
        }
    });
    place.ok(&["token"]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn a_role_that_cannot_change_the_schema_is_enough_to_serve() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let owner = Place::new().with("TESSERA_DATABASE__URL", database.url());
    owner.ok(&["migrate"]);
    let role = Role::make(database.url()).await;
    let place = Place::new().with("TESSERA_DATABASE__URL", &role.url);
    let server = place.serve();
    let made = place.json(&[
        "ticket",
        "create",
        "--user",
        "auth0|ada",
        "--email",
        "ada@example.com",
        "--send-mail",
    ]);
    let id = made["ticket_id"].as_str().unwrap();
    place.ok(&["ticket", "resend", id]);
    place.ok(&["ticket", "revoke", id]);
    place.ok(&["user", "reset", "auth0|ada", "--yes"]);
    let ready = reqwest::get(server.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(server.signal("TERM").status.code(), Some(0));

    let mut connection = PgConnection::connect(&role.url).await.unwrap();
    let refused = sqlx::query("CREATE TABLE more (id TEXT)");
    assert!(refused.execute(&mut connection).await.is_err());
    connection.close().await.unwrap();
    role.drop(database.url()).await;
}

/// A role of the server that may read and write rows, and nothing else.
struct Role {
    name: String,
    url: String,
}

impl Role {
    async fn make(owner: &str) -> Self {
        let mut url = Url::parse(owner).unwrap();
        let name = format!("{}_app", url.path().trim_matches('/'));
        run(
            owner,
            &[
                format!("CREATE ROLE {name} LOGIN PASSWORD 'none'"),
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
                format!("GRANT USAGE ON SCHEMA public TO {name}"),
                format!(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
                ),
            ],
        )
        .await;
        url.set_username(&name).unwrap();
        url.set_password(Some("none")).unwrap();
        Self {
            name,
            url: url.into(),
        }
    }

    async fn drop(self, owner: &str) {
        let name = self.name;
        let steps = [format!("DROP OWNED BY {name}"), format!("DROP ROLE {name}")];
        run(owner, &steps).await;
    }
}

/// A role's name can't be bound; this one is made of the database's own.
async fn run(url: &str, statements: &[String]) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    for statement in statements {
        let statement = sqlx::query(sqlx::AssertSqlSafe(statement.clone()));
        statement.execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}
