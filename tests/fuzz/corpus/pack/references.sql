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
INSERT INTO content VALUES (1, x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a', 15728640, 5242880, 1);
INSERT INTO chunks VALUES (0, 5242880, x'4b33be84d11f6584ed82700d9ce6e10c', zeroblob (640), 9, x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a00000001');
INSERT INTO chunks VALUES (1, 5242880, x'4b33be84d11f6584ed82700d9ce6e10c', zeroblob (640), 9, x'000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO chunks VALUES (2, 5242880, x'4b33be84d11f6584ed82700d9ce6e10c', zeroblob (640), 9, x'0000000000000000000000000000000000000000ffffffff');
