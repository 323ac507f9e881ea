/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-reclaim-item.h"

#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-property.h"

#include <glib/gi18n.h>
#include <string.h>

struct _McReclaimItem
{
  GObject parent_instance;
  char *repo; /* (owned), as are all strings */
  char *revision;
  char *variant;
  char *path;
  char *title;
  char *subtitle;
  char *reason;
  guint64 returns;
  gint64 last_used;
  McReclaimKind kind;
  gboolean chosen;
};

enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_REASON,
  PROP_HAS_REASON,
  PROP_CHOSEN,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McReclaimItem, mc_reclaim_item, G_TYPE_OBJECT)

static McReclaimKind
find_kind (GVariant *part, gboolean superseded)
{
  gboolean whole = TRUE;

  /* An older service does not say. */
  g_variant_lookup (part, "whole", "b", &whole);
  if (!whole)
    return MC_RECLAIM_UNFINISHED;
  return superseded ? MC_RECLAIM_SUPERSEDED : MC_RECLAIM_MODEL;
}

static const char *
describe_reason (McReclaimItem *self, gboolean pinned)
{
  if (self->kind == MC_RECLAIM_UNFINISHED)
    return _ ("Unfinished download");
  if (self->kind == MC_RECLAIM_SUPERSEDED)
    return _ ("Earlier revision");
  return pinned ? _ ("Pinned") : "";
}

McReclaimItem *
mc_reclaim_item_new (GVariant *repo, GVariant *part, gboolean superseded, gint64 now)
{
  McReclaimItem *self = g_object_new (MC_TYPE_RECLAIM_ITEM, NULL);
  guint64 here = mc_dict_get_size (part, "alone") + mc_dict_get_size (part, "shared");

  self->repo = g_strdup (mc_dict_get_string (repo, "repo"));
  self->revision = g_strdup (mc_dict_get_string (repo, "revision"));
  self->variant = g_strdup (mc_dict_get_string (part, "variant"));
  self->path = g_strdup (mc_dict_get_string (part, "path"));
  self->returns = mc_dict_get_size (part, "returns");
  self->last_used = mc_dict_get_time (part, "last_used");
  self->kind = find_kind (part, superseded);
  self->title = mc_phrase_join (
      (const char *[]){ self->repo, mc_phrase_variant_name (self->variant), self->path }, 3);
  self->subtitle = mc_phrase_reclaim (
      self->returns, here > self->returns ? here - self->returns : 0, self->last_used, now);
  self->reason = g_strdup (describe_reason (self, mc_dict_get_flag (part, "pinned")));
  return self;
}

McReclaimKind
mc_reclaim_item_get_kind (McReclaimItem *self)
{
  return self->kind;
}

gint64
mc_reclaim_item_get_last_used (McReclaimItem *self)
{
  return self->last_used;
}

guint64
mc_reclaim_item_get_returns (McReclaimItem *self)
{
  return self->returns;
}

const char *
mc_reclaim_item_get_title (McReclaimItem *self)
{
  return self->title;
}

gboolean
mc_reclaim_item_get_chosen (McReclaimItem *self)
{
  return self->chosen;
}

static void
add (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text[0] != '\0')
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

GVariant *
mc_reclaim_item_describe (McReclaimItem *self)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, "repo", self->repo);
  add (&dict, "revision", self->revision);
  add (&dict, "variant", self->variant);
  add (&dict, "path", self->path);
  return g_variant_builder_end (&dict);
}

int
mc_reclaim_item_compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const McReclaimItem *left = *(McReclaimItem *const *) a;
  const McReclaimItem *right = *(McReclaimItem *const *) b;

  if (left->kind != right->kind)
    return left->kind < right->kind ? -1 : 1;
  if (left->last_used != right->last_used)
    return left->last_used < right->last_used ? -1 : 1;
  return strcmp (left->title, right->title);
}

static void
mc_reclaim_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McReclaimItem *self = MC_RECLAIM_ITEM (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, self->subtitle);
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    case PROP_HAS_REASON:
      g_value_set_boolean (value, self->reason[0] != '\0');
      break;
    case PROP_CHOSEN:
      g_value_set_boolean (value, self->chosen);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_reclaim_item_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  McReclaimItem *self = MC_RECLAIM_ITEM (object);

  switch (id)
    {
    case PROP_CHOSEN:
      mc_property_set_flag (self, properties[PROP_CHOSEN], &self->chosen,
                            g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_reclaim_item_finalize (GObject *object)
{
  McReclaimItem *self = MC_RECLAIM_ITEM (object);

  g_free (self->repo);
  g_free (self->revision);
  g_free (self->variant);
  g_free (self->path);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->reason);
  G_OBJECT_CLASS (mc_reclaim_item_parent_class)->finalize (object);
}

static void
mc_reclaim_item_class_init (McReclaimItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_reclaim_item_get_property;
  object_class->set_property = mc_reclaim_item_set_property;
  object_class->finalize = mc_reclaim_item_finalize;
  properties[PROP_TITLE] = mc_property_new_text ("title");
  properties[PROP_SUBTITLE] = mc_property_new_text ("subtitle");
  properties[PROP_REASON] = mc_property_new_text ("reason");
  properties[PROP_HAS_REASON] = mc_property_new_flag ("has-reason");
  properties[PROP_CHOSEN] =
      g_param_spec_boolean ("chosen", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_reclaim_item_init (McReclaimItem *self)
{
}
