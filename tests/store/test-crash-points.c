/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-crash-disk.h"
#include "mc-crash-scenarios.h"

#include "mc-error.h"

#include <glib/gstdio.h>

/* Every change that a scenario makes to the disk is a point. At each one
 *   cut      the program dies, or the power goes with a disk that kept all, nothing or some of what
 *            was not synced: the folder is made as it would be found, in several ways;
 *   faulty   the change fails once with an I/O error;
 *   full     from the change on there is no space;
 *   dead     from the change on nothing can be changed, until it can again.
 * After each the store opens, what it had promised is so, the invariants hold, and the scenario
 * goes on to its end. MC_CRASH_POINTS says how many points of a scenario are tried: a number, or
 * all. */

#define SEEDS 3
#define MOST_TOLD 20 /* failures that are told in full */

typedef struct
{
  const McCrashScenario *scenario;
  McTestFolder *folder; /* borrowed */
  McCrashState *before; /* (owned) (nullable): the folder before the scenario */
  McCrashLog *log;      /* (owned) (nullable) */
  McCrashWorld *world;  /* (owned) */
  GHashTable *seen;     /* (owned): states that were tried */
  guint n_points;
  guint n_states;
  guint n_wrong;
} Run;

/* How many points at most; 0: all. */
static guint
get_limit (void)
{
  const char *text = g_getenv ("MC_CRASH_POINTS");

  if (text == NULL)
    return g_test_slow () ? 8 : 2;
  return g_strcmp0 (text, "all") == 0 ? 0 : (guint) g_ascii_strtoull (text, NULL, 10);
}

/* --- one try --- */

static void
say_error (GPtrArray *wrong, const char *doing, const GError *error)
{
  g_ptr_array_add (wrong, g_strdup_printf ("%s: %s", doing, error->message));
}

/* What could not be removed goes at the next start. */
static void
check_end (Run *run, gboolean settled, GPtrArray *wrong)
{
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    if (run->scenario->end[i] == MC_CRASH_WHOLE)
      mc_crash_check_whole (run->world, i, wrong);
    else if (settled && run->scenario->end[i] == MC_CRASH_GONE)
      mc_crash_check_gone (run->world, i, wrong);
  mc_crash_check_store (run->world, settled, FALSE, wrong);
}

static void
tell (Run *run, const char *where, GPtrArray *wrong)
{
  for (guint i = 0; i < wrong->len && run->n_wrong < MOST_TOLD; i++)
    g_test_message ("%s: %s: %s", run->scenario->name, where, (char *) wrong->pdata[i]);
  run->n_wrong += wrong->len > 0;
}

/* What was found after the point, and the scenario to its end. */
static void
go_on (Run *run, guint n_changes, gboolean settled, GPtrArray *wrong)
{
  g_autoptr (GError) error = NULL;

  mc_crash_check_store (run->world, settled, TRUE, wrong);
  mc_crash_check_promises (run->world, n_changes, wrong);
  if (!run->scenario->run (run->world, &error))
    say_error (wrong, "It does not go on", error);
  else
    check_end (run, settled, wrong);
}

static void
try_folder (Run *run, const char *folder, guint n_changes, GPtrArray *wrong)
{
  g_autoptr (GError) error = NULL;

  if (!mc_crash_open (run->world, folder, &error))
    {
      say_error (wrong, "It does not open", error);
      return;
    }
  go_on (run, n_changes, TRUE, wrong);
  mc_crash_close (run->world);
}

/* --- cuts --- */

static void
try_cut (Run *run, guint n_changes, guint variant)
{
  static const McCrashCut cuts[] = {
    { MC_CRASH_ALL, MC_CRASH_ALL, 0 },
    { MC_CRASH_NONE, MC_CRASH_NONE, 0 },
    { MC_CRASH_NONE, MC_CRASH_ALL, 0 },
    { MC_CRASH_ALL, MC_CRASH_NONE, 0 },
  };
  McCrashCut cut = { MC_CRASH_SOME, MC_CRASH_SOME, n_changes * SEEDS + variant };
  g_autoptr (McCrashState) state = NULL;
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_build_filename (run->folder->path, "cut", NULL);
  g_autofree char *identity = NULL;
  g_autofree char *where = NULL;
  g_autofree char *last = NULL;
  guint n_notes = run->world->notes->len;

  if (variant < G_N_ELEMENTS (cuts))
    cut = cuts[variant];
  state = mc_crash_log_cut (run->log, n_changes, &cut);
  run->n_points++;
  identity = mc_crash_state_identify (state);
  where = g_strdup_printf ("%s-%u", identity, mc_crash_count_promises (run->world, n_changes));
  if (!g_hash_table_add (run->seen, g_strdup (where)))
    return;
  run->n_states++;
  mc_crash_state_write (state, folder);
  try_folder (run, folder, n_changes, wrong);
  g_array_set_size (run->world->notes, n_notes);
  mc_test_remove_tree (folder);
  last = n_changes == 0 ? g_strdup ("nothing") : mc_crash_log_describe (run->log, n_changes - 1);
  g_free (where);
  where = g_strdup_printf ("cut %u.%u after %s", n_changes, variant, last);
  tell (run, where, wrong);
}

