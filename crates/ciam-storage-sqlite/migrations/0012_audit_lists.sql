-- A batch of the audit trail has one row for each of its people, and one for each of its actions: their places in the
-- batch, a byte each and in order, from 0 to 127. A batch is named by its last record.
ALTER TABLE ciam_audit_index RENAME TO ciam_audit_index_former;

ALTER TABLE ciam_audit_actions RENAME TO ciam_audit_actions_former;

CREATE TABLE ciam_audit_index (
    tenant TEXT    NOT NULL,
    user   TEXT    NOT NULL,
    batch  INTEGER NOT NULL,
    places BLOB    NOT NULL,
    PRIMARY KEY (tenant, user, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE ciam_audit_actions (
    tenant TEXT    NOT NULL,
    action TEXT    NOT NULL,
    batch  INTEGER NOT NULL,
    places BLOB    NOT NULL,
    PRIMARY KEY (tenant, action, batch)
) STRICT, WITHOUT ROWID;

INSERT INTO ciam_audit_index (tenant, user, batch, places)
    SELECT tenant, user, (seq + 127) / 128 * 128, unhex(group_concat(format('%02x', (seq + 127) % 128), '' ORDER BY seq))
    FROM ciam_audit_index_former GROUP BY 1, 2, 3;

INSERT INTO ciam_audit_actions (tenant, action, batch, places)
    SELECT tenant, action, (seq + 127) / 128 * 128, unhex(group_concat(format('%02x', (seq + 127) % 128), '' ORDER BY seq))
    FROM ciam_audit_actions_former GROUP BY 1, 2, 3;

DROP TABLE ciam_audit_index_former;

DROP TABLE ciam_audit_actions_former;
