/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <gio/gunixfdlist.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The queue over the bus: who asked, order, what is done to all, what forbids transfers, history,
 * and a long queue whose service is killed again and again. */

#define N_FILES 200
#define FILE_SIZE 300000 /* each a pack of one chunk */
#define KILLS 10
#define ACTIVE 4
#define RATE (2 * 1000 * 1000) /* bytes a second: some are under way whenever it is killed */
#define QUEUE_REPO "test/queue"

static McDbusManager *
watch_manager (ServiceFixture *fixture, GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;
  McDbusManager *manager = mc_dbus_manager_proxy_new_sync (
      connection, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);

  g_assert_no_error (error);
  return manager;
}

/* A call that must go well. */
static GVariant *
call (ServiceFixture *fixture, const char *method, const char *arguments)
{
  g_autofree char *error_name = NULL;
  GVariant *value =
      service_fixture_call (fixture, method, g_variant_new_parsed (arguments), &error_name);

  g_assert_cmpstr (error_name, ==, "");
  return value;
}

static void
run (ServiceFixture *fixture, const char *method, const char *arguments)
{
  g_variant_unref (call (fixture, method, arguments));
}

static guint
count (ServiceFixture *fixture, const char *method)
{
  g_autoptr (GVariant) value = call (fixture, method, "(@a{sv} {},)");
  guint n;

  g_variant_get (value, "(u)", &n);
  return n;
}

/* Two programs ask for the same: one that cancels does not take it from the other. */
static void
test_requesters (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (GDBusConnection) other = mc_test_bus_connect (fixture->bus);
  g_autoptr (McDbusManager) others = NULL;
  g_autoptr (McDbusTransfer) mine = NULL;
  g_autoptr (McDbusTransfer) theirs = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_STALL_AFTER, 1, 1);
  first = service_fixture_download (fixture, BIG_REPO, "", "active");
  others = watch_manager (fixture, other);
  mc_dbus_manager_call_download_sync (others, BIG_REPO, "", service_options (), &second, NULL,
                                      &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, second);
  mine = service_fixture_watch (fixture, first);
  theirs = mc_dbus_transfer_proxy_new_sync (other, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME, second,
                                            NULL, &error);
  g_assert_no_error (error);
  g_assert_true (mc_dbus_transfer_call_cancel_sync (mine, service_options (), NULL, &error));
  g_assert_true (mc_dbus_transfer_call_start_now_sync (theirs, NULL, &error));
  g_assert_no_error (error);
  service_wait_for_state (mine, "active", 60000);
  g_assert_true (mc_dbus_transfer_call_cancel_sync (theirs, service_options (), NULL, &error));
  service_wait_for_state (mine, "cancelled", 60000);
}

static guint
get_hour (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return (guint) g_date_time_get_hour (now);
}

/* From two hours from now on; or always. */
static void
set_schedule (ServiceFixture *fixture, gboolean later)
{
  g_autofree char *arguments =
      g_strdup_printf ("({'schedule-from': <uint32 %u>, 'schedule-to': <uint32 %u>},)",
                       later ? (get_hour () + 2) % 24 : 0, later ? (get_hour () + 3) % 24 : 0);

  run (fixture, "Configure", arguments);
}

static void
wait_for_policy (McDbusManager *manager, const char *policy)
{
  while (g_strcmp0 (mc_dbus_manager_get_transfers_allowed (manager), policy) != 0)
    g_main_context_iteration (NULL, TRUE);
}

/* It is not the hour: it waits, and goes on when the person says so. */
static void
test_schedule (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (McDbusManager) manager = watch_manager (fixture, fixture->connection);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;

  g_assert_cmpstr (mc_dbus_manager_get_transfers_allowed (manager), ==, "allowed");
  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  set_schedule (fixture, TRUE);
  wait_for_policy (manager, "schedule");
  path = service_fixture_download (fixture, BIG_REPO, "", "queued");
  run (fixture, "AllowTransfers", "(@a{sv} {},)");
  wait_for_policy (manager, "allowed");
  transfer = service_fixture_watch (fixture, path);
  service_wait_for_state (transfer, "done", 60000);
}

static void
test_all (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autoptr (GVariant) history = NULL;
  g_autoptr (GVariant) entries = NULL;
  g_autoptr (GVariant) entry = NULL;
  g_autofree char *path = NULL;
  const char *text;
  guint64 size;

  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_STALL_AFTER, 1, 1);
  path = service_fixture_download (fixture, BIG_REPO, "", "active");
  transfer = service_fixture_watch (fixture, path);
  g_assert_cmpuint (count (fixture, "PauseAll"), ==, 1);
  service_wait_for_state (transfer, "paused", 60000);
  g_assert_cmpuint (count (fixture, "PauseAll"), ==, 0);
  g_assert_cmpuint (count (fixture, "RetryAll"), ==, 0);
  g_assert_cmpuint (count (fixture, "ResumeAll"), ==, 1);
  service_wait_for_state (transfer, "done", 60000);
  g_assert_cmpuint (count (fixture, "CancelAll"), ==, 0);
  service_fixture_expect_error (fixture, "CancelAll", g_variant_new_parsed ("({'discard': <1>},)"),
                                "InvalidName");
  history = call (fixture, "ListHistory", "({'limit': <uint32 5>},)");
  entries = g_variant_get_child_value (history, 0);
  g_assert_cmpuint (g_variant_n_children (entries), ==, 1);
  entry = g_variant_get_child_value (entries, 0);
  g_assert_true (g_variant_lookup (entry, "state", "&s", &text));
  g_assert_cmpstr (text, ==, "done");
  g_assert_true (g_variant_lookup (entry, "repo", "&s", &text));
  g_assert_cmpstr (text, ==, BIG_REPO);
  g_assert_true (g_variant_lookup (entry, "total", "t", &size));
  g_assert_cmpuint (size, ==, 6 * 1000 * 1000 + 3);
  run (fixture, "ClearHistory", "(@a{sv} {},)");
  g_clear_pointer (&history, g_variant_unref);
  history = call (fixture, "ListHistory", "(@a{sv} {},)");
  g_clear_pointer (&entries, g_variant_unref);
  entries = g_variant_get_child_value (history, 0);
  g_assert_cmpuint (g_variant_n_children (entries), ==, 0);
}

