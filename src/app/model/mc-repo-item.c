/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-item.h"

#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-property.h"

#include <glib/gi18n.h>
#include <string.h>

/* Main thread only. Its variants become objects when its page is opened, not before: a library may
 * have tens of thousands of them. */

struct _McRepoItem
{
  GObject parent_instance;
  McDbusRepo *proxy;        /* (owned) (nullable) */
  GVariant *dicts;          /* (owned) (nullable): the bus's Variants */
  GListStore *variants;     /* (owned) (nullable): McVariantItem */
  GPtrArray *transfers;     /* (owned): McTransferItem */
  McTransferItem *transfer; /* (owned) (nullable): the one that the row shows */
  guint64 number;
  guint64 size;
  guint64 shared;
  gint64 last_used;
  guint rank;
  char *id; /* (owned), as are all strings */
  char *ref;
  char *owner;
  char *title;
  char *details;
  char *summary;
  char *state_text;
  char *icon_name;
  char *changed;
  gboolean gated;
  gboolean in_progress;
  gboolean doomed; /* it leaves the library soon, unless that is undone */
};

enum
{
  PROP_ID = 1,
  PROP_OWNER,
  PROP_TITLE,
  PROP_DETAILS,
  PROP_SUMMARY,
  PROP_STATE_TEXT,
  PROP_ICON_NAME,
  PROP_CHANGED,
  PROP_GATED,
  PROP_IN_PROGRESS,
  PROP_TRANSFER,
  PROP_RANK,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRepoItem, mc_repo_item, G_TYPE_OBJECT)

enum
{
  RANK_ACTIVE,
  RANK_WRONG,
  RANK_HERE,
  RANK_LISTED,
};

/* --- facts of the repo --- */

static const char *
choose_icon (const char *task)
{
  static const struct
  {
    const char *part;
    const char *icon;
  } icons[] = {
    { "speech", "audio-input-microphone-symbolic" },
    { "audio", "audio-x-generic-symbolic" },
    { "video", "video-x-generic-symbolic" },
    { "image", "image-x-generic-symbolic" },
    { "text", "mc-text-symbolic" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (icons); i++)
    if (strstr (task, icons[i].part) != NULL)
      return icons[i].icon;
  return "mc-model-symbolic";
}

/* "Text generation · apache-2.0 · 7.6B parameters · 32768 tokens" */
static char *
describe_details (McRepoItem *self)
{
  const char *task = mc_dbus_repo_get_task (self->proxy);
  guint64 parameters = mc_dbus_repo_get_parameters (self->proxy);
  gulong tokens = (gulong) mc_dbus_repo_get_context_length (self->proxy);
  g_autofree char *task_text = mc_phrase_task (task == NULL ? "" : task);
  g_autofree char *count = mc_phrase_count (parameters);
  g_autofree char *many =
      /* Translators: %s is a number such as “7.6B” */
      parameters > 0 ? g_strdup_printf (_ ("%s parameters"), count) : NULL;
  g_autofree char *context =
      tokens > 0 ? g_strdup_printf (
          ngettext ("%lu token of context", "%lu tokens of context", tokens), tokens)
                 : NULL;

  return mc_phrase_join (
      (const char *[]){ task_text, mc_dbus_repo_get_license (self->proxy), many, context }, 4);
}

static void
update_names (McRepoItem *self)
{
  const char *id = mc_dbus_repo_get_id (self->proxy);
  const char *revision = mc_dbus_repo_get_revision (self->proxy);
  const char *slash = id == NULL ? NULL : strchr (id, '/');
  gboolean usual = revision == NULL || strcmp (revision, "main") == 0 || revision[0] == '\0';
  g_autofree char *owner = slash == NULL ? g_strdup ("") : g_strndup (id, (gsize) (slash - id));

  g_free (self->ref);
  self->ref = usual ? g_strdup (id) : g_strdup_printf ("%s@%s", id, revision);
  mc_property_take_text (self, properties[PROP_ID], &self->id, g_strdup (id));
  mc_property_take_text (self, properties[PROP_OWNER], &self->owner,
                         usual ? g_strdup (owner)
                               : mc_phrase_join ((const char *[]){ owner, revision }, 2));
  mc_property_take_text (self, properties[PROP_TITLE], &self->title,
                         g_strdup (slash == NULL ? id : slash + 1));
}

/* --- its state --- */

typedef struct
{
  guint all;
  guint here;
  guint partial;
  guint damaged;
  guint failed;
} Counts;

static Counts
count_variants (McRepoItem *self)
{
  Counts counts = { 0 };
  gsize n = self->dicts == NULL ? 0 : g_variant_n_children (self->dicts);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (self->dicts, i);
      const char *status = mc_dict_get_string (dict, "status");

      counts.all++;
      if (strcmp (status, "downloaded") == 0)
        counts.here++;
      else if (strcmp (status, "damaged") == 0 || strcmp (status, "repairing") == 0)
        counts.damaged++;
      else if (strcmp (status, "failed") == 0)
        counts.failed++;
      else if (mc_dict_get_size (dict, "downloaded") > 0)
        counts.partial++;
    }
  return counts;
}

