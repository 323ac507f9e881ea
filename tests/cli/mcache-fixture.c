/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>
#include <sys/wait.h>

/* Starts mcache as a shell would. The folders of the service are the isolated ones of the test,
 * which GLib removes. */

#define GATED_SIZE 1000

static void
add_repos (McTestHub *hub)
{
  static const McTestRepoFacts onnx = { .task = "text-generation",
                                        .library = "transformers.js",
                                        .license = "apache-2.0",
                                        .parameters = 12000000,
                                        .context_length = 2048 };
  static const McTestRepoFacts gguf = { .task = "text-generation", .library = "gguf" };
  static const McTestRepoFacts gated = { .gated = "manual" };

  mc_test_hub_add_repo (hub, ONNX, &onnx);
  mc_test_hub_add_file (hub, ONNX, "config.json", CONFIG, strlen (CONFIG), FALSE);
  mc_test_hub_add_file (hub, ONNX, "README.md", "# tiny\n", 7, FALSE);
  mc_test_hub_add_generated (hub, ONNX, "onnx/model.onnx", 400000, 6);
  mc_test_hub_add_generated (hub, ONNX, ONNX_WEIGHTS, ONNX_SIZE, ONNX_SEED);
  mc_test_hub_add_repo (hub, GGUF, &gguf);
  mc_test_hub_add_generated (hub, GGUF, "tiny-Q4_K_M.gguf", GGUF_SIZE, 8);
  mc_test_hub_add_generated (hub, GGUF, "tiny-Q8_0.gguf", 2 * GGUF_SIZE, 9);
  mc_test_hub_add_repo (hub, GATED, &gated);
  mc_test_hub_add_generated (hub, GATED, "gated-Q4_K_M.gguf", GATED_SIZE, 10);
}

static char *
set (const char *name, const char *value)
{
  return g_strconcat (name, "=", value, NULL);
}

void
mcache_set_up (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) environment = g_ptr_array_new_with_free_func (g_free);

  f->hub = mc_test_hub_new ();
  add_repos (f->hub);
  g_ptr_array_add (environment,
                   set ("HF_ENDPOINT", data != NULL ? data : mc_test_hub_get_url (f->hub)));
  g_ptr_array_add (environment, set ("XDG_DATA_HOME", g_get_user_data_dir ()));
  g_ptr_array_add (environment, set ("HF_HOME", g_get_user_config_dir ()));
  g_ptr_array_add (environment, set ("XDG_RUNTIME_DIR", g_get_user_runtime_dir ()));
  g_ptr_array_add (environment, set ("XDG_CACHE_HOME", g_get_user_cache_dir ()));
  g_ptr_array_add (environment, set ("MC_RETRY_BASE_MS", "1"));
  g_ptr_array_add (environment, NULL);
  f->bus = mc_test_bus_new (g_getenv ("MC_SERVICE"), (const char *const *) environment->pdata);
}

void
mcache_tear_down (McacheFixture *f, gconstpointer data)
{
  g_clear_pointer (&f->bus, mc_test_bus_free);
  g_clear_pointer (&f->hub, mc_test_hub_free);
}

void
mcache_run_free (McacheRun *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

static char **
list_arguments (const char *first, va_list rest)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, g_getenv ("MC_MCACHE"));
  for (; first != NULL; first = va_arg (rest, const char *))
    g_strv_builder_add (builder, first);
  return g_strv_builder_end (builder);
}

static GSubprocess *
spawn (McacheFixture *f,
       const char *const *environment,
       const char *const *arguments,
       GSubprocessFlags flags)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                mc_test_bus_get_address (f->bus), TRUE);
  for (; environment != NULL && *environment != NULL; environment++)
    {
      g_auto (GStrv) parts = g_strsplit (*environment, "=", 2);

      if (parts[1] != NULL)
        g_subprocess_launcher_setenv (launcher, parts[0], parts[1], TRUE);
      else
        g_subprocess_launcher_unsetenv (launcher, parts[0]);
    }
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  return process;
}

int
mcache_get_status (GSubprocess *process)
{
  int status = g_subprocess_get_status (process);

  return WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
}

int
mcache_end (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  return mcache_get_status (process);
}

/* With a NUL behind it, which the bytes may also hold. */
static char *
dup_text (GBytes *bytes)
{
  gsize length = g_bytes_get_size (bytes);
  char *text = g_malloc0 (length + 1);

  if (length > 0)
    memcpy (text, g_bytes_get_data (bytes, NULL), length);
  return text;
}

