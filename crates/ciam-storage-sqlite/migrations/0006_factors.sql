-- What people enrolled to prove themselves with, as versioned JSON; nothing where there is nothing.
ALTER TABLE ciam_users ADD COLUMN factors TEXT;
