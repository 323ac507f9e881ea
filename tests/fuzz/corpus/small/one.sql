--
PRAGMA application_id = 1296257869;
PRAGMA user_version = 1;
CREATE TABLE contents (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)),
  size INTEGER NOT NULL CHECK (size = length (bytes)),
  bytes BLOB NOT NULL
) STRICT;
INSERT INTO contents VALUES (x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 5, x'68656c6c6f');
