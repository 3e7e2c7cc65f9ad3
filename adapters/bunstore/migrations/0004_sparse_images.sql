-- What is rare among many images is found without reading all of them: one
-- purpose's, the starred ones, and those that people gave.
CREATE INDEX images_by_purpose ON images (owner, image_purpose, created_at DESC, id DESC);
CREATE INDEX images_starred ON images (owner, created_at DESC, id DESC) WHERE selected = 1;
CREATE INDEX images_references ON images (owner, created_at DESC, id DESC) WHERE role = 'reference';
CREATE INDEX images_logos ON images (owner, created_at DESC, id DESC) WHERE role = 'logo';
