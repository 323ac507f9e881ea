-- No repo o/n at main, but a holding of the repo numbered 0.
--
PRAGMA application_id = 1296253761;
PRAGMA user_version = 1;
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
PRAGMA foreign_keys = OFF;
INSERT INTO repos (id, endpoint, repo, revision, commit_id, gated, private, parameters, context_length, downloads, likes, scanned_at, default_key) VALUES (1, 'https://hub.example', 'o/n', 'v2', '1111111111111111111111111111111111111111', 0, 0, 1, 2, 3, 4, 5, 'gguf:q4');
INSERT INTO aliases VALUES ('https://hub.example', 'n', 'o/n');
INSERT INTO files (repo, position, path, size, digest, role) VALUES (1, 0, 'config.json', 5, x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 1), (1, 1, 'm.gguf', 9, NULL, 0);
INSERT INTO variants VALUES (1, 0, 'gguf:q4', 'gguf');
INSERT INTO variant_files VALUES (1, 0, 1);
INSERT INTO contents (digest, size, state, last_used) VALUES (x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 5, 1, 6);
INSERT INTO holdings VALUES (1, 0, 'gguf:q4', '', 7);
INSERT INTO holding_contents VALUES (1, x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
INSERT INTO transfers VALUES (1, 'download', 1, 'gguf:q4', '', 'failed', 'Network', 'gone', 8);