/* --- failures --- */

/* While the disk fails: once, and once more, which must not do harm. */
static void
run_disturbed (Run *run, McCrashDiskFault fault, GPtrArray *wrong)
{
  g_autoptr (GError) error = NULL;

  if (!run->scenario->run (run->world, &error) && fault == MC_CRASH_DISK_FULL
      && !g_error_matches (error, MC_ERROR, MC_ERROR_NO_SPACE))
    say_error (wrong, "It does not say that there is no space", error);
  if (error != NULL && !mc_crash_disk_has_failed ())
    say_error (wrong, "It fails without a reason", error);
  if (!mc_crash_disk_has_failed () || fault == MC_CRASH_DISK_FAULTY)
    return;
  mc_crash_check_store (run->world, FALSE, TRUE, wrong);
  mc_crash_check_promises (run->world, G_MAXUINT, wrong);
  run->scenario->run (run->world, NULL);
}

/* And then the power goes: what was not synced because of the failure, and was thought to be, is
 * lost now. */
static void
cut_afterwards (Run *run, McCrashLog *log, GPtrArray *wrong)
{
  const McCrashCut cut = { MC_CRASH_NONE, MC_CRASH_NONE, 0 };
  g_autofree char *folder = g_build_filename (run->folder->path, "cut", NULL);
  g_autoptr (McCrashState) state = mc_crash_log_cut (log, mc_crash_log_get_length (log), &cut);

  mc_crash_state_write (state, folder);
  try_folder (run, folder, G_MAXUINT, wrong);
  mc_test_remove_tree (folder);
}

/* FALSE if the scenario has fewer changes. */
static gboolean
try_fault (Run *run, McCrashDiskFault fault, guint at, const char *where)
{
  g_autofree char *folder = g_build_filename (run->folder->path, "fault", NULL);
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (McCrashLog) log = NULL;
  guint n_notes = run->world->notes->len;
  gboolean failed;

  mc_crash_state_write (run->before, folder);
  log = mc_crash_log_new (folder);
  mc_crash_disk_watch (folder, log, fault, at);
  if (mc_crash_open (run->world, folder, NULL))
    run_disturbed (run, fault, wrong);
  failed = mc_crash_disk_has_failed ();
  mc_crash_disk_mend ();
  if (run->world->store != NULL)
    go_on (run, G_MAXUINT, FALSE, wrong);
  mc_crash_close (run->world);
  try_folder (run, folder, G_MAXUINT, wrong);
  mc_crash_disk_leave ();
  if (failed && wrong->len == 0)
    cut_afterwards (run, log, wrong);
  g_array_set_size (run->world->notes, n_notes);
  mc_test_remove_tree (folder);
  tell (run, where, wrong);
  return failed;
}

/* --- a scenario --- */

static const McCrashCut everything = { MC_CRASH_ALL, MC_CRASH_ALL, 0 };

static McCrashState *
take_state (const char *folder)
{
  g_autoptr (McCrashLog) log = mc_crash_log_new (folder);

  return mc_crash_log_cut (log, 0, &everything);
}

