-- One run of the authenticate pages, or of the MFA API, for one user on behalf of one client.
CREATE TABLE logins (
    user_id     TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    login_id    TEXT NOT NULL,
    client_id   TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind = 'application' OR kind = 'api'),
    state       TEXT NOT NULL,
    -- What the client asked for, as JSON.
    request     TEXT NOT NULL,
    -- The hash of what it is found by: of its request_uri, or of its mfa_token.
    secret_hash BYTEA NOT NULL,
    -- The hash of the code that its client gets.
    code_hash   BYTEA,
    -- The ticket that lets its user, who has no factor yet, enroll on the way.
    ticket_id   TEXT REFERENCES tickets ON DELETE SET NULL,
    -- What was asked for, or proved, last.
    factor      TEXT,
    -- How it was proved (RFC 8176), and when.
    amr         TEXT,
    verified_at BIGINT,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, login_id)
);
CREATE UNIQUE INDEX logins_by_secret ON logins (secret_hash);
CREATE UNIQUE INDEX logins_by_code ON logins (code_hash);
CREATE INDEX logins_of_client ON logins (client_id);
CREATE INDEX logins_of_ticket ON logins (ticket_id);
CREATE INDEX logins_by_expiry ON logins (expires_at);

-- Browsers that a user asked to be remembered in.
CREATE TABLE browsers (
    user_id     TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    secret_hash BYTEA NOT NULL,
    -- How and when it was proved there last.
    amr         TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, secret_hash)
);
CREATE INDEX browsers_by_expiry ON browsers (expires_at);

-- Where an application's logins may lead back to, one address a line, and how it proves itself.
ALTER TABLE clients ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN auth_method TEXT NOT NULL DEFAULT 'client_secret';
ALTER TABLE clients ADD COLUMN jwks TEXT;

-- Assertions by which clients proved themselves: each is taken once (RFC 7523 section 3).
CREATE TABLE client_assertions (
    client_id  TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    jti_hash   BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, jti_hash)
);
CREATE INDEX client_assertions_by_expiry ON client_assertions (expires_at);
