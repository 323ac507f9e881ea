/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-item.h"

#include "mc-phrases.h"
#include "mc-property.h"
#include "mc-variant-list.h"

#include <glib/gi18n.h>
#include <string.h>

/* Main thread only. Its variants are read when its page is opened, not before: a library may have
 * tens of thousands of them. */

struct _McRepoItem
{
  GObject parent_instance;
  McDbusRepo *proxy;        /* (owned) (nullable) */
  GVariant *dicts;          /* (owned) (nullable): the bus's Variants */
  GListStore *variants;     /* (owned) (nullable): McVariantItem */
  GPtrArray *transfers;     /* (owned): McTransferItem */
  McTransferItem *transfer; /* (owned) (nullable): the one that the row shows */
  McRepoSummary *facts;     /* (owned): of what the service tells */
  guint64 size;
  guint64 shared;
  guint64 fetch; /* bytes of its update */
  gint64 last_used;
  McSection rank;
  char *heading;    /* (owned) (nullable) */
  char *summary;    /* (owned) (nullable): it is made when it is shown */
  char *state_text; /* likewise */
  char *gate_text;  /* (owned) */
  gboolean in_progress;
  gboolean waiting; /* for access */
  gboolean doomed;  /* it leaves the library soon, unless that is undone */
  gboolean has_update;
  gboolean has_heading;
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
  PROP_HEADING,
  PROP_GATE_TEXT,
  PROP_GATED,
  PROP_IN_PROGRESS,
  PROP_WAITING,
  PROP_HAS_UPDATE,
  PROP_HAS_HEADING,
  PROP_TRANSFER,
  PROP_RANK,
  PROP_SIZE,
  PROP_LAST_USED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint opened_signal;

G_DEFINE_FINAL_TYPE (McRepoItem, mc_repo_item, G_TYPE_OBJECT)

/* --- its state --- */

static McSection
find_section (McRepoItem *self)
{
  if (self->in_progress)
    return MC_SECTION_ACTIVE;
  if (self->facts->n_damaged > 0 || self->facts->n_failed > 0)
    return MC_SECTION_WRONG;
  if (self->has_update)
    return MC_SECTION_UPDATE;
  return self->facts->n_here > 0 || self->size > 0 ? MC_SECTION_HERE : MC_SECTION_LISTED;
}

static char *
describe_state (McRepoItem *self)
{
  McRepoFacts facts = {
    .doomed = self->doomed,
    .active = self->in_progress,
    .n_damaged = self->facts->n_damaged,
    .n_failed = self->facts->n_failed,
    .has_update = self->has_update,
    .fetch = self->fetch,
    .n_here = self->facts->n_here,
    .fraction = self->size > 0 ? self->facts->fraction : 0,
  };

  return mc_phrase_repo_state (&facts);
}

/* "2 of 9 variants · 9.4 GB · 3.1 GB shared" */
static char *
describe_summary (McRepoItem *self)
{
  g_autofree char *size = g_format_size (self->size);
  g_autofree char *shared_size = g_format_size (self->shared);
  g_autofree char *shared =
      /* Translators: %s is a size that several models have in common */
      self->shared > 0 ? g_strdup_printf (_ ("%s shared"), shared_size) : NULL;
  g_autofree char *variants =
      self->facts->n_here > 0
          /* Translators: how many of a model's variants were downloaded */
          ? g_strdup_printf (
              ngettext ("%u of %u variant", "%u of %u variants", self->facts->n_variants),
              self->facts->n_here, self->facts->n_variants)
          : g_strdup_printf (ngettext ("%u variant", "%u variants", self->facts->n_variants),
                             self->facts->n_variants);

  return mc_phrase_join ((const char *[]){ variants, self->size > 0 ? size : NULL, shared }, 3);
}

static void
update_state (McRepoItem *self)
{
  McSection rank = find_section (self);

  /* Made anew when a row shows them: most are not on the screen. */
  g_clear_pointer (&self->state_text, g_free);
  g_clear_pointer (&self->summary, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE_TEXT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
  if (rank == self->rank)
    return;
  self->rank = rank;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RANK]);
}

/* --- its variants --- */

static void
update_variants (McRepoItem *self)
{
  if (self->variants != NULL)
    mc_variant_list_update (self->variants, self->dicts, self->facts->ref, self->transfers);
}

GListModel *
mc_repo_item_get_variants (McRepoItem *self)
{
  if (self->variants == NULL)
    {
      self->variants = g_list_store_new (MC_TYPE_VARIANT_ITEM);
      update_variants (self);
      if (self->proxy == NULL)
        g_signal_emit (self, opened_signal, 0);
    }
  return G_LIST_MODEL (self->variants);
}

