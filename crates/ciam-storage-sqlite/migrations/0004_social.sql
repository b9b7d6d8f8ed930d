-- Where accounts elsewhere may be, as administrators set it up.
CREATE TABLE ciam_social_sources (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    logo        BLOB,
    social_type TEXT    NOT NULL,
    enabled     INTEGER NOT NULL,
    settings    TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- Accounts elsewhere that are bound: a JSON column with a version beside the account, and a row each, so that nobody
-- else binds them and who comes from there is found.
ALTER TABLE ciam_users ADD COLUMN social TEXT;

CREATE TABLE ciam_social (
    tenant  TEXT NOT NULL,
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    user    TEXT NOT NULL,
    PRIMARY KEY (tenant, issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_social_user ON ciam_social (tenant, user);

CREATE TRIGGER ciam_users_social AFTER INSERT ON ciam_users WHEN NEW.social IS NOT NULL BEGIN
    INSERT INTO ciam_social (tenant, issuer, subject, user)
        SELECT NEW.tenant, value ->> 'issuer', value ->> 'subject', NEW.id FROM json_each(NEW.social, '$.links');
END;

CREATE TRIGGER ciam_users_social_anew AFTER UPDATE OF social ON ciam_users WHEN OLD.social IS NOT NEW.social BEGIN
    DELETE FROM ciam_social WHERE tenant = OLD.tenant AND user = OLD.id;
    INSERT INTO ciam_social (tenant, issuer, subject, user)
        SELECT NEW.tenant, value ->> 'issuer', value ->> 'subject', NEW.id FROM json_each(NEW.social, '$.links');
END;
