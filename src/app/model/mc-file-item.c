/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-file-item.h"

#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-property.h"

#include <glib/gi18n.h>

struct _McFileItem
{
  GObject parent_instance;
  char *repo; /* (owned), as are all strings */
  char *path;
  char *details;
  char *hash;
  char *name;
  guint64 size;
  gboolean complete;
  gboolean has_hash;
};

enum
{
  PROP_PATH = 1,
  PROP_DETAILS,
  PROP_HASH,
  PROP_NAME,
  PROP_COMPLETE,
  PROP_HAS_HASH,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McFileItem, mc_file_item, G_TYPE_OBJECT)

static const char *
describe_state (GVariant *file, gboolean complete)
{
  if (mc_dict_get_flag (file, "damaged"))
    return _ ("damaged");
  if (complete)
    /* Translators: of a file: it is on this computer */
    return _ ("here");
  if (mc_dict_get_size (file, "downloaded") > 0)
    /* Translators: of a file: some of it is on this computer */
    return C_ ("file", "in part");
  /* Translators: of a file: it is on the Hub, and not on this computer */
  return _ ("not here");
}

void
mc_file_item_update (McFileItem *self, GVariant *file)
{
  const char *sha256 = mc_dict_get_string (file, "sha256");
  const char *hash = sha256[0] != '\0' ? sha256 : mc_dict_get_string (file, "git_sha1");
  gboolean damaged = mc_dict_get_flag (file, "damaged");
  g_autofree char *size = NULL;
  gboolean complete;

  self->size = mc_dict_get_size (file, "size");
  complete = !damaged && mc_dict_get_size (file, "downloaded") >= self->size && hash[0] != '\0';
  size = g_format_size (self->size);
  g_object_freeze_notify (G_OBJECT (self));
  mc_property_take_text (
      self, properties[PROP_DETAILS], &self->details,
      mc_phrase_join ((const char *[]){ size, describe_state (file, complete) }, 2));
  mc_property_take_text (self, properties[PROP_HASH], &self->hash, g_strdup (hash));
  mc_property_take_text (self, properties[PROP_NAME], &self->name,
                         mc_phrase_join ((const char *[]){ self->path, self->details }, 2));
  mc_property_set_flag (self, properties[PROP_COMPLETE], &self->complete, complete);
  mc_property_set_flag (self, properties[PROP_HAS_HASH], &self->has_hash, hash[0] != '\0');
  g_object_thaw_notify (G_OBJECT (self));
}

/* --- its life --- */

const char *
mc_file_item_get_repo (McFileItem *self)
{
  return self->repo;
}

const char *
mc_file_item_get_path (McFileItem *self)
{
  return self->path;
}

const char *
mc_file_item_get_hash (McFileItem *self)
{
  return self->hash;
}

guint64
mc_file_item_get_size (McFileItem *self)
{
  return self->size;
}

gboolean
mc_file_item_get_complete (McFileItem *self)
{
  return self->complete;
}

McFileItem *
mc_file_item_new (const char *repo, const char *path)
{
  McFileItem *self = g_object_new (MC_TYPE_FILE_ITEM, NULL);

  self->repo = g_strdup (repo);
  self->path = g_strdup (path);
  return self;
}

static void
mc_file_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McFileItem *self = MC_FILE_ITEM (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_DETAILS:
      g_value_set_string (value, self->details);
      break;
    case PROP_HASH:
      g_value_set_string (value, self->hash);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_COMPLETE:
      g_value_set_boolean (value, self->complete);
      break;
    case PROP_HAS_HASH:
      g_value_set_boolean (value, self->has_hash);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_file_item_finalize (GObject *object)
{
  McFileItem *self = MC_FILE_ITEM (object);

  g_free (self->repo);
  g_free (self->path);
  g_free (self->details);
  g_free (self->hash);
  g_free (self->name);
  G_OBJECT_CLASS (mc_file_item_parent_class)->finalize (object);
}

static void
mc_file_item_class_init (McFileItemClass *klass)
{
  static const char *const texts[] = { "path", "details", "hash", "name" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_file_item_get_property;
  object_class->finalize = mc_file_item_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[PROP_PATH + i] = mc_property_new_text (texts[i]);
  properties[PROP_COMPLETE] = mc_property_new_flag ("complete");
  properties[PROP_HAS_HASH] = mc_property_new_flag ("has-hash");
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_file_item_init (McFileItem *self)
{
}
