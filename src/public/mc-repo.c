/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-private.h"

/* A repo is a dictionary that never changes, and so can be looked at by any thread; its variants
 * and files are views of parts of it, made when they are asked for. */

const char *
mc_dict_get_text (GVariant *dict, const char *key)
{
  const char *text = NULL;

  g_variant_lookup (dict, key, "&s", &text);
  return text;
}

guint64
mc_dict_get_number (GVariant *dict, const char *key)
{
  guint64 number = 0;

  g_variant_lookup (dict, key, "t", &number);
  return number;
}

/**
 * McRepo:
 *
 * A repo of the Hub at one commit, as it was when it was asked for: its facts, variants and files.
 *
 * It never changes; ask [method@ModelCache.Cache.lookup] for a newer one. Any thread may use it.
 */
struct _McRepo
{
  GObject parent_instance;
  GVariant *dict; /* (owned) */
};

enum
{
  PROP_ID = 1,
  PROP_REVISION,
  PROP_COMMIT,
  PROP_TASK,
  PROP_LICENSE,
  PROP_DEFAULT_VARIANT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRepo, mc_repo, G_TYPE_OBJECT)

static void
mc_repo_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  static const char *(*const getters[N_PROPS]) (McRepo *) = {
    [PROP_ID] = mc_repo_get_id,           [PROP_REVISION] = mc_repo_get_revision,
    [PROP_COMMIT] = mc_repo_get_commit,   [PROP_TASK] = mc_repo_get_task,
    [PROP_LICENSE] = mc_repo_get_license, [PROP_DEFAULT_VARIANT] = mc_repo_get_default_variant,
  };

  if (id >= N_PROPS)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else
    g_value_set_string (value, getters[id](MC_REPO (object)));
}

static void
mc_repo_finalize (GObject *object)
{
  g_clear_pointer (&MC_REPO (object)->dict, g_variant_unref);
  G_OBJECT_CLASS (mc_repo_parent_class)->finalize (object);
}

static void
mc_repo_class_init (McRepoClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mc_repo_get_property;
  object_class->finalize = mc_repo_finalize;
  /**
   * McRepo:id: (getter get_id)
   *
   * “owner/name”, as the Hub spells it.
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  /**
   * McRepo:revision: (getter get_revision)
   *
   * What it was scanned for: “main”, a tag, or a commit.
   */
  properties[PROP_REVISION] = g_param_spec_string ("revision", NULL, NULL, NULL, flags);
  /**
   * McRepo:commit: (getter get_commit)
   *
   * The commit that was, 40 hexadecimal digits.
   */
  properties[PROP_COMMIT] = g_param_spec_string ("commit", NULL, NULL, NULL, flags);
  /**
   * McRepo:task: (getter get_task)
   *
   * What the model does: “text-generation”. %NULL if that is not known.
   */
  properties[PROP_TASK] = g_param_spec_string ("task", NULL, NULL, NULL, flags);
  /**
   * McRepo:license: (getter get_license)
   *
   * Its licence, by the Hub's word for it. %NULL if that is not known.
   */
  properties[PROP_LICENSE] = g_param_spec_string ("license", NULL, NULL, NULL, flags);
  /**
   * McRepo:default-variant: (getter get_default_variant)
   *
   * The key of the variant that is meant where none is named. %NULL if it has no variants.
   */
  properties[PROP_DEFAULT_VARIANT] =
      g_param_spec_string ("default-variant", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_repo_init (McRepo *self)
{
}

McRepo *
mc_repo_new (GVariant *manifest)
{
  McRepo *self = g_object_new (MC_TYPE_REPO, NULL);

  self->dict = g_variant_ref_sink (manifest);
  return self;
}

/**
 * mc_repo_get_id: (get-property id)
 * @self: a repo
 *
 * Its name, as the Hub spells it: “owner/name”.
 *
 * Returns: its name
 */
const char *
mc_repo_get_id (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return mc_dict_get_text (self->dict, "repo");
}

/**
 * mc_repo_get_revision: (get-property revision)
 * @self: a repo
 *
 * What it was scanned for: “main”, a tag, or a commit.
 *
 * Returns: a revision
 */
const char *
mc_repo_get_revision (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return mc_dict_get_text (self->dict, "revision");
}

/**
 * mc_repo_get_commit: (get-property commit)
 * @self: a repo
 *
 * The commit that its revision was when it was scanned.
 *
 * Returns: 40 hexadecimal digits
 */
const char *
mc_repo_get_commit (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return mc_dict_get_text (self->dict, "commit");
}

/**
 * mc_repo_get_task: (get-property task)
 * @self: a repo
 *
 * What the model does, by the Hub's word for it: “text-generation”.
 *
 * Returns: (nullable): a task; %NULL if that is not known
 */
const char *
mc_repo_get_task (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return mc_dict_get_text (self->dict, "task");
}

/**
 * mc_repo_get_license: (get-property license)
 * @self: a repo
 *
 * Its licence, by the Hub's word for it: “apache-2.0”.
 *
 * Returns: (nullable): a licence; %NULL if that is not known
 */
const char *
mc_repo_get_license (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return mc_dict_get_text (self->dict, "license");
}

/**
 * mc_repo_get_default_variant: (get-property default-variant)
 * @self: a repo
 *
 * The variant that is meant where none is named.
 *
 * Returns: (nullable): its key; %NULL if the repo has no variants
 */
const char *
mc_repo_get_default_variant (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return mc_dict_get_text (self->dict, "default");
}

/**
 * mc_repo_get_facts:
 * @self: a repo
 *
 * All that is known of it, as the dictionary that the bus interface calls a manifest: also what has
 * no function of its own here, such as “parameters” and “context_length” (both “t”). What is not
 * known is left out. Sizes are in bytes, times in Unix seconds.
 *
 * Returns: (transfer none): an a{sv}
 */
GVariant *
mc_repo_get_facts (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return self->dict;
}

/* Its parts under that key: new objects. */
static GPtrArray *
list_parts (McRepo *self, const char *key, gpointer (*make) (GVariant *dict))
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GVariant) dicts = g_variant_lookup_value (self->dict, key, G_VARIANT_TYPE ("aa{sv}"));
  gsize n = dicts == NULL ? 0 : g_variant_n_children (dicts);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (dicts, i);

      g_ptr_array_add (parts, make (dict));
    }
  return parts;
}

