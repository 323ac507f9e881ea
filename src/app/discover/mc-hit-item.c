/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hit-item.h"

#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-property.h"

#include <glib/gi18n.h>
#include <string.h>

struct _McHitItem
{
  GObject parent_instance;
  char *repo; /* (owned), as are all strings */
  char *details;
  char *counts;
  char *spoken;
  gboolean gated;
};

enum
{
  PROP_REPO = 1,
  PROP_DETAILS,
  PROP_COUNTS,
  PROP_GATED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McHitItem, mc_hit_item, G_TYPE_OBJECT)

static char *
describe_counts (GVariant *dict)
{
  guint64 downloads = mc_dict_get_size (dict, "downloads");
  guint64 likes = mc_dict_get_size (dict, "likes");
  g_autofree char *download_count = mc_phrase_count (downloads);
  g_autofree char *like_count = mc_phrase_count (likes);
  g_autofree char *download_text =
      /* Translators: %s is a number, perhaps abbreviated: “1.2M” */
      g_strdup_printf (ngettext ("%s download", "%s downloads", (gulong) downloads),
                       download_count);
  g_autofree char *like_text =
      g_strdup_printf (ngettext ("%s like", "%s likes", (gulong) likes), like_count);

  return mc_phrase_join (
      (const char *[]){ downloads > 0 ? download_text : NULL, likes > 0 ? like_text : NULL }, 2);
}

McHitItem *
mc_hit_item_new (GVariant *dict)
{
  McHitItem *self = g_object_new (MC_TYPE_HIT_ITEM, NULL);
  const char *gated = mc_dict_get_string (dict, "gated");
  g_autofree char *task = mc_phrase_task (mc_dict_get_string (dict, "task"));
  const char *parts[] = { task, mc_dict_get_string (dict, "library"),
                          mc_dict_get_string (dict, "license") };

  self->repo = g_strdup (mc_dict_get_string (dict, "repo"));
  self->details = mc_phrase_join (parts, G_N_ELEMENTS (parts));
  self->counts = describe_counts (dict);
  self->gated = gated[0] != '\0' && strcmp (gated, "no") != 0;
  self->spoken = mc_phrase_join (
      (const char *[]){ self->repo, self->gated ? _ ("Gated") : NULL, self->details, self->counts },
      4);
  return self;
}

McHitItem *
mc_hit_item_new_for_name (const char *repo)
{
  McHitItem *self = g_object_new (MC_TYPE_HIT_ITEM, NULL);

  self->repo = g_strdup (repo);
  self->details = g_strdup (_ ("Look up this name on the Hub"));
  self->counts = g_strdup ("");
  self->spoken = mc_phrase_join ((const char *[]){ self->repo, self->details }, 2);
  return self;
}

const char *
mc_hit_item_get_repo (McHitItem *self)
{
  return self->repo;
}

const char *
mc_hit_item_get_spoken (McHitItem *self)
{
  return self->spoken;
}

static void
mc_hit_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McHitItem *self = MC_HIT_ITEM (object);

  switch (id)
    {
    case PROP_REPO:
      g_value_set_string (value, self->repo);
      break;
    case PROP_DETAILS:
      g_value_set_string (value, self->details);
      break;
    case PROP_COUNTS:
      g_value_set_string (value, self->counts);
      break;
    case PROP_GATED:
      g_value_set_boolean (value, self->gated);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_hit_item_finalize (GObject *object)
{
  McHitItem *self = MC_HIT_ITEM (object);

  g_free (self->repo);
  g_free (self->details);
  g_free (self->counts);
  g_free (self->spoken);
  G_OBJECT_CLASS (mc_hit_item_parent_class)->finalize (object);
}

static void
mc_hit_item_class_init (McHitItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_hit_item_get_property;
  object_class->finalize = mc_hit_item_finalize;
  properties[PROP_REPO] = mc_property_new_text ("repo");
  properties[PROP_DETAILS] = mc_property_new_text ("details");
  properties[PROP_COUNTS] = mc_property_new_text ("counts");
  properties[PROP_GATED] = mc_property_new_flag ("gated");
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_hit_item_init (McHitItem *self)
{
}
