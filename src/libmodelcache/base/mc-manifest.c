/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-manifest.h"

#include "mc-error.h"

#include <string.h>

static void
file_free (McFile *file)
{
  g_free (file->path);
  g_free (file);
}

static void
variant_free (McVariant *variant)
{
  g_free (variant->key);
  g_free (variant->format);
  g_array_unref (variant->files);
  g_free (variant);
}

McManifest *
mc_manifest_new (void)
{
  McManifest *self = g_new0 (McManifest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->variants = g_ptr_array_new_with_free_func ((GDestroyNotify) variant_free);
  return self;
}

McManifest *
mc_manifest_ref (McManifest *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mc_manifest_unref (McManifest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->endpoint);
  g_free (self->repo);
  g_free (self->hub_id);
  g_free (self->revision);
  g_free (self->commit);
  g_free (self->task);
  g_free (self->library);
  g_free (self->license);
  g_free (self->architecture);
  g_free (self->dtype);
  g_free (self->last_modified);
  g_free (self->default_key);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->variants);
  g_clear_pointer (&self->shared, g_array_unref);
  g_free (self);
}

McFile *
mc_manifest_add_file (McManifest *self, const char *path, guint64 size, McDigest digest)
{
  McFile *file = g_new0 (McFile, 1);

  file->path = g_strdup (path);
  file->size = size;
  file->digest = digest;
  file->role = MC_FILE_OTHER;
  g_ptr_array_add (self->files, file);
  return file;
}

McVariant *
mc_manifest_add_variant (McManifest *self, const char *key, const char *format)
{
  McVariant *variant = g_new0 (McVariant, 1);

  variant->key = g_strdup (key);
  variant->format = g_strdup (format);
  variant->files = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (self->variants, variant);
  return variant;
}

McFile *
mc_manifest_find_file (McManifest *self, const char *path)
{
  guint low = 0;
  guint high = self->files->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      McFile *file = g_ptr_array_index (self->files, middle);
      int order = strcmp (path, file->path);

      if (order == 0)
        return file;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

/* How well a name fits a variant: smaller is better, UNFIT is not at all. */
enum
{
  FIT_EXACT,
  FIT_KEY,
  FIT_LABEL,
  FIT_PART,
  FIT_END,
  FIT_FILE,
  FIT_TAG,
  UNFIT,
};

static int
judge_key (const char *key, const char *name)
{
  gsize key_length = strlen (key);
  gsize name_length = strlen (name);
  const char *end;

  if (strcmp (key, name) == 0)
    return FIT_EXACT;
  if (g_ascii_strcasecmp (key, name) == 0)
    return FIT_KEY;
  if (name_length == 0 || name_length >= key_length)
    return UNFIT;
  end = key + key_length - name_length;
  if (g_ascii_strcasecmp (end, name) != 0)
    return UNFIT;
  if (end[-1] == ':' && strchr (key, ':') == end - 1)
    return FIT_LABEL;
  return end[-1] == '/' || end[-1] == ':' ? FIT_PART : FIT_END;
}

/* As llama.cpp looks for a tag (common/download.cpp): in any case, with a dash or dot behind it;
 * but not in the middle of a word: "Q4_K" is not in "IQ4_K.gguf". */
static gboolean
has_tag (const char *file, const char *tag)
{
  gsize length = strlen (tag);

  for (const char *at = file; *at != '\0'; at++)
    if ((at == file || !g_ascii_isalnum (at[-1])) && g_ascii_strncasecmp (at, tag, length) == 0
        && (at[length] == '-' || at[length] == '.'))
      return TRUE;
  return FALSE;
}

static int
judge_files (McManifest *self, const McVariant *variant, const char *name)
{
  int fit = UNFIT;

  for (guint i = 0; i < variant->files->len && fit != FIT_FILE; i++)
    {
      const McFile *file =
          g_ptr_array_index (self->files, g_array_index (variant->files, guint, i));
      const char *slash = strrchr (file->path, '/');
      const char *base = slash != NULL ? slash + 1 : file->path;

      if (strcmp (file->path, name) == 0 || g_ascii_strcasecmp (base, name) == 0)
        fit = FIT_FILE;
      else if (has_tag (base, name))
        fit = FIT_TAG;
    }
  return fit;
}

static int
judge (McManifest *self, const McVariant *variant, const char *name, gboolean by_files)
{
  return by_files ? judge_files (self, variant, name) : judge_key (variant->key, name);
}

static char *
list_keys (McManifest *self, const char *name, gboolean by_files, int fit)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint listed = 0;

  for (guint i = 0; i < self->variants->len && listed < 12; i++)
    {
      McVariant *variant = g_ptr_array_index (self->variants, i);

      if (fit != UNFIT && judge (self, variant, name, by_files) != fit)
        continue;
      g_string_append_printf (text, "%s%s", listed > 0 ? ", " : "", variant->key);
      listed++;
    }
  if (fit == UNFIT && listed < self->variants->len)
    g_string_append (text, ", …");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* NULL without an error: nothing fits. */
static McVariant *
find_fitting (McManifest *self, const char *name, gboolean by_files, GError **error)
{
  McVariant *best = NULL;
  int best_fit = UNFIT;
  guint equals = 0;
  g_autofree char *keys = NULL;

  for (guint i = 0; i < self->variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (self->variants, i);
      int fit = judge (self, variant, name, by_files);

      if (fit < best_fit)
        {
          best = variant;
          best_fit = fit;
          equals = 1;
        }
      else if (fit == best_fit && fit != UNFIT)
        equals++;
    }
  if (equals <= 1)
    return best;
  keys = list_keys (self, name, by_files, best_fit);
  g_set_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT, "“%s” fits several variants of %s: %s",
               name, self->repo, keys);
  return NULL;
}

