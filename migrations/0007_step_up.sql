-- Which attempt has proved a factor that its user has: it may add another with this ticket, for a while.
ALTER TABLE tickets ADD COLUMN stepped_up_by TEXT;
ALTER TABLE tickets ADD COLUMN stepped_up_at BIGINT;
