/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-match.h"

#include <string.h>

/* Sizes come first: a file whose size no listing has is never read. */

typedef struct
{
  McManifest *manifest; /* borrowed */
  McFile *file;         /* borrowed from it */
} Place;

struct _McImportIndex
{
  GPtrArray *manifests; /* (owned) */
  GHashTable *kinds;    /* (owned): size => bits */
  GHashTable *places;   /* (owned): McDigest => GArray of Place */
};

McImportIndex *
mc_import_index_new (void)
{
  McImportIndex *self = g_new0 (McImportIndex, 1);

  self->manifests = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_manifest_unref);
  self->kinds = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->places =
      g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, (GDestroyNotify) g_array_unref);
  return self;
}

void
mc_import_index_free (McImportIndex *self)
{
  g_hash_table_unref (self->places);
  g_hash_table_unref (self->kinds);
  g_ptr_array_unref (self->manifests);
  g_free (self);
}

gboolean
mc_import_index_has (McImportIndex *self, const char *repo, const char *commit)
{
  for (guint i = 0; i < self->manifests->len; i++)
    {
      McManifest *manifest = g_ptr_array_index (self->manifests, i);

      if (g_ascii_strcasecmp (manifest->repo, repo) == 0
          && g_strcmp0 (manifest->commit, commit) == 0)
        return TRUE;
    }
  return FALSE;
}

guint
mc_import_index_get_kinds (McImportIndex *self, guint64 size)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->kinds, &size));
}

void
mc_import_index_add (McImportIndex *self, McManifest *manifest)
{
  g_ptr_array_add (self->manifests, mc_manifest_ref (manifest));
  for (guint i = 0; i < manifest->files->len; i++)
    {
      Place place = { manifest, g_ptr_array_index (manifest->files, i) };
      guint kinds = mc_import_index_get_kinds (self, place.file->size);
      GArray *places = g_hash_table_lookup (self->places, &place.file->digest);

      if (place.file->digest.kind == MC_DIGEST_NONE)
        continue;
      kinds |= 1u << place.file->digest.kind;
      g_hash_table_replace (self->kinds, g_memdup2 (&place.file->size, sizeof (guint64)),
                            GUINT_TO_POINTER (kinds));
      if (places == NULL)
        {
          places = g_array_new (FALSE, FALSE, sizeof (Place));
          g_hash_table_insert (self->places, &place.file->digest, places);
        }
      g_array_append_val (places, place);
    }
}

McFile *
mc_import_index_find (McImportIndex *self,
                      const McDigest *digest,
                      guint64 size,
                      const char *repo,
                      McManifest **manifest)
{
  GArray *places = g_hash_table_lookup (self->places, digest);
  const Place *found = NULL;

  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);
      gboolean preferred = repo != NULL && g_ascii_strcasecmp (place->manifest->repo, repo) == 0;

      if (place->file->size != size || (found != NULL && !preferred))
        continue;
      found = place;
      if (preferred)
        break;
    }
  if (found == NULL)
    return NULL;
  *manifest = found->manifest;
  return found->file;
}

/* --- holdings --- */

static void
holding_free (gpointer data)
{
  McImportHolding *holding = data;

  g_ptr_array_unref (holding->files);
  g_free (holding->variant);
  g_free (holding->path);
  g_free (holding);
}

static McImportHolding *
holding_new (const char *variant, const char *path, GPtrArray *files)
{
  McImportHolding *holding = g_new (McImportHolding, 1);

  holding->variant = g_strdup (variant);
  holding->path = g_strdup (path);
  holding->files = files;
  return holding;
}

typedef struct
{
  McManifest *manifest;
  GHashTable *open; /* (owned): digests of the files that no holding has yet */
  GHashTable *all;  /* (owned): of all of them */
  gboolean (*is_here) (const McFile *file, gpointer user_data);
  gpointer user_data;
} Choice;

/* Whether all that is its own is there, and something of it is not held yet. */
static gboolean
is_chosen (Choice *choice, const McVariant *variant, GPtrArray *files)
{
  gboolean any = FALSE;

  for (guint i = 0; i < variant->files->len; i++)
    {
      guint place = g_array_index (variant->files, guint, i);
      McFile *file = g_ptr_array_index (choice->manifest->files, place);

      if (!g_hash_table_contains (choice->all, &file->digest)
          && !choice->is_here (file, choice->user_data))
        return FALSE;
      any = any || g_hash_table_contains (choice->open, &file->digest);
    }
  /* What the Hub hides cannot be held. */
  for (guint i = 0; i < files->len; i++)
    if (((McFile *) g_ptr_array_index (files, i))->digest.kind == MC_DIGEST_NONE)
      return FALSE;
  return any;
}

static void
close_files (Choice *choice, GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    g_hash_table_remove (choice->open, &((McFile *) g_ptr_array_index (files, i))->digest);
}

static void
choose_variants (Choice *choice, GPtrArray *holdings)
{
  GPtrArray *variants = choice->manifest->variants;

  for (guint i = 0; i < variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (variants, i);
      g_autoptr (GPtrArray) files = mc_manifest_variant_files (choice->manifest, variant);

      if (!is_chosen (choice, variant, files))
        continue;
      close_files (choice, files);
      g_ptr_array_add (holdings, holding_new (variant->key, "", g_steal_pointer (&files)));
    }
}

GPtrArray *
mc_import_choose_holdings (McManifest *manifest,
                           GPtrArray *files,
                           gboolean (*is_here) (const McFile *file, gpointer user_data),
                           gpointer user_data)
{
  g_autoptr (GHashTable) open = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  g_autoptr (GHashTable) all = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  GPtrArray *holdings = g_ptr_array_new_with_free_func (holding_free);
  Choice choice = { manifest, open, all, is_here, user_data };

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      g_hash_table_add (open, &file->digest);
      g_hash_table_add (all, &file->digest);
    }
  choose_variants (&choice, holdings);
  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);
      GPtrArray *one;

      if (!g_hash_table_remove (open, &file->digest))
        continue;
      one = g_ptr_array_new ();
      g_ptr_array_add (one, file);
      g_ptr_array_add (holdings, holding_new ("", file->path, one));
    }
  return holdings;
}
