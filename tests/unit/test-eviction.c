/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-eviction.h"

#include <string.h>

/* What goes when space is needed. Holdings are "id:last_used:contents", contents letters from "a";
 * a
 * "!" in front: it must stay. gives: of the contents. */
typedef struct
{
  const char *name;
  const char *holdings;
  guint64 gives[6];
  guint64 need;
  const char *going; /* "id=returns" in order */
  guint64 sum;
} Case;

static const Case cases[] = {
  { "nothing-needed", "1:10:a 2:20:b", { 100, 100 }, 0, "", 0 },
  { "oldest-first", "1:30:a 2:10:b 3:20:c", { 100, 100, 100 }, 150, "2=100 3=100", 200 },
  { "exactly", "1:10:a 2:20:b", { 100, 100 }, 100, "1=100", 100 },
  { "one-byte-more", "1:10:a 2:20:b", { 100, 100 }, 101, "1=100 2=100", 200 },
  { "same-time-by-id", "9:10:a 3:10:b", { 100, 100 }, 100, "3=100", 100 },
  { "stays", "!1:10:a 2:20:b !3:5:c", { 100, 100, 100 }, 250, "2=100", 100 },
  { "all-stay", "!1:10:a !2:20:b", { 100, 100 }, 50, "", 0 },
  { "shared-with-what-stays", "1:10:a !2:20:a 3:30:b", { 100, 100 }, 100, "3=100", 100 },
  { "shared-by-two", "1:10:ab 2:20:bc", { 10, 100, 10 }, 110, "1=10 2=110", 120 },
  { "shared-is-not-enough", "1:10:ab 2:20:bc", { 10, 100, 10 }, 10, "1=10", 10 },
  { "small-ones-are-spared", "1:10:a 2:20:b 3:30:c", { 5, 5, 1000 }, 900, "3=1000", 1000 },
  { "only-what-is-spared-fits",
    "1:10:a 2:20:b 3:30:c",
    { 5, 500, 1000 },
    1400,
    "2=500 3=1000",
    1500 },
  { "gives-nothing", "1:10:a 2:20:b", { 0, 100 }, 50, "2=100", 100 },
  { "not-enough", "1:10:a 2:20:b", { 100, 50 }, 1000, "1=100 2=50", 150 },
  { "not-enough-in-vain", "1:10:a !2:20:a 3:20:b", { 100, 50 }, 1000, "3=50", 50 },
  { "same-content-in-two", "1:10:a 2:20:a 3:30:a", { 60 }, 60, "1=0 2=0 3=60", 60 },
  { "empty", "1:10: 2:20:b", { 0, 100 }, 100, "2=100", 100 },
  { "none", "", { 0 }, 100, "", 0 },
};

static void
count_holders (const char *holdings, guint *holders)
{
  for (const char *at = holdings; *at != '\0'; at++)
    if (*at >= 'a' && *at <= 'f')
      holders[*at - 'a']++;
}

static McEviction *
make_plan (const Case *test)
{
  g_auto (GStrv) words = g_strsplit (test->holdings, " ", -1);
  McEviction *plan = mc_eviction_new ();
  guint holders[6] = { 0 };

  count_holders (test->holdings, holders);
  for (guint i = 0; i < G_N_ELEMENTS (holders); i++)
    g_assert_cmpuint (mc_eviction_add_content (plan, test->gives[i], holders[i]), ==, i);
  for (guint i = 0; words[i] != NULL && words[i][0] != '\0'; i++)
    {
      gboolean kept = words[i][0] == '!';
      g_auto (GStrv) parts = g_strsplit (words[i] + (kept ? 1 : 0), ":", 3);
      GArray *contents = g_array_new (FALSE, FALSE, sizeof (guint));

      for (const char *at = parts[2]; *at != '\0'; at++)
        {
          guint which = (guint) (*at - 'a');

          g_array_append_val (contents, which);
        }
      mc_eviction_add_holding (plan, g_ascii_strtoll (parts[0], NULL, 10),
                               g_ascii_strtoll (parts[1], NULL, 10), kept, contents);
    }
  return plan;
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (McEviction) plan = make_plan (test);

  /* Asking does not change the answer. */
  for (guint again = 0; again < 2; again++)
    {
      guint64 sum = 1;
      g_autoptr (GPtrArray) going = mc_eviction_plan (plan, test->need, &sum);
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint i = 0; i < going->len; i++)
        {
          const McEvictionHolding *holding = g_ptr_array_index (going, i);

          g_string_append_printf (text, "%s%d=%d", i == 0 ? "" : " ", (int) holding->id,
                                  (int) holding->returns);
        }
      g_assert_cmpstr (text->str, ==, test->going);
      g_assert_cmpuint (sum, ==, test->sum);
    }
}

/* What was chosen goes together: ids, what comes back, what of it stays. */
static void
test_measure (void)
{
  static const struct
  {
    const char *holdings;
    const guint64 gives[6];
    gint64 ids[3];
    guint64 returns;
    guint64 kept;
  } choices[] = {
    { "1:10:a 2:20:b", { 100, 50 }, { 1 }, 100, 0 },
    { "1:10:ab 2:20:bc", { 10, 100, 10 }, { 1 }, 10, 100 },
    { "1:10:ab 2:20:bc", { 10, 100, 10 }, { 1, 2 }, 120, 0 },
    { "1:10:a 2:20:a 3:30:a", { 60 }, { 1, 3 }, 0, 60 },
    { "!1:10:a", { 60 }, { 1 }, 60, 0 },
    { "1:10:a", { 60 }, { 9 }, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      Case test = { .holdings = choices[i].holdings };
      g_autoptr (McEviction) plan = NULL;
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
      guint64 kept = 1;

      memcpy (test.gives, choices[i].gives, sizeof test.gives);
      plan = make_plan (&test);
      for (guint j = 0; j < 3 && choices[i].ids[j] != 0; j++)
        g_array_append_val (ids, choices[i].ids[j]);
      g_assert_cmpuint (mc_eviction_measure (plan, ids, &kept), ==, choices[i].returns);
      g_assert_cmpuint (kept, ==, choices[i].kept);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/eviction/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/eviction/measure", test_measure);
  return g_test_run ();
}