static McacheRun *
run (McacheFixture *f,
     const char *const *environment,
     const char *input,
     const char *const *arguments)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) in = g_bytes_new (input, input == NULL ? 0 : strlen (input));
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GBytes) err = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  g_autofree char *shown = NULL;
  McacheRun *self = g_new0 (McacheRun, 1);

  process = spawn (f, environment, arguments,
                   G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                       | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_communicate (process, in, NULL, &out, &err, &error);
  g_assert_no_error (error);
  self->status = mcache_get_status (process);
  self->out_length = g_bytes_get_size (out);
  self->out = dup_text (out);
  self->err = dup_text (err);
  words = g_strjoinv (" ", (char **) arguments + 1);
  shown = g_utf8_make_valid (words, -1);
  g_test_message ("mcache %s: %d %s", shown, self->status, self->err);
  return self;
}

McacheRun *
mcache_run (McacheFixture *f, ...)
{
  g_auto (GStrv) arguments = NULL;
  va_list rest;

  va_start (rest, f);
  arguments = list_arguments (va_arg (rest, const char *), rest);
  va_end (rest);
  return run (f, NULL, NULL, (const char *const *) arguments);
}

McacheRun *
mcache_run_with (McacheFixture *f,
                 const char *const *environment,
                 const char *input,
                 const char *const *arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  g_strv_builder_add (builder, g_getenv ("MC_MCACHE"));
  g_strv_builder_addv (builder, (const char **) arguments);
  all = g_strv_builder_end (builder);
  return run (f, environment, input, (const char *const *) all);
}

static JsonNode *
parse (const McacheRun *done)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, done->out, (gssize) done->out_length, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

JsonNode *
mcache_run_json (McacheFixture *f, int status, ...)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  g_autoptr (McacheRun) done = NULL;
  va_list rest;

  va_start (rest, status);
  arguments = list_arguments (va_arg (rest, const char *), rest);
  va_end (rest);
  g_strv_builder_add (builder, arguments[0]);
  g_strv_builder_add (builder, "--json");
  g_strv_builder_addv (builder, (const char **) arguments + 1);
  all = g_strv_builder_end (builder);
  done = run (f, NULL, NULL, (const char *const *) all);
  g_assert_cmpint (done->status, ==, status);
  return parse (done);
}

void
mcache_assert_works (McacheFixture *f, ...)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (McacheRun) done = NULL;
  va_list rest;

  va_start (rest, f);
  arguments = list_arguments (va_arg (rest, const char *), rest);
  va_end (rest);
  done = run (f, NULL, NULL, (const char *const *) arguments);
  g_assert_cmpint (done->status, ==, 0);
}

void
mcache_assert_fails (McacheFixture *f, int status, const char *name, const char *const *arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) with_json = NULL;
  g_autoptr (McacheRun) plain = mcache_run_with (f, NULL, NULL, arguments);
  g_autoptr (McacheRun) done = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *error;

  g_assert_cmpint (plain->status, ==, status);
  g_assert_nonnull (strstr (plain->err, "mcache: "));
  g_assert_cmpstr (plain->out, ==, "");

  g_strv_builder_add (builder, "--json");
  g_strv_builder_addv (builder, (const char **) arguments);
  with_json = g_strv_builder_end (builder);
  done = mcache_run_with (f, NULL, NULL, (const char *const *) with_json);
  g_assert_cmpint (done->status, ==, status);
  node = parse (done);
  error = json_object_get_object_member (json_node_get_object (node), "error");
  g_assert_cmpstr (mcache_get_string (error, "name"), ==, name);
  g_assert_cmpstr (mcache_get_string (error, "message"), !=, "");
}

GSubprocess *
mcache_start (McacheFixture *f, ...)
{
  g_auto (GStrv) arguments = NULL;
  va_list rest;

  va_start (rest, f);
  arguments = list_arguments (va_arg (rest, const char *), rest);
  va_end (rest);
  return spawn (f, NULL, (const char *const *) arguments,
                G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
}

char *
mcache_read_line (GSubprocess *process)
{
  g_autoptr (GDataInputStream) lines =
      g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  g_autoptr (GError) error = NULL;
  char *line;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  g_buffered_input_stream_set_buffer_size (G_BUFFERED_INPUT_STREAM (lines), 1);
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  return line;
}

JsonObject *
mcache_get_member (JsonNode *list, const char *name, const char *value)
{
  JsonArray *array = json_node_get_array (list);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      if (g_strcmp0 (mcache_get_string (object, name), value) == 0)
        return object;
    }
  g_error ("Nothing has %s %s", name, value);
}

guint64
mcache_get_int (JsonObject *object, const char *name)
{
  g_assert_true (json_object_has_member (object, name));
  return (guint64) json_object_get_int_member (object, name);
}

const char *
mcache_get_string (JsonObject *object, const char *name)
{
  g_assert_true (json_object_has_member (object, name));
  return json_object_get_string_member (object, name);
}
