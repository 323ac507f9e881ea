/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* What becomes of a catalog or small-content database that is damaged: it is put aside, never
 * removed, and one is made in its place. The packs say again what is here; names come back with the
 * repos that are scanned again. A database of a later version is not damaged, and stays. */

#define ASIDE ".damaged-"

static const struct
{
  const char *name;
  McDbKind kind;
} databases[] = {
  { "catalog.db", MC_DB_CATALOG },
  { "small.db", MC_DB_SMALL },
};

static McDb **
get_slot (McStore *self, guint which)
{
  return which == 0 ? &self->catalog : &self->small;
}

static void
sync_folder (const char *folder)
{
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd < 0 || fsync (fd) != 0)
    g_warning ("Syncing %s: %s", folder, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* A name that is free: two on one day are kept both. */
static char *
find_aside_path (const char *path)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y%m%d-%H%M%S");

  for (guint n = 1;; n++)
    {
      g_autofree char *number = n == 1 ? g_strdup ("") : g_strdup_printf ("-%u", n);
      g_autofree char *aside = g_strconcat (path, ASIDE, date, number, NULL);

      if (!g_file_test (aside, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&aside);
    }
}

/* With its journals, under names by which SQLite finds them again. */
static gboolean
put_aside (McStore *self, guint which, const GError *why, GError **error)
{
  static const char *const suffixes[] = { "-journal", "-wal", "-shm", "" };
  g_autofree char *path = g_build_filename (self->folder, databases[which].name, NULL);
  g_autofree char *aside = find_aside_path (path);

  g_clear_pointer (get_slot (self, which), mc_db_close);
  g_warning ("%s is damaged (%s). It is kept as %s, and made anew from what is here", path,
             why->message, aside);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Renaming %s: %s", from,
                       g_strerror (errno));
          return FALSE;
        }
    }
  sync_folder (self->folder);
  return TRUE;
}

static gboolean
open_database (McStore *self, guint which, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, databases[which].name, NULL);
  McDb **slot = get_slot (self, which);
  g_autoptr (GError) local = NULL;

  *slot = mc_db_open (path, databases[which].kind, MC_DB_CREATE, &local);
  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT) && put_aside (self, which, local, error))
    {
      *slot = mc_db_open (path, databases[which].kind, MC_DB_CREATE, error);
      return *slot != NULL;
    }
  if (*slot == NULL && local != NULL && (error == NULL || *error == NULL))
    g_propagate_error (error, g_steal_pointer (&local));
  return *slot != NULL;
}

static gboolean
load (McStore *self, GError **error)
{
  return mc_store_load_settings (self, error) && mc_store_recover (self, error)
         && mc_store_load_headers (self, error);
}

static void
forget_all (McStore *self)
{
  g_hash_table_remove_all (self->contents);
  g_array_set_size (self->loans, 0);
  g_clear_pointer (&self->library, mc_library_free);
  self->library = mc_library_new ();
  g_clear_pointer (&self->transfers, g_ptr_array_unref);
}

static gboolean
is_sound (McDb *db)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStmt) stmt = mc_db_borrow (db, "PRAGMA quick_check (1)", &error);
  gboolean row = FALSE;

  return stmt != NULL && mc_stmt_step (stmt, &row, &error) && row
         && g_strcmp0 (mc_stmt_get_text (stmt, 0), "ok") == 0;
}

/* Those that are to blame; the catalog if no other is. */
static gboolean
replace_damaged (McStore *self, const GError *why, GError **error)
{
  gboolean any = FALSE;

  forget_all (self);
  for (guint i = G_N_ELEMENTS (databases); i > 0; i--)
    {
      guint which = i - 1;

      if (is_sound (*get_slot (self, which)) && !(which == 0 && !any))
        continue;
      any = TRUE;
      if (!put_aside (self, which, why, error) || !open_database (self, which, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
mc_store_open_databases (McStore *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (databases); i++)
    if (!open_database (self, i, error))
      return FALSE;
  if (load (self, &local))
    return TRUE;
  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    return replace_damaged (self, local, error) && load (self, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

char **
mc_store_list_set_aside (McStore *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (databases); i++)
      {
        g_autofree char *prefix = g_strconcat (databases[i].name, ASIDE, NULL);

        if (g_str_has_prefix (name, prefix) && !g_str_has_suffix (name, "-wal")
            && !g_str_has_suffix (name, "-shm") && !g_str_has_suffix (name, "-journal"))
          g_strv_builder_add (names, name);
      }
  return g_strv_builder_end (names);
}
