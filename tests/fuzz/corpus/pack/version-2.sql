--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 2;
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
  hash BLOB NOT NULL CHECK (length (hash) IN (16, 32)),
  checks BLOB CHECK (length (checks) = (size + 65535) / 65536 * 8),
  codec INTEGER NOT NULL CHECK (codec IN (0, 1, 2, 3, 9)),
  bytes BLOB NOT NULL,
  CHECK ((checks IS NULL) = (length (hash) = 32))
) STRICT;
INSERT INTO content VALUES (1, x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a', 5, 5242880, 1);
INSERT INTO chunks VALUES (0, 5, x'12d117d49469b04cdf178e7e6ef592a6', x'fddc625c55e85595', 0, x'68656c6c6f');
