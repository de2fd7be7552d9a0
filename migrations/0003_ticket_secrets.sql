-- Nothing looks a ticket up by its secret: a unique index of random bytes cost each ticket a page of it.
-- SQLite drops no constraint, so the table is made anew, and with it the tables that refer to it.

CREATE TABLE tickets_new (
    ticket_id      TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    state          TEXT NOT NULL CHECK (state IN ('open', 'held', 'used', 'closed', 'revoked')),
    secret_hash    BYTEA NOT NULL,
    factors        TEXT NOT NULL,
    allow_multiple BOOLEAN NOT NULL,
    email          TEXT,
    locale         TEXT,
    result_url     TEXT,
    created_by     TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    ended_at       BIGINT,
    -- The attempt that spent it first; it alone may go on.
    winner         TEXT,
    redeemed_at    BIGINT,
    failures       BIGINT NOT NULL DEFAULT 0,
    retry_at       BIGINT NOT NULL DEFAULT 0,
    CHECK (state NOT IN ('held', 'used') OR winner IS NOT NULL),
    CHECK (state NOT IN ('used', 'closed', 'revoked') OR ended_at IS NOT NULL)
);
INSERT INTO tickets_new
SELECT ticket_id, user_id, state, secret_hash, factors, allow_multiple, email, locale, result_url, created_by,
       created_at, expires_at, ended_at, winner, redeemed_at, failures, retry_at
FROM tickets;

CREATE TABLE former_links_new (
    ticket_id   TEXT NOT NULL REFERENCES tickets_new ON DELETE CASCADE,
    secret_hash BYTEA NOT NULL,
    replaced_at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, secret_hash)
);
INSERT INTO former_links_new SELECT ticket_id, secret_hash, replaced_at FROM former_links;

CREATE TABLE outbox_new (
    message_id     TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    ticket_id      TEXT REFERENCES tickets_new ON DELETE CASCADE,
    state          TEXT NOT NULL CHECK (state IN ('due', 'sent', 'dead', 'dropped')),
    -- What only the message may show; blanked when the message is settled.
    payload_sealed BYTEA,
    detail         TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    due_at         BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    attempts       BIGINT NOT NULL DEFAULT 0,
    lease_owner    TEXT,
    last_error     TEXT,
    settled_at     BIGINT,
    CHECK (state = 'due' OR payload_sealed IS NULL)
);
INSERT INTO outbox_new
SELECT message_id, kind, user_id, ticket_id, state, payload_sealed, detail, created_at, due_at, expires_at, attempts,
       lease_owner, last_error, settled_at
FROM outbox;

-- Those that refer first: with its referrers gone, dropping the table takes nothing else with it.
DROP TABLE outbox;
DROP TABLE former_links;
DROP TABLE tickets;
ALTER TABLE tickets_new RENAME TO tickets;
ALTER TABLE former_links_new RENAME TO former_links;
ALTER TABLE outbox_new RENAME TO outbox;

CREATE INDEX tickets_of_user ON tickets (user_id, expires_at);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);
CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_settled ON outbox (settled_at);
CREATE INDEX outbox_of_ticket ON outbox (ticket_id);
CREATE INDEX outbox_of_user ON outbox (user_id, created_at);
