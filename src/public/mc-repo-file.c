/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-private.h"

/**
 * McRepoFile:
 *
 * A file of a repo, as it was when the repo was asked for.
 *
 * It never changes. Any thread may use it.
 */
struct _McRepoFile
{
  GObject parent_instance;
  GVariant *dict; /* (owned) */
};

enum
{
  PROP_PATH = 1,
  PROP_SIZE,
  PROP_DOWNLOADED,
  PROP_SHA256,
  PROP_GIT_SHA1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRepoFile, mc_repo_file, G_TYPE_OBJECT)

static void
mc_repo_file_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McRepoFile *self = MC_REPO_FILE (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, mc_repo_file_get_path (self));
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, mc_repo_file_get_size (self));
      break;
    case PROP_DOWNLOADED:
      g_value_set_uint64 (value, mc_repo_file_get_downloaded (self));
      break;
    case PROP_SHA256:
      g_value_set_string (value, mc_repo_file_get_sha256 (self));
      break;
    case PROP_GIT_SHA1:
      g_value_set_string (value, mc_repo_file_get_git_sha1 (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_repo_file_finalize (GObject *object)
{
  g_clear_pointer (&MC_REPO_FILE (object)->dict, g_variant_unref);
  G_OBJECT_CLASS (mc_repo_file_parent_class)->finalize (object);
}

static void
mc_repo_file_class_init (McRepoFileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mc_repo_file_get_property;
  object_class->finalize = mc_repo_file_finalize;
  /**
   * McRepoFile:path: (getter get_path)
   *
   * Its path in the repo: text from the Hub, which is no path on this computer.
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  /**
   * McRepoFile:size: (getter get_size)
   *
   * Bytes of it.
   */
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * McRepoFile:downloaded: (getter get_downloaded)
   *
   * Bytes of it that are here.
   */
  properties[PROP_DOWNLOADED] =
      g_param_spec_uint64 ("downloaded", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * McRepoFile:sha256: (getter get_sha256)
   *
   * Its SHA-256, if the Hub names it by that.
   */
  properties[PROP_SHA256] = g_param_spec_string ("sha256", NULL, NULL, NULL, flags);
  /**
   * McRepoFile:git-sha1: (getter get_git_sha1)
   *
   * The SHA-1 of its git object, if the Hub names it by that.
   */
  properties[PROP_GIT_SHA1] = g_param_spec_string ("git-sha1", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_repo_file_init (McRepoFile *self)
{
}

McRepoFile *
mc_repo_file_new (GVariant *dict)
{
  McRepoFile *self = g_object_new (MC_TYPE_REPO_FILE, NULL);

  self->dict = g_variant_ref_sink (dict);
  return self;
}

/**
 * mc_repo_file_get_path: (get-property path)
 * @self: a file
 *
 * Its path in the repo: text from the Hub, which is no path on this computer.
 *
 * Returns: a path
 */
const char *
mc_repo_file_get_path (McRepoFile *self)
{
  g_return_val_if_fail (MC_IS_REPO_FILE (self), NULL);
  return mc_dict_get_text (self->dict, "path");
}

/**
 * mc_repo_file_get_size: (get-property size)
 * @self: a file
 *
 * How large it is.
 *
 * Returns: bytes
 */
guint64
mc_repo_file_get_size (McRepoFile *self)
{
  g_return_val_if_fail (MC_IS_REPO_FILE (self), 0);
  return mc_dict_get_number (self->dict, "size");
}

/**
 * mc_repo_file_get_downloaded: (get-property downloaded)
 * @self: a file
 *
 * How much of it is here. It can be opened when that is all of it.
 *
 * Returns: bytes
 */
guint64
mc_repo_file_get_downloaded (McRepoFile *self)
{
  g_return_val_if_fail (MC_IS_REPO_FILE (self), 0);
  return mc_dict_get_number (self->dict, "downloaded");
}

/**
 * mc_repo_file_get_sha256: (get-property sha256)
 * @self: a file
 *
 * Its SHA-256. The Hub names large files by it, small ones by
 * [method@ModelCache.RepoFile.get_git_sha1], and none before access to a gated repo was granted.
 *
 * Returns: (nullable): 64 hexadecimal digits
 */
const char *
mc_repo_file_get_sha256 (McRepoFile *self)
{
  g_return_val_if_fail (MC_IS_REPO_FILE (self), NULL);
  return mc_dict_get_text (self->dict, "sha256");
}

/**
 * mc_repo_file_get_git_sha1: (get-property git-sha1)
 * @self: a file
 *
 * The SHA-1 of its git object.
 *
 * Returns: (nullable): 40 hexadecimal digits
 */
const char *
mc_repo_file_get_git_sha1 (McRepoFile *self)
{
  g_return_val_if_fail (MC_IS_REPO_FILE (self), NULL);
  return mc_dict_get_text (self->dict, "git_sha1");
}