/* --- what comes in --- */

/* Those of a summary that differ, but for what is made from the counts. */
static void
notify_differences (McRepoItem *self, const McRepoSummary *a, const McRepoSummary *b)
{
  const struct
  {
    guint id;
    gboolean same;
  } all[] = {
    { PROP_ID, strcmp (a->id, b->id) == 0 },
    { PROP_OWNER, strcmp (a->owner, b->owner) == 0 },
    { PROP_TITLE, strcmp (a->title, b->title) == 0 },
    { PROP_DETAILS, strcmp (a->details, b->details) == 0 },
    { PROP_ICON_NAME, a->icon_name == b->icon_name },
    { PROP_CHANGED, g_strcmp0 (a->changed, b->changed) == 0 },
    { PROP_GATED, a->gated == b->gated },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (!all[i].same)
      g_object_notify_by_pspec (G_OBJECT (self), properties[all[i].id]);
}

void
mc_repo_item_take_summary (McRepoItem *self, McRepoSummary *summary)
{
  g_autoptr (McRepoSummary) before = g_steal_pointer (&self->facts);

  self->facts = summary;
  g_object_freeze_notify (G_OBJECT (self));
  notify_differences (self, before, summary);
  /* What was found newer is known of one commit alone. */
  if (strcmp (before->commit, summary->commit) != 0)
    mc_property_set_flag (self, properties[PROP_HAS_UPDATE], &self->has_update, FALSE);
  update_state (self);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
update (McRepoItem *self)
{
  if (mc_dbus_repo_get_id (self->proxy) == NULL)
    return;
  g_clear_pointer (&self->dicts, g_variant_unref);
  self->dicts = mc_dbus_repo_dup_variants (self->proxy);
  update_variants (self);
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

  g_ptr_array_unref (self->transfers);
  self->transfers = g_ptr_array_ref (transfers);
  for (guint i = 0; i < transfers->len && shown == NULL; i++)
    if (mc_transfer_item_get_open (g_ptr_array_index (transfers, i)))
      shown = g_ptr_array_index (transfers, i);
  if (self->variants != NULL)
    mc_variant_list_relate (self->variants, transfers);
  if (g_set_object (&self->transfer, shown))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSFER]);
  mc_property_set_flag (self, properties[PROP_IN_PROGRESS], &self->in_progress, shown != NULL);
  update_state (self);
}

void
mc_repo_item_set_usage (McRepoItem *self, guint64 size, guint64 shared, gint64 last_used)
{
  if (self->last_used != last_used)
    {
      self->last_used = last_used;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_USED]);
    }
  if (self->size == size && self->shared == shared)
    return;
  self->size = size;
  self->shared = shared;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SIZE]);
  update_state (self);
}

static void
update_gate (McRepoItem *self)
{
  mc_property_take_text (
      self, properties[PROP_GATE_TEXT], &self->gate_text,
      g_strdup (self->waiting ? _ ("Waiting for access. Accept the conditions on its page: the "
                                   "download then begins by itself while this window is open.")
                              : _ ("Gated: its owner grants access on the Hub.")));
}

void
mc_repo_item_set_waiting (McRepoItem *self, gboolean waiting)
{
  mc_property_set_flag (self, properties[PROP_WAITING], &self->waiting, waiting);
  update_gate (self);
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
    item = mc_variant_list_find (self->variants, variant, &position);
  if (item != NULL)
    mc_variant_item_set_doomed (item, doomed);
}

void
mc_repo_item_set_update (McRepoItem *self, gboolean has_update, guint64 fetch)
{
  self->fetch = fetch;
  mc_property_set_flag (self, properties[PROP_HAS_UPDATE], &self->has_update, has_update);
  update_state (self);
}

void
mc_repo_item_set_heading (McRepoItem *self, const char *heading)
{
  if (g_strcmp0 (self->heading, heading) != 0)
    mc_property_take_text (self, properties[PROP_HEADING], &self->heading, g_strdup (heading));
  mc_property_set_flag (self, properties[PROP_HAS_HEADING], &self->has_heading, heading != NULL);
}

/* --- its life --- */

gboolean
mc_repo_item_is_open (McRepoItem *self)
{
  return self->variants != NULL;
}

const char *
mc_repo_item_get_sort_key (McRepoItem *self)
{
  return self->facts->sort_key;
}

