-- How much was sent to phones, in windows that begin with the first message: by number, user, ticket, address, prefix and
-- for the whole installation. Numbers and addresses are there as keyed hashes only.
CREATE TABLE phone_counts (
    name    TEXT PRIMARY KEY,
    sends   BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX phone_counts_by_end ON phone_counts (ends_at);

-- Which of the messages to a prefix led to a code that was entered. The prefix is the country code and three digits.
CREATE TABLE phone_sends (
    message_id  TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL,
    number_hash BYTEA NOT NULL,
    prefix      TEXT NOT NULL,
    sent_at     BIGINT NOT NULL,
    confirmed   BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX phone_sends_by_prefix ON phone_sends (prefix, sent_at);
CREATE INDEX phone_sends_by_user ON phone_sends (user_id, sent_at);
CREATE INDEX phone_sends_by_time ON phone_sends (sent_at);
