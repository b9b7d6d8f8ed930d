-- For a list of more than two SQLite built a table whenever a row came or went.
DROP INDEX ciam_flows_signed_out;

CREATE UNIQUE INDEX ciam_flows_signed_out ON ciam_flows (tenant, key)
    WHERE operation IN ('SIGN_IN', 'RENEW_PASSWORD') OR operation IN ('RECOVER_PASSWORD', 'RESTORE_ACCOUNT');
