/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hit-search.h"

#include "mc-dict.h"
#include "mc-hit-item.h"

#define PAGE 40

struct _McHitSearch
{
  GObject parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable): of the page that is asked for */
  GListStore *hits;          /* (owned): McHitItem */
  GHashTable *names;         /* (owned): of the hits; pages overlap when the Hub's order changes */
  char *text;                /* (owned): what is searched for */
  char **filters;            /* (owned) */
  gboolean fits;
  char *next; /* (owned): cursor; empty: there is no more */
  GError *error;
  McHitSearchState state;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (McHitSearch, mc_hit_search, G_TYPE_OBJECT)

static void
set_state (McHitSearch *self, McHitSearchState state)
{
  self->state = state;
  if (state != MC_HIT_SEARCH_FAILED && state != MC_HIT_SEARCH_MORE_FAILED)
    g_clear_error (&self->error);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
clear_hits (McHitSearch *self)
{
  g_hash_table_remove_all (self->names);
  g_list_store_remove_all (self->hits);
}

/* How many of them are new. */
static guint
add_hits (McHitSearch *self, GVariant *hits)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (gsize i = 0; i < g_variant_n_children (hits); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (hits, i);

      if (g_hash_table_add (self->names, g_strdup (mc_dict_get_string (dict, "repo"))))
        g_ptr_array_add (items, mc_hit_item_new (dict));
    }
  g_list_store_splice (self->hits, g_list_model_get_n_items (G_LIST_MODEL (self->hits)), 0,
                       items->pdata, items->len);
  return items->len;
}

/* A page with nothing new is the last one, whatever it says: nobody is led on for ever. */
static void
take_page (McHitSearch *self, GVariant *reply)
{
  g_autoptr (GVariant) hits = g_variant_get_child_value (reply, 0);

  if (self->state == MC_HIT_SEARCH_SEARCHING)
    clear_hits (self);
  g_free (self->next);
  g_variant_get_child (reply, 1, "s", &self->next);
  if (add_hits (self, hits) == 0)
    self->next[0] = '\0';
  set_state (self, MC_HIT_SEARCH_READY);
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McHitSearch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  gboolean first = self->state == MC_HIT_SEARCH_SEARCHING;

  /* Another search has begun, and its answer is what counts. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (reply != NULL)
    {
      take_page (self, reply);
      return;
    }
  if (first)
    clear_hits (self);
  g_clear_error (&self->error);
  self->error = g_steal_pointer (&error);
  set_state (self, first ? MC_HIT_SEARCH_FAILED : MC_HIT_SEARCH_MORE_FAILED);
}

static void
ask (McHitSearch *self, const char *cursor)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "limit", "u", PAGE);
  g_variant_dict_insert (&options, "cursor", "s", cursor);
  g_variant_dict_insert (&options, "filters", "^as", self->filters);
  g_variant_dict_insert (&options, "fits", "b", self->fits);
  self->cancellable = g_cancellable_new ();
  mc_inventory_call_async (self->inventory, "SearchPage",
                           g_variant_new ("(s@a{sv})", self->text, g_variant_dict_end (&options)),
                           "(aa{sv}s)", self->cancellable, page_cb, g_object_ref (self));
}

static void
cancel (McHitSearch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

void
mc_hit_search_begin (McHitSearch *self, const char *text, const char *const *filters, gboolean fits)
{
  cancel (self);
  g_free (self->text);
  g_strfreev (self->filters);
  self->text = g_strdup (text);
  self->filters = g_strdupv ((char **) filters);
  self->fits = fits;
  ask (self, "");
  set_state (self, MC_HIT_SEARCH_SEARCHING);
}

void
mc_hit_search_go_on (McHitSearch *self)
{
  if ((self->state != MC_HIT_SEARCH_READY && self->state != MC_HIT_SEARCH_MORE_FAILED)
      || self->next[0] == '\0')
    return;
  ask (self, self->next);
  set_state (self, MC_HIT_SEARCH_GOING_ON);
}

void
mc_hit_search_reset (McHitSearch *self, const char *name)
{
  cancel (self);
  clear_hits (self);
  self->next[0] = '\0';
  if (name != NULL)
    {
      g_autoptr (McHitItem) item = mc_hit_item_new_for_name (name);

      g_list_store_append (self->hits, item);
    }
  set_state (self, name != NULL ? MC_HIT_SEARCH_READY : MC_HIT_SEARCH_IDLE);
}

McHitSearchState
mc_hit_search_get_state (McHitSearch *self)
{
  return self->state;
}

GListModel *
mc_hit_search_get_hits (McHitSearch *self)
{
  return G_LIST_MODEL (self->hits);
}

const GError *
mc_hit_search_get_error (McHitSearch *self)
{
  return self->error;
}

McHitSearch *
mc_hit_search_new (McInventory *inventory)
{
  McHitSearch *self = g_object_new (MC_TYPE_HIT_SEARCH, NULL);

  self->inventory = g_object_ref (inventory);
  return self;
}

static void
mc_hit_search_dispose (GObject *object)
{
  McHitSearch *self = MC_HIT_SEARCH (object);

  cancel (self);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_hit_search_parent_class)->dispose (object);
}

static void
mc_hit_search_finalize (GObject *object)
{
  McHitSearch *self = MC_HIT_SEARCH (object);

  g_hash_table_unref (self->names);
  g_object_unref (self->hits);
  g_free (self->text);
  g_strfreev (self->filters);
  g_free (self->next);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (mc_hit_search_parent_class)->finalize (object);
}

static void
mc_hit_search_class_init (McHitSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_hit_search_dispose;
  G_OBJECT_CLASS (klass)->finalize = mc_hit_search_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", MC_TYPE_HIT_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
mc_hit_search_init (McHitSearch *self)
{
  self->hits = g_list_store_new (MC_TYPE_HIT_ITEM);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->next = g_strdup ("");
}
