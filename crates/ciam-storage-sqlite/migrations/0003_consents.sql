-- Documents of terms, and their versions. A text is kept apart, for most reads need none.
CREATE TABLE ciam_terms (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    external_id TEXT,
    name        TEXT,
    kind        TEXT,
    description TEXT,
    demand      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- A draft has no beginning.
CREATE TABLE ciam_terms_versions (
    tenant     TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    number     TEXT    NOT NULL,
    locale     TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    begins_at  INTEGER,
    ends_at    INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, document, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX ciam_terms_versions_id ON ciam_terms_versions (tenant, id);

CREATE UNIQUE INDEX ciam_terms_versions_number ON ciam_terms_versions (tenant, document, number, locale);

CREATE TABLE ciam_terms_texts (
    tenant  TEXT NOT NULL,
    version TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT;

-- Who agreed to what: lines are added, and go with their person at most.
CREATE TABLE ciam_consents (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant   TEXT    NOT NULL,
    user     TEXT    NOT NULL,
    document TEXT    NOT NULL,
    version  TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    hash     BLOB    NOT NULL,
    act      TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    source   TEXT,
    client   TEXT
) STRICT;

CREATE UNIQUE INDEX ciam_consents_id ON ciam_consents (tenant, id);

CREATE INDEX ciam_consents_user ON ciam_consents (tenant, user, seq);

CREATE INDEX ciam_consents_document ON ciam_consents (tenant, user, document, seq);

-- Nothing of a line ever becomes something else; its network address may go.
CREATE TRIGGER ciam_consents_stay BEFORE UPDATE ON ciam_consents
    WHEN NEW.source IS NOT NULL
        OR (NEW.seq, NEW.tenant, NEW.user, NEW.document, NEW.version, NEW.id, NEW.hash, NEW.act, NEW.at)
            IS NOT (OLD.seq, OLD.tenant, OLD.user, OLD.document, OLD.version, OLD.id, OLD.hash, OLD.act, OLD.at)
        OR NEW.client IS NOT OLD.client
BEGIN
    SELECT RAISE(ABORT, 'a line of consents does not change');
END;

-- What was published says what it said.
CREATE TRIGGER ciam_terms_texts_stay BEFORE UPDATE ON ciam_terms_texts
    WHEN EXISTS (SELECT 1 FROM ciam_terms_versions
        WHERE tenant = OLD.tenant AND id = OLD.version AND begins_at IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'a published text does not change');
END;
