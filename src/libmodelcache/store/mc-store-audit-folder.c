/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-audit-private.h"

#include "mc-pack.h"

#include <string.h>

/* Names in the store's folder: each has its place and its reason. */

static const char *const top[] = {
  "lock",     "reserve",          "catalog.db", "catalog.db-wal", "catalog.db-shm",
  "small.db", "small.db-journal", "packs",      "incoming",       "moving",
  "location", "checkouts",        NULL
};

/* Databases that were put aside. */
static const char *const top_aside[] = { "catalog.db.damaged-", "small.db.damaged-" };

/* What may lie beside a pack, whether or not the pack is there. */
static const char *const beside[] = { "-journal", ".damaged" };

/* Calls for each name; a folder that is not there has none. */
static void
each_name (const char *path, void (*take) (const char *name, gpointer data), gpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    take (name, data);
}

typedef struct
{
  const char *folder; /* borrowed */
  const char *below;  /* borrowed: two digits */
  gboolean (*is_known) (const McDigest *digest, gpointer data);
  gpointer data;
  GPtrArray *found; /* borrowed */
} Look;

static void
take_top (const char *name, gpointer data)
{
  Look *look = data;

  for (guint i = 0; i < G_N_ELEMENTS (top_aside); i++)
    if (g_str_has_prefix (name, top_aside[i]))
      return;
  if (!g_strv_contains (top, name))
    mc_audit_say (look->found, "%s: it does not belong to the store", name);
}

/* The pack a file belongs to: itself, or the one it lies beside. */
static gboolean
parse_name (const char *name, McDigest *digest)
{
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    if (g_str_has_suffix (name, beside[i]))
      {
        g_autofree char *pack = g_strndup (name, strlen (name) - strlen (beside[i]));

        return mc_pack_parse_name (pack, digest);
      }
  return mc_pack_parse_name (name, digest);
}

static void
take_pack (const char *name, gpointer data)
{
  Look *look = data;
  g_autofree char *path = g_build_filename (look->folder, "packs", look->below, name, NULL);
  const char *shown = path + strlen (look->folder) + 1;
  McDigest digest;

  if (!parse_name (name, &digest) || strncmp (name, look->below, 2) != 0)
    mc_audit_say (look->found, "%s: it does not belong to the store", shown);
  else if (!look->is_known (&digest, look->data) && g_file_test (path, G_FILE_TEST_EXISTS))
    mc_audit_say (look->found, "%s: its content is not in the catalog", shown);
}

static void
take_folder (const char *name, gpointer data)
{
  Look below = *(Look *) data;
  g_autofree char *path = g_build_filename (below.folder, "packs", name, NULL);

  below.below = name;
  if (strlen (name) != 2 || strspn (name, "0123456789abcdef") != 2)
    mc_audit_say (below.found, "packs/%s: it does not belong to the store", name);
  else
    each_name (path, take_pack, &below);
}

void
mc_audit_folder (const char *folder,
                 gboolean (*is_known) (const McDigest *digest, gpointer data),
                 gpointer data,
                 GPtrArray *found)
{
  g_autofree char *packs = g_build_filename (folder, "packs", NULL);
  Look look = { folder, NULL, is_known, data, found };

  each_name (folder, take_top, &look);
  each_name (packs, take_folder, &look);
}
