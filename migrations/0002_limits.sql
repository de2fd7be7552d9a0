-- Limits that all instances share, and calls that may be repeated.

-- What a user has open now, and was mailed lately, is counted with each ticket.
DROP INDEX tickets_of_user;
CREATE INDEX tickets_of_user ON tickets (user_id, expires_at);
DROP INDEX outbox_of_user;
CREATE INDEX outbox_of_user ON outbox (user_id, created_at);

-- Links that opened nothing, by SHA-256 of the address that they came from.
CREATE TABLE link_failures (
    address_hash BYTEA PRIMARY KEY,
    since        BIGINT NOT NULL,
    failures     BIGINT NOT NULL
);
CREATE INDEX link_failures_by_time ON link_failures (since);

-- The tickets that were created under a key of the caller's choice: the same call gets the same answer.
CREATE TABLE idempotency_keys (
    -- SHA-256 of the caller and the key, in hex.
    key_hash      TEXT PRIMARY KEY,
    -- SHA-256 of what was asked for.
    request_hash  BYTEA NOT NULL,
    ticket_id     TEXT NOT NULL,
    secret_sealed BYTEA NOT NULL,
    expires_at    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
