-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- A check for each block of a chunk, so that a part of it can be read and checked alone; encodings;
-- and chunks that lie in another content's pack. Complete packs of version 1 are read as they are.

ALTER TABLE chunks RENAME TO chunks_1;

-- A row is committed as soon as its chunk is here. Everything small comes before the bytes, so that
-- it is read without them.
CREATE TABLE chunks (
  position INTEGER PRIMARY KEY CHECK (position >= 0),
  size INTEGER NOT NULL CHECK (size > 0), -- raw bytes
  -- XXH3 (128 bits, canonical) of the checks; or 32 bytes: SHA-256 of the raw bytes, a row of version 1
  hash BLOB NOT NULL CHECK (length (hash) IN (16, 32)),
  -- XXH3 (64 bits, little endian) of each 64 KiB of the raw bytes; NULL in a row of version 1
  checks BLOB CHECK (length (checks) = (size + 65535) / 65536 * 8),
  -- 0: raw; 1: zstd; 2: zstd over the byte planes of 16-bit values; 3: the same of 32-bit values;
  -- 9: bytes is where equal bytes are: a content's digest (20 or 32 bytes) and the position (4 bytes,
  -- big endian) of the chunk in its pack
  codec INTEGER NOT NULL CHECK (codec IN (0, 1, 2, 3, 9)),
  bytes BLOB NOT NULL,
  CHECK ((checks IS NULL) = (length (hash) = 32))
) STRICT;

-- What is no chunk of ours is not here.
INSERT INTO chunks
SELECT position, size, sha256, NULL, 0, bytes
FROM chunks_1
WHERE typeof (position) = 'integer' AND position >= 0 AND typeof (size) = 'integer' AND size > 0
  AND typeof (sha256) = 'blob' AND length (sha256) = 32 AND typeof (bytes) = 'blob';
DROP TABLE chunks_1;
