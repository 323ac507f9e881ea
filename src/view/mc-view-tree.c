/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view-tree.h"

#include <string.h>

/* All names come from strangers. One that is not a name of a single file or folder is left out, so
 * whoever walks through the view never leaves it. */

#define MOST_NAME 255  /* bytes of a name */
#define MOST_PATH 2000 /* bytes of a path in a repo: links to it get longer */
#define HUB_PREFIX "models--"

struct _McViewTree
{
  gatomicrefcount ref_count;
  GHashTable *nodes; /* (owned): number => McViewNode */
};

McViewNumbers *
mc_view_numbers_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Takes the key. Numbers begin behind those that are fixed. */
static guint64
get_number (McViewNumbers *numbers, char *key)
{
  gpointer known = g_hash_table_lookup (numbers, key);
  guint64 number = known == NULL ? g_hash_table_size (numbers) + 16 : GPOINTER_TO_SIZE (known);

  if (known == NULL)
    g_hash_table_insert (numbers, key, GSIZE_TO_POINTER (number));
  else
    g_free (key);
  return number;
}

guint64
mc_view_number_content (McViewNumbers *numbers, const McDigest *digest)
{
  g_autofree char *hex = mc_digest_to_hex (digest);

  return get_number (numbers, g_strconcat ("content:", hex, NULL));
}

static void
node_free (gpointer data)
{
  McViewNode *node = data;

  g_clear_pointer (&node->byname, g_hash_table_unref);
  g_clear_pointer (&node->names, g_ptr_array_unref);
  g_free (node->text);
  g_free (node);
}

static McViewNode *
add_node (McViewTree *self, guint64 number, McViewKind kind)
{
  McViewNode *node = g_new0 (McViewNode, 1);

  node->number = number;
  node->kind = kind;
  if (kind == MC_VIEW_FOLDER)
    {
      node->names = g_ptr_array_new_with_free_func (g_free);
      node->byname = g_hash_table_new (g_str_hash, g_str_equal);
    }
  g_hash_table_insert (self->nodes, &node->number, node);
  return node;
}

McViewTree *
mc_view_tree_new (void)
{
  McViewTree *self = g_new0 (McViewTree, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, node_free);
  add_node (self, MC_VIEW_ROOT, MC_VIEW_FOLDER)->parent = MC_VIEW_ROOT;
  return self;
}

McViewTree *
mc_view_tree_ref (McViewTree *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mc_view_tree_unref (McViewTree *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->nodes);
  g_free (self);
}

/* (nullable), to be changed only while the tree is being made */
static McViewNode *
get_node (McViewTree *self, guint64 number)
{
  return g_hash_table_lookup (self->nodes, &number);
}

const McViewNode *
mc_view_tree_get (McViewTree *self, guint64 number)
{
  return get_node (self, number);
}

const McViewNode *
mc_view_tree_look_up (McViewTree *self, guint64 folder, const char *name)
{
  const McViewNode *node = mc_view_tree_get (self, folder);

  return node == NULL || node->kind != MC_VIEW_FOLDER ? NULL
                                                      : g_hash_table_lookup (node->byname, name);
}

GArray *
mc_view_tree_list_gone (McViewTree *self, McViewTree *before)
{
  GArray *gone = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, before->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const McViewNode *node = value;

      if (node->kind == MC_VIEW_FILE && mc_view_tree_get (self, node->number) == NULL)
        g_array_append_val (gone, node->number);
    }
  return gone;
}

/* --- adding --- */

static gboolean
is_name (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= MOST_NAME && strcmp (name, ".") != 0 && strcmp (name, "..") != 0
         && strchr (name, '/') == NULL;
}

static void
put (McViewNode *folder, const char *name, McViewNode *node)
{
  char *copy = g_strdup (name);

  g_ptr_array_add (folder->names, copy);
  g_hash_table_insert (folder->byname, copy, node);
}

/* A place in the tree that is being filled. */
typedef struct
{
  McViewTree *tree;
  McViewNumbers *numbers;
  McViewNode *folder; /* (nullable): NULL: there is no such place */
  char *path;         /* (owned): of the folder */
} Place;

