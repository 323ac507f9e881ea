/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-private.h"

/**
 * McRepoVariant:
 *
 * The set of files of a repo that is downloaded as one, as it was when the repo was asked for.
 *
 * It never changes. Any thread may use it.
 */
struct _McRepoVariant
{
  GObject parent_instance;
  GVariant *dict; /* (owned) */
};

enum
{
  PROP_KEY = 1,
  PROP_FORMAT,
  PROP_STATUS,
  PROP_SIZE,
  PROP_DOWNLOADED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRepoVariant, mc_repo_variant, G_TYPE_OBJECT)

static void
mc_repo_variant_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McRepoVariant *self = MC_REPO_VARIANT (object);

  switch (id)
    {
    case PROP_KEY:
      g_value_set_string (value, mc_repo_variant_get_key (self));
      break;
    case PROP_FORMAT:
      g_value_set_string (value, mc_repo_variant_get_format (self));
      break;
    case PROP_STATUS:
      g_value_set_string (value, mc_repo_variant_get_status (self));
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, mc_repo_variant_get_size (self));
      break;
    case PROP_DOWNLOADED:
      g_value_set_uint64 (value, mc_repo_variant_get_downloaded (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_repo_variant_finalize (GObject *object)
{
  g_clear_pointer (&MC_REPO_VARIANT (object)->dict, g_variant_unref);
  G_OBJECT_CLASS (mc_repo_variant_parent_class)->finalize (object);
}

static void
mc_repo_variant_class_init (McRepoVariantClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mc_repo_variant_get_property;
  object_class->finalize = mc_repo_variant_finalize;
  /**
   * McRepoVariant:key: (getter get_key)
   *
   * Its name, unique in the repo: “gguf:Q4_K_M”.
   */
  properties[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, flags);
  /**
   * McRepoVariant:format: (getter get_format)
   *
   * What its files are: “gguf”, “onnx”.
   */
  properties[PROP_FORMAT] = g_param_spec_string ("format", NULL, NULL, NULL, flags);
  /**
   * McRepoVariant:status: (getter get_status)
   *
   * “available”, “downloading”, “downloaded”, “failed”, “damaged” or “repairing”.
   */
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  /**
   * McRepoVariant:size: (getter get_size)
   *
   * Bytes of all its files, each content once.
   */
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * McRepoVariant:downloaded: (getter get_downloaded)
   *
   * Bytes of these that are here.
   */
  properties[PROP_DOWNLOADED] =
      g_param_spec_uint64 ("downloaded", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_repo_variant_init (McRepoVariant *self)
{
}

McRepoVariant *
mc_repo_variant_new (GVariant *dict)
{
  McRepoVariant *self = g_object_new (MC_TYPE_REPO_VARIANT, NULL);

  self->dict = g_variant_ref_sink (dict);
  return self;
}

/**
 * mc_repo_variant_get_key: (get-property key)
 * @self: a variant
 *
 * Its name, unique in the repo: “gguf:Q4_K_M”. Functions that take the name of a variant also take
 * any unambiguous end of it, in any case: “q4_k_m”.
 *
 * Returns: its key
 */
const char *
mc_repo_variant_get_key (McRepoVariant *self)
{
  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), NULL);
  return mc_dict_get_text (self->dict, "key");
}

/**
 * mc_repo_variant_get_format: (get-property format)
 * @self: a variant
 *
 * What its files are: “gguf”, “onnx”, “safetensors”.
 *
 * Returns: a format
 */
const char *
mc_repo_variant_get_format (McRepoVariant *self)
{
  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), NULL);
  return mc_dict_get_text (self->dict, "format");
}

/**
 * mc_repo_variant_get_status: (get-property status)
 * @self: a variant
 *
 * What was the case with it: “available” (on the Hub), “downloading”, “downloaded” (all of it is
 * here and was verified), “failed” (the last download), “damaged” (it was downloaded, and some of
 * it is not right any more), “repairing” (and that is being fetched again).
 *
 * Returns: a word, which is never translated
 */
const char *
mc_repo_variant_get_status (McRepoVariant *self)
{
  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), NULL);
  return mc_dict_get_text (self->dict, "status");
}

/**
 * mc_repo_variant_get_size: (get-property size)
 * @self: a variant
 *
 * How large it is: all its files, those it shares with other variants included, each content once.
 *
 * Returns: bytes
 */
guint64
mc_repo_variant_get_size (McRepoVariant *self)
{
  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), 0);
  return mc_dict_get_number (self->dict, "size");
}

/**
 * mc_repo_variant_get_downloaded: (get-property downloaded)
 * @self: a variant
 *
 * How much of it is here.
 *
 * Returns: bytes
 */
guint64
mc_repo_variant_get_downloaded (McRepoVariant *self)
{
  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), 0);
  return mc_dict_get_number (self->dict, "downloaded");
}

/**
 * mc_repo_variant_dup_paths:
 * @self: a variant
 *
 * The paths of its files in the repo, of those it shares with other variants, too.
 *
 * Returns: (transfer full): paths
 */
char **
mc_repo_variant_dup_paths (McRepoVariant *self)
{
  char **paths = NULL;

  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), NULL);
  if (!g_variant_lookup (self->dict, "files", "^as", &paths))
    paths = g_new0 (char *, 1);
  return paths;
}

/**
 * mc_repo_variant_get_facts:
 * @self: a variant
 *
 * All that is known of it, as the dictionary that the bus interface describes: also what has no
 * function of its own here, such as “encoding” (“s”), “bits-per-weight” (“d”) and “engines” (“as”).
 * What is not known is left out.
 *
 * Returns: (transfer none): an a{sv}
 */
GVariant *
mc_repo_variant_get_facts (McRepoVariant *self)
{
  g_return_val_if_fail (MC_IS_REPO_VARIANT (self), NULL);
  return self->dict;
}
