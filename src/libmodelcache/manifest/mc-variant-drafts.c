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
  g_clear_pointer (&draft->files, g_array_unref);
  g_free (draft->key);
  g_free (draft);
}

static McDraft *
add_draft (McListing *self, const char *format, const char *label, GArray *files)
{
  McDraft *draft = g_new0 (McDraft, 1);

  draft->format = format;
  draft->label = label;
  draft->files = files;
  g_ptr_array_add (self->drafts, draft);
  return draft;
}

McDraft *
mc_listing_add_draft (McListing *self, const char *format, const char *label)
{
  return add_draft (self, format, label, g_array_new (FALSE, FALSE, sizeof (guint)));
}

McDraft *
mc_listing_add_draft_of (McListing *self, const char *format, const char *label, GArray *files)
{
  for (guint i = 0; i < files->len; i++)
    self->entries[g_array_index (files, guint, i)].state = MC_ENTRY_VARIANT;
  return add_draft (self, format, label, g_array_ref (files));
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

/* Most are in order already: entries are looked at in theirs. */
static void
sort_places (GArray *places)
{
  for (guint i = 1; i < places->len; i++)
    if (g_array_index (places, guint, i - 1) > g_array_index (places, guint, i))
      {
        g_array_sort (places, compare_guints);
        return;
      }
}

/* In ascending order, without doubles and without what became shared after it was added. */
static void
tidy_files (McListing *self, GArray *files)
{
  guint kept = 0;

  sort_places (files);
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

/* Keys are names a person types: those that differ in letter case are one. Nothing in the label is
 * "default" in the key. */
static int
compare_wishes (const McDraft *one, const McDraft *two)
{
  int order = one->format == two->format ? 0 : strcmp (one->format, two->format);

  return order != 0 ? order : strcmp (one->folded, two->folded);
}

static int
compare_drafts (gconstpointer a, gconstpointer b)
{
  const McDraft *one = *(McDraft *const *) a;
  const McDraft *two = *(McDraft *const *) b;
  int order = compare_wishes (one, two);
  guint first = one->files->len > 0 ? g_array_index (one->files, guint, 0) : 0;
  guint second = two->files->len > 0 ? g_array_index (two->files, guint, 0) : 0;

  if (order == 0)
    order = (one->label[0] != '\0') - (two->label[0] != '\0');
  if (order == 0)
    order = (one->rank > two->rank) - (one->rank < two->rank);
  if (order == 0)
    order = (one->files->len > two->files->len) - (one->files->len < two->files->len);
  return order != 0 ? order : (first > second) - (first < second);
}

static McDraft *
draft_at (McListing *self, guint i)
{
  return g_ptr_array_index (self->drafts, i);
}

static void
sort_drafts (McListing *self)
{
  for (guint i = 0; i < self->drafts->len; i++)
    {
      McDraft *draft = draft_at (self, i);

      draft->folded =
          mc_listing_keep_lower (self, draft->label[0] != '\0' ? draft->label : "default", -1);
    }
  g_ptr_array_sort (self->drafts, compare_drafts);
}

/* Whether a draft of sorted ones wants the same key as the one before it. */
static gboolean
wants_the_same (McListing *self, guint i)
{
  return i > 0 && i < self->drafts->len
         && compare_wishes (draft_at (self, i - 1), draft_at (self, i)) == 0;
}

/* Whether it has the same label as the one before it; none and "default" are two. */
static gboolean
has_the_same_label (McListing *self, guint i)
{
  return wants_the_same (self, i)
         && (draft_at (self, i - 1)->label[0] == '\0') == (draft_at (self, i)->label[0] == '\0');
}

/* Drafts of one label show what else they are called, where they have such a name: all but a
 * pipeline, which is what the repo is about. */
static void
tell_equals_apart (McListing *self)
{
  g_autofree gboolean *is_one_of_several = g_new0 (gboolean, self->drafts->len + 1);
  gboolean changes = FALSE;

  for (guint i = 0; i < self->drafts->len; i++)
    is_one_of_several[i] = has_the_same_label (self, i) || has_the_same_label (self, i + 1);
  for (guint i = 0; i < self->drafts->len; i++)
    {
      McDraft *draft = draft_at (self, i);

      if (!is_one_of_several[i] || draft->long_label == NULL)
        continue;
      draft->label = draft->long_label;
      changes = TRUE;
    }
  if (changes)
    sort_drafts (self);
}

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

/* "@2" and so on behind it, until nobody has it. */
static void
make_unique (McDraft *draft, GHashTable *used, guint *count)
{
  g_autofree char *wish = g_strdup (draft->key);

  while (g_hash_table_contains (used, draft->key))
    {
      *count = MAX (*count, 1) + 1;
      g_free (draft->key);
      draft->key = g_strdup_printf ("%s@%u", wish, *count);
    }
}

/* Sorted, equals are neighbours; only where there are some it matters which keys are used. */
static void
assign_keys (McListing *self)
{
  g_autoptr (GHashTable) used = NULL;
  guint count = 0;

  sort_drafts (self);
  tell_equals_apart (self);
  for (guint i = 0; i < self->drafts->len; i++)
    {
      McDraft *draft = draft_at (self, i);
      gboolean is_same = wants_the_same (self, i);

      draft->key = g_strconcat (draft->format, ":",
                                draft->label[0] != '\0' ? draft->label : "default", NULL);
      if (is_same && used == NULL)
        {
          used = g_hash_table_new (hash_key, keys_equal);
          for (guint j = 0; j < i; j++)
            g_hash_table_add (used, draft_at (self, j)->key);
        }
      if (used == NULL)
        continue;
      count = is_same ? count : 0;
      make_unique (draft, used, &count);
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
  g_array_unref (group->files);
  g_free (group);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const McVariantGroup *one = *(McVariantGroup *const *) a;
  const McVariantGroup *two = *(McVariantGroup *const *) b;
  int order = one->format == two->format ? 0 : strcmp (one->format, two->format);

  return order != 0 ? order : strcmp (one->key, two->key);
}

/* Takes what the draft has. */
static McVariantGroup *
group_new (McListing *self, McDraft *draft)
{
  McVariantGroup *group = g_new0 (McVariantGroup, 1);

  group->key = g_steal_pointer (&draft->key);
  group->format = draft->format;
  group->files = g_steal_pointer (&draft->files);
  for (guint i = 0; i < group->files->len; i++)
    {
      guint *place = &g_array_index (group->files, guint, i);

      *place = self->entries[*place].place;
    }
  sort_places (group->files);
  return group;
}

static gboolean
is_sorted (GPtrArray *groups)
{
  for (guint i = 1; i < groups->len; i++)
    if (compare_groups (&groups->pdata[i - 1], &groups->pdata[i]) > 0)
      return FALSE;
  return TRUE;
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
  /* By their labels in small letters they are. */
  if (!is_sorted (grouping->variants))
    g_ptr_array_sort (grouping->variants, compare_groups);
  for (guint i = 0; i < self->n_entries; i++)
    if (self->entries[i].state == MC_ENTRY_SHARED)
      g_array_append_val (grouping->shared, self->entries[i].place);
    else if (self->entries[i].state != MC_ENTRY_VARIANT)
      g_array_append_val (grouping->other, self->entries[i].place);
  sort_places (grouping->shared);
  sort_places (grouping->other);
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
  char *default_key;

  drop_empty_drafts (self);
  if (self->drafts->len > 0)
    move_common_files (self);
  assign_keys (self);
  default_key = g_strdup (mc_choose_default (self));
  grouping = build_grouping (self);
  grouping->default_key = default_key;
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
