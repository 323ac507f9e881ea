/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"
#include "mc-hasher.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The service is killed at random moments of a download, and each time it must go on from exactly
 * what was committed. */

#define SIZE G_GUINT64_CONSTANT (400000000)
#define KILLS 20
#define RATE (30 * 1000 * 1000)

static McDigest
digest_of_big (void)
{
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_SHA256, SIZE);
  g_autofree guint8 *block = g_malloc (1024 * 1024);

  for (guint64 offset = 0; offset < SIZE; offset += 1024 * 1024)
    {
      gsize length = (gsize) MIN (SIZE - offset, 1024 * 1024);

      mc_test_hub_generate (BIG_SEED, offset, block, length);
      mc_hasher_update (hasher, block, length);
    }
  return mc_hasher_finish (hasher);
}

/* What is committed, by asking the pack itself while no service runs. */
static guint64
ask_pack (ServiceFixture *fixture, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (fixture->folder, digest);
  g_autoptr (GError) error = NULL;
  McDigest found;
  guint64 size;
  McPackState state = { 0, FALSE };

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return 0;
  mc_pack_probe (path, &found, &size, &state, &error);
  g_assert_no_error (error);
  return state.committed;
}

static gboolean
on_timeout (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

/* Lets it run for so long, and asserts that its counter never goes back. */
static void
run_for (McDbusTransfer *transfer, guint ms, guint64 *verified)
{
  gboolean over = FALSE;

  g_timeout_add (ms, on_timeout, &over);
  g_assert_true (mc_test_wait_until (is_true, &over, ms + 10000));
  g_assert_cmpuint (mc_dbus_transfer_get_verified (transfer), >=, *verified);
  *verified = mc_dbus_transfer_get_verified (transfer);
}

typedef struct
{
  ServiceFixture *fixture;
  guint before;
} Asked;

static gboolean
has_asked (gpointer data)
{
  Asked *asked = data;

  return mc_test_hub_count (asked->fixture->hub, "storage:" BIG_REPO "/" BIG_FILE) > asked->before;
}

/* After a restart it asks for whole chunks, in whatever order its connections come. */
static void
assert_goes_on (ServiceFixture *fixture, guint before)
{
  Asked asked = { fixture, before };
  g_autofree char *range = NULL;
  guint64 start;

  g_assert_true (mc_test_wait_until (has_asked, &asked, 60000));
  range = mc_test_hub_seen (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, before, "Range");
  g_assert_true (g_str_has_prefix (range, "bytes="));
  start = g_ascii_strtoull (range + strlen ("bytes="), NULL, 10);
  g_assert_cmpuint (start % MC_CHUNK_SIZE, ==, 0);
}

static void
test_kills (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  McDigest digest = digest_of_big ();
  g_autofree char *error_name = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GVariant) value = NULL;
  guint64 verified = 0;
  guint64 committed = 0;
  guint64 wasted;
  int fd;

  service_fixture_add_big (fixture, SIZE);
  /* Of each of several connections. */
  mc_test_hub_set_rate (fixture->hub, RATE / 2);
  value = service_fixture_call (fixture, "Download",
                                g_variant_new ("(ss@a{sv})", BIG_REPO, "", service_options ()),
                                &error_name);
  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (value, "(o)", &path);
  for (guint i = 0; i < KILLS; i++)
    {
      guint before = mc_test_hub_count (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE);
      g_autoptr (McDbusTransfer) transfer = service_fixture_watch (fixture, path);

      if (i > 0)
        assert_goes_on (fixture, before);
      run_for (transfer, (guint) g_test_rand_int_range (20, 500), &verified);
      mc_test_bus_end_service (fixture->bus, SIGKILL);
      committed = ask_pack (fixture, &digest);
      g_test_message ("kill %2u at %4.0f MB", i + 1, (double) committed / 1e6);
      g_assert_cmpuint (committed, >=, verified > 3 ? verified - 3 : 0);
    }
  g_assert_cmpuint (committed, <, SIZE);

  mc_test_hub_set_rate (fixture->hub, 0);
  {
    g_autoptr (McDbusTransfer) transfer = service_fixture_watch (fixture, path);

    service_wait_for_state (transfer, "done", 600000);
    g_assert_cmpuint (mc_dbus_transfer_get_verified (transfer), ==, SIZE + 3);
  }
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
  /* What was under way when it was killed came again; what the socket had taken is counted too. */
  wasted = mc_test_hub_bytes_sent (fixture->hub, BIG_REPO, BIG_FILE) - SIZE;
  g_test_message ("%.1f MB came again over %d kills", (double) wasted / 1e6, KILLS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/kill", test_kills);
  return g_test_run ();
}
