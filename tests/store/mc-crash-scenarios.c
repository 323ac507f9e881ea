/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-crash-scenarios.h"

static gboolean
bring (McCrashWorld *world, McCrashContent which, GError **error)
{
  return mc_crash_hold (world, which, error) && mc_crash_fill (world, which, FALSE, 0, error);
}

/* A repo of which one file is here. */
static gboolean
prepare_one (McCrashWorld *world, GError **error)
{
  return mc_crash_scan (world, 'a', error) && bring (world, MC_CRASH_KEPT, error);
}

static gboolean
prepare_all (McCrashWorld *world, GError **error)
{
  for (guint i = MC_CRASH_OLD_WHOLE; i > 0; i--)
    if (!mc_crash_scan (world, 'a', error) || !bring (world, i - 1, error))
      return FALSE;
  return TRUE;
}

/* --- scenarios --- */

static gboolean
run_first (McCrashWorld *world, GError **error)
{
  return prepare_one (world, error);
}

static gboolean
run_scan (McCrashWorld *world, GError **error)
{
  return mc_crash_scan (world, 'b', error);
}

static gboolean
run_download (McCrashWorld *world, GError **error)
{
  return bring (world, MC_CRASH_LARGE, error) && bring (world, MC_CRASH_TEXT, error)
         && bring (world, MC_CRASH_SMALL, error) && bring (world, MC_CRASH_EMPTY, error);
}

static gboolean
run_backwards (McCrashWorld *world, GError **error)
{
  return mc_crash_hold (world, MC_CRASH_LARGE, error)
         && mc_crash_fill (world, MC_CRASH_LARGE, TRUE, 0, error);
}

/* The second chunk is here, the first is not. */
static gboolean
prepare_resume (McCrashWorld *world, GError **error)
{
  return prepare_one (world, error) && mc_crash_hold (world, MC_CRASH_LARGE, error)
         && mc_crash_fill (world, MC_CRASH_LARGE, TRUE, 1, error);
}

static gboolean
run_join (McCrashWorld *world, GError **error)
{
  return bring (world, MC_CRASH_TWIN, error);
}

static gboolean
prepare_join (McCrashWorld *world, GError **error)
{
  return prepare_one (world, error) && bring (world, MC_CRASH_LARGE, error);
}

static gboolean
run_delete (McCrashWorld *world, GError **error)
{
  return mc_crash_drop (world, MC_CRASH_LARGE, error)
         && mc_crash_drop (world, MC_CRASH_SMALL, error)
         && mc_crash_drop (world, MC_CRASH_TEXT, error);
}

static gboolean
run_delete_repo (McCrashWorld *world, GError **error)
{
  return mc_crash_drop_repo (world, error);
}

static gboolean
prepare_again (McCrashWorld *world, GError **error)
{
  return prepare_one (world, error) && bring (world, MC_CRASH_TEXT, error)
         && mc_crash_drop (world, MC_CRASH_TEXT, error);
}

static gboolean
run_again (McCrashWorld *world, GError **error)
{
  return bring (world, MC_CRASH_TEXT, error);
}

static void
damage_chunk (McCrashWorld *world)
{
  mc_crash_damage (world, MC_CRASH_LARGE, 1);
}

static void
damage_head (McCrashWorld *world)
{
  mc_crash_damage_head (world, MC_CRASH_LARGE);
}

static gboolean
run_repair (McCrashWorld *world, GError **error)
{
  return mc_crash_verify (world, MC_CRASH_LARGE, error)
         && mc_crash_fill (world, MC_CRASH_LARGE, FALSE, 0, error);
}

static gboolean
run_old (McCrashWorld *world, GError **error)
{
  return mc_crash_fill (world, MC_CRASH_OLD_PARTIAL, FALSE, 0, error);
}

/* The lender of a chunk goes; the borrower keeps it. */
static gboolean
run_delete_lender (McCrashWorld *world, GError **error)
{
  return mc_crash_drop (world, MC_CRASH_TWIN, error);
}

/* What it lent is damaged, too. */
static void
damage_lender (McCrashWorld *world)
{
  mc_crash_damage (world, MC_CRASH_TWIN, 0);
  mc_crash_take_back (world, MC_CRASH_LARGE, 0);
}

