/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-private.h"

#include <string.h>

/* Variants on their way from what a rule found to the answer: keys are made unique, what all of
 * them take is shared, entries become places in the caller's listing. Knows no rule. */

void
mc_draft_free (McDraft *draft)
{
  g_array_unref (draft->files);
  g_free (draft->key);
  g_free (draft);
}

McDraft *
mc_listing_add_draft (McListing *self, const char *format, const char *label)
{
  McDraft *draft = g_new0 (McDraft, 1);

  draft->format = format;
  draft->label = label;
  draft->files = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (self->drafts, draft);
  return draft;
}

void
mc_draft_add (McDraft *self, McListing *listing, guint entry)
{
  listing->entries[entry].state = MC_ENTRY_VARIANT;
  g_array_append_val (self->files, entry);
}

void
mc_listing_spread (McListing *self, GPtrArray *drafts, GArray *files)
{
  guint64 cost = (guint64) drafts->len * files->len;
  gboolean fits = cost <= self->budget;

  if (fits)
    self->budget -= cost;
  for (guint i = 0; i < files->len; i++)
    {
      guint entry = g_array_index (files, guint, i);

      if (!fits)
        {
          self->entries[entry].state = MC_ENTRY_SHARED;
          continue;
        }
      for (guint j = 0; j < drafts->len; j++)
        mc_draft_add (g_ptr_array_index (drafts, j), self, entry);
    }
}

static int
compare_guints (gconstpointer a, gconstpointer b)
{
  guint one = *(const guint *) a;
  guint two = *(const guint *) b;

  return (one > two) - (one < two);
}

/* In ascending order, without doubles and without what became shared after it was added. */
static void
tidy_files (McListing *self, GArray *files)
{
  guint kept = 0;

  g_array_sort (files, compare_guints);
  for (guint i = 0; i < files->len; i++)
    {
      guint entry = g_array_index (files, guint, i);

      if (self->entries[entry].state != MC_ENTRY_VARIANT
          || (kept > 0 && g_array_index (files, guint, kept - 1) == entry))
        continue;
      g_array_index (files, guint, kept++) = entry;
    }
  g_array_set_size (files, kept);
}

static int
compare_drafts (gconstpointer a, gconstpointer b)
{
  const McDraft *one = *(McDraft *const *) a;
  const McDraft *two = *(McDraft *const *) b;
  int order = strcmp (one->format, two->format);
  guint first = one->files->len > 0 ? g_array_index (one->files, guint, 0) : 0;
  guint second = two->files->len > 0 ? g_array_index (two->files, guint, 0) : 0;

  if (order == 0)
    order = g_ascii_strcasecmp (one->label, two->label);
  if (order == 0)
    order = (one->rank > two->rank) - (one->rank < two->rank);
  if (order == 0)
    order = (one->files->len > two->files->len) - (one->files->len < two->files->len);
  return order != 0 ? order : (first > second) - (first < second);
}

/* Keys are names a person types: those that differ in letter case are one. */
static guint
hash_key (gconstpointer key)
{
  guint hash = 5381;

  for (const char *at = key; *at != '\0'; at++)
    hash = hash * 33 + (guchar) g_ascii_tolower (*at);
  return hash;
}

static gboolean
keys_equal (gconstpointer one, gconstpointer two)
{
  return g_ascii_strcasecmp (one, two) == 0;
}

/* Drafts of one label show what else they are called, where they have such a name: all but a
 * pipeline, which is what the repo is about. */
static void
tell_equals_apart (McListing *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (hash_key, keys_equal, g_free, NULL);

  for (guint i = 0; i < self->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (self->drafts, i);
      char *key = g_strconcat (draft->format, ":", draft->label, NULL);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));

      g_hash_table_replace (seen, key, GUINT_TO_POINTER (count + 1));
    }
  for (guint i = 0; i < self->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (self->drafts, i);
      g_autofree char *key = g_strconcat (draft->format, ":", draft->label, NULL);

      if (draft->long_label != NULL && GPOINTER_TO_UINT (g_hash_table_lookup (seen, key)) > 1)
        draft->label = draft->long_label;
    }
}

static void
assign_keys (McListing *self)
{
  g_autoptr (GHashTable) used = g_hash_table_new (hash_key, keys_equal);
  g_autoptr (GHashTable) counts = g_hash_table_new (hash_key, keys_equal);

  tell_equals_apart (self);
  g_ptr_array_sort (self->drafts, compare_drafts);
  for (guint i = 0; i < self->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (self->drafts, i);
      const char *label = draft->label[0] != '\0' ? draft->label : "default";
      g_autofree char *wish = g_strconcat (draft->format, ":", label, NULL);
      const char *kept = mc_listing_keep (self, wish, -1);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, kept));

      draft->key = g_steal_pointer (&wish);
      while (g_hash_table_contains (used, draft->key))
        {
          count = MAX (count, 1) + 1;
          g_free (draft->key);
          draft->key = g_strdup_printf ("%s@%u", kept, count);
        }
      g_hash_table_insert (counts, (gpointer) kept, GUINT_TO_POINTER (count));
      g_hash_table_add (used, draft->key);
    }
}

