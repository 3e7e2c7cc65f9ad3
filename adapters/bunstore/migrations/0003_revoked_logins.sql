-- Logins of browsers that were ended before their time, until that time.
CREATE TABLE revoked_logins (
	id         TEXT NOT NULL PRIMARY KEY,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_logins_by_expiry ON revoked_logins (expires_at);
