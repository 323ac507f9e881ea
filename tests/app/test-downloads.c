/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"
#include "mc-test-wait.h"
#include "window-fixture.h"

/* What a person does in the view of downloads. */

#define SLOW 10000 /* bytes a second: nothing ends meanwhile, however slow this machine is */
#define Q4 ONNX " · q4"
#define Q4_K_M GGUF " · Q4_K_M"
#define Q8_0 GGUF " · Q8_0"
#define WAITING "Waiting for its turn*"

static void
open_downloads (WindowFixture *f)
{
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Downloads");
}

static void
begin (WindowFixture *f, const char *repo, const char *variant)
{
  mcache_assert_works (&f->mcache, "download", repo, variant, "--detach", NULL);
}

/* Paused, resumed, cancelled; counted all the while. */
static void
test_steering (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  open_downloads (f);
  begin (f, ONNX, "q4");
  mc_test_person_see (f->person, NULL, "Active 1");
  mc_test_person_press (f->person, Q4, "Pause");
  mc_test_person_see (f->person, Q4, "Paused*");
  mc_test_person_see (f->person, NULL, "Waiting 1");
  mc_test_person_press (f->person, Q4, "Resume");
  mc_test_person_see (f->person, NULL, "Active 1");
  g_assert_cmpfloat (mc_test_person_read (f->person, Q4, "Progress"), <, 1);
  mc_test_person_press (f->person, Q4, "Cancel");
  mc_test_person_see (f->person, Q4, "Cancelled*");
  mc_test_person_see (f->person, NULL, "Active 0");
}

/* One that failed says why, and is tried again. */
static void
test_retry (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_script (f->mcache.hub, "/" ONNX "/resolve/main/" ONNX_WEIGHTS, MC_TEST_GATED, 0, 1);
  open_downloads (f);
  begin (f, ONNX, "q4");
  mc_test_person_see (f->person, NULL, "Failed 1");
  mc_test_person_see (f->person, Q4, "Access Must Be Granted*");
  mc_test_person_press (f->person, Q4, "Try Again");
  mc_test_person_see (f->person, Q4, "Downloaded*");
  mc_test_person_see (f->person, NULL, "Finished 1");
}

/* Where it comes from, what is in it, and what became of it. */
static void
test_details (WindowFixture *f, gconstpointer data)
{
  open_downloads (f);
  begin (f, ONNX, "q4");
  mc_test_person_see (f->person, Q4, "Downloaded*");
  mc_test_person_press (f->person, Q4, "More");
  mc_test_person_press (f->person, Q4, "Details");
  mc_test_person_see (f->person, "Files of the download", ONNX_WEIGHTS);
  mc_test_person_see (f->person, "Files of the download", "6.0*complete");
  mc_test_person_see (f->person, "History of the download", "Finished");
  mc_test_person_see (f->person, "Details", mc_test_hub_get_url (f->mcache.hub));
  mc_test_person_press (f->person, NULL, "Copy the Log");
  mc_test_person_press (f->person, "Details", "Close");
}

/* Only those of a group are shown. */
static void
test_groups (WindowFixture *f, gconstpointer data)
{
  open_downloads (f);
  begin (f, GGUF, "Q4_K_M");
  mc_test_person_see (f->person, NULL, "Finished 1");
  mc_test_person_press (f->person, NULL, "Failed 0");
  mc_test_person_miss (f->person, "Downloads", Q4_K_M);
  mc_test_person_press (f->person, NULL, "Finished 1");
  mc_test_person_see (f->person, "Downloads", Q4_K_M);
}

