-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- The catalog: the truth about names. What is stored of a content is said by its pack or by the
-- small-content database; the state kept here is derived from them and corrected at every start.
--
-- A digest is 20 bytes (git's SHA-1 of a blob) or 32 bytes (SHA-256): the length tells which.

-- Truth. A repo at a revision, as it was scanned. Before a scan finds another commit under a revision
-- that is held, the old row's revision becomes its commit, so that what was downloaded stays named.
CREATE TABLE repos (
  id INTEGER PRIMARY KEY,
  endpoint TEXT NOT NULL,
  repo TEXT NOT NULL,
  revision TEXT NOT NULL,
  commit_id TEXT NOT NULL CHECK (length (commit_id) = 40),
  hub_id TEXT,
  task TEXT,
  library TEXT,
  license TEXT,
  gated INTEGER NOT NULL CHECK (gated BETWEEN 0 AND 2),
  private INTEGER NOT NULL CHECK (private IN (0, 1)),
  parameters INTEGER NOT NULL CHECK (parameters >= 0),
  context_length INTEGER NOT NULL CHECK (context_length >= 0),
  downloads INTEGER NOT NULL CHECK (downloads >= 0),
  likes INTEGER NOT NULL CHECK (likes >= 0),
  last_modified TEXT,
  scanned_at INTEGER NOT NULL, -- Unix seconds
  default_key TEXT,
  UNIQUE (endpoint, repo, revision)
) STRICT;

-- Truth. What people typed for a repo that the Hub calls otherwise ("gpt2").
CREATE TABLE aliases (
  endpoint TEXT NOT NULL,
  alias TEXT NOT NULL,
  repo TEXT NOT NULL,
  PRIMARY KEY (endpoint, alias)
) STRICT, WITHOUT ROWID;

-- Truth. The files of a repo, numbered from 0 in byte order of their paths.
CREATE TABLE files (
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  path TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  digest BLOB CHECK (length (digest) IN (20, 32)), -- NULL: masked by the Hub
  role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2), -- of a variant, shared, other
  PRIMARY KEY (repo, position)
) STRICT, WITHOUT ROWID;

-- Derived: the grouping of the files.
CREATE TABLE variants (
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  key TEXT NOT NULL,
  format TEXT NOT NULL,
  PRIMARY KEY (repo, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE variant_files (
  repo INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  file INTEGER NOT NULL,
  PRIMARY KEY (repo, variant, file),
  FOREIGN KEY (repo, variant) REFERENCES variants (repo, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Derived from the packs and the small-content database, but for last_used.
CREATE TABLE contents (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)),
  size INTEGER NOT NULL CHECK (size >= 0),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2), -- partial, complete, being deleted
  last_used INTEGER NOT NULL -- Unix seconds
) STRICT, WITHOUT ROWID;

-- Truth. What a person asked to have: a variant of a repo (path is then empty), or one file of it
-- (variant is then empty).
CREATE TABLE holdings (
  id INTEGER PRIMARY KEY,
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  variant TEXT NOT NULL,
  path TEXT NOT NULL,
  created INTEGER NOT NULL, -- Unix seconds
  UNIQUE (repo, variant, path)
) STRICT;

-- Truth. The contents a holding needs. When the last row that names a content goes, so does the
-- content; one that was found on disk without a row stays until it was held and dropped.
CREATE TABLE holding_contents (
  holding INTEGER NOT NULL REFERENCES holdings (id) ON DELETE CASCADE,
  digest BLOB NOT NULL REFERENCES contents (digest),
  PRIMARY KEY (digest, holding)
) STRICT, WITHOUT ROWID;
CREATE INDEX holding_contents_by_holding ON holding_contents (holding);

-- Truth. Long work, so that it goes on after a restart.
CREATE TABLE transfers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  variant TEXT NOT NULL,
  path TEXT NOT NULL,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  created INTEGER NOT NULL -- Unix seconds
) STRICT;
