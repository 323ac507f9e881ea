-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- A pack: the bytes of one content, and the truth about them. It describes itself, so that a catalog
-- can be made again from packs alone. A complete pack never changes.

CREATE TABLE content (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  digest BLOB NOT NULL CHECK (length (digest) IN (20, 32)), -- SHA-256, or git's SHA-1 of a blob
  size INTEGER NOT NULL CHECK (size >= 0), -- bytes
  chunk_size INTEGER NOT NULL CHECK (chunk_size > 0), -- bytes of every chunk but the last
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)) -- 1: all chunks are here, the digest was checked
) STRICT;

-- A row is committed as soon as its chunk is here. Everything small comes before the bytes, so that
-- it is read without them.
CREATE TABLE chunks (
  position INTEGER PRIMARY KEY CHECK (position >= 0),
  size INTEGER NOT NULL CHECK (size > 0), -- raw bytes
  sha256 BLOB NOT NULL CHECK (length (sha256) = 32), -- of the raw bytes
  codec INTEGER NOT NULL CHECK (codec = 0), -- 0: raw
  bytes BLOB NOT NULL
) STRICT;
