--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 9;
CREATE TABLE content (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  digest BLOB NOT NULL CHECK (length (digest) IN (20, 32)),
  size INTEGER NOT NULL CHECK (size >= 0),
  chunk_size INTEGER NOT NULL CHECK (chunk_size > 0),
  complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;
CREATE TABLE chunks (
  position INTEGER PRIMARY KEY CHECK (position >= 0),
  size INTEGER NOT NULL CHECK (size > 0),
  sha256 BLOB NOT NULL CHECK (length (sha256) = 32),
  codec INTEGER NOT NULL CHECK (codec = 0),
  bytes BLOB NOT NULL
) STRICT;
INSERT INTO content VALUES (1, x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a', 5, 5242880, 1);
