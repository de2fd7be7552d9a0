-- What waits for its answer: a code that was sent, a ceremony, a prompt. One for each factor of a bearer, which is an
-- attempt or a login; a new one replaces it, so that there are never two live codes.
CREATE TABLE challenges (
    user_id        TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    bearer         TEXT NOT NULL,
    factor         TEXT NOT NULL,
    challenge_id   TEXT NOT NULL UNIQUE,
    ticket_id      TEXT REFERENCES tickets ON DELETE CASCADE,
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
CREATE INDEX challenges_of_ticket ON challenges (ticket_id);
CREATE INDEX challenges_by_expiry ON challenges (expires_at);
-- A phone asks by its own name for what it has to answer.
CREATE INDEX challenges_of_enrollment ON challenges (enrollment_id);

-- A credential belongs to one enrollment of one user, whatever the code above believes.
ALTER TABLE enrollments ADD COLUMN credential_id TEXT;
-- What may be told of it to whoever may see it, as JSON; nothing secret.
ALTER TABLE enrollments ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
CREATE UNIQUE INDEX enrollments_by_credential ON enrollments (credential_id);

-- Wrong proofs of the user's confirmed factors in a row, and when the next one is looked at.
ALTER TABLE users ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN retry_at BIGINT NOT NULL DEFAULT 0;

-- What an admin set by the API, as JSON; what of it is secret is sealed beside it.
CREATE TABLE settings (
    name         TEXT PRIMARY KEY,
    value        TEXT NOT NULL,
    value_sealed BYTEA,
    updated_at   BIGINT NOT NULL
);