const char *
mc_repo_item_get_endpoint (McRepoItem *self)
{
  return self->facts->endpoint;
}

const char *const *
mc_repo_item_get_formats (McRepoItem *self)
{
  return (const char *const *) self->facts->formats;
}

gboolean
mc_repo_item_matches (McRepoItem *self, const char *needle)
{
  return strstr (self->facts->text, needle) != NULL;
}

McDbusRepo *
mc_repo_item_get_proxy (McRepoItem *self)
{
  return self->proxy;
}

guint64
mc_repo_item_get_number (McRepoItem *self)
{
  return self->facts->number;
}

const char *
mc_repo_item_get_id (McRepoItem *self)
{
  return self->facts->id;
}

const char *
mc_repo_item_get_ref (McRepoItem *self)
{
  return self->facts->ref;
}

const char *
mc_repo_item_get_title (McRepoItem *self)
{
  return self->facts->title;
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

McSection
mc_repo_item_get_rank (McRepoItem *self)
{
  return self->rank;
}

McRepoItem *
mc_repo_item_new (McRepoSummary *summary)
{
  McRepoItem *self = g_object_new (MC_TYPE_REPO_ITEM, NULL);

  self->facts = summary;
  self->rank = find_section (self);
  return self;
}

static const char *
get_text (McRepoItem *self, guint id)
{
  switch (id)
    {
    case PROP_ID:
      return self->facts->id;
    case PROP_OWNER:
      return self->facts->owner;
    case PROP_TITLE:
      return self->facts->title;
    case PROP_DETAILS:
      return self->facts->details;
    case PROP_SUMMARY:
      if (self->summary == NULL)
        self->summary = describe_summary (self);
      return self->summary;
    case PROP_STATE_TEXT:
      if (self->state_text == NULL)
        self->state_text = describe_state (self);
      return self->state_text;
    case PROP_ICON_NAME:
      return self->facts->icon_name;
    case PROP_CHANGED:
      return self->facts->changed;
    case PROP_HEADING:
      return self->heading;
    case PROP_GATE_TEXT:
      return self->gate_text;
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
      g_value_set_boolean (value, self->facts->gated);
      break;
    case PROP_IN_PROGRESS:
      g_value_set_boolean (value, self->in_progress);
      break;
    case PROP_HAS_UPDATE:
      g_value_set_boolean (value, self->has_update);
      break;
    case PROP_HAS_HEADING:
      g_value_set_boolean (value, self->has_heading);
      break;
    case PROP_WAITING:
      g_value_set_boolean (value, self->waiting);
      break;
    case PROP_TRANSFER:
      g_value_set_object (value, self->transfer);
      break;
    case PROP_RANK:
      g_value_set_uint (value, self->rank);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_LAST_USED:
      g_value_set_int64 (value, self->last_used);
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
  mc_repo_summary_free (self->facts);
  g_free (self->heading);
  g_free (self->summary);
  g_free (self->state_text);
  g_free (self->gate_text);
  G_OBJECT_CLASS (mc_repo_item_parent_class)->finalize (object);
}

static void
mc_repo_item_class_init (McRepoItemClass *klass)
{
  static const char *const texts[] = {
    "id",         "owner",     "title",   "details", "summary",
    "state-text", "icon-name", "changed", "heading", "gate-text"
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_repo_item_get_property;
  object_class->finalize = mc_repo_item_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[PROP_ID + i] = mc_property_new_text (texts[i]);
  properties[PROP_GATED] = mc_property_new_flag ("gated");
  properties[PROP_IN_PROGRESS] = mc_property_new_flag ("in-progress");
  properties[PROP_HAS_UPDATE] = mc_property_new_flag ("has-update");
  properties[PROP_HAS_HEADING] = mc_property_new_flag ("has-heading");
  properties[PROP_WAITING] = mc_property_new_flag ("waiting");
  properties[PROP_TRANSFER] = mc_property_new_object ("transfer", MC_TYPE_TRANSFER_ITEM);
  properties[PROP_RANK] =
      g_param_spec_uint ("rank", NULL, NULL, 0, MC_SECTION_LISTED, MC_SECTION_LISTED,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SIZE] = mc_property_new_size ("size");
  properties[PROP_LAST_USED] =
      g_param_spec_int64 ("last-used", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  opened_signal = g_signal_new ("opened", MC_TYPE_REPO_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
mc_repo_item_init (McRepoItem *self)
{
  self->transfers = g_ptr_array_new_with_free_func (g_object_unref);
  update_gate (self);
}