static const char *
describe_state (McRepoItem *self, const Counts *counts)
{
  if (self->doomed)
    return _ ("Removed in a Moment");
  if (self->in_progress)
    return "";
  if (counts->damaged > 0)
    return _ ("Damaged");
  if (counts->failed > 0)
    return _ ("Failed");
  if (counts->here > 0)
    return _ ("Ready");
  return counts->partial > 0 && self->size > 0 ? _ ("Incomplete") : _ ("Not Downloaded");
}

/* "2 of 9 variants · 9.4 GB · 3.1 GB shared" */
static char *
describe_summary (McRepoItem *self, const Counts *counts)
{
  g_autofree char *size = g_format_size (self->size);
  g_autofree char *shared_size = g_format_size (self->shared);
  g_autofree char *shared =
      /* Translators: %s is a size that several models have in common */
      self->shared > 0 ? g_strdup_printf (_ ("%s shared"), shared_size) : NULL;
  g_autofree char *variants =
      counts->here > 0
          /* Translators: how many of a model's variants were downloaded */
          ? g_strdup_printf (ngettext ("%u of %u variant", "%u of %u variants", counts->all),
                             counts->here, counts->all)
          : g_strdup_printf (ngettext ("%u variant", "%u variants", counts->all), counts->all);

  return mc_phrase_join ((const char *[]){ variants, self->size > 0 ? size : NULL, shared }, 3);
}

static void
update_state (McRepoItem *self)
{
  Counts counts = count_variants (self);
  guint rank = self->in_progress                         ? RANK_ACTIVE
               : counts.damaged > 0 || counts.failed > 0 ? RANK_WRONG
               : counts.here > 0                         ? RANK_HERE
                                                         : RANK_LISTED;

  mc_property_take_text (self, properties[PROP_STATE_TEXT], &self->state_text,
                         g_strdup (describe_state (self, &counts)));
  mc_property_take_text (self, properties[PROP_SUMMARY], &self->summary,
                         describe_summary (self, &counts));
  if (rank == self->rank)
    return;
  self->rank = rank;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RANK]);
}

/* --- its variants --- */

static McTransferItem *
find_transfer (McRepoItem *self, const char *key)
{
  McTransferItem *found = NULL;

  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransferItem *transfer = g_ptr_array_index (self->transfers, i);

      if (strcmp (mc_transfer_item_get_variant (transfer), key) == 0
          && strcmp (mc_transfer_item_get_kind (transfer), "download") == 0
          && (found == NULL || mc_transfer_item_get_open (transfer)))
        found = transfer;
    }
  return found;
}

static McVariantItem *
find_variant (McRepoItem *self, const char *key, guint *position)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->variants));

  for (*position = 0; *position < n; (*position)++)
    {
      g_autoptr (McVariantItem) item =
          g_list_model_get_item (G_LIST_MODEL (self->variants), *position);

      if (strcmp (mc_variant_item_get_key (item), key) == 0)
        return g_steal_pointer (&item);
    }
  return NULL;
}

