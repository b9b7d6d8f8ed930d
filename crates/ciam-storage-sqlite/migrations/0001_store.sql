-- Times are microseconds since the Unix epoch in UTC. Canonical spellings are made by the domain and
-- compared byte by byte.

CREATE TABLE ciam_users (
    tenant             TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    version            INTEGER NOT NULL,
    stamp              BLOB    NOT NULL,
    stamped_at         INTEGER NOT NULL,
    status             TEXT    NOT NULL,
    status_until       INTEGER,
    username           TEXT,
    username_canonical TEXT,
    phone              TEXT,
    phone_verified_at  INTEGER,
    email              TEXT,
    email_canonical    TEXT,
    email_verified_at  INTEGER,
    held               TEXT,
    contacts_paused_until INTEGER,
    password           TEXT,
    nickname           TEXT,
    full_name          TEXT,
    admin              INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- Made last is checked first: of several conflicts the user name is told, then the phone.
CREATE UNIQUE INDEX ciam_users_email ON ciam_users (tenant, email_canonical)
    WHERE email_canonical IS NOT NULL;
CREATE UNIQUE INDEX ciam_users_phone ON ciam_users (tenant, phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX ciam_users_username ON ciam_users (tenant, username_canonical)
    WHERE username_canonical IS NOT NULL;

-- A deleted account waits here until it is due. The order is that of the question, so nothing is sorted.
CREATE INDEX ciam_users_deletion ON ciam_users (status_until, tenant, id)
    WHERE status IN ('pending_deletion', 'purging');

-- Keyed digests of identifiers of erased accounts, which nobody may take before their end.
CREATE TABLE ciam_tombstones (
    tenant  TEXT    NOT NULL,
    digest  BLOB    NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_tombstones_expiry ON ciam_tombstones (ends_at);

-- Former addresses in the column held, one row each, for who looks for their person or would take them: a row
-- keeps others away until its time is over.
CREATE TABLE ciam_held (
    tenant    TEXT    NOT NULL,
    canonical TEXT    NOT NULL,
    user      TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    until     INTEGER NOT NULL,
    PRIMARY KEY (tenant, canonical, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_held_user ON ciam_held (tenant, user);

CREATE TRIGGER ciam_users_held AFTER INSERT ON ciam_users WHEN NEW.held IS NOT NULL BEGIN
    INSERT OR REPLACE INTO ciam_held (tenant, canonical, user, since, until)
        SELECT NEW.tenant, value ->> 'canonical', NEW.id, value ->> 'since', value ->> 'until'
        FROM json_each(NEW.held, '$.held');
END;

CREATE TRIGGER ciam_users_held_anew AFTER UPDATE OF held ON ciam_users WHEN OLD.held IS NOT NEW.held BEGIN
    DELETE FROM ciam_held WHERE tenant = OLD.tenant AND user = OLD.id;
    INSERT OR REPLACE INTO ciam_held (tenant, canonical, user, since, until)
        SELECT NEW.tenant, value ->> 'canonical', NEW.id, value ->> 'since', value ->> 'until'
        FROM json_each(NEW.held, '$.held');
END;

CREATE TABLE ciam_sessions (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    user       TEXT    NOT NULL,
    stamp      BLOB    NOT NULL,
    amr        TEXT    NOT NULL,
    auth_time  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    stage      TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    idle_ends_at INTEGER,
    client     TEXT,
    scopes     TEXT    NOT NULL,
    device     TEXT,
    source     TEXT,
    ends_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_sessions_expiry ON ciam_sessions (ends_at);

CREATE INDEX ciam_sessions_user ON ciam_sessions (tenant, user);

-- The snapshot is the domain's; the other columns are what statements look at. Attempts are no part of the
-- snapshot, so that writing a flow back cannot give one back. A flow is looked up among the few of its person;
-- only where nobody is signed in its key is all there is.
CREATE TABLE ciam_flows (
    tenant     TEXT    NOT NULL,
    user       TEXT    NOT NULL,
    session    TEXT    NOT NULL,
    operation  TEXT    NOT NULL,
    key        BLOB    NOT NULL,
    opened_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    snapshot   BLOB    NOT NULL,
    PRIMARY KEY (tenant, user, session, operation)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_flows_expiry ON ciam_flows (expires_at);

CREATE UNIQUE INDEX ciam_flows_signed_out ON ciam_flows (tenant, key)
    WHERE operation IN ('SIGN_IN', 'RENEW_PASSWORD', 'RECOVER_PASSWORD', 'RESTORE_ACCOUNT');

CREATE TABLE ciam_challenges (
    tenant     TEXT    NOT NULL,
    user       TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    flow       BLOB    NOT NULL,
    target     TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    key_id     TEXT    NOT NULL,
    mac        BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, user, purpose, channel)
) STRICT, WITHOUT ROWID;

-- However a flow goes, its codes go with it; so the expiry of a code needs no index.
CREATE TRIGGER ciam_flows_gone AFTER DELETE ON ciam_flows BEGIN
    DELETE FROM ciam_challenges WHERE tenant = OLD.tenant AND user = OLD.user AND flow = OLD.key;
END;

-- All counts of one subject are one row, for a step raises several of them. It ends with the last of them, and
-- not before the time that is told here.
CREATE TABLE ciam_rates (
    tenant  TEXT NOT NULL,
    subject BLOB NOT NULL,
    counts  TEXT NOT NULL,
    ends_at INTEGER,
    PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_rates_expiry ON ciam_rates (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE ciam_audit (
    seq        INTEGER PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    actor_kind TEXT    NOT NULL,
    actor      TEXT,
    user       TEXT    NOT NULL,
    session    TEXT,
    action     TEXT    NOT NULL,
    refusal    TEXT,
    flow       BLOB,
    source     TEXT,
    detail     TEXT
) STRICT;

-- Filled by many records at a time; an empty user stands for all of the tenant.
CREATE TABLE ciam_audit_index (
    tenant TEXT    NOT NULL,
    user   TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant, user, seq)
) STRICT, WITHOUT ROWID;

-- Kept apart from the audit trail: it is shown to the person, and goes when the person goes.
CREATE TABLE ciam_logins (
    tenant   TEXT    NOT NULL,
    user     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    mode     TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    source   TEXT,
    location TEXT,
    client   TEXT,
    device   TEXT,
    PRIMARY KEY (tenant, user, at, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ciam_logins_outcome ON ciam_logins (tenant, user, outcome, at, id);

CREATE INDEX ciam_logins_at ON ciam_logins (at);

-- An entry is never given out twice, so a late settlement meets no other notice.
CREATE TABLE ciam_outbox (
    entry   INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    user    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    target  TEXT    NOT NULL,
    address TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    revert_key   TEXT,
    revert_until INTEGER,
    due_at  INTEGER NOT NULL,
    tries   INTEGER NOT NULL
) STRICT;

CREATE INDEX ciam_outbox_due ON ciam_outbox (due_at);
