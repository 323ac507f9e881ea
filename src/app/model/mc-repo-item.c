/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-item.h"

#include "mc-dict.h"
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
  guint64 number;
  guint64 size;
  guint64 shared;
  guint64 fetch; /* bytes of its update */
  gint64 last_used;
  McSection rank;
  guint n_variants;
  guint n_here;
  guint n_damaged;
  guint n_failed;
  double fraction; /* of an unfinished variant */
  char **formats;  /* (owned) */
  char *id;        /* (owned), as are all strings */
  char *ref;
  char *endpoint;
  char *commit;
  char *sort_key;
  char *search_text;
  char *heading; /* (nullable) */
  char *owner;
  char *title;
  char *details;
  char *summary;
  char *state_text;
  char *icon_name;
  char *changed;
  char *gate_text;
  gboolean gated;
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

/* --- facts of the repo --- */

static void
update_names (McRepoItem *self, GVariant *dict)
{
  const char *id = mc_dict_get_string (dict, "repo");
  const char *revision = mc_dict_get_string (dict, "revision");
  const char *slash = strchr (id, '/');
  gboolean usual = strcmp (revision, "main") == 0 || revision[0] == '\0';
  g_autofree char *owner = slash == NULL ? g_strdup ("") : g_strndup (id, (gsize) (slash - id));

  g_free (self->ref);
  self->ref = usual ? g_strdup (id) : g_strdup_printf ("%s@%s", id, revision);
  mc_property_take_text (self, properties[PROP_ID], &self->id, g_strdup (id));
  mc_property_take_text (self, properties[PROP_OWNER], &self->owner,
                         usual ? g_strdup (owner)
                               : mc_phrase_join ((const char *[]){ owner, revision }, 2));
  mc_property_take_text (self, properties[PROP_TITLE], &self->title,
                         g_strdup (slash == NULL ? id : slash + 1));
  g_free (self->sort_key);
  self->sort_key = g_utf8_collate_key_for_filename (self->title, -1);
}

/* --- its state --- */

static McSection
find_section (McRepoItem *self)
{
  if (self->in_progress)
    return MC_SECTION_ACTIVE;
  if (self->n_damaged > 0 || self->n_failed > 0)
    return MC_SECTION_WRONG;
  if (self->has_update)
    return MC_SECTION_UPDATE;
  return self->n_here > 0 || self->size > 0 ? MC_SECTION_HERE : MC_SECTION_LISTED;
}