static void
place_clear (Place *place)
{
  g_free (place->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static void
enter (Place *place, const char *name)
{
  McViewNode *child;
  char *path;

  if (place->folder == NULL)
    return;
  child = is_name (name) ? g_hash_table_lookup (place->folder->byname, name) : NULL;
  path = g_strconcat (place->path, "/", name, NULL);
  if (child == NULL && is_name (name))
    {
      child =
          add_node (place->tree, get_number (place->numbers, g_strconcat ("folder:", path, NULL)),
                    MC_VIEW_FOLDER);
      child->parent = place->folder->number;
      put (place->folder, name, child);
    }
  g_free (place->path);
  place->path = path;
  place->folder = child != NULL && child->kind == MC_VIEW_FOLDER ? child : NULL;
}

/* The last name of the path, in the folders of the names before it; NULL if there is no place for
 * it. Borrowed from the words. */
static const char *
enter_folders_of (Place *place, char **words)
{
  guint i = 0;

  for (; words[i] != NULL && words[i + 1] != NULL; i++)
    enter (place, words[i]);
  return place->folder != NULL && words[i] != NULL && is_name (words[i])
                 && !g_hash_table_contains (place->folder->byname, words[i])
             ? words[i]
             : NULL;
}

/* Every name on the way is looked at first, so that a bad one leaves no folders behind. */
char **
mc_view_split_path (const char *path)
{
  g_auto (GStrv) words = g_strsplit (path, "/", -1);

  if (strlen (path) > MOST_PATH || words[0] == NULL)
    return NULL;
  for (guint i = 0; words[i] != NULL; i++)
    if (!is_name (words[i]))
      return NULL;
  return g_steal_pointer (&words);
}

static void
add_content (Place *place, const char *path, const McFile *file)
{
  g_auto (Place) at = { place->tree, place->numbers, place->folder, g_strdup (place->path) };
  g_auto (GStrv) words = mc_view_split_path (path);
  const char *name = words == NULL ? NULL : enter_folders_of (&at, words);
  guint64 number;
  McViewNode *node;

  if (name == NULL)
    return;
  number = mc_view_number_content (place->numbers, &file->digest);
  node = get_node (place->tree, number);
  if (node == NULL)
    {
      node = add_node (place->tree, number, MC_VIEW_FILE);
      node->digest = file->digest;
      node->size = file->size;
    }
  put (at.folder, name, node);
}

static void
add_words (Place *place, const char *path, McViewKind kind, const char *text)
{
  g_auto (Place) at = { place->tree, place->numbers, place->folder, g_strdup (place->path) };
  g_auto (GStrv) words = mc_view_split_path (path);
  const char *name = words == NULL ? NULL : enter_folders_of (&at, words);
  McViewNode *node;
  char *key;

  if (name == NULL)
    return;
  key = g_strconcat ("text:", at.path, "/", name, "\n", text, NULL);
  node = add_node (place->tree, get_number (place->numbers, key), kind);
  node->text = g_strdup (text);
  node->size = strlen (text);
  put (at.folder, name, node);
}

/* From the folder of a path in a snapshot to the folder of blobs. */
static char *
make_target (const char *path, const char *hex)
{
  GString *target = g_string_new ("../../");

  for (const char *at = path; (at = strchr (at, '/')) != NULL; at++)
    g_string_append (target, "../");
  g_string_append_printf (target, "blobs/%s", hex);
  return g_string_free (target, FALSE);
}

static void
add_to_hub_cache (Place *place, const McManifest *manifest, const McFile *file)
{
  g_autofree char *hex = mc_digest_to_hex (&file->digest);
  g_autofree char *blob = g_strconcat ("blobs/", hex, NULL);
  g_autofree char *link = g_strconcat ("snapshots/", manifest->commit, "/", file->path, NULL);
  g_autofree char *target = make_target (file->path, hex);

  add_content (place, blob, file);
  add_words (place, link, MC_VIEW_LINK, target);
}

char *
mc_view_make_repo_name (const McManifest *manifest)
{
  g_auto (GStrv) words = mc_view_split_path (manifest->repo);
  const char *revision = manifest->revision;

  /* Neither what is not to be seen, nor in the place of what else is shown. */
  if (words == NULL || g_str_has_prefix (words[0], HUB_PREFIX) || words[0][0] == '.'
      || strchr (manifest->repo, '@') != NULL)
    return NULL;
  if (strcmp (revision, "main") == 0)
    return g_strdup (manifest->repo);
  return g_strconcat (manifest->repo, "@", is_name (revision) ? revision : manifest->commit, NULL);
}

static char *
make_hub_name (const McManifest *manifest)
{
  g_auto (GStrv) words = g_strsplit (manifest->repo, "/", -1);
  g_autofree char *joined = g_strjoinv ("--", words);

  return g_strconcat (HUB_PREFIX, joined, NULL);
}

static void
enter_all (Place *place, const char *path)
{
  g_auto (GStrv) words = mc_view_split_path (path);

  if (words == NULL)
    place->folder = NULL;
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    enter (place, words[i]);
}

static gboolean
is_shown (const McFile *file,
          gboolean (*is_here) (const McFile *file, gpointer user_data),
          gpointer user_data)
{
  return file->digest.kind != MC_DIGEST_NONE && is_here (file, user_data);
}

void
mc_view_tree_add_repo (McViewTree *self,
                       McViewNumbers *numbers,
                       McManifest *manifest,
                       gboolean (*is_here) (const McFile *file, gpointer user_data),
                       gpointer user_data)
{
  McViewNode *root = get_node (self, MC_VIEW_ROOT);
  g_auto (Place) plain = { self, numbers, root, g_strdup ("") };
  g_auto (Place) hub = { self, numbers, root, g_strdup ("") };
  g_autofree char *name = mc_view_make_repo_name (manifest);
  g_autofree char *hub_name = make_hub_name (manifest);
  g_autofree char *ref = g_strconcat ("refs/", manifest->revision, NULL);
  gboolean any = FALSE;

  if (name == NULL || !is_name (manifest->commit))
    return;
  for (guint i = 0; i < manifest->files->len; i++)
    {
      const McFile *file = g_ptr_array_index (manifest->files, i);

      if (!is_shown (file, is_here, user_data))
        continue;
      if (!any)
        {
          enter_all (&plain, name);
          enter_all (&hub, hub_name);
        }
      any = TRUE;
      add_content (&plain, file->path, file);
      add_to_hub_cache (&hub, manifest, file);
    }
  if (any && strcmp (manifest->revision, manifest->commit) != 0)
    add_words (&hub, ref, MC_VIEW_TEXT, manifest->commit);
}
