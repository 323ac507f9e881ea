-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The Model Cache authors
--
-- Contents below the size at which one gets a pack of its own, and the truth about them. A row is a
-- whole content whose digest was checked.

CREATE TABLE contents (
  digest BLOB PRIMARY KEY CHECK (length (digest) IN (20, 32)), -- SHA-256, or git's SHA-1 of a blob
  size INTEGER NOT NULL CHECK (size = length (bytes)),
  bytes BLOB NOT NULL
) STRICT;
