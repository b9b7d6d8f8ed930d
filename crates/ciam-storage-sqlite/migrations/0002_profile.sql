-- What people say of themselves is one JSON column with a version; nickname and full name become two of its values.
ALTER TABLE ciam_users ADD COLUMN profile TEXT;

UPDATE ciam_users SET profile = json_object('v', 1, 'values', json_array(
        json_object('id', 'nickname', 'value', json_object('text', nickname)),
        json_object('id', 'fullName', 'value', json_object('text', full_name))))
    WHERE nickname IS NOT NULL AND full_name IS NOT NULL;

UPDATE ciam_users SET profile = json_object('v', 1, 'values', json_array(
        json_object('id', 'nickname', 'value', json_object('text', nickname))))
    WHERE nickname IS NOT NULL AND full_name IS NULL;

UPDATE ciam_users SET profile = json_object('v', 1, 'values', json_array(
        json_object('id', 'fullName', 'value', json_object('text', full_name))))
    WHERE nickname IS NULL AND full_name IS NOT NULL;

ALTER TABLE ciam_users DROP COLUMN nickname;

ALTER TABLE ciam_users DROP COLUMN full_name;

-- Values that one account of a tenant has for itself, one row each: the key keeps them from everybody else.
CREATE TABLE ciam_attribute_values (
    tenant    TEXT NOT NULL,
    attribute TEXT NOT NULL,
    canonical TEXT NOT NULL,
    user      TEXT NOT NULL,
    PRIMARY KEY (tenant, attribute, canonical)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_attribute_values_user ON ciam_attribute_values (tenant, user);

CREATE TRIGGER ciam_users_profile AFTER INSERT ON ciam_users WHEN NEW.profile IS NOT NULL BEGIN
    INSERT INTO ciam_attribute_values (tenant, attribute, canonical, user)
        SELECT NEW.tenant, value ->> 'id', value ->> 'unique', NEW.id
        FROM json_each(NEW.profile, '$.values') WHERE value ->> 'unique' IS NOT NULL;
END;

CREATE TRIGGER ciam_users_profile_anew AFTER UPDATE OF profile ON ciam_users
    WHEN OLD.profile IS NOT NEW.profile BEGIN
    DELETE FROM ciam_attribute_values WHERE tenant = OLD.tenant AND user = OLD.id;
    INSERT INTO ciam_attribute_values (tenant, attribute, canonical, user)
        SELECT NEW.tenant, value ->> 'id', value ->> 'unique', NEW.id
        FROM json_each(NEW.profile, '$.values') WHERE value ->> 'unique' IS NOT NULL;
END;

-- The attributes that a tenant defined, as one document with a version: they are read and replaced whole.
CREATE TABLE ciam_attribute_schemas (
    tenant   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    document TEXT    NOT NULL,
    PRIMARY KEY (tenant)
) STRICT, WITHOUT ROWID;
