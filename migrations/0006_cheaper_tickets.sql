-- Creating a ticket is cheaper without what follows.

-- What happened with a ticket is found among what happened to its user, and the age of an event is told by its id.
DROP INDEX events_of_ticket;
DROP INDEX events_by_time;

-- SQLite builds a table in memory to check a value against a list of three and more: half of what a ticket's row cost.
-- It changes no constraint, so the tables are made anew, and with them those that refer to them.

CREATE TABLE tickets_new (
    ticket_id      TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    state          TEXT NOT NULL CHECK (
        state = 'open' OR state = 'held' OR state = 'used' OR state = 'closed' OR state = 'revoked'
    ),
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
    CHECK (ended_at IS NOT NULL OR (state <> 'used' AND state <> 'closed' AND state <> 'revoked'))
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
    state          TEXT NOT NULL CHECK (state = 'due' OR state = 'sent' OR state = 'dead' OR state = 'dropped'),
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

CREATE TABLE challenges_new (
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    bearer         TEXT NOT NULL,
    factor         TEXT NOT NULL,
    challenge_id   TEXT NOT NULL UNIQUE,
    ticket_id      TEXT REFERENCES tickets_new ON DELETE CASCADE,
    -- The enrollment that it is to make, or that it asks for.
    enrollment_id  TEXT NOT NULL,
    state          TEXT NOT NULL,
    payload_sealed BYTEA NOT NULL,
    -- The hash of what another device finds it by.
    lookup_hash    BYTEA UNIQUE,
    failures       BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    PRIMARY KEY (user_id, bearer, factor)
);

INSERT INTO challenges_new
SELECT user_id, bearer, factor, challenge_id, ticket_id, enrollment_id, state,
       payload_sealed, lookup_hash, failures, created_at, expires_at
FROM challenges;

-- Those that refer first: with its referrers gone, dropping the table takes nothing else with it.
DROP TABLE challenges;
DROP TABLE outbox;
DROP TABLE former_links;
DROP TABLE tickets;
ALTER TABLE tickets_new RENAME TO tickets;
ALTER TABLE former_links_new RENAME TO former_links;
ALTER TABLE outbox_new RENAME TO outbox;
ALTER TABLE challenges_new RENAME TO challenges;

CREATE INDEX tickets_of_user ON tickets (user_id, expires_at);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);
-- With the kind, the lane that finds nothing of its own need not read all that waits for the others.
CREATE INDEX outbox_due ON outbox (state, due_at, kind);
-- What waits is not settled, and need not be there.
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_of_ticket ON outbox (ticket_id);
CREATE INDEX outbox_of_user ON outbox (user_id, created_at);
CREATE INDEX challenges_of_ticket ON challenges (ticket_id);
CREATE INDEX challenges_by_expiry ON challenges (expires_at);
CREATE INDEX challenges_of_enrollment ON challenges (enrollment_id);