static gboolean
run_repair_lender (McCrashWorld *world, GError **error)
{
  return mc_crash_verify (world, MC_CRASH_TWIN, error)
         && mc_crash_fill (world, MC_CRASH_TWIN, FALSE, 0, error)
         && mc_crash_verify (world, MC_CRASH_LARGE, error)
         && mc_crash_fill (world, MC_CRASH_LARGE, FALSE, 0, error);
}

/* What is here has its names again, and nothing is brought in twice. */
static gboolean
run_rebuild (McCrashWorld *world, GError **error)
{
  return prepare_all (world, error);
}

#define ALL_WHOLE                                                                                  \
  {                                                                                                \
    MC_CRASH_WHOLE, MC_CRASH_WHOLE, MC_CRASH_WHOLE, MC_CRASH_WHOLE, MC_CRASH_WHOLE, MC_CRASH_WHOLE \
  }

const McCrashScenario mc_crash_scenarios[] = {
  { "first-start", NULL, NULL, run_first, { [MC_CRASH_KEPT] = MC_CRASH_WHOLE } },
  { "scan", prepare_one, NULL, run_scan, { [MC_CRASH_KEPT] = MC_CRASH_WHOLE } },
  { "download",
    prepare_one,
    NULL,
    run_download,
    { [MC_CRASH_KEPT] = MC_CRASH_WHOLE,
      [MC_CRASH_LARGE] = MC_CRASH_WHOLE,
      [MC_CRASH_TEXT] = MC_CRASH_WHOLE,
      [MC_CRASH_SMALL] = MC_CRASH_WHOLE,
      [MC_CRASH_EMPTY] = MC_CRASH_WHOLE } },
  { "out-of-order",
    prepare_one,
    NULL,
    run_backwards,
    { [MC_CRASH_KEPT] = MC_CRASH_WHOLE, [MC_CRASH_LARGE] = MC_CRASH_WHOLE } },
  { "resume",
    prepare_resume,
    NULL,
    run_backwards,
    { [MC_CRASH_KEPT] = MC_CRASH_WHOLE, [MC_CRASH_LARGE] = MC_CRASH_WHOLE } },
  { "join",
    prepare_join,
    NULL,
    run_join,
    { [MC_CRASH_KEPT] = MC_CRASH_WHOLE,
      [MC_CRASH_LARGE] = MC_CRASH_WHOLE,
      [MC_CRASH_TWIN] = MC_CRASH_WHOLE } },
  { "delete",
    prepare_all,
    NULL,
    run_delete,
    { [MC_CRASH_KEPT] = MC_CRASH_WHOLE,
      [MC_CRASH_LARGE] = MC_CRASH_GONE,
      [MC_CRASH_TWIN] = MC_CRASH_WHOLE,
      [MC_CRASH_TEXT] = MC_CRASH_GONE,
      [MC_CRASH_SMALL] = MC_CRASH_GONE } },
  { "delete-repo",
    prepare_all,
    NULL,
    run_delete_repo,
    { MC_CRASH_GONE, MC_CRASH_GONE, MC_CRASH_GONE, MC_CRASH_GONE, MC_CRASH_GONE, MC_CRASH_GONE } },
  { "hold-again", prepare_again, NULL, run_again, { [MC_CRASH_TEXT] = MC_CRASH_WHOLE } },
  { "repair-chunk", prepare_all, damage_chunk, run_repair, ALL_WHOLE },
  { "repair-head", prepare_all, damage_head, run_repair, ALL_WHOLE },
  { "delete-lender",
    prepare_all,
    NULL,
    run_delete_lender,
    { [MC_CRASH_KEPT] = MC_CRASH_WHOLE,
      [MC_CRASH_LARGE] = MC_CRASH_WHOLE,
      [MC_CRASH_TWIN] = MC_CRASH_GONE } },
  { "repair-lender", prepare_all, damage_lender, run_repair_lender, ALL_WHOLE },
  { "rebuild", prepare_all, mc_crash_damage_catalog, run_rebuild, ALL_WHOLE },
  { "migrate",
    NULL,
    mc_crash_unpack_old,
    run_old,
    { [MC_CRASH_OLD_WHOLE] = MC_CRASH_WHOLE,
      [MC_CRASH_OLD_PARTIAL] = MC_CRASH_WHOLE,
      [MC_CRASH_OLD_SMALL] = MC_CRASH_WHOLE } },
  { NULL, NULL, NULL, NULL, { MC_CRASH_ANY } },
};
