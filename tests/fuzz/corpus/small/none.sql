--
PRAGMA application_id = 1296257869;
PRAGMA user_version = 1;
CREATE TABLE contents (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)),
  size INTEGER NOT NULL CHECK (size = length (bytes)),
  bytes BLOB NOT NULL
) STRICT;
