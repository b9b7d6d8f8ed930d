-- Passkeys: a JSON column with a version beside the account, and a row each, so that nobody else has one of the same id and
-- who signs in by it is found.
ALTER TABLE ciam_users ADD COLUMN passkeys TEXT;

CREATE TABLE ciam_passkeys (
    tenant TEXT NOT NULL,
    id     TEXT NOT NULL,
    user   TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_passkeys_user ON ciam_passkeys (tenant, user);

CREATE TRIGGER ciam_users_passkeys AFTER INSERT ON ciam_users WHEN NEW.passkeys IS NOT NULL BEGIN
    INSERT INTO ciam_passkeys (tenant, id, user)
        SELECT NEW.tenant, value ->> 'id', NEW.id FROM json_each(NEW.passkeys, '$.held');
END;

CREATE TRIGGER ciam_users_passkeys_anew AFTER UPDATE OF passkeys ON ciam_users WHEN OLD.passkeys IS NOT NEW.passkeys BEGIN
    DELETE FROM ciam_passkeys WHERE tenant = OLD.tenant AND user = OLD.id
        AND id NOT IN (SELECT value ->> 'id' FROM json_each(NEW.passkeys, '$.held'));
    INSERT INTO ciam_passkeys (tenant, id, user)
        SELECT NEW.tenant, value ->> 'id', NEW.id FROM json_each(NEW.passkeys, '$.held')
        WHERE NOT EXISTS (SELECT 1 FROM ciam_passkeys WHERE tenant = NEW.tenant AND id = value ->> 'id' AND user = NEW.id);
END;
