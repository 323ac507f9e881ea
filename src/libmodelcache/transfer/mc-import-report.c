/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-private.h"

#include "mc-error.h"

/* A report must fit into a message of the bus, whatever the folder: what was adopted is told first.
 */
#define MAX_LISTED 500

static void
add (GVariantBuilder *dict, const char *key, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", key, value);
}

static GVariant *
describe (const McImportFile *file)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, "path", g_variant_new_string (file->name));
  add (&dict, "size", g_variant_new_uint64 (file->size));
  add (&dict, "outcome", g_variant_new_string (mc_import_outcome_to_string (file->outcome)));
  if (file->match != NULL)
    {
      add (&dict, "repo", g_variant_new_string (file->manifest->repo));
      add (&dict, "file", g_variant_new_string (file->match->path));
    }
  return g_variant_builder_end (&dict);
}

static GVariant *
list_files (const McImportTree *tree)
{
  GVariantBuilder rows;
  guint n = 0;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < tree->files->len && n < MAX_LISTED; i++)
      {
        const McImportFile *file = g_ptr_array_index (tree->files, i);

        if ((file->outcome == MC_IMPORT_UNKNOWN) != (pass == 1))
          continue;
        g_variant_builder_add_value (&rows, describe (file));
        n++;
      }
  return g_variant_builder_end (&rows);
}

static GVariant *
list_failures (GHashTable *failures)
{
  GVariantBuilder rows;
  GHashTableIter iter;
  gpointer repo;
  gpointer value;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  g_hash_table_iter_init (&iter, failures);
  while (g_hash_table_iter_next (&iter, &repo, &value))
    {
      const GError *error = value;
      GVariantBuilder dict;

      g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
      add (&dict, "repo", g_variant_new_string (repo));
      add (&dict, "error", g_variant_new_string (mc_error_get_name (error)));
      add (&dict, "message", g_variant_new_take_string (g_utf8_make_valid (error->message, -1)));
      g_variant_builder_add_value (&rows, g_variant_builder_end (&dict));
    }
  return g_variant_builder_end (&rows);
}

GVariant *
mc_import_report (const McImportTree *tree, GHashTable *failures, gboolean preview)
{
  guint counts[MC_IMPORT_N_OUTCOMES] = { 0 };
  guint64 bytes = 0;
  GVariantBuilder dict;

  for (guint i = 0; i < tree->files->len; i++)
    {
      const McImportFile *file = g_ptr_array_index (tree->files, i);

      counts[file->outcome]++;
      if (file->outcome == MC_IMPORT_ADOPTED)
        bytes += file->size;
    }
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, "dry_run", g_variant_new_boolean (preview));
  for (guint i = 0; i < MC_IMPORT_N_OUTCOMES; i++)
    add (&dict, mc_import_outcome_to_string ((McImportOutcome) i),
         g_variant_new_uint32 (counts[i]));
  add (&dict, "adopted_size", g_variant_new_uint64 (bytes));
  add (&dict, "skipped", g_variant_new_uint32 (tree->skipped));
  add (&dict, "cut", g_variant_new_boolean (tree->cut));
  add (&dict, "not_listed",
       g_variant_new_uint32 (tree->files->len > MAX_LISTED ? tree->files->len - MAX_LISTED : 0));
  add (&dict, "files", list_files (tree));
  add (&dict, "repos", list_failures (failures));
  return g_variant_builder_end (&dict);
}
