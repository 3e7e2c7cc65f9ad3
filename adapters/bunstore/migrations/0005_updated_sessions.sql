-- A person may choose the final image, which newer ones then leave alone.
ALTER TABLE sessions ADD COLUMN final_chosen INTEGER NOT NULL DEFAULT 0;

-- Lists by what was touched last.
CREATE INDEX sessions_updated ON sessions (owner, updated_at DESC, id DESC);
CREATE INDEX sessions_updated_by_status ON sessions (owner, status, updated_at DESC, id DESC);
