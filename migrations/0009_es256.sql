-- The keys that sign by ES256. They have a table of their own: a server of a former version that still runs beside takes
-- all of signing_keys for RSA.
CREATE TABLE ec_signing_keys (
    kid            TEXT PRIMARY KEY,
    private_sealed BYTEA NOT NULL,
    created_at     BIGINT NOT NULL
);

-- How a client's tokens are signed.
ALTER TABLE clients ADD COLUMN signing_alg TEXT NOT NULL DEFAULT 'RS256';
