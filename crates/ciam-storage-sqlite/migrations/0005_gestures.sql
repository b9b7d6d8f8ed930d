-- The devices that a person signs in from by gesture: JSON with a version, nothing where there is none.
ALTER TABLE ciam_users ADD COLUMN gestures TEXT;