static void
place_variant (McRepoItem *self, guint at, GVariant *dict)
{
  const char *key = mc_dict_get_string (dict, "key");
  guint position;
  g_autoptr (McVariantItem) item = find_variant (self, key, &position);

  if (item == NULL)
    {
      item = mc_variant_item_new (self->ref, key);
      mc_variant_item_update (item, dict);
      mc_variant_item_set_transfer (item, find_transfer (self, key));
      g_list_store_insert (self->variants, at, item);
      return;
    }
  mc_variant_item_update (item, dict);
  mc_variant_item_set_transfer (item, find_transfer (self, key));
  if (position == at)
    return;
  g_list_store_remove (self->variants, position);
  g_list_store_insert (self->variants, at, item);
}

/* Items that stay are the same objects, so that rows keep their focus and what they unfolded. */
static void
update_variants (McRepoItem *self)
{
  guint n = self->dicts == NULL ? 0 : (guint) g_variant_n_children (self->dicts);

  if (self->variants == NULL)
    return;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (self->dicts, i);

      place_variant (self, i, dict);
    }
  while (g_list_model_get_n_items (G_LIST_MODEL (self->variants)) > n)
    g_list_store_remove (self->variants, n);
}

GListModel *
mc_repo_item_get_variants (McRepoItem *self)
{
  if (self->variants == NULL)
    {
      self->variants = g_list_store_new (MC_TYPE_VARIANT_ITEM);
      update_variants (self);
    }
  return G_LIST_MODEL (self->variants);
}

/* --- what comes in --- */

static void
update (McRepoItem *self)
{
  const char *gated = mc_dbus_repo_get_gated (self->proxy);
  const char *task = mc_dbus_repo_get_task (self->proxy);
  const char *changed = mc_dbus_repo_get_last_modified (self->proxy);

  if (mc_dbus_repo_get_id (self->proxy) == NULL)
    return;
  g_object_freeze_notify (G_OBJECT (self));
  g_clear_pointer (&self->dicts, g_variant_unref);
  self->dicts = mc_dbus_repo_dup_variants (self->proxy);
  update_names (self);
  mc_property_take_text (self, properties[PROP_DETAILS], &self->details, describe_details (self));
  mc_property_take_text (self, properties[PROP_ICON_NAME], &self->icon_name,
                         g_strdup (choose_icon (task == NULL ? "" : task)));
  mc_property_take_text (
      self, properties[PROP_CHANGED], &self->changed,
      mc_phrase_changed (changed == NULL ? "" : changed, g_get_real_time () / G_USEC_PER_SEC));
  mc_property_set_flag (self, properties[PROP_GATED], &self->gated,
                        gated != NULL && strcmp (gated, "no") != 0);
  update_variants (self);
  update_state (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
mc_repo_item_set_proxy (McRepoItem *self, McDbusRepo *proxy)
{
  if (self->proxy == proxy)
    return;
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_func (self->proxy, update, self);
  g_set_object (&self->proxy, proxy);
  if (proxy == NULL)
    return;
  g_signal_connect_object (proxy, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

void
mc_repo_item_set_transfers (McRepoItem *self, GPtrArray *transfers)
{
  McTransferItem *shown = NULL;
  guint n = self->variants == NULL ? 0 : g_list_model_get_n_items (G_LIST_MODEL (self->variants));

  g_ptr_array_unref (self->transfers);
  self->transfers = g_ptr_array_ref (transfers);
  for (guint i = 0; i < transfers->len && shown == NULL; i++)
    if (mc_transfer_item_get_open (g_ptr_array_index (transfers, i)))
      shown = g_ptr_array_index (transfers, i);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (McVariantItem) item = g_list_model_get_item (G_LIST_MODEL (self->variants), i);

      mc_variant_item_set_transfer (item, find_transfer (self, mc_variant_item_get_key (item)));
    }
  if (g_set_object (&self->transfer, shown))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSFER]);
  mc_property_set_flag (self, properties[PROP_IN_PROGRESS], &self->in_progress, shown != NULL);
  update_state (self);
}

void
mc_repo_item_set_usage (McRepoItem *self, guint64 size, guint64 shared, gint64 last_used)
{
  self->last_used = last_used;
  if (self->size == size && self->shared == shared)
    return;
  self->size = size;
  self->shared = shared;
  update_state (self);
}

void
mc_repo_item_set_doomed (McRepoItem *self, const char *variant, gboolean doomed)
{
  guint position;
  g_autoptr (McVariantItem) item = NULL;

  if (variant[0] == '\0')
    {
      self->doomed = doomed;
      update_state (self);
      return;
    }
  if (self->variants != NULL)
    item = find_variant (self, variant, &position);
  if (item != NULL)
    mc_variant_item_set_doomed (item, doomed);
}

/* --- its life --- */

McDbusRepo *
mc_repo_item_get_proxy (McRepoItem *self)
{
  return self->proxy;
}

guint64
mc_repo_item_get_number (McRepoItem *self)
{
  return self->number;
}

const char *
mc_repo_item_get_id (McRepoItem *self)
{
  return self->id;
}

const char *
mc_repo_item_get_ref (McRepoItem *self)
{
  return self->ref;
}

const char *
mc_repo_item_get_title (McRepoItem *self)
{
  return self->title;
}

guint64
mc_repo_item_get_size (McRepoItem *self)
{
  return self->size;
}

gint64
mc_repo_item_get_last_used (McRepoItem *self)
{
  return self->last_used;
}

guint
mc_repo_item_get_rank (McRepoItem *self)
{
  return self->rank;
}

McRepoItem *
mc_repo_item_new (guint64 number)
{
  McRepoItem *self = g_object_new (MC_TYPE_REPO_ITEM, NULL);

  self->number = number;
  return self;
}

static const char *
get_text (McRepoItem *self, guint id)
{
  switch (id)
    {
    case PROP_ID:
      return self->id;
    case PROP_OWNER:
      return self->owner;
    case PROP_TITLE:
      return self->title;
    case PROP_DETAILS:
      return self->details;
    case PROP_SUMMARY:
      return self->summary;
    case PROP_STATE_TEXT:
      return self->state_text;
    case PROP_ICON_NAME:
      return self->icon_name;
    case PROP_CHANGED:
      return self->changed;
    default:
      return NULL;
    }
}

static void
mc_repo_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McRepoItem *self = MC_REPO_ITEM (object);

  switch (id)
    {
    case PROP_GATED:
      g_value_set_boolean (value, self->gated);
      break;
    case PROP_IN_PROGRESS:
      g_value_set_boolean (value, self->in_progress);
      break;
    case PROP_TRANSFER:
      g_value_set_object (value, self->transfer);
      break;
    case PROP_RANK:
      g_value_set_uint (value, self->rank);
      break;
    default:
      g_value_set_string (value, get_text (self, id));
    }
}

