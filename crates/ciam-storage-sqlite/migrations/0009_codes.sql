-- The codes of a flow stand in its row, by slot: a step that touches one touches the other.
ALTER TABLE ciam_flows ADD COLUMN codes TEXT;

UPDATE ciam_flows SET codes = (
        SELECT json_group_object(purpose || '/' || channel,
            json_array(target, address, key_id, lower(hex(mac)), expires_at))
        FROM ciam_challenges c
        WHERE c.tenant = ciam_flows.tenant AND c.user = ciam_flows.user AND c.flow = ciam_flows.key)
    WHERE (tenant, user, key) IN (SELECT tenant, user, flow FROM ciam_challenges);

DROP TRIGGER ciam_flows_gone;

DROP TABLE ciam_challenges;
