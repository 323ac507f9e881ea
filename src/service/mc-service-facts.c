/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-fit.h"
#include "mc-variant-dict.h"

/* What is said of variants to those who choose one: facts, whether it fits this computer, and which
 * one is suggested. The facts of a repo change with its listing only, and the objects on the bus
 * are filled four times a second while something is downloaded: so they are kept. */

/* What is told of one repo: it may list 100,000 files, and as many variants. Looking at a million
 * files takes a tenth of a second; a dictionary takes some hundred bytes of each message. */
#define MOST_LOOKED_AT 1000000
#define MOST_VARIANTS 4096
#define LEAST_VARIANTS 64

typedef struct
{
  char *commit;
  gint64 scanned_at;
  McDigest digest; /* of the file with the most telling header; of none if there is none */
  gboolean has_header;
  McModelHeader header;
  GPtrArray *variants; /* McVariantFacts, by place in the manifest; those of the first ones */
  McChoice choice;     /* for the usual length of text */
} RepoFacts;

static void
repo_facts_free (gpointer data)
{
  RepoFacts *facts = data;

  g_free (facts->commit);
  g_ptr_array_unref (facts->variants);
  g_free (facts);
}

GHashTable *
mc_service_facts_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, repo_facts_free);
}

static const McModelHeader *
get_header (const RepoFacts *facts)
{
  return facts->has_header ? &facts->header : NULL;
}

static McChoice
choose (McService *self, McManifest *manifest, const RepoFacts *facts, guint64 context)
{
  McSuggestion suggestion = mc_fit_suggest (manifest, get_header (facts), &self->machine, context);
  McChoice choice = { .context = context, .reason = suggestion.reason };

  if (suggestion.variant != NULL)
    g_ptr_array_find (manifest->variants, suggestion.variant, &choice.suggested);
  return choice;
}

static void
find_header (McService *self, McManifest *manifest, RepoFacts *facts)
{
  McHeaderFormat format;
  const McFile *file = mc_manifest_find_header_file (manifest, &format);
  const McModelHeader *header =
      file == NULL ? NULL : mc_store_get_header (self->store, &file->digest);

  if (file != NULL)
    facts->digest = file->digest;
  facts->has_header = header != NULL;
  if (header != NULL)
    facts->header = *header;
}

static guint
count_shared (McManifest *manifest)
{
  guint count = 0;

  for (guint i = 0; i < manifest->files->len; i++)
    count += ((McFile *) g_ptr_array_index (manifest->files, i))->role == MC_FILE_SHARED ? 1 : 0;
  return count;
}

static void
collect_variants (McManifest *manifest, RepoFacts *facts)
{
  guint most = MIN (MOST_VARIANTS, manifest->variants->len);
  guint shared = count_shared (manifest);
  guint64 looked_at = 0;

  facts->variants = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_variant_facts_free);
  for (guint i = 0; i < most && (looked_at < MOST_LOOKED_AT || i < LEAST_VARIANTS); i++)
    {
      const McVariant *variant = g_ptr_array_index (manifest->variants, i);

      looked_at += shared + variant->files->len;
      g_ptr_array_add (facts->variants,
                       mc_variant_facts_new (manifest, variant, get_header (facts)));
    }
}

static RepoFacts *
collect (McService *self, McManifest *manifest)
{
  RepoFacts *facts = g_new0 (RepoFacts, 1);

  facts->commit = g_strdup (manifest->commit);
  facts->scanned_at = manifest->scanned_at;
  find_header (self, manifest, facts);
  collect_variants (manifest, facts);
  facts->choice = choose (self, manifest, facts, 0);
  return facts;
}

/* Of the same listing, and with all that is known now. */
static gboolean
is_current (McService *self, const RepoFacts *facts, McManifest *manifest)
{
  return facts != NULL && facts->scanned_at == manifest->scanned_at
         && g_strcmp0 (facts->commit, manifest->commit) == 0
         && facts->variants->len <= manifest->variants->len
         && (facts->has_header || mc_store_get_header (self->store, &facts->digest) == NULL);
}

static RepoFacts *
find (McService *self, McLibraryRepo *repo)
{
  RepoFacts *facts = g_hash_table_lookup (self->facts, &repo->id);

  if (is_current (self, facts, repo->manifest))
    return facts;
  facts = collect (self, repo->manifest);
  g_hash_table_insert (self->facts, g_memdup2 (&repo->id, sizeof repo->id), facts);
  return facts;
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer user_data)
{
  McService *self = user_data;

  return mc_store_get_repo (self->store, *(gint64 *) key) == NULL;
}

void
mc_service_forget_facts (McService *self)
{
  g_hash_table_foreach_remove (self->facts, is_gone, self);
}

McChoice
mc_service_choose (McService *self, McLibraryRepo *repo, guint64 context)
{
  const RepoFacts *facts = find (self, repo);

  return context == 0 ? facts->choice : choose (self, repo->manifest, facts, context);
}

void
mc_service_add_facts (McService *self,
                      McLibraryRepo *repo,
                      guint place,
                      const McChoice *choice,
                      GVariantBuilder *dict)
{
  RepoFacts *known = find (self, repo);
  const McVariantFacts *facts;
  McFit fit;

  if (place >= known->variants->len)
    return;
  facts = g_ptr_array_index (known->variants, place);
  fit = mc_fit_judge (facts, facts->weight_bytes, choice->context, &self->machine);
  mc_variant_facts_describe (facts, dict);
  mc_service_add_value (dict, "fit", mc_fit_describe (&fit, &self->machine));
  if (choice->reason == MC_SUGGEST_NONE || choice->suggested != place)
    return;
  mc_service_add (dict, "suggested", "b", TRUE);
  mc_service_add_text (dict, "suggested-reason", mc_suggest_reason_to_string (choice->reason));
}

/* The memory is what it was when the service started, but for what is free of it. */
GVariant *
mc_service_describe_computer (McService *self)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  McMachine now = { 0 };

  mc_machine_read (self->machine_root, &now, NULL);
  mc_service_add (&dict, "memory", "t", self->machine.ram);
  mc_service_add (&dict, "available", "t", now.ram_available);
  mc_service_add (&dict, "vram", "t", self->machine.vram);
  mc_service_add (&dict, "unified", "b", self->machine.unified);
  mc_service_add (&dict, "unknown-gpu", "b", self->machine.has_unknown_gpu);
  return g_variant_builder_end (&dict);
}