static void
mc_repo_item_finalize (GObject *object)
{
  McRepoItem *self = MC_REPO_ITEM (object);

  g_clear_object (&self->proxy);
  g_clear_pointer (&self->dicts, g_variant_unref);
  g_clear_object (&self->variants);
  g_ptr_array_unref (self->transfers);
  g_clear_object (&self->transfer);
  g_free (self->id);
  g_free (self->ref);
  g_free (self->owner);
  g_free (self->title);
  g_free (self->details);
  g_free (self->summary);
  g_free (self->state_text);
  g_free (self->icon_name);
  g_free (self->changed);
  G_OBJECT_CLASS (mc_repo_item_parent_class)->finalize (object);
}

static void
mc_repo_item_class_init (McRepoItemClass *klass)
{
  static const char *const texts[] = { "id",      "owner",      "title",     "details",
                                       "summary", "state-text", "icon-name", "changed" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_repo_item_get_property;
  object_class->finalize = mc_repo_item_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[PROP_ID + i] = mc_property_new_text (texts[i]);
  properties[PROP_GATED] = mc_property_new_flag ("gated");
  properties[PROP_IN_PROGRESS] = mc_property_new_flag ("in-progress");
  properties[PROP_TRANSFER] = mc_property_new_object ("transfer", MC_TYPE_TRANSFER_ITEM);
  properties[PROP_RANK] =
      g_param_spec_uint ("rank", NULL, NULL, 0, RANK_LISTED, RANK_LISTED,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_repo_item_init (McRepoItem *self)
{
  self->transfers = g_ptr_array_new_with_free_func (g_object_unref);
  self->rank = RANK_LISTED;
  self->id = g_strdup ("");
  self->ref = g_strdup ("");
  self->title = g_strdup ("");
}
