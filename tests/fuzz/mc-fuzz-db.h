/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Databases that a stranger made. An input that begins with "--" is the SQL that the stranger ran,
 * PRAGMAs for the ids included; any other is the file itself. */

/* A folder of this process, removed at its end. TMPDIR says where: best in memory. */
const char *mc_fuzz_db_folder (void);

/* Puts the database at that path, in place of what was there. */
void mc_fuzz_db_place (const char *path, const guint8 *data, gsize size);

/* Whatever is in a file of a few KB, SQLite must not have taken much memory for it since. */
void mc_fuzz_db_assert_modest (void);

G_END_DECLS
