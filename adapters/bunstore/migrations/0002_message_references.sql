-- The images that people gave along with their messages, so that one which
-- another conversation uses too is found when its own is deleted.
CREATE TABLE message_references (
	message_id TEXT NOT NULL REFERENCES messages ON DELETE CASCADE,
	image_id   TEXT NOT NULL,
	PRIMARY KEY (message_id, image_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_references_by_image ON message_references (image_id, message_id);
INSERT INTO message_references
	SELECT DISTINCT m.id, r.value FROM messages AS m JOIN json_each(m.reference_ids) AS r WHERE m.reference_ids <> '';
