--
PRAGMA application_id = 1296253761;
PRAGMA user_version = 99;
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
  scanned_at INTEGER NOT NULL,
  default_key TEXT,
  UNIQUE (endpoint, repo, revision)
) STRICT;
CREATE TABLE aliases (
  endpoint TEXT NOT NULL,
  alias TEXT NOT NULL,
  repo TEXT NOT NULL,
  PRIMARY KEY (endpoint, alias)
) STRICT, WITHOUT ROWID;
CREATE TABLE files (
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  path TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  digest BLOB CHECK (length (digest) IN (20, 32)),
  role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
  PRIMARY KEY (repo, position)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE contents (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)),
  size INTEGER NOT NULL CHECK (size >= 0),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE holdings (
  id INTEGER PRIMARY KEY,
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  variant TEXT NOT NULL,
  path TEXT NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (repo, variant, path)
) STRICT;
CREATE TABLE holding_contents (
  holding INTEGER NOT NULL REFERENCES holdings (id) ON DELETE CASCADE,
  digest BLOB NOT NULL REFERENCES contents (digest),
  PRIMARY KEY (digest, holding)
) STRICT, WITHOUT ROWID;
CREATE INDEX holding_contents_by_holding ON holding_contents (holding);
CREATE TABLE transfers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  repo INTEGER NOT NULL REFERENCES repos (id) ON DELETE CASCADE,
  variant TEXT NOT NULL,
  path TEXT NOT NULL,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
