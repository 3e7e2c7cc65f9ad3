-- Times are microseconds since 1970 UTC, money is in billionths of a dollar,
-- durations are nanoseconds. Columns that hold JSON say so; they are '' for null.

CREATE TABLE sessions (
	id               TEXT PRIMARY KEY,
	owner            TEXT NOT NULL,
	title            TEXT NOT NULL,
	image_purpose    TEXT NOT NULL,
	style_preset     TEXT NOT NULL,
	brand_guidelines TEXT NOT NULL, -- JSON
	brand_id         TEXT NOT NULL,
	custom_width     INTEGER NOT NULL,
	custom_height    INTEGER NOT NULL,
	status           TEXT NOT NULL,
	final_image_id   TEXT NOT NULL,
	messages_count   INTEGER NOT NULL,
	images_generated INTEGER NOT NULL,
	tokens           INTEGER NOT NULL,
	cost             INTEGER NOT NULL,
	last_seq         INTEGER NOT NULL,
	first_seq        INTEGER NOT NULL,
	created_at       INTEGER NOT NULL,
	updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_newest ON sessions (owner, created_at DESC, id DESC);
CREATE INDEX sessions_newest_by_status ON sessions (owner, status, created_at DESC, id DESC);

-- How many sessions there are, so that a page of a long list need not count.
CREATE TABLE session_counts (
	owner  TEXT NOT NULL,
	status TEXT NOT NULL,
	n      INTEGER NOT NULL,
	PRIMARY KEY (owner, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sessions_count_insert AFTER INSERT ON sessions BEGIN
	INSERT INTO session_counts VALUES (NEW.owner, NEW.status, 1)
	ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER sessions_count_delete AFTER DELETE ON sessions BEGIN
	UPDATE session_counts SET n = n - 1 WHERE owner = OLD.owner AND status = OLD.status;
END;
CREATE TRIGGER sessions_count_update AFTER UPDATE OF status ON sessions WHEN OLD.status <> NEW.status BEGIN
	UPDATE session_counts SET n = n - 1 WHERE owner = OLD.owner AND status = OLD.status;
	INSERT INTO session_counts VALUES (NEW.owner, NEW.status, 1)
	ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE messages (
	id              TEXT PRIMARY KEY,
	session_id      TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
	turn_id         TEXT NOT NULL,
	role            TEXT NOT NULL,
	content_type    TEXT NOT NULL,
	text            TEXT NOT NULL,
	reference_ids   TEXT NOT NULL, -- JSON
	model           TEXT NOT NULL,
	parts           TEXT NOT NULL, -- JSON
	tokens          INTEGER NOT NULL,
	generation_time INTEGER NOT NULL,
	error           TEXT NOT NULL, -- JSON
	created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_of_session ON messages (session_id, id);

-- The blobs that a message's parts hold on to.
CREATE TABLE message_blobs (
	message_id TEXT NOT NULL REFERENCES messages ON DELETE CASCADE,
	blob       TEXT NOT NULL,
	PRIMARY KEY (message_id, blob)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_blobs_by_blob ON message_blobs (blob);

CREATE TABLE images (
	id            TEXT PRIMARY KEY,
	owner         TEXT NOT NULL,
	session_id    TEXT REFERENCES sessions ON DELETE CASCADE,
	message_id    TEXT NOT NULL,
	parent_id     TEXT NOT NULL,
	role          TEXT NOT NULL,
	blob          TEXT NOT NULL,
	width         INTEGER NOT NULL,
	height        INTEGER NOT NULL,
	mime_type     TEXT NOT NULL,
	format        TEXT NOT NULL,
	bytes         INTEGER NOT NULL,
	prompt_used   TEXT NOT NULL,
	model_used    TEXT NOT NULL,
	image_purpose TEXT NOT NULL,
	style_preset  TEXT NOT NULL,
	cost          INTEGER NOT NULL,
	selected      INTEGER NOT NULL,
	exported      INTEGER NOT NULL,
	alt_text      TEXT NOT NULL,
	c2pa          INTEGER NOT NULL,
	response_id   TEXT NOT NULL,
	model_version TEXT NOT NULL,
	created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX images_newest ON images (owner, created_at DESC, id DESC);
CREATE INDEX images_of_session ON images (session_id, created_at DESC, id DESC);
CREATE INDEX images_of_message ON images (message_id, id);
CREATE INDEX images_by_blob ON images (blob);

CREATE TABLE variants (
	source    TEXT NOT NULL,
	name      TEXT NOT NULL,
	blob      TEXT NOT NULL,
	mime_type TEXT NOT NULL,
	width     INTEGER NOT NULL,
	height    INTEGER NOT NULL,
	bytes     INTEGER NOT NULL,
	PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX variants_by_blob ON variants (blob);
CREATE TRIGGER images_drop_variants AFTER DELETE ON images BEGIN
	DELETE FROM variants WHERE source = OLD.blob
	AND NOT EXISTS (SELECT 1 FROM images WHERE blob = OLD.blob);
END;

CREATE TABLE turns (
	id                   TEXT PRIMARY KEY,
	session_id           TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
	owner                TEXT NOT NULL,
	kind                 TEXT NOT NULL,
	status               TEXT NOT NULL,
	attempt              INTEGER NOT NULL,
	request              TEXT NOT NULL, -- JSON
	idempotency_key      TEXT NOT NULL,
	request_hash         TEXT NOT NULL,
	user_message_id      TEXT NOT NULL,
	assistant_message_id TEXT NOT NULL,
	error                TEXT NOT NULL, -- JSON
	estimated_cost       INTEGER NOT NULL,
	cost                 INTEGER NOT NULL,
	context              TEXT NOT NULL,
	created_at           INTEGER NOT NULL,
	started_at           INTEGER NOT NULL,
	finished_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX turns_of_session ON turns (session_id, id);
CREATE UNIQUE INDEX turns_by_key ON turns (session_id, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX turns_not_ended ON turns (status, id) WHERE status IN ('queued', 'running');

-- The ledger outlives its session, hence no reference to it.
CREATE TABLE attempts (
	id         TEXT PRIMARY KEY,
	turn_id    TEXT NOT NULL,
	session_id TEXT NOT NULL,
	owner      TEXT NOT NULL,
	number     INTEGER NOT NULL,
	idx        INTEGER NOT NULL,
	state      TEXT NOT NULL,
	model      TEXT NOT NULL,
	size       TEXT NOT NULL,
	images     INTEGER NOT NULL,
	calls      INTEGER NOT NULL,
	booked     INTEGER NOT NULL,
	tokens     INTEGER NOT NULL, -- usage.total
	usage      TEXT NOT NULL,    -- JSON
	result     TEXT NOT NULL,    -- JSON
	error      TEXT NOT NULL,    -- JSON
	pictures   INTEGER NOT NULL,
	booked_at  INTEGER NOT NULL,
	called_at  INTEGER NOT NULL,
	ended_at   INTEGER NOT NULL,
	UNIQUE (turn_id, number, idx)
) STRICT;
CREATE INDEX attempts_live ON attempts (turn_id, number, idx) WHERE state IN ('reserved', 'calling', 'returned');
CREATE INDEX attempts_booked ON attempts (booked_at, booked);
CREATE INDEX attempts_booked_by_session ON attempts (session_id, booked_at, booked);
CREATE INDEX attempts_booked_by_owner ON attempts (owner, booked_at);
CREATE INDEX attempts_drawn ON attempts (model, size, ended_at DESC, id DESC) WHERE state = 'stored' AND pictures > 0;

CREATE TABLE events (
	session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
	seq        INTEGER NOT NULL,
	body       TEXT NOT NULL, -- JSON
	UNIQUE (session_id, seq)
) STRICT;

CREATE TABLE brands (
	id         TEXT PRIMARY KEY,
	owner      TEXT NOT NULL,
	name       TEXT NOT NULL,
	body       TEXT NOT NULL, -- JSON
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX brands_by_name ON brands (owner, name, id);

-- Search: the folded text (imagechat.SearchText) of titles (message_id '')
-- and messages, and of images, each with an index of its trigrams. The index
-- keeps no positions; whoever asks it looks into the text afterwards.
CREATE TABLE session_text (
	id         INTEGER PRIMARY KEY,
	session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
	message_id TEXT NOT NULL,
	text       TEXT NOT NULL,
	UNIQUE (session_id, message_id)
) STRICT;
CREATE VIRTUAL TABLE session_text_index USING fts5 (
	text, content = 'session_text', content_rowid = 'id',
	tokenize = 'trigram case_sensitive 1', detail = 'none', columnsize = 0
);
CREATE TRIGGER session_text_insert AFTER INSERT ON session_text BEGIN
	INSERT INTO session_text_index (rowid, text) VALUES (NEW.id, NEW.text);
END;
CREATE TRIGGER session_text_delete AFTER DELETE ON session_text BEGIN
	INSERT INTO session_text_index (session_text_index, rowid, text) VALUES ('delete', OLD.id, OLD.text);
END;
CREATE TRIGGER session_text_update AFTER UPDATE OF text ON session_text BEGIN
	INSERT INTO session_text_index (session_text_index, rowid, text) VALUES ('delete', OLD.id, OLD.text);
	INSERT INTO session_text_index (rowid, text) VALUES (NEW.id, NEW.text);
END;

CREATE TABLE image_text (
	id       INTEGER PRIMARY KEY,
	image_id TEXT NOT NULL UNIQUE REFERENCES images ON DELETE CASCADE,
	text     TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE image_text_index USING fts5 (
	text, content = 'image_text', content_rowid = 'id',
	tokenize = 'trigram case_sensitive 1', detail = 'none', columnsize = 0
);
CREATE TRIGGER image_text_insert AFTER INSERT ON image_text BEGIN
	INSERT INTO image_text_index (rowid, text) VALUES (NEW.id, NEW.text);
END;
CREATE TRIGGER image_text_delete AFTER DELETE ON image_text BEGIN
	INSERT INTO image_text_index (image_text_index, rowid, text) VALUES ('delete', OLD.id, OLD.text);
END;
CREATE TRIGGER image_text_update AFTER UPDATE OF text ON image_text BEGIN
	INSERT INTO image_text_index (image_text_index, rowid, text) VALUES ('delete', OLD.id, OLD.text);
	INSERT INTO image_text_index (rowid, text) VALUES (NEW.id, NEW.text);
END;