/* What waits is moved up, and begins when there is room; then it is made to begin at once. */
static void
test_order (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "settings", "active-transfers", "1", NULL);
  open_downloads (f);
  begin (f, ONNX, "q4");
  begin (f, GGUF, "Q4_K_M");
  begin (f, GGUF, "Q8_0");
  mc_test_person_see (f->person, Q4_K_M, WAITING);
  mc_test_person_see (f->person, Q8_0, WAITING);
  mc_test_person_press (f->person, Q8_0, "More");
  mc_test_person_press (f->person, Q8_0, "Move Up");
  mc_test_person_press (f->person, Q4, "Pause");
  mc_test_person_miss (f->person, Q8_0, WAITING);
  mc_test_person_see (f->person, Q4_K_M, WAITING);
  mc_test_person_press (f->person, Q4_K_M, "More");
  mc_test_person_press (f->person, Q4_K_M, "Start Now");
  mc_test_person_miss (f->person, Q4_K_M, WAITING);
}

/* One runs, two wait, in this order. */
static void
begin_three (WindowFixture *f)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "settings", "active-transfers", "1", NULL);
  open_downloads (f);
  begin (f, ONNX, "q4");
  begin (f, GGUF, "Q4_K_M");
  begin (f, GGUF, "Q8_0");
  mc_test_person_see (f->person, Q4_K_M, WAITING);
  mc_test_person_see (f->person, Q8_0, WAITING);
  mc_test_hands_focus (f->display, 1);
}

typedef struct
{
  WindowFixture *f;
  const char *upper;
  const char *lower;
} Order;

static gboolean
are_in_order (gpointer data)
{
  Order *order = data;
  int x, upper, lower;

  mc_test_person_find_place (order->f->person, order->upper, "Progress", &x, &upper);
  mc_test_person_find_place (order->f->person, order->lower, "Progress", &x, &lower);
  return upper < lower;
}

static void
await_order (WindowFixture *f, const char *upper, const char *lower)
{
  Order order = { f, upper, lower };

  g_assert_true (mc_test_wait_until (are_in_order, &order, 60000));
}

/* The row that moves keeps the keyboard. */
static void
test_order_by_keys (WindowFixture *f, gconstpointer data)
{
  begin_three (f);
  await_order (f, Q4_K_M, Q8_0);
  mc_test_hands_go_to (f->display, f->person, "Tab", Q8_0 "*", "More");
  mc_test_hands_key (f->display, "alt+Up");
  mc_test_person_hear (f->person, "*" GGUF " is now 2 of 3*");
  await_order (f, Q8_0, Q4_K_M);
  mc_test_hands_key (f->display, "alt+Up");
  mc_test_person_hear (f->person, "*" GGUF " is now 1 of 3*");
  await_order (f, Q8_0, Q4);
  mc_test_hands_key (f->display, "alt+Down");
  mc_test_person_hear (f->person, "*" GGUF " is now 2 of 3*");
  await_order (f, Q4, Q8_0);
  await_order (f, Q8_0, Q4_K_M);
}

static gboolean
are_in_order_soon (Order *order)
{
  return mc_test_wait_until (are_in_order, order, 3000);
}

/* A program that is busy when the drag begins does not know yet where it leads when it ends: then
 * nothing moves, and one does it again. */
static void
drag (WindowFixture *f, const char *what, const char *within, const char *where, Order *order)
{
  for (guint i = 0; i < 20; i++)
    {
      mc_test_hands_hold (f->display, f->person, "Downloads", what);
      mc_test_hands_carry_to (f->display, f->person, within, where);
      mc_test_hands_let_go (f->display);
      if (are_in_order_soon (order))
        return;
    }
  g_assert_not_reached ();
}

static void
test_order_by_pointer (WindowFixture *f, gconstpointer data)
{
  begin_three (f);
  await_order (f, Q4_K_M, Q8_0);
  /* The name is in the upper half of a row, the progress in the lower one, with all fonts. */
  drag (f, Q8_0, Q4_K_M, GGUF, &(Order){ f, Q8_0, Q4_K_M });
  drag (f, Q8_0, Q4_K_M, "Progress", &(Order){ f, Q4_K_M, Q8_0 });
}

