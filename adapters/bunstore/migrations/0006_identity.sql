-- The mark that this database has in common with its blob store.
CREATE TABLE identity (
	id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