static char *
describe_state (McRepoItem *self)
{
  McRepoFacts facts = {
    .doomed = self->doomed,
    .active = self->in_progress,
    .n_damaged = self->n_damaged,
    .n_failed = self->n_failed,
    .has_update = self->has_update,
    .fetch = self->fetch,
    .n_here = self->n_here,
    .fraction = self->size > 0 ? self->fraction : 0,
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
      self->n_here > 0
          /* Translators: how many of a model's variants were downloaded */
          ? g_strdup_printf (ngettext ("%u of %u variant", "%u of %u variants", self->n_variants),
                             self->n_here, self->n_variants)
          : g_strdup_printf (ngettext ("%u variant", "%u variants", self->n_variants),
                             self->n_variants);

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
    mc_variant_list_update (self->variants, self->dicts, self->ref, self->transfers);
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

static void
update_formats (McRepoItem *self, GVariant *dict)
{
  g_autofree char *formats = NULL;
  g_autofree char *text = NULL;

  g_strfreev (self->formats);
  if (!g_variant_lookup (dict, "formats", "^as", &self->formats))
    self->formats = g_new0 (char *, 1);
  formats = g_strjoinv (" ", self->formats);
  text = g_strjoin (" ", self->ref, self->details, formats, NULL);
  g_free (self->search_text);
  self->search_text = g_utf8_casefold (text, -1);
}

static void
update_counts (McRepoItem *self, GVariant *dict)
{
  self->n_variants = mc_dict_get_count (dict, "variants");
  self->n_here = mc_dict_get_count (dict, "downloaded");
  self->n_damaged = mc_dict_get_count (dict, "damaged");
  self->n_failed = mc_dict_get_count (dict, "failed");
  self->fraction = mc_dict_get_fraction (dict, "fraction");
}

/* What was found newer is known of one commit alone. */
static void
update_commit (McRepoItem *self, GVariant *dict)
{
  const char *commit = mc_dict_get_string (dict, "commit");

  if (g_strcmp0 (self->commit, commit) != 0)
    mc_property_set_flag (self, properties[PROP_HAS_UPDATE], &self->has_update, FALSE);
  g_free (self->commit);
  self->commit = g_strdup (commit);
}

void
mc_repo_item_set_summary (McRepoItem *self, GVariant *dict)
{
  const char *gated = mc_dict_get_string (dict, "gated");

  g_object_freeze_notify (G_OBJECT (self));
  g_free (self->endpoint);
  self->endpoint = g_strdup (mc_dict_get_string (dict, "endpoint"));
  update_names (self, dict);
  mc_property_take_text (self, properties[PROP_DETAILS], &self->details,
                         mc_phrase_repo_details (dict));
  mc_property_take_text (self, properties[PROP_ICON_NAME], &self->icon_name,
                         g_strdup (mc_phrase_task_icon (mc_dict_get_string (dict, "task"))));
  mc_property_take_text (self, properties[PROP_CHANGED], &self->changed,
                         mc_phrase_changed (mc_dict_get_string (dict, "last_modified"),
                                            g_get_real_time () / G_USEC_PER_SEC));
  mc_property_set_flag (self, properties[PROP_GATED], &self->gated,
                        gated[0] != '\0' && strcmp (gated, "no") != 0);
  update_formats (self, dict);
  update_counts (self, dict);
  update_commit (self, dict);
  update_state (self);
  g_object_thaw_notify (G_OBJECT (self));
}

/* The one in short is still to come. */
static void
summarize_proxy (McRepoItem *self)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) dict = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "repo",
                         g_variant_new_string (mc_dbus_repo_get_id (self->proxy)));
  g_variant_builder_add (&builder, "{sv}", "revision",
                         g_variant_new_string (mc_dbus_repo_get_revision (self->proxy)));
  dict = g_variant_ref_sink (g_variant_builder_end (&builder));
  mc_repo_item_set_summary (self, dict);
}

static void
update (McRepoItem *self)
{
  if (mc_dbus_repo_get_id (self->proxy) == NULL)
    return;
  if (self->id[0] == '\0')
    summarize_proxy (self);
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
  return self->sort_key;
}

const char *
mc_repo_item_get_endpoint (McRepoItem *self)
{
  return self->endpoint;
}

const char *const *
mc_repo_item_get_formats (McRepoItem *self)
{
  return (const char *const *) self->formats;
}

gboolean
mc_repo_item_matches (McRepoItem *self, const char *needle)
{
  return strstr (self->search_text, needle) != NULL;
}

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

McSection
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
      if (self->summary == NULL)
        self->summary = describe_summary (self);
      return self->summary;
    case PROP_STATE_TEXT:
      if (self->state_text == NULL)
        self->state_text = describe_state (self);
      return self->state_text;
    case PROP_ICON_NAME:
      return self->icon_name;
    case PROP_CHANGED:
      return self->changed;
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
      g_value_set_boolean (value, self->gated);
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
  g_strfreev (self->formats);
  g_free (self->id);
  g_free (self->ref);
  g_free (self->endpoint);
  g_free (self->commit);
  g_free (self->sort_key);
  g_free (self->search_text);
  g_free (self->heading);
  g_free (self->owner);
  g_free (self->title);
  g_free (self->details);
  g_free (self->summary);
  g_free (self->state_text);
  g_free (self->icon_name);
  g_free (self->changed);
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
  self->rank = MC_SECTION_LISTED;
  self->formats = g_new0 (char *, 1);
  self->endpoint = g_strdup ("");
  self->sort_key = g_strdup ("");
  self->search_text = g_strdup ("");
  self->id = g_strdup ("");
  self->ref = g_strdup ("");
  self->title = g_strdup ("");
  update_gate (self);
}
