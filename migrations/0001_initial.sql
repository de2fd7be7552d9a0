-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BOOLEAN and BYTEA only.
-- Times are UTC milliseconds from our own clock; ids are ours and ordered by time.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE signing_keys (
    kid            TEXT PRIMARY KEY,
    private_sealed BYTEA NOT NULL,
    created_at     BIGINT NOT NULL
);

CREATE TABLE clients (
    client_id   TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    scopes      TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE factor_settings (
    factor     TEXT PRIMARY KEY,
    enabled    BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    user_id    TEXT PRIMARY KEY,
    -- Counts every change of the user's factors: updating it serializes them.
    seq        BIGINT NOT NULL DEFAULT 0,
    email      TEXT,
    blocked    BOOLEAN NOT NULL DEFAULT FALSE,
    profile    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE tickets (
    ticket_id      TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    state          TEXT NOT NULL CHECK (state IN ('open', 'held', 'used', 'closed', 'revoked')),
    secret_hash    BYTEA NOT NULL UNIQUE,
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
CREATE INDEX tickets_of_user ON tickets (user_id, ticket_id);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);

-- The secrets of links that a resend replaced, so that their bearer reads why.
CREATE TABLE former_links (
    ticket_id   TEXT NOT NULL REFERENCES tickets ON DELETE CASCADE,
    secret_hash BYTEA NOT NULL,
    replaced_at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, secret_hash)
);

CREATE TABLE enrollments (
    user_id         TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    enrollment_id   TEXT NOT NULL UNIQUE,
    factor          TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('pending', 'confirmed')),
    -- Enrolled while the user had no factor: there is one of these at most.
    is_first        BOOLEAN NOT NULL,
    ticket_id       TEXT,
    material_sealed BYTEA NOT NULL,
    last_step       BIGINT,
    name            TEXT,
    created_at      BIGINT NOT NULL,
    enrolled_at     BIGINT,
    last_auth_at    BIGINT,
    PRIMARY KEY (user_id, enrollment_id),
    -- A ticket binds each factor once, whatever the code above believes.
    UNIQUE (ticket_id, factor)
);
CREATE UNIQUE INDEX enrollments_first ON enrollments (user_id) WHERE is_first;

CREATE TABLE recovery_codes (
    user_id    TEXT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    code_hash  BYTEA NOT NULL UNIQUE,
    ticket_id  TEXT,
    created_at BIGINT NOT NULL,
    -- When the person said that it is saved: from then on it is never shown again.
    saved_at   BIGINT
);

CREATE TABLE events (
    event_id      TEXT PRIMARY KEY,
    at            BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    user_id       TEXT,
    ticket_id     TEXT,
    enrollment_id TEXT,
    actor         TEXT NOT NULL,
    ip            TEXT,
    request_id    TEXT,
    detail        TEXT NOT NULL
);
CREATE INDEX events_of_ticket ON events (ticket_id, at);
CREATE INDEX events_of_user ON events (user_id, at);
CREATE INDEX events_by_time ON events (at);

CREATE TABLE outbox (
    message_id     TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    ticket_id      TEXT REFERENCES tickets ON DELETE CASCADE,
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
CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_settled ON outbox (settled_at);
CREATE INDEX outbox_of_ticket ON outbox (ticket_id);
CREATE INDEX outbox_of_user ON outbox (user_id);
