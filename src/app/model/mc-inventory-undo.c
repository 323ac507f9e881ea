/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-dbus-names.h"

#include <stdlib.h>
#include <string.h>

/* Deletions that can still be undone: the service does not know of them. Who closes the window
 * meanwhile wants them done; if it is killed they are not, and all is as it was. */

#define UNDO_MS 8000

#define PATIENCE_MS 120000 /* for a service that starts on a slow machine */

typedef struct
{
  McInventory *inventory; /* borrowed: it removes the source */
  char *repo;
  char *variant;
  guint source;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *deletion = data;

  g_clear_handle_id (&deletion->source, g_source_remove);
  g_free (deletion->repo);
  g_free (deletion->variant);
  g_free (deletion);
}

guint
mc_inventory_get_undo_ms (void)
{
  const char *text = g_getenv ("MC_UNDO_MS"); /* tests have no time, or much of it */

  return text == NULL ? UNDO_MS : (guint) strtoul (text, NULL, 10);
}

static void
mark (McInventory *self, const Deletion *deletion, gboolean doomed)
{
  McRepoItem *item = mc_inventory_find_repo (self, deletion->repo);

  if (item != NULL)
    mc_repo_item_set_doomed (item, deletion->variant, doomed);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  Deletion *deletion = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);

  mark (self, deletion, FALSE);
  mc_inventory_reckon_soon (self);
  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    mc_inventory_emit_failed (self, error, deletion->repo);
  deletion_free (deletion);
}

static gboolean
carry_out_cb (gpointer user_data)
{
  Deletion *deletion = user_data;
  McInventory *self = deletion->inventory;
  guint index;

  deletion->source = 0;
  if (g_ptr_array_find (self->deletions, deletion, &index))
    g_ptr_array_steal_index (self->deletions, index);
  mc_inventory_call_async (self, "Delete",
                           g_variant_new ("(ssa{sv})", deletion->repo, deletion->variant, NULL),
                           "(a{sv})", NULL, deleted_cb, deletion);
  return G_SOURCE_REMOVE;
}

void
mc_inventory_delete_later (McInventory *self, const char *repo, const char *variant)
{
  Deletion *deletion = g_new0 (Deletion, 1);

  deletion->inventory = self;
  deletion->repo = g_strdup (repo);
  deletion->variant = g_strdup (variant);
  deletion->source = g_timeout_add (mc_inventory_get_undo_ms (), carry_out_cb, deletion);
  g_ptr_array_add (self->deletions, deletion);
  mark (self, deletion, TRUE);
}

/* The last one if none is named. */
gboolean
mc_inventory_undo_delete (McInventory *self, const char *repo, const char *variant)
{
  for (guint i = self->deletions->len; i > 0; i--)
    {
      Deletion *deletion = g_ptr_array_index (self->deletions, i - 1);

      if (repo != NULL
          && (strcmp (deletion->repo, repo) != 0 || strcmp (deletion->variant, variant) != 0))
        continue;
      mark (self, deletion, FALSE);
      g_ptr_array_remove_index (self->deletions, i - 1);
      return TRUE;
    }
  return FALSE;
}

GPtrArray *
mc_inventory_new_deletions (void)
{
  return g_ptr_array_new_with_free_func (deletion_free);
}

static GVariant *
delete_now (GDBusConnection *bus, Deletion *deletion, GError **error)
{
  return g_dbus_connection_call_sync (
      bus, MC_DBUS_NAME, MC_DBUS_PATH, "com.tabagent.ModelCache1.Manager", "Delete",
      g_variant_new ("(ssa{sv})", deletion->repo, deletion->variant, NULL), NULL,
      G_DBUS_CALL_FLAGS_NONE, PATIENCE_MS, NULL, error);
}

/* Waits for the answers: the bus does not start a service for who has left it. One that was on its
 * way out is asked once more. Nobody is there to be told of a failure: then it is still there. */
void
mc_inventory_carry_out_deletions (McInventory *self)
{
  GDBusConnection *bus = mc_link_get_bus (self->link);

  for (guint i = 0; bus != NULL && i < self->deletions->len; i++)
    {
      Deletion *deletion = g_ptr_array_index (self->deletions, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply = delete_now (bus, deletion, NULL);

      if (reply == NULL)
        reply = delete_now (bus, deletion, &error);
      if (reply == NULL)
        g_info ("Deleting %s %s: %s", deletion->repo, deletion->variant, error->message);
    }
  g_ptr_array_set_size (self->deletions, 0);
}
