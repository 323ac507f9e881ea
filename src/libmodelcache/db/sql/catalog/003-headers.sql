-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- What is known of a model beside its files, for people who choose.

-- Truth, as the other facts of a repo: what the Hub says.
ALTER TABLE repos ADD COLUMN architecture TEXT CHECK (length (architecture) BETWEEN 1 AND 64);
ALTER TABLE repos ADD COLUMN dtype TEXT CHECK (length (dtype) BETWEEN 1 AND 15);

-- Derived from the first bytes of weight files, here or on the Hub: what is worth keeping of their
-- headers. A row with nothing but a digest and a format is that of a file with a bad header. Only the
-- newest rows are kept, so that it stays small.
CREATE TABLE headers (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)),
  format INTEGER NOT NULL CHECK (format IN (0, 1)), -- GGUF, safetensors
  architecture TEXT NOT NULL CHECK (length (architecture) <= 64),
  encoding TEXT NOT NULL CHECK (length (encoding) <= 15), -- most of its weights
  parameters INTEGER NOT NULL CHECK (parameters BETWEEN 0 AND 1 << 60),
  context_length INTEGER NOT NULL CHECK (context_length BETWEEN 0 AND 1 << 40), -- tokens
  -- The key-value cache, in bytes for each token: of layers that keep all tokens, and of those that
  -- keep a window of them.
  cache_known INTEGER NOT NULL CHECK (cache_known IN (0, 1)),
  cache_size INTEGER NOT NULL CHECK (cache_size BETWEEN 0 AND 1 << 53),
  cache_sliding_size INTEGER NOT NULL CHECK (cache_sliding_size BETWEEN 0 AND 1 << 53),
  cache_window INTEGER NOT NULL CHECK (cache_window BETWEEN 0 AND 1 << 40) -- tokens
) STRICT;
