-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- The queue of transfers, and what became of those that ended.

-- Truth. Transfers begin in the order of these numbers, which a person may change; equal ones in the
-- order in which they were asked for.
ALTER TABLE transfers ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
UPDATE transfers SET place = id * 1024;

-- Truth. Bytes a second that it may take; 0: no limit of its own.
ALTER TABLE transfers ADD COLUMN rate_limit INTEGER NOT NULL DEFAULT 0 CHECK (rate_limit >= 0);

-- Truth. A row for each time that a transfer came to an end, also of repos that are gone since; only
-- the newest are kept.
CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  transfer INTEGER NOT NULL,
  kind TEXT NOT NULL,
  repo TEXT NOT NULL, -- owner/name, or empty
  variant TEXT NOT NULL,
  path TEXT NOT NULL,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  total INTEGER NOT NULL CHECK (total >= 0), -- bytes of all its contents
  received INTEGER NOT NULL CHECK (received >= 0), -- bytes that came over the network
  created INTEGER NOT NULL, -- Unix seconds
  ended INTEGER NOT NULL -- Unix seconds
) STRICT;
