-- Accounts are listed in the order of their ids, which is that of the table. Those of a status that few have are
-- found here; a change of an account in use writes nothing here.
CREATE INDEX ciam_users_status ON ciam_users (tenant, status, id) WHERE status <> 'normal';

-- Filled together with ciam_audit_index, for what was done rather than to whom.
CREATE TABLE ciam_audit_actions (
    tenant TEXT    NOT NULL,
    action TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant, action, seq)
) STRICT, WITHOUT ROWID;

-- One row for each batch of records, by its last one. Clocks run back at times, so times are no order of records; but
-- nothing from this batch on is older than low_at, and nothing up to it is younger than high_at. Both only rise.
CREATE TABLE ciam_audit_spans (
    seq     INTEGER PRIMARY KEY,
    low_at  INTEGER NOT NULL,
    high_at INTEGER NOT NULL
) STRICT;

CREATE INDEX ciam_audit_spans_low ON ciam_audit_spans (low_at);

CREATE INDEX ciam_audit_spans_high ON ciam_audit_spans (high_at);

INSERT INTO ciam_audit_actions (tenant, action, seq)
    SELECT tenant, action, seq FROM ciam_audit
    WHERE seq <= (SELECT max(seq) / 128 * 128 FROM ciam_audit);

INSERT INTO ciam_audit_spans (seq, low_at, high_at)
    SELECT batch,
        min(low) OVER (ORDER BY batch ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
        max(high) OVER (ORDER BY batch ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    FROM (SELECT (seq + 127) / 128 * 128 AS batch, min(at) AS low, max(at) AS high FROM ciam_audit
        WHERE seq <= (SELECT max(seq) / 128 * 128 FROM ciam_audit) GROUP BY 1);
