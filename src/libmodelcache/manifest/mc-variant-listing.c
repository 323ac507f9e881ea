/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-private.h"

#include <stdarg.h>
#include <string.h>

/* The listing as the rules see it: entries in byte order, folders as a tree. Knows no rule. Folders
 * that differ only in letter case are one folder. */

static const struct
{
  const char *name;
  guint holds;
} markers[] = {
  { "genai_config.json", MC_HOLDS_GENAI_CONFIG }, { "model_index.json", MC_HOLDS_MODEL_INDEX },
  { "saved_model.pb", MC_HOLDS_SAVED_MODEL },     { "mlc-chat-config.json", MC_HOLDS_MLC },
  { "hyperparams.yaml", MC_HOLDS_HYPERPARAMS },   { "attrs.json", MC_HOLDS_DECODER_LM },
  { "unigrams.txt", MC_HOLDS_DECODER_LM },        { "manifest.json", MC_HOLDS_MANIFEST },
};

/* CTranslate2's converter writes one of these beside model.bin. */
static const char *const vocabulary_prefixes[] = { "vocabulary.", "shared_vocabulary.",
                                                   "source_vocabulary.", NULL };

const char *
mc_listing_keep (McListing *self, const char *text, gssize length)
{
  if (length < 0)
    return g_string_chunk_insert (self->strings, text);
  return g_string_chunk_insert_len (self->strings, text, length);
}

char *
mc_listing_keep_lower (McListing *self, const char *text, gssize length)
{
  char *lower = (char *) mc_listing_keep (self, text, length);

  /* Not g_ascii_tolower(): a call for each letter of a listing is a tenth of the work. */
  for (char *at = lower; *at != '\0'; at++)
    if (*at >= 'A' && *at <= 'Z')
      *at = (char) (*at - 'A' + 'a');
  return lower;
}

McFolder *
mc_listing_get_folder (McListing *self, guint folder)
{
  return &g_array_index (self->folders, McFolder, folder);
}

static guint
marks_of (const McEntry *entry)
{
  for (gsize i = 0; i < G_N_ELEMENTS (markers); i++)
    if (strcmp (entry->name, markers[i].name) == 0)
      return markers[i].holds;
  if (strcmp (entry->ext, "onnx") == 0)
    return MC_HOLDS_GRAPH;
  return mc_name_has_prefix (entry->name, vocabulary_prefixes) ? MC_HOLDS_VOCABULARY : 0;
}

/* A folder is known by its parent and its name: spelling out whole paths would cost the square of
 * a path's depth. */
typedef struct
{
  guint parent;
  const char *name;
  gsize length;
} FolderKey;

static guint
folder_key_hash (gconstpointer data)
{
  const FolderKey *key = data;
  guint hash = 5381 + key->parent * 2654435761u;

  for (gsize i = 0; i < key->length; i++)
    hash = hash * 33 + (guchar) key->name[i];
  return hash;
}

static gboolean
folder_key_equal (gconstpointer a, gconstpointer b)
{
  const FolderKey *one = a;
  const FolderKey *two = b;

  return one->parent == two->parent && one->length == two->length
         && memcmp (one->name, two->name, one->length) == 0;
}

static void
folder_key_free (gpointer key)
{
  g_slice_free (FolderKey, key);
}

static guint
intern_folder (McListing *self, GHashTable *known, const McEntry *entry, const FolderKey *key)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (known, key));
  McFolder folder = { 0 };

  if (found != 0)
    return found;
  folder.parent = key->parent;
  folder.depth = mc_listing_get_folder (self, key->parent)->depth + 1;
  folder.name = mc_listing_keep (self, key->name, (gssize) key->length);
  folder.sample = entry->path;
  folder.sample_length = (gsize) (key->name + key->length - entry->lower);
  g_array_append_val (self->folders, folder);
  found = self->folders->len - 1;
  g_hash_table_insert (known, g_slice_dup (FolderKey, key), GUINT_TO_POINTER (found));
  return found;
}

static void
place_in_folders (McListing *self)
{
  g_autoptr (GHashTable) known =
      g_hash_table_new_full (folder_key_hash, folder_key_equal, folder_key_free, NULL);
  const McEntry *last = NULL;

  for (guint i = 0; i < self->n_entries; i++)
    {
      McEntry *entry = &self->entries[i];
      gsize length = (gsize) (entry->name - entry->lower);

      /* Neighbours mostly live together. */
      if (last != NULL && (gsize) (last->name - last->lower) == length
          && memcmp (last->lower, entry->lower, length) == 0)
        entry->folder = last->folder;
      else
        for (const char *at = entry->lower; at < entry->name;)
          {
            const char *slash = strchr (at, '/');
            FolderKey key = { entry->folder, at, (gsize) (slash - at) };

            entry->folder = intern_folder (self, known, entry, &key);
            at = slash + 1;
          }
      last = entry;
      mc_listing_get_folder (self, entry->folder)->holds |= marks_of (entry);
    }
}

