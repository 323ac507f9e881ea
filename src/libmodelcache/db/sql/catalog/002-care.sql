-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- What the store must know to look after contents: when they were last found in order, which chunks
-- they have in common, what must stay, and what the person chose.

-- Truth. When all bytes of the content were last read and found in order, Unix seconds; 0: never.
ALTER TABLE contents ADD COLUMN verified_at INTEGER NOT NULL DEFAULT 0 CHECK (verified_at >= 0);

-- Truth. 1: the person said that the limit of the store must never take it.
ALTER TABLE holdings ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));

-- Derived from the packs: where a chunk of complete contents lies, to find one that is there already.
CREATE TABLE chunks (
  hash BLOB NOT NULL CHECK (length (hash) = 16), -- as in the pack
  digest BLOB NOT NULL REFERENCES contents (digest) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  PRIMARY KEY (hash, digest, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX chunks_by_digest ON chunks (digest);

-- Derived from the packs: contents whose packs refer to chunks in another content's pack. The lender
-- cannot go before its chunks were copied to those who borrow them.
CREATE TABLE loans (
  borrower BLOB NOT NULL REFERENCES contents (digest) ON DELETE CASCADE,
  lender BLOB NOT NULL REFERENCES contents (digest),
  n_chunks INTEGER NOT NULL CHECK (n_chunks > 0),
  size INTEGER NOT NULL CHECK (size > 0), -- raw bytes
  PRIMARY KEY (borrower, lender)
) STRICT, WITHOUT ROWID;
CREATE INDEX loans_by_lender ON loans (lender);

-- Truth. What the person chose; a name that is not there has its default.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
