/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-sandbox.h"
#include "mc-test-sandbox.h"

#include <glib/gstdio.h>
#include <string.h>

/* What a Flatpak may keep, and how its paths are called outside: asked in a sandbox by bubblewrap,
 * by this program itself. */

#define FORGETS "--forgets"
#define DESCRIBE "--describe"
#define LENT "--lent"

static char *program;

static int
answer (const char *question, const char *path)
{
  g_autofree char *described = mc_sandbox_describe (path);

  if (strcmp (question, DESCRIBE) == 0)
    g_print ("%s", described);
  else if (strcmp (question, LENT) == 0)
    g_print ("%s", mc_sandbox_is_lent (path) ? "yes" : "no");
  else
    g_print ("%s", mc_sandbox_forgets (path) ? "yes" : "no");
  return 0;
}

static char *
ask_within (const char *info, const char *question, const char *path)
{
  const char *command[] = { program, question, path, NULL };
  g_autoptr (GSubprocess) process = mc_test_sandbox_start (info, NULL, command);
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  return out;
}

typedef struct
{
  char *folder;
  char *info; /* in that */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("mcs-XXXXXX", NULL);
  f->info = g_build_filename (f->folder, "info", NULL);
  g_assert_true (g_file_set_contents (f->info, "[Application]\n", -1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->info);
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->info);
}

static void
assert_answer (Fixture *f, const char *question, const char *path, const char *expected)
{
  g_autofree char *out = ask_within (f->info, question, path);

  g_assert_cmpstr (out, ==, expected);
}

static void
test_forgets (Fixture *f, gconstpointer data)
{
  g_assert_false (mc_sandbox_forgets ("/nowhere/models"));
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  assert_answer (f, FORGETS, "/nowhere/models", "yes");
  assert_answer (f, FORGETS, "/", "yes");
  assert_answer (f, FORGETS, "/tmp/models", "yes");
  assert_answer (f, FORGETS, "/usr/models", "no");
}

static void
test_describe (Fixture *f, gconstpointer data)
{
  static const char lent[] = "/run/user/7/doc/1a2b/Models/model-cache";
  g_autofree char *outside = mc_sandbox_describe (lent);

  g_assert_cmpstr (outside, ==, lent);
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  g_setenv ("XDG_RUNTIME_DIR", "/run/user/7", TRUE);
  assert_answer (f, DESCRIBE, lent, "Models/model-cache");
  assert_answer (f, DESCRIBE, "/run/flatpak/doc/1a2b/Models", "Models");
  assert_answer (f, LENT, lent, "yes");
  assert_answer (f, LENT, "/run/flatpak/doc/1a2b/Models", "yes");
  assert_answer (f, LENT, "/srv/Models", "no");
  assert_answer (f, DESCRIBE, "/run/user/7/doc/1a2b", "/run/user/7/doc/1a2b");
  assert_answer (f, DESCRIBE, "/srv/Models", "/srv/Models");
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_has_prefix (argv[1], "--"))
    return answer (argv[1], argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/sandbox/forgets", Fixture, NULL, set_up, test_forgets, tear_down);
  g_test_add ("/sandbox/describe", Fixture, NULL, set_up, test_describe, tear_down);
  return g_test_run ();
}