/* --- killed ten times --- */

static char *
make_name (guint i)
{
  return g_strdup_printf ("part-%03u.bin", i);
}

static guint
count_requests (ServiceFixture *fixture, guint i)
{
  g_autofree char *name = make_name (i);
  g_autofree char *place = g_strconcat ("storage:" QUEUE_REPO "/", name, NULL);

  return mc_test_hub_count (fixture->hub, place);
}

/* All of them wait until the last one is in the queue. */
static void
begin_queue (ServiceFixture *fixture)
{
  static const McTestRepoFacts facts = { .license = "mit" };
  g_autofree char *active = g_strdup_printf ("({'active-transfers': <uint32 %u>},)", ACTIVE);

  mc_test_hub_add_repo (fixture->hub, QUEUE_REPO, &facts);
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = make_name (i);

      mc_test_hub_add_generated (fixture->hub, QUEUE_REPO, name, FILE_SIZE, 100 + i);
    }
  mc_test_hub_set_rate (fixture->hub, RATE);
  set_schedule (fixture, TRUE);
  run (fixture, "Configure", active);
  run (fixture, "Scan", "('" QUEUE_REPO "', @a{sv} {})");
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = make_name (i);
      g_autofree char *arguments = g_strdup_printf ("('" QUEUE_REPO "', '%s', @a{sv} {})", name);

      run (fixture, "DownloadFile", arguments);
    }
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, "storage:" QUEUE_REPO "/part-000.bin"), ==, 0);
  set_schedule (fixture, FALSE);
}

static gboolean
has_file (ServiceFixture *fixture, guint i)
{
  g_autofree char *name = make_name (i);
  g_autofree char *arguments = g_strdup_printf ("('" QUEUE_REPO "', '%s')", name);
  g_autoptr (GVariant) value = call (fixture, "HasFile", arguments);
  gboolean has;

  g_variant_get (value, "(b)", &has);
  return has;
}

typedef struct
{
  ServiceFixture *fixture;
  guint wanted; /* files asked for at least once */
  guint here;   /* files that are here, one after the other */
} Progress;

static gboolean
have_been_asked_for (gpointer data)
{
  Progress *progress = data;
  guint n = 0;

  for (guint i = 0; i < N_FILES; i++)
    n += count_requests (progress->fixture, i) > 0 ? 1 : 0;
  return n >= progress->wanted;
}

static gboolean
are_here (gpointer data)
{
  Progress *progress = data;

  while (progress->here < N_FILES && has_file (progress->fixture, progress->here))
    progress->here++;
  return progress->here == N_FILES;
}

/* Whatever was here before a kill is never asked for again; what was under way may be, once for
 * each kill. */
static void
test_kills (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  Progress progress = { fixture, 0, 0 };
  guint complete[N_FILES] = { 0 }; /* 1 + requests when it was here */
  guint n_requests = 0;

  begin_queue (fixture);
  for (guint kill = 0; kill < KILLS; kill++)
    {
      progress.wanted = (kill + 1) * N_FILES / (KILLS + 1);
      g_assert_true (mc_test_wait_until (have_been_asked_for, &progress, 120000));
      for (guint i = 0; i < progress.wanted; i++)
        if (complete[i] == 0 && has_file (fixture, i))
          complete[i] = 1 + count_requests (fixture, i);
      mc_test_bus_end_service (fixture->bus, SIGKILL);
      run (fixture, "ResumeAll", "(@a{sv} {},)");
    }
  g_assert_true (mc_test_wait_until (are_here, &progress, 120000));
  for (guint i = 0; i < N_FILES; i++)
    {
      n_requests += count_requests (fixture, i);
      g_assert_cmpuint (count_requests (fixture, i), >=, 1);
      if (complete[i] != 0)
        g_assert_cmpuint (count_requests (fixture, i), ==, complete[i] - 1);
    }
  g_test_message ("%u files, %u kills, %u requests", N_FILES, KILLS, n_requests);
  g_assert_cmpuint (n_requests, <=, N_FILES + KILLS * ACTIVE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/queue/requesters", test_requesters);
  g_test_add_func ("/service/queue/schedule", test_schedule);
  g_test_add_func ("/service/queue/all", test_all);
  g_test_add_func ("/service/queue/kills", test_kills);
  return g_test_run ();
}