static void
prepare (Run *run)
{
  g_autofree char *folder = g_build_filename (run->folder->path, "before", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  if (run->scenario->prepare != NULL)
    {
      mc_crash_open (run->world, folder, &error);
      g_assert_no_error (error);
      run->scenario->prepare (run->world, &error);
      g_assert_no_error (error);
      mc_crash_close (run->world);
    }
  if (run->world->folder == NULL)
    run->world->folder = g_strdup (folder);
  if (run->scenario->tamper != NULL)
    run->scenario->tamper (run->world);
  run->before = take_state (folder);
}

/* What the log says at its end must be what is in the folder, or it missed something. */
static void
check_log (McCrashLog *log, const char *folder)
{
  g_autoptr (McCrashState) expected = take_state (folder);
  g_autoptr (McCrashState) found =
      mc_crash_log_cut (log, mc_crash_log_get_length (log), &everything);
  g_autofree char *expected_identity = mc_crash_state_identify (expected);
  g_autofree char *found_identity = mc_crash_state_identify (found);

  g_assert_cmpstr (found_identity, ==, expected_identity);
}

static void
record (Run *run)
{
  g_autofree char *folder = g_build_filename (run->folder->path, "recorded", NULL);
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  mc_crash_state_write (run->before, folder);
  run->log = mc_crash_log_new (folder);
  mc_crash_disk_watch (folder, run->log, MC_CRASH_DISK_SOUND, 0);
  mc_crash_open (run->world, folder, &error);
  g_assert_no_error (error);
  run->scenario->run (run->world, &error);
  g_assert_no_error (error);
  mc_crash_close (run->world);
  mc_crash_disk_leave ();
  check_log (run->log, folder);
  mc_crash_open (run->world, folder, &error);
  g_assert_no_error (error);
  check_end (run, TRUE, wrong);
  mc_crash_close (run->world);
  tell (run, "undisturbed", wrong);
}

/* Whether that point, as a failure names it, is among those that are tried: each of them is as
 * likely as another, and the same ones are tried whenever there are as many. */
static gboolean
is_chosen (const char *name, guint point, guint n_points)
{
  const char *only = g_getenv ("MC_CRASH_POINT");
  guint limit = get_limit ();

  if (only != NULL)
    return g_strcmp0 (name, only) == 0;
  return limit == 0 || n_points <= limit
         || ((guint64) point * limit) / n_points != ((guint64) (point + 1) * limit) / n_points;
}

static void
try_points (Run *run)
{
  guint n_changes = mc_crash_log_get_length (run->log);
  guint n_variants = 4 + SEEDS;
  guint n_cuts = (n_changes + 1) * n_variants;

  for (guint i = 0; i < n_cuts; i++)
    {
      g_autofree char *name = g_strdup_printf ("cut %u.%u", i / n_variants, i % n_variants);

      if (is_chosen (name, i, n_cuts))
        try_cut (run, i / n_variants, i % n_variants);
    }
}

static void
try_faults (Run *run, McCrashDiskFault fault)
{
  static const char *const kinds[] = { "sound", "faulty", "full", "dead" };
  guint most = mc_crash_log_get_length (run->log) + 50;
  gboolean reached = TRUE;

  for (guint at = 1; reached && at < most; at++)
    {
      g_autofree char *name = g_strdup_printf ("%s %u", kinds[fault], at);

      if (!is_chosen (name, at, most))
        continue;
      reached = try_fault (run, fault, at, name);
      run->n_points += reached;
      run->n_states += reached;
    }
}

static void
test_scenario (McTestFolder *folder, gconstpointer data)
{
  Run run = { .scenario = data, .folder = folder };
  guint n_notes;

  /* What is put aside or done again is told as a warning, and is meant to be here. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  run.world = mc_crash_world_new ();
  run.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  prepare (&run);
  n_notes = run.world->notes->len;
  record (&run);
  try_points (&run);
  /* What the recorded run promised is no concern of those that fail. */
  g_array_set_size (run.world->notes, n_notes);
  try_faults (&run, MC_CRASH_DISK_FAULTY);
  try_faults (&run, MC_CRASH_DISK_FULL);
  try_faults (&run, MC_CRASH_DISK_DEAD);
  g_test_message ("%s: %u points tried, %u of them unlike the others, %u violations",
                  run.scenario->name, run.n_points, run.n_states, run.n_wrong);
  if (run.n_wrong > 0)
    g_test_fail ();
  mc_crash_log_free (run.log);
  mc_crash_world_free (run.world);
  g_hash_table_unref (run.seen);
  mc_crash_state_free (run.before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; mc_crash_scenarios[i].name != NULL; i++)
    {
      g_autofree char *name = g_strconcat ("/crash-points/", mc_crash_scenarios[i].name, NULL);

      mc_test_folder_add (name, test_scenario, &mc_crash_scenarios[i]);
    }
  return g_test_run ();
}
