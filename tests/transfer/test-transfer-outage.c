/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-clock.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The network is really gone in the middle of a transfer, and comes back: the test has one of its
 * own, a namespace with nothing but a loopback interface, that it takes down and up. What is under
 * way then is lost in silence, and nobody answers to what is new. */

#define BIG "big.gguf"
#define BIG_SIZE ((guint64) 83 * MIB) /* 17 chunks: four connections */
#define BIG_SEED 23
#define RATE (8 * MIB) /* bytes a second of each connection, so that it is caught in the middle */
#define BEFORE (10 * MIB)
#define OUTAGE (60 * G_TIME_SPAN_SECOND)
#define SHORT_OUTAGE (5 * G_TIME_SPAN_SECOND)
#define TIMEOUT 300 /* ms */
#define STEP (G_TIME_SPAN_SECOND / 4)
#define SOON (5 * G_TIME_SPAN_SECOND)

/* --- a network of one's own --- */

static gboolean
write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);

  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
set_up_network (gboolean up)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean ok = fd >= 0 && ioctl (fd, SIOCSIFFLAGS, &request) == 0;

  if (fd >= 0)
    close (fd);
  return ok;
}

/* Before there are threads. Whoever may not do that, as in many a container, skips. */
static gboolean
leave_network (void)
{
  g_autofree char *map = g_strdup_printf ("%u %u 1", getuid (), getuid ());

  return unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0 && write_file ("/proc/self/uid_map", map)
         && set_up_network (TRUE);
}

/* --- a transfer in it --- */

typedef struct
{
  McTransfer *transfer;
  guint64 received;
} Progress;

static gboolean
has_received_more (gpointer data)
{
  Progress *progress = data;

  return mc_transfer_get_received (progress->transfer) > progress->received;
}

/* timeout_ms: of connections; the clock's time does not count for them. 0: as usual. */
static McTransfer *
begin (Fixture *f, guint timeout_ms, gint64 *repo)
{
  Progress progress = { NULL, BEFORE };

  f->connect_timeout_ms = timeout_ms;
  fixture_reopen (f, timeout_ms, 1000);
  mc_test_hub_add_generated (f->hub, "org/model", BIG, BIG_SIZE, BIG_SEED);
  mc_test_hub_hash_generated (BIG_SIZE, BIG_SEED);
  mc_test_hub_set_rate (f->hub, RATE);
  *repo = fixture_scan (f, "org/model");
  progress.transfer = fixture_download (f, *repo, "", BIG);
  g_assert_true (mc_test_wait_until (has_received_more, &progress, 60000));
  return progress.transfer;
}

static void
finish (Fixture *f, gint64 repo, McTransfer *transfer)
{
  mc_test_hub_set_rate (f->hub, 0);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, BIG, BIG_SEED);
}

/* So much time passes, with whatever happens in it. */
static void
pass (Fixture *f, gint64 time)
{
  mc_clock_advance (time);
  fixture_settle (f);
}

static void
pass_outage (Fixture *f, McTransfer *transfer, gint64 time)
{
  g_assert_true (set_up_network (FALSE));
  for (gint64 start = mc_clock_now (); mc_clock_now () < start + time;)
    {
      /* A try takes its own time. */
      fixture_wait (transfer, MC_TRANSFER_WAITING);
      pass (f, G_TIME_SPAN_SECOND);
    }
  fixture_wait (transfer, MC_TRANSFER_WAITING);
  g_assert_error (mc_transfer_get_error (transfer), MC_ERROR, MC_ERROR_NETWORK);
  g_assert_true (set_up_network (TRUE));
}

static void
report (const char *how, gint64 before)
{
  g_test_message ("%s: went on %.1f s after the network was back", how,
                  (double) (mc_clock_now () - before) / G_TIME_SPAN_SECOND);
}

/* Nobody says that it is back. No more than five seconds of its own clock are let pass, then only
 * what is under way may end. */
static void
test_unnoticed (Fixture *f, gconstpointer data)
{
  Progress progress = { NULL };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;
  gint64 back;

  transfer = progress.transfer = begin (f, TIMEOUT, &repo);
  pass_outage (f, transfer, OUTAGE);
  progress.received = mc_transfer_get_received (transfer);
  back = mc_clock_now ();
  while (mc_clock_now () < back + SOON && mc_transfer_get_state (transfer) == MC_TRANSFER_WAITING)
    pass (f, STEP);
  g_assert_cmpint (mc_transfer_get_state (transfer), !=, MC_TRANSFER_WAITING);
  g_assert_true (mc_test_wait_until (has_received_more, &progress, 60000));
  report ("Unnoticed", back);
  finish (f, repo, transfer);
}

/* The system says so: at once, without any time passing. */
static void
test_noticed (Fixture *f, gconstpointer data)
{
  Progress progress = { NULL };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;
  gint64 back;

  transfer = progress.transfer = begin (f, TIMEOUT, &repo);
  mc_downloader_note_network (f->downloader, FALSE);
  pass_outage (f, transfer, SHORT_OUTAGE);
  progress.received = mc_transfer_get_received (transfer);
  back = mc_clock_now ();
  mc_downloader_note_network (f->downloader, TRUE);
  fixture_settle (f);
  g_assert_cmpint (mc_transfer_get_state (transfer), !=, MC_TRANSFER_WAITING);
  g_assert_true (mc_test_wait_until (has_received_more, &progress, 60000));
  report ("Noticed", back);
  finish (f, repo, transfer);
}

static gboolean
never (gpointer data)
{
  return FALSE;
}

/* A minute by the clock on the wall. */
static void
test_minute (Fixture *f, gconstpointer data)
{
  Progress progress = { NULL };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;
  gint64 back;

  transfer = progress.transfer = begin (f, 0, &repo);
  g_assert_true (set_up_network (FALSE));
  mc_test_wait_until (never, NULL, OUTAGE / 1000);
  g_assert_true (set_up_network (TRUE));
  progress.received = mc_transfer_get_received (transfer);
  back = mc_clock_now ();
  g_assert_true (mc_test_wait_until (has_received_more, &progress, 60000));
  report ("A minute", back);
  finish (f, repo, transfer);
}

static void
test_impossible (void)
{
  g_test_skip ("A network of its own is not allowed here");
}

int
main (int argc, char *argv[])
{
  gboolean alone = leave_network ();

  g_test_init (&argc, &argv, NULL);
  if (!alone)
    {
      g_test_add_func ("/transfer/outage", test_impossible);
      return g_test_run ();
    }
#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/outage/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)
  ADD ("unnoticed", test_unnoticed);
  ADD ("noticed", test_noticed);
  if (g_test_slow ())
    ADD ("minute", test_minute);
  return g_test_run ();
}
