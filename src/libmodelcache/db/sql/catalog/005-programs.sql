-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- Who got bytes of which repo, for the person to see.

-- Truth, on which nothing depends; only the newest are kept.
CREATE TABLE programs (
  program TEXT NOT NULL CHECK (length (program) > 0), -- a Flatpak's id, or the path of what runs
  repo TEXT NOT NULL, -- owner/name
  uses INTEGER NOT NULL CHECK (uses > 0), -- files opened and ranges read
  last_used INTEGER NOT NULL, -- Unix seconds
  PRIMARY KEY (program, repo)
) STRICT;
