-- Answers whose picture was deleted kept it for telling the model again. They
-- are told by their words alone now, and nothing holds on to the bytes.
UPDATE messages SET parts = '' WHERE parts <> '' AND EXISTS (
	SELECT 1 FROM json_each(messages.parts) AS p
	WHERE json_extract(p.value, '$.blob') IS NOT NULL AND coalesce(json_extract(p.value, '$.thought'), 0) = 0
	AND NOT EXISTS (SELECT 1 FROM images AS i WHERE i.message_id = messages.id AND i.blob = json_extract(p.value, '$.blob'))
);
DELETE FROM message_blobs WHERE message_id IN (SELECT id FROM messages WHERE parts = '');