McVariant *
mc_manifest_find_variant (McManifest *self, const char *name, GError **error)
{
  McVariant *found;
  g_autofree char *keys = NULL;
  g_autoptr (GError) several = NULL;

  if (name == NULL || name[0] == '\0')
    name = self->default_key;
  if (name == NULL)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT, "%s has no variants", self->repo);
      return NULL;
    }
  found = find_fitting (self, name, FALSE, &several);
  /* What the Hub and Ollama call the default. */
  if (found == NULL && several == NULL && g_ascii_strcasecmp (name, "latest") == 0
      && self->default_key != NULL)
    found = find_fitting (self, self->default_key, FALSE, &several);
  if (found == NULL && several == NULL)
    found = find_fitting (self, name, TRUE, &several);
  if (found != NULL)
    return found;
  if (several != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&several));
      return NULL;
    }
  keys = list_keys (self, name, FALSE, UNFIT);
  g_set_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT, "%s has no variant “%s”; it has: %s",
               self->repo, name, keys);
  return NULL;
}

/* Places of the shared files, ascending. Found when they are first asked for: then the manifest is
 * built, and several threads may ask. */
static GArray *
get_shared (McManifest *self)
{
  GArray *shared = g_atomic_pointer_get (&self->shared);

  if (shared != NULL)
    return shared;
  shared = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < self->files->len; i++)
    if (((McFile *) g_ptr_array_index (self->files, i))->role == MC_FILE_SHARED)
      g_array_append_val (shared, i);
  if (g_atomic_pointer_compare_and_exchange (&self->shared, NULL, shared))
    return shared;
  g_array_unref (shared);
  return g_atomic_pointer_get (&self->shared);
}

/* A repo may have as many variants as files: never looks at all files. */
GPtrArray *
mc_manifest_variant_files (McManifest *self, const McVariant *variant)
{
  GPtrArray *files = g_ptr_array_new ();
  GArray *own = variant->files;
  GArray *shared = get_shared (self);
  guint next_own = 0;
  guint next_shared = 0;

  while (next_own < own->len || next_shared < shared->len)
    {
      guint a = next_own < own->len ? g_array_index (own, guint, next_own) : G_MAXUINT;
      guint b = next_shared < shared->len ? g_array_index (shared, guint, next_shared) : G_MAXUINT;

      g_ptr_array_add (files, g_ptr_array_index (self->files, MIN (a, b)));
      next_own += a <= b ? 1 : 0;
      next_shared += b <= a ? 1 : 0;
    }
  return files;
}

GPtrArray *
mc_manifest_all_files (McManifest *self)
{
  /* g_ptr_array_copy() would also copy who frees the files. */
  GPtrArray *files = g_ptr_array_sized_new (self->files->len);

  for (guint i = 0; i < self->files->len; i++)
    g_ptr_array_add (files, g_ptr_array_index (self->files, i));
  return files;
}

guint64
mc_files_total_size (GPtrArray *files)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  guint64 total = 0;

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (file->digest.kind == MC_DIGEST_NONE || g_hash_table_add (seen, &file->digest))
        total += file->size;
    }
  return total;
}

const char *
mc_gated_to_string (McGated gated)
{
  switch (gated)
    {
    case MC_GATED_AUTO:
      return "auto";
    case MC_GATED_MANUAL:
      return "manual";
    case MC_GATED_NO:
    default:
      return "no";
    }
}