/* What every variant takes is shared; a projector even if there is only one variant. */
static gboolean
is_common (McListing *self, const guint *counts, guint entry)
{
  return counts[entry] == self->drafts->len && self->entries[entry].state == MC_ENTRY_VARIANT
         && (self->drafts->len > 1 || self->entries[entry].goes_shared);
}

/* Two variants of the very same files would be left with nothing: then things stay as they are. */
static void
move_common_files (McListing *self)
{
  guint n_drafts = self->drafts->len;
  g_autofree guint *counts = g_new0 (guint, MAX (self->n_entries, 1));
  gboolean empties = FALSE;

  for (guint i = 0; i < n_drafts; i++)
    {
      McDraft *draft = g_ptr_array_index (self->drafts, i);

      for (guint j = 0; j < draft->files->len; j++)
        counts[g_array_index (draft->files, guint, j)]++;
    }
  for (guint i = 0; i < n_drafts && !empties; i++)
    {
      McDraft *draft = g_ptr_array_index (self->drafts, i);

      empties = TRUE;
      for (guint j = 0; j < draft->files->len && empties; j++)
        empties = is_common (self, counts, g_array_index (draft->files, guint, j));
    }
  if (empties)
    return;
  for (guint i = 0; i < self->n_entries; i++)
    if (is_common (self, counts, i))
      self->entries[i].state = MC_ENTRY_SHARED;
  for (guint i = 0; i < n_drafts; i++)
    tidy_files (self, ((McDraft *) g_ptr_array_index (self->drafts, i))->files);
}

static void
group_free (McVariantGroup *group)
{
  g_free (group->key);
  g_free (group->format);
  g_array_unref (group->files);
  g_free (group);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const McVariantGroup *one = *(McVariantGroup *const *) a;
  const McVariantGroup *two = *(McVariantGroup *const *) b;
  int order = strcmp (one->format, two->format);

  return order != 0 ? order : strcmp (one->key, two->key);
}

static McVariantGroup *
group_new (McListing *self, const McDraft *draft)
{
  McVariantGroup *group = g_new0 (McVariantGroup, 1);

  group->key = g_strdup (draft->key);
  group->format = g_strdup (draft->format);
  group->files = g_array_sized_new (FALSE, FALSE, sizeof (guint), draft->files->len);
  for (guint i = 0; i < draft->files->len; i++)
    g_array_append_val (group->files, self->entries[g_array_index (draft->files, guint, i)].place);
  g_array_sort (group->files, compare_guints);
  return group;
}

static McGrouping *
build_grouping (McListing *self)
{
  McGrouping *grouping = g_new0 (McGrouping, 1);

  grouping->variants = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
  grouping->shared = g_array_new (FALSE, FALSE, sizeof (guint));
  grouping->other = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < self->drafts->len; i++)
    g_ptr_array_add (grouping->variants, group_new (self, g_ptr_array_index (self->drafts, i)));
  g_ptr_array_sort (grouping->variants, compare_groups);
  for (guint i = 0; i < self->n_entries; i++)
    if (self->entries[i].state == MC_ENTRY_SHARED)
      g_array_append_val (grouping->shared, self->entries[i].place);
    else if (self->entries[i].state != MC_ENTRY_VARIANT)
      g_array_append_val (grouping->other, self->entries[i].place);
  g_array_sort (grouping->shared, compare_guints);
  g_array_sort (grouping->other, compare_guints);
  return grouping;
}

/* Drafts whose files all went elsewhere are none. */
static void
drop_empty_drafts (McListing *self)
{
  for (guint i = self->drafts->len; i > 0; i--)
    {
      McDraft *draft = g_ptr_array_index (self->drafts, i - 1);

      tidy_files (self, draft->files);
      if (draft->files->len == 0)
        g_ptr_array_remove_index (self->drafts, i - 1);
    }
}

McGrouping *
mc_listing_finish (McListing *self)
{
  McGrouping *grouping;

  drop_empty_drafts (self);
  if (self->drafts->len > 0)
    move_common_files (self);
  assign_keys (self);
  grouping = build_grouping (self);
  grouping->default_key = g_strdup (mc_choose_default (self));
  return grouping;
}

void
mc_grouping_free (McGrouping *self)
{
  g_ptr_array_unref (self->variants);
  g_array_unref (self->shared);
  g_array_unref (self->other);
  g_free (self->default_key);
  g_free (self);
}
