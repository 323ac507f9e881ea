/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-queue.h"

#include <string.h>

/* Who runs. A letter each: "w" wants, "r" wants and ran so far, "p" is paused, "s" was paused while
 * it ran. Then "R" may run. */
typedef struct
{
  const char *name;
  const char *items;
  guint limit;
  const char *chosen;
} Choice;

static const Choice choices[] = {
  { "none", "", 2, "" },
  { "first-ones", "wwww", 2, "RR--" },
  { "all", "www", 4, "RRR" },
  { "paused-is-passed-over", "pwpw", 1, "-R--" },
  { "who-runs-goes-on", "wwrr", 2, "--RR" },
  { "resumed-ahead-waits", "wrw", 1, "-R-" },
  { "free-place-to-the-first", "wwrw", 2, "R-R-" },
  { "now", "rwrr", 2, "R-R-" },
  { "lower-limit", "rrrr", 1, "R---" },
  { "paused-while-running", "srww", 2, "-RR-" },
  { "higher-limit", "rwww", 3, "RRR-" },
};

static void
test_choice (gconstpointer data)
{
  const Choice *choice = data;
  gsize n = strlen (choice->items);
  g_autofree McQueueItem *items = g_new0 (McQueueItem, n + 1);
  g_autoptr (GString) chosen = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      items[i].wants = choice->items[i] == 'w' || choice->items[i] == 'r';
      items[i].runs = choice->items[i] == 'r' || choice->items[i] == 's';
    }
  mc_queue_choose (items, (guint) n, choice->limit);
  for (gsize i = 0; i < n; i++)
    g_string_append_c (chosen, items[i].runs ? 'R' : '-');
  g_assert_cmpstr (chosen->str, ==, choice->chosen);
}

/* Wherever one is put, it stands there. */
static void
test_places (void)
{
  static const gint64 others[] = { -5000, 0, 10, 12, 4096 };
  guint n = G_N_ELEMENTS (others);

  for (guint position = 0; position <= n + 1; position++)
    {
      gint64 place;

      g_assert_true (mc_queue_find_place (others, n, position, &place));
      g_assert_true (position == 0 || place > others[MIN (position, n) - 1]);
      g_assert_true (position >= n || place < others[position]);
    }
}

static void
test_no_place (void)
{
  static const gint64 close[] = { 7, 8, 8 };
  static const gint64 first[] = { G_MININT64, 8 };
  static const gint64 last[] = { 7, G_MAXINT64 };
  gint64 place;

  g_assert_true (mc_queue_find_place (close, 3, 0, &place));
  g_assert_false (mc_queue_find_place (close, 3, 1, &place));
  g_assert_false (mc_queue_find_place (close, 3, 2, &place));
  g_assert_true (mc_queue_find_place (close, 3, 3, &place));
  g_assert_false (mc_queue_find_place (first, 2, 0, &place));
  g_assert_false (mc_queue_find_place (last, 2, 2, &place));
  g_assert_true (mc_queue_find_place (NULL, 0, 3, &place));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_autofree char *path = g_strconcat ("/queue/choice/", choices[i].name, NULL);

      g_test_add_data_func (path, &choices[i], test_choice);
    }
  g_test_add_func ("/queue/places", test_places);
  g_test_add_func ("/queue/no-place", test_no_place);
  return g_test_run ();
}
