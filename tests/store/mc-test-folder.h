/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* A fixture: a folder of its own for each case, removed with all that is in it, and bytes to put
 * there. The folder of a subprocess is named by the variable: the parent's, unless it was changed.
 */
#define MC_TEST_FOLDER "MC_TEST_FOLDER"

typedef struct
{
  char *path; /* (owned) */
} McTestFolder;

/* Adds a case that is given such a folder. */
void mc_test_folder_add (const char *name,
                         void (*function) (McTestFolder *folder, gconstpointer data),
                         gconstpointer data);

/* Removes a folder with all that is in it. */
void mc_test_remove_tree (const char *path);

/* The same bytes for the same seed, other ones for another. */
GBytes *mc_test_make_bytes (guint64 size, guint32 seed);

McDigest mc_test_digest (McDigestKind kind, GBytes *bytes);

/* Fails the test unless the bytes are the same; says where they differ, not what they are. */
void mc_test_assert_bytes (GBytes *found, GBytes *expected);

/* The size of a file, or -1 if there is none. */
gint64 mc_test_measure_file (const char *path);

/* Changes one byte of a file, and nothing else of it. */
void mc_test_damage_file (const char *path, gint64 offset);

/* Where these bytes begin in a file, from @from on; -1 if nowhere. */
gint64 mc_test_find_in_file (const char *path, gint64 from, const guint8 *bytes, gsize length);

G_END_DECLS
