/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-error.h"

#include <stdlib.h>
#include <string.h>

/* Downloads that go on by themselves once their owner has granted access. The Hub is asked with one
 * small request when the person comes back to the window, and now and then, ever more rarely. */

#define FIRST_MS 60000
#define LONGEST_MS (16 * FIRST_MS)

typedef struct
{
  char *repo;
  char *variant;
  gboolean by_itself; /* nobody pressed anything for it now */
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_free (wish->repo);
  g_free (wish->variant);
  g_free (wish);
}

static Wish *
wish_new (const char *repo, const char *variant, gboolean by_itself)
{
  Wish *wish = g_new (Wish, 1);

  wish->repo = g_strdup (repo);
  wish->variant = g_strdup (variant);
  wish->by_itself = by_itself;
  return wish;
}

GPtrArray *
mc_inventory_new_wishes (void)
{
  return g_ptr_array_new_with_free_func (wish_free);
}

static gboolean
is_wished (McInventory *self, const char *repo, const char *variant, guint *index)
{
  for (*index = 0; *index < self->wishes->len; (*index)++)
    {
      Wish *wish = g_ptr_array_index (self->wishes, *index);

      if (strcmp (wish->repo, repo) == 0
          && (variant == NULL || strcmp (wish->variant, variant) == 0))
        return TRUE;
    }
  return FALSE;
}

static void
mark (McInventory *self, const char *repo)
{
  McRepoItem *item = mc_inventory_find_repo (self, repo);
  guint index;

  if (item != NULL)
    mc_repo_item_set_waiting (item, is_wished (self, repo, NULL, &index));
}

/* --- when to ask --- */

static gboolean
look_cb (gpointer user_data)
{
  McInventory *self = user_data;

  self->looking = 0;
  self->look_ms = MIN (2 * self->look_ms, LONGEST_MS);
  mc_inventory_look_at_gates (self);
  return G_SOURCE_REMOVE;
}

static void
look_later (McInventory *self)
{
  if (self->looking == 0 && self->wishes->len > 0)
    self->looking = g_timeout_add (self->look_ms, look_cb, self);
}

gboolean
mc_inventory_await_access (McInventory *self, const char *repo, const char *variant)
{
  const char *text = g_getenv ("MC_ACCESS_MS"); /* tests have no time */
  guint index;

  if (is_wished (self, repo, variant, &index))
    {
      look_later (self);
      return FALSE;
    }
  g_ptr_array_add (self->wishes, wish_new (repo, variant, TRUE));
  self->look_ms = text == NULL ? FIRST_MS : (guint) strtoul (text, NULL, 10);
  g_clear_handle_id (&self->looking, g_source_remove);
  look_later (self);
  mark (self, repo);
  return TRUE;
}

static void
forget (McInventory *self, const char *repo, const char *variant)
{
  guint index;

  while (is_wished (self, repo, variant, &index))
    g_ptr_array_remove_index (self->wishes, index);
  mark (self, repo);
}

void
mc_inventory_stop_waiting (McInventory *self, const char *repo)
{
  forget (self, repo, NULL);
}

/* --- asking --- */

gboolean
mc_inventory_is_gate (const GError *error)
{
  return g_error_matches (error, MC_ERROR, MC_ERROR_GATED)
         || g_error_matches (error, MC_ERROR, MC_ERROR_ACCESS_PENDING);
}

/* What says nothing about access is no reason to give up. */
static gboolean
is_passing (const GError *error)
{
  static const McError codes[] = { MC_ERROR_NETWORK,      MC_ERROR_OFFLINE, MC_ERROR_RATE_LIMITED,
                                   MC_ERROR_BAD_RESPONSE, MC_ERROR_BUSY,    MC_ERROR_NO_SERVICE };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, MC_ERROR, (int) codes[i]))
      return TRUE;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
downloading_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  Wish *wish = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);

  mc_inventory_reckon_soon (self);
  if (reply != NULL)
    forget (self, wish->repo, wish->variant);
  else if (mc_inventory_is_gate (error))
    {
      mc_inventory_await_access (self, wish->repo, wish->variant);
      if (!wish->by_itself)
        mc_inventory_emit_failed (self, error, wish->repo);
    }
  else if (!wish->by_itself || !is_passing (error))
    {
      forget (self, wish->repo, wish->variant);
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        mc_inventory_emit_failed (self, error, wish->repo);
    }
  else
    look_later (self);
  wish_free (wish);
}

static void
download (McInventory *self, const char *repo, const char *variant, gboolean by_itself)
{
  mc_inventory_call_async (self, "Download", g_variant_new ("(ssa{sv})", repo, variant, NULL),
                           "(o)", NULL, downloading_cb, wish_new (repo, variant, by_itself));
}

void
mc_inventory_download (McInventory *self, const char *repo, const char *variant)
{
  download (self, repo, variant, FALSE);
}

void
mc_inventory_look_at_gates (McInventory *self)
{
  for (guint i = 0; i < self->wishes->len; i++)
    {
      Wish *wish = g_ptr_array_index (self->wishes, i);

      download (self, wish->repo, wish->variant, TRUE);
    }
}
