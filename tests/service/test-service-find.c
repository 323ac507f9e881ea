/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What other programs have is found, whatever else lies there. */

#define DEEP 40 /* folders: more than are looked at */

typedef struct
{
  char *home;
  ServiceFixture *service;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *home = NULL;

  f->home = g_dir_make_tmp ("mc-home-XXXXXX", &error);
  g_assert_no_error (error);
  home = g_strconcat ("HOME=", f->home, NULL);
  f->service = service_fixture_new (
      (const char *const[]){ home, "XDG_CACHE_HOME=", "HF_HOME=", "HF_HUB_CACHE=", NULL });
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = g_shell_quote (f->home);
  g_autofree char *command = g_strconcat ("rm -rf ", quoted, NULL);

  service_fixture_free (f->service);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_free (f->home);
}

static char *
make_folder (Fixture *f, const char *path)
{
  char *whole = g_build_filename (f->home, path, NULL);

  g_assert_cmpint (g_mkdir_with_parents (whole, 0700), ==, 0);
  return whole;
}

static void
write_file (const char *folder, const char *name, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *bytes = g_strnfill (size, 'x');
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
link_to (const char *target, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static GVariant *
find (Fixture *f)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      f->service, "FindModels", g_variant_new ("(@a{sv})", service_options ()), &error_name);

  g_assert_cmpstr (error_name, ==, "");
  return g_variant_get_child_value (value, 0);
}

static void
assert_place (
    GVariant *places, guint i, const char *program, guint files, guint64 size, gboolean cut)
{
  g_autoptr (GVariant) place = g_variant_get_child_value (places, i);
  const char *name = "";
  guint32 n = 0;
  guint64 bytes = 0;
  gboolean is_cut = !cut;

  g_variant_lookup (place, "program", "&s", &name);
  g_variant_lookup (place, "files", "u", &n);
  g_variant_lookup (place, "size", "t", &bytes);
  g_variant_lookup (place, "cut", "b", &is_cut);
  g_assert_cmpstr (name, ==, program);
  g_assert_cmpuint (n, ==, files);
  g_assert_cmpuint (bytes, ==, size);
  g_assert_true (is_cut == cut);
}

static void
test_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) places = NULL;

  g_free (make_folder (f, ".ollama/models"));
  places = find (f);
  g_assert_cmpuint (g_variant_n_children (places), ==, 0);
}

/* A file counts once, by whatever names. */
static void
test_all (Fixture *f, gconstpointer data)
{
  g_autofree char *blobs = make_folder (f, ".cache/huggingface/hub/models--owner--name/blobs");
  g_autofree char *snapshot =
      make_folder (f, ".cache/huggingface/hub/models--owner--name/snapshots/main");
  g_autofree char *ollama = make_folder (f, ".ollama/models/blobs");
  g_autofree char *studio = make_folder (f, ".lmstudio/models/owner/name");
  g_autoptr (GVariant) places = NULL;

  write_file (blobs, "0123", 1000);
  link_to ("../../blobs/0123", snapshot, "model.safetensors");
  write_file (ollama, "sha256-1", 500);
  write_file (ollama, "sha256-2", 400);
  write_file (studio, "model.gguf", 300);
  places = find (f);
  g_assert_cmpuint (g_variant_n_children (places), ==, 3);
  assert_place (places, 0, "Hugging Face", 1, 1000, FALSE);
  assert_place (places, 1, "Ollama", 2, 900, FALSE);
  assert_place (places, 2, "LM Studio", 1, 300, FALSE);
}

/* Links to folders, to nothing and to themselves, pipes, and what is too deep. */
static void
test_hostile (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = make_folder (f, ".ollama/models");
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autoptr (GString) deep = g_string_new (".ollama/models");
  g_autofree char *bottom = NULL;
  g_autoptr (GVariant) places = NULL;

  for (guint i = 0; i < DEEP; i++)
    g_string_append (deep, "/d");
  bottom = make_folder (f, deep->str);
  write_file (bottom, "unseen", 10);
  link_to ("/", folder, "root");
  link_to ("..", folder, "up");
  link_to ("self", folder, "self");
  link_to ("/no/such/thing", folder, "nothing");
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  write_file (folder, "model", 70);
  places = find (f);
  g_assert_cmpuint (g_variant_n_children (places), ==, 1);
  assert_place (places, 0, "Ollama", 1, 70, TRUE);
}

/* A folder that may not be read, or is none, hides no other. */
static void
test_unreadable (Fixture *f, gconstpointer data)
{
  g_autofree char *closed = make_folder (f, ".cache/huggingface/hub");
  g_autofree char *parent = make_folder (f, ".ollama");
  g_autofree char *studio = make_folder (f, ".lmstudio/models");
  g_autoptr (GVariant) places = NULL;
  guint i = 0;

  write_file (closed, "model", 5);
  write_file (parent, "models", 6);
  write_file (studio, "model.gguf", 7);
  g_assert_cmpint (g_chmod (closed, 0), ==, 0);
  places = find (f);
  g_assert_cmpint (g_chmod (closed, 0700), ==, 0);
  /* Those who may read everything do. */
  if (geteuid () == 0)
    assert_place (places, i++, "Hugging Face", 1, 5, FALSE);
  assert_place (places, i++, "Ollama", 1, 6, FALSE);
  assert_place (places, i++, "LM Studio", 1, 7, FALSE);
  g_assert_cmpuint (g_variant_n_children (places), ==, i);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/service/find/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/service/find/all", Fixture, NULL, set_up, test_all, tear_down);
  g_test_add ("/service/find/hostile", Fixture, NULL, set_up, test_hostile, tear_down);
  g_test_add ("/service/find/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);
  return g_test_run ();
}