static void
read_entry (McListing *self, McEntry *entry)
{
  const char *slash;
  const char *dot;

  entry->lower = mc_listing_keep_lower (self, entry->path, -1);
  slash = strrchr (entry->lower, '/');
  entry->name = slash != NULL ? slash + 1 : entry->lower;
  dot = strrchr (entry->name, '.');
  entry->ext = dot != NULL ? dot + 1 : entry->name + strlen (entry->name);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const McEntry *one = a;
  const McEntry *two = b;
  int order = strcmp (one->path, two->path);

  return order != 0 ? order : (one->place > two->place) - (one->place < two->place);
}

McListing *
mc_listing_new (const char *const *paths, guint n_paths)
{
  McListing *self = g_new0 (McListing, 1);
  McFolder root = { .name = "", .sample = "" };

  self->n_entries = n_paths;
  self->entries = g_new0 (McEntry, MAX (n_paths, 1));
  self->folders = g_array_new (FALSE, FALSE, sizeof (McFolder));
  self->drafts = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_draft_free);
  self->strings = g_string_chunk_new (65536);
  self->chain = g_array_new (FALSE, FALSE, sizeof (guint));
  self->text = g_string_new (NULL);
  /* More than any repo takes, little enough to be done with at once. */
  self->budget = 2000000 + 8 * (guint64) n_paths;
  g_array_append_val (self->folders, root);
  for (guint i = 0; i < n_paths; i++)
    {
      self->entries[i].path = paths[i];
      self->entries[i].place = i;
    }
  qsort (self->entries, n_paths, sizeof (McEntry), compare_entries);
  for (guint i = 0; i < n_paths; i++)
    read_entry (self, &self->entries[i]);
  place_in_folders (self);
  return self;
}

void
mc_listing_free (McListing *self)
{
  g_clear_pointer (&self->by_lower, g_hash_table_unref);
  g_ptr_array_unref (self->drafts);
  g_array_unref (self->folders);
  g_string_chunk_free (self->strings);
  g_array_unref (self->chain);
  g_string_free (self->text, TRUE);
  g_free (self->entries);
  g_free (self);
}

/* Of case twins the first. Made when it is first asked for: most listings never need it. */
static GHashTable *
get_by_lower (McListing *self)
{
  if (self->by_lower != NULL)
    return self->by_lower;
  self->by_lower = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = self->n_entries; i > 0; i--)
    g_hash_table_insert (self->by_lower, (gpointer) self->entries[i - 1].lower,
                         GUINT_TO_POINTER (i));
  return self->by_lower;
}

McEntry *
mc_listing_find_sibling (McListing *self, const McEntry *entry, const char *name, gsize length)
{
  g_autofree char *lower = g_strdup_printf ("%.*s%.*s", (int) (entry->name - entry->lower),
                                            entry->lower, (int) length, name);
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (get_by_lower (self), lower));

  return found > 0 ? &self->entries[found - 1] : NULL;
}

const char *
mc_listing_folder_path (McListing *self, guint folder)
{
  const McFolder *at = mc_listing_get_folder (self, folder);

  return mc_listing_keep (self, at->sample, (gssize) at->sample_length);
}

const char *
mc_listing_folder_path_without (McListing *self, guint folder, McFolderFunc drops, gpointer data)
{
  g_array_set_size (self->chain, 0);
  g_string_truncate (self->text, 0);
  for (guint i = folder; i != 0; i = mc_listing_get_folder (self, i)->parent)
    g_array_append_val (self->chain, i);
  for (guint i = self->chain->len; i > 0; i--)
    {
      const McFolder *at = mc_listing_get_folder (self, g_array_index (self->chain, guint, i - 1));
      gsize length = strlen (at->name);

      if (length == 0 || drops (at, data))
        continue;
      if (self->text->len > 0)
        g_string_append_c (self->text, '/');
      g_string_append_len (self->text, at->sample + at->sample_length - length, (gssize) length);
    }
  return mc_listing_keep (self, self->text->str, (gssize) self->text->len);
}

gboolean
mc_listing_is_below (McListing *self, guint folder, guint ancestor)
{
  guint depth = mc_listing_get_folder (self, ancestor)->depth;

  while (mc_listing_get_folder (self, folder)->depth > depth)
    folder = mc_listing_get_folder (self, folder)->parent;
  return folder == ancestor;
}

guint *
mc_listing_find_above (McListing *self, McFolderFunc wants, gpointer data)
{
  guint *found = g_new (guint, self->folders->len);

  for (guint i = 0; i < self->folders->len; i++)
    {
      const McFolder *folder = mc_listing_get_folder (self, i);

      if (wants (folder, data))
        found[i] = i;
      else
        found[i] = i > 0 ? found[folder->parent] : MC_NO_FOLDER;
    }
  return found;
}

const char *
mc_listing_join_label (McListing *self, ...)
{
  const char *part;
  va_list parts;

  g_string_truncate (self->text, 0);
  va_start (parts, self);
  while ((part = va_arg (parts, const char *)) != NULL)
    {
      if (part[0] == '\0')
        continue;
      if (self->text->len > 0)
        g_string_append_c (self->text, '/');
      g_string_append (self->text, part);
    }
  va_end (parts);
  return mc_listing_keep (self, self->text->str, (gssize) self->text->len);
}