/* All of them, and how fast they may be. */
static void
test_all (WindowFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) settings = NULL;

  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  open_downloads (f);
  begin (f, ONNX, "q4");
  begin (f, GGUF, "Q8_0");
  mc_test_person_press (f->person, NULL, "Pause All");
  mc_test_person_see (f->person, Q4, "Paused*");
  mc_test_person_see (f->person, Q8_0, "Paused*");
  mc_test_person_press (f->person, NULL, "Resume All");
  mc_test_person_miss (f->person, Q4, "Paused*");
  mc_test_person_press (f->person, NULL, "No speed limit");
  mc_test_person_press (f->person, NULL, "5 MB/s");
  mc_test_person_see (f->person, NULL, "Limit 5.0*MB/s");
  mc_test_person_press (f->person, NULL, "Pause All");
  mc_test_person_see (f->person, NULL, "Waiting 2");
  settings = mcache_run_json (&f->mcache, 0, "settings", NULL);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (settings), "bandwidth-limit"), ==,
                    5000000);
}

/* Where the hours keep all from running that is said, and can be set aside. */
static void
test_held (WindowFixture *f, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int hour = g_date_time_get_hour (now);
  g_autofree char *from = g_strdup_printf ("%d", (hour + 12) % 24);
  g_autofree char *to = g_strdup_printf ("%d", (hour + 13) % 24);

  mcache_assert_works (&f->mcache, "settings", "schedule-from", from, NULL);
  mcache_assert_works (&f->mcache, "settings", "schedule-to", to, NULL);
  open_downloads (f);
  begin (f, GGUF, "Q4_K_M");
  mc_test_person_see (f->person, Q4_K_M, "Waiting for the hours that were chosen*");
  mc_test_person_press (f->person, Q4_K_M, "Start Anyway");
  mc_test_person_see (f->person, Q4_K_M, "Downloaded*");
}

/* Whoever hears the window hears of each new state, of places in the queue, and how fast it is. */
static void
test_announcements (WindowFixture *f, gconstpointer data)
{
  g_autofree char *speed = NULL;

  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  open_downloads (f);
  begin (f, ONNX, "q4");
  begin (f, GGUF, "Q8_0");
  speed = mc_test_person_dup_description (f->person, NULL, "Speed of the last minute");
  g_assert_true (g_pattern_match_simple ("Now *, at most *", speed));
  mc_test_person_press (f->person, Q4, "Pause");
  mc_test_person_hear (f->person, Q4 " · Paused");
  /* The row that has the focus is called that, too. */
  mc_test_person_see (f->person, "Downloads", Q4 " · Paused");
  mc_test_person_press (f->person, Q8_0, "More");
  mc_test_person_press (f->person, Q8_0, "Move Up");
  mc_test_person_hear (f->person, "*" GGUF " is now 1 of 2*");
  mc_test_hub_set_rate (f->mcache.hub, 0);
  mc_test_person_press (f->person, Q4, "Resume");
  mc_test_person_hear (f->person, "*" Q4 " · Downloaded*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/downloads/steering", WindowFixture, NULL, window_set_up, test_steering,
              window_tear_down);
  g_test_add ("/downloads/retry", WindowFixture, NULL, window_set_up, test_retry, window_tear_down);
  g_test_add ("/downloads/details", WindowFixture, NULL, window_set_up, test_details,
              window_tear_down);
  g_test_add ("/downloads/groups", WindowFixture, NULL, window_set_up, test_groups,
              window_tear_down);
  g_test_add ("/downloads/order", WindowFixture, NULL, window_set_up, test_order, window_tear_down);
  g_test_add ("/downloads/order-by-keys", WindowFixture, NULL, window_set_up, test_order_by_keys,
              window_tear_down);
  g_test_add ("/downloads/order-by-pointer", WindowFixture, NULL, window_set_up,
              test_order_by_pointer, window_tear_down);
  g_test_add ("/downloads/held", WindowFixture, NULL, window_set_up, test_held, window_tear_down);
  g_test_add ("/downloads/announcements", WindowFixture, NULL, window_set_up, test_announcements,
              window_tear_down);
  g_test_add ("/downloads/all", WindowFixture, NULL, window_set_up, test_all, window_tear_down);
  return g_test_run ();
}
