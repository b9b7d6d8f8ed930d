-- A new notice is due at once and has a higher number than all that were taken before, so it is found by its number and
-- needs no index. Numbers go on after the last that was taken: none is given out twice, so a late settlement meets no
-- other notice.
CREATE TABLE ciam_outbox_taken (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
) STRICT;

-- What waits already stays in the index, as if it had been taken.
INSERT INTO ciam_outbox_taken (id, last)
    SELECT 1, ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'ciam_outbox';

CREATE TABLE ciam_outbox_anew (
    entry   INTEGER PRIMARY KEY,
    tenant  TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    user    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    target  TEXT    NOT NULL,
    address TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    revert_key   TEXT,
    revert_until INTEGER,
    due_at  INTEGER,
    tries   INTEGER NOT NULL
) STRICT;

INSERT INTO ciam_outbox_anew (entry, tenant, id, user, kind, target, address, at, revert_key, revert_until, due_at, tries)
    SELECT entry, tenant, id, user, kind, target, address, at, revert_key, revert_until, due_at, tries FROM ciam_outbox;

DROP TABLE ciam_outbox;

ALTER TABLE ciam_outbox_anew RENAME TO ciam_outbox;

CREATE INDEX ciam_outbox_due ON ciam_outbox (due_at) WHERE due_at IS NOT NULL;