/* The one of them that has that text as @name; NULL if there is none. */
static gpointer
find_part (McRepo *self,
           const char *key,
           const char *name,
           const char *text,
           gpointer (*make) (GVariant *dict))
{
  g_autoptr (GVariant) dicts = g_variant_lookup_value (self->dict, key, G_VARIANT_TYPE ("aa{sv}"));
  gsize n = dicts == NULL ? 0 : g_variant_n_children (dicts);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (dicts, i);

      if (g_strcmp0 (mc_dict_get_text (dict, name), text) == 0)
        return make (dict);
    }
  return NULL;
}

static gpointer
make_variant (GVariant *dict)
{
  return mc_repo_variant_new (dict);
}

static gpointer
make_file (GVariant *dict)
{
  return mc_repo_file_new (dict);
}

/**
 * mc_repo_list_variants:
 * @self: a repo
 *
 * The sets of files that are downloaded as one: “Q4_K_M”, “q4f16”.
 *
 * Returns: (transfer container) (element-type McRepoVariant): its variants
 */
GPtrArray *
mc_repo_list_variants (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return list_parts (self, "variants", make_variant);
}

/**
 * mc_repo_list_files:
 * @self: a repo
 *
 * All its files, also those that belong to no variant.
 *
 * Returns: (transfer container) (element-type McRepoFile): its files, by path in byte order
 */
GPtrArray *
mc_repo_list_files (McRepo *self)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  return list_parts (self, "files", make_file);
}

/**
 * mc_repo_find_variant:
 * @self: a repo
 * @key: its whole key
 *
 * The variant of that key.
 *
 * Returns: (transfer full) (nullable): a variant; %NULL if there is none
 */
McRepoVariant *
mc_repo_find_variant (McRepo *self, const char *key)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);
  return find_part (self, "variants", "key", key, make_variant);
}

/**
 * mc_repo_find_file:
 * @self: a repo
 * @path: its path in the repo
 *
 * The file of that path.
 *
 * Returns: (transfer full) (nullable): a file; %NULL if there is none
 */
McRepoFile *
mc_repo_find_file (McRepo *self, const char *path)
{
  g_return_val_if_fail (MC_IS_REPO (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  return find_part (self, "files", "path", path, make_file);
}
