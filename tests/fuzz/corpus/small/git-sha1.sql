--
PRAGMA application_id = 1296257869;
PRAGMA user_version = 1;
CREATE TABLE contents (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)),
  size INTEGER NOT NULL CHECK (size = length (bytes)),
  bytes BLOB NOT NULL
) STRICT;
INSERT INTO contents VALUES (x'b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0', 5, x'68656c6c6f');
