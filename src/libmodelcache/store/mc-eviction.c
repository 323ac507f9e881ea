/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-eviction.h"

static void
clear_holding (gpointer data)
{
  g_array_unref (((McEvictionHolding *) data)->contents);
}

McEviction *
mc_eviction_new (void)
{
  McEviction *self = g_new0 (McEviction, 1);

  self->holdings = g_array_new (FALSE, FALSE, sizeof (McEvictionHolding));
  g_array_set_clear_func (self->holdings, clear_holding);
  self->contents = g_array_new (FALSE, FALSE, sizeof (McEvictionContent));
  return self;
}

void
mc_eviction_free (McEviction *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->holdings);
  g_array_unref (self->contents);
  g_free (self);
}

guint
mc_eviction_add_content (McEviction *self, guint64 gives, guint holders)
{
  McEvictionContent content = { gives, holders };

  g_array_append_val (self->contents, content);
  return self->contents->len - 1;
}

void
mc_eviction_add_holding (
    McEviction *self, gint64 id, gint64 last_used, gboolean kept, GArray *contents)
{
  McEvictionHolding holding = { id, last_used, kept, contents, 0 };

  g_array_append_val (self->holdings, holding);
}

static int
compare_use (gconstpointer a, gconstpointer b)
{
  const McEvictionHolding *left = *(McEvictionHolding *const *) a;
  const McEvictionHolding *right = *(McEvictionHolding *const *) b;

  if (left->last_used != right->last_used)
    return left->last_used < right->last_used ? -1 : 1;
  return left->id < right->id ? -1 : left->id > right->id;
}

/* Those that may go, the least recently used first. */
static GPtrArray *
list_candidates (McEviction *self)
{
  GPtrArray *candidates = g_ptr_array_new ();

  for (guint i = 0; i < self->holdings->len; i++)
    {
      McEvictionHolding *holding = &g_array_index (self->holdings, McEvictionHolding, i);

      holding->returns = 0;
      if (!holding->kept)
        g_ptr_array_add (candidates, holding);
    }
  g_ptr_array_sort (candidates, compare_use);
  return candidates;
}

/* Lets it go, and says what comes back. left: how many still need each content. */
static guint64
let_go (McEviction *self, const McEvictionHolding *holding, guint *left)
{
  guint64 gives = 0;

  for (guint i = 0; i < holding->contents->len; i++)
    {
      guint which = g_array_index (holding->contents, guint, i);

      if (left[which] > 0 && --left[which] == 0)
        gives += g_array_index (self->contents, McEvictionContent, which).gives;
    }
  return gives;
}

/* What would be there again if it stayed after all. */
static guint64
measure_return (McEviction *self, const McEvictionHolding *holding, const guint *left)
{
  guint64 takes = 0;

  for (guint i = 0; i < holding->contents->len; i++)
    {
      guint which = g_array_index (holding->contents, guint, i);

      if (left[which] == 0)
        takes += g_array_index (self->contents, McEvictionContent, which).gives;
    }
  return takes;
}

static guint *
count_left (McEviction *self)
{
  guint *left = g_new0 (guint, self->contents->len + 1);

  for (guint i = 0; i < self->contents->len; i++)
    left[i] = g_array_index (self->contents, McEvictionContent, i).holders;
  return left;
}

/* Small ones that went first may be spared when a large one followed. */
static void
spare (McEviction *self, GPtrArray *going, guint *left, guint64 need, guint64 *gives)
{
  for (guint i = going->len; i > 0; i--)
    {
      McEvictionHolding *holding = g_ptr_array_index (going, i - 1);
      guint64 takes = measure_return (self, holding, left);

      if (*gives < takes || *gives - takes < need)
        continue;
      for (guint j = 0; j < holding->contents->len; j++)
        left[g_array_index (holding->contents, guint, j)]++;
      *gives -= takes;
      g_ptr_array_remove_index (going, i - 1);
    }
}

GPtrArray *
mc_eviction_plan (McEviction *self, guint64 need, guint64 *gives)
{
  g_autoptr (GPtrArray) candidates = list_candidates (self);
  g_autoptr (GPtrArray) going = g_ptr_array_new ();
  g_autofree guint *left = count_left (self);
  g_autofree guint *again = count_left (self);

  *gives = 0;
  for (guint i = 0; i < candidates->len && *gives < need; i++)
    {
      g_ptr_array_add (going, g_ptr_array_index (candidates, i));
      *gives += let_go (self, g_ptr_array_index (candidates, i), left);
    }
  /* Where not all of it is enough, still nothing goes in vain. */
  spare (self, going, left, MIN (need, *gives), gives);
  for (guint i = 0; i < going->len; i++)
    {
      McEvictionHolding *holding = g_ptr_array_index (going, i);

      holding->returns = let_go (self, holding, again);
    }
  return g_steal_pointer (&going);
}

static const McEvictionHolding *
find_holding (McEviction *self, gint64 id)
{
  for (guint i = 0; i < self->holdings->len; i++)
    {
      const McEvictionHolding *holding = &g_array_index (self->holdings, McEvictionHolding, i);

      if (holding->id == id)
        return holding;
    }
  return NULL;
}

guint64
mc_eviction_measure (McEviction *self, GArray *ids, guint64 *kept)
{
  g_autofree guint *left = count_left (self);
  guint64 returns = 0;

  for (guint i = 0; i < ids->len; i++)
    {
      const McEvictionHolding *holding = find_holding (self, g_array_index (ids, gint64, i));

      if (holding != NULL)
        returns += let_go (self, holding, left);
    }
  *kept = 0;
  for (guint i = 0; i < self->contents->len; i++)
    {
      const McEvictionContent *content = &g_array_index (self->contents, McEvictionContent, i);

      if (left[i] > 0 && left[i] < content->holders)
        *kept += content->gives;
    }
  return returns;
}
