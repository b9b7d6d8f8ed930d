-- Refusals stand in ciam_audit_actions too, under a name that no action has. From here on they enter it with their batch.
INSERT INTO ciam_audit_actions (tenant, action, seq)
    SELECT tenant, '!refused', seq FROM ciam_audit
    WHERE refusal IS NOT NULL AND seq <= (SELECT max(seq) / 128 * 128 FROM ciam_audit);
