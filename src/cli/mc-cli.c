/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"

#include "mc-cli-arguments.h"
#include "mc-cli-output.h"
#include "mc-cli-verbs.h"
#include "mc-error.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

/* Owns one run: finds the verb, reads its arguments, waits for the service, and says at the end
 * what went wrong. Main thread only. What the verbs do is in their own files. */

/* --- waiting --- */

void
mc_cli_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McCli *cli = user_data;

  g_assert (cli->result == NULL);
  cli->result = g_object_ref (result);
}

GAsyncResult *
mc_cli_await (McCli *cli)
{
  while (cli->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&cli->result);
}

gboolean
mc_cli_fail (GError **error, GError *local)
{
  g_propagate_error (error, mc_client_receive_error (local));
  return FALSE;
}

gboolean
mc_cli_was_interrupted (McCli *cli, const GError *error)
{
  return cli->interrupted && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Once: with the handler gone, the next Ctrl-C ends the process at once. */
static gboolean
on_interrupt (gpointer user_data)
{
  McCli *cli = user_data;

  cli->interrupted = TRUE;
  cli->sigint_id = 0;
  g_cancellable_cancel (cli->cancellable);
  return G_SOURCE_REMOVE;
}

void
mc_cli_catch_interrupt (McCli *cli)
{
  if (cli->sigint_id == 0)
    cli->sigint_id = g_unix_signal_add (SIGINT, on_interrupt, cli);
}

void
mc_cli_release_interrupt (McCli *cli)
{
  g_clear_handle_id (&cli->sigint_id, g_source_remove);
}

gboolean
mc_cli_connect (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (cli->client != NULL)
    return TRUE;
  mc_cli_catch_interrupt (cli);
  mc_client_connect_async (cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  cli->client = mc_client_connect_finish (result, error);
  return cli->client != NULL;
}

McDbusManager *
mc_cli_get_manager (McCli *cli)
{
  return mc_client_get_manager (cli->client);
}

GVariant *
mc_cli_no_options (void)
{
  return g_variant_new ("a{sv}", NULL);
}

GVariant *
mc_cli_flag_option (const char *name, gboolean flag)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (flag)
    g_variant_dict_insert (&options, name, "b", TRUE);
  return g_variant_dict_end (&options);
}

int
mc_cli_take_descriptor (GVariant *handle, GUnixFDList *descriptors, GError **error)
{
  int index = g_variant_get_handle (handle);

  if (descriptors != NULL && index >= 0 && index < g_unix_fd_list_get_length (descriptors))
    return g_unix_fd_list_get (descriptors, index, error);
  g_set_error_literal (error, MC_ERROR, MC_ERROR_FAILED,
                       "The bus did not hand over the descriptor");
  return -1;
}

/* --- arguments --- */

const char *
mc_cli_get_argument (McCli *cli, guint n)
{
  return n < cli->n_arguments ? cli->arguments[n] : NULL;
}

gboolean
mc_cli_fail_usage (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_USAGE, message);
  return FALSE;
}

static gboolean
check_arguments (McCli *cli, GError **error)
{
  const McCliVerb *verb = cli->verb;

  if (cli->n_arguments < verb->min_arguments)
    return mc_cli_fail_usage (error, _ ("Too few arguments: mcache %s %s"), verb->name,
                              verb->arguments);
  if (cli->n_arguments > verb->max_arguments)
    return mc_cli_fail_usage (error, _ ("Too many arguments, from “%s” on: mcache %s %s"),
                              cli->arguments[verb->max_arguments], verb->name, verb->arguments);
  for (guint i = 0; i < cli->n_arguments; i++)
    {
      if (!g_utf8_validate (cli->arguments[i], -1, NULL))
        return mc_cli_fail_usage (error, _ ("Argument %u is not valid UTF-8"), i + 1);
      if (i < verb->min_arguments && cli->arguments[i][0] == '\0')
        return mc_cli_fail_usage (error, _ ("Argument %u is empty: mcache %s %s"), i + 1,
                                  verb->name, verb->arguments);
    }
  return TRUE;
}

/* The options have been taken out of @left; what follows "--" is the command, or more arguments. */
static void
take_arguments (McCli *cli, char **left, char **after)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  /* The first one stands for the program. */
  g_strv_builder_addv (builder, (const char **) left + 1);
  if (after != NULL && !cli->verb->takes_command)
    g_strv_builder_addv (builder, (const char **) after);
  else
    cli->command = g_strdupv (after);
  cli->arguments = g_strv_builder_end (builder);
  cli->n_arguments = g_strv_length (cli->arguments);
}

gboolean
mc_cli_parse (McCli *cli, const GOptionEntry *entries, GError **error)
{
  gboolean help = FALSE;
  gboolean json = FALSE;
  const GOptionEntry shared[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &cli->verbose, N_ ("Tell more about what went wrong"),
      NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (cli->verb->arguments);
  g_autofree char *name = g_strconcat ("mcache ", cli->verb->name, NULL);
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) after = NULL;
  g_auto (GStrv) joined = NULL;
  g_autoptr (GError) local = NULL;

  g_set_prgname (name);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, _ (cli->verb->summary));
  if (cli->verb->description != NULL)
    g_option_context_set_description (context, _ (cli->verb->description));
  g_option_context_add_main_entries (context, shared, GETTEXT_PACKAGE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);

  mc_cli_arguments_split ((const char *const *) cli->words, &before, &after);
  joined = cli->verb->takes_repo ? mc_cli_arguments_join_pasted ((const char *const *) before)
                                 : g_strdupv (before);
  if (!g_option_context_parse_strv (context, &joined, &local))
    return mc_cli_fail_usage (error, "%s", local->message);
  cli->json = json;
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      mc_cli_print ("%s", text);
      g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_DONE, "Help was shown");
      return FALSE;
    }
  take_arguments (cli, joined, after);
  return check_arguments (cli, error);
}

/* --- the ends --- */

static void
print_json_error (const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *message = g_utf8_make_valid (error->message, -1);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, mc_cli_errors_get_name (error));
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, message);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  mc_cli_print_json (node, TRUE);
}

/* The repo to be named in advice: as it was given, without a variant that it does not have. */
static char *
dup_repo (McCli *cli, const GError *error)
{
  gboolean takes_repo = cli->verb != NULL && cli->verb->takes_repo;
  char *repo = takes_repo ? g_strdup (mc_cli_get_argument (cli, 0)) : NULL;
  char *colon = repo == NULL ? NULL : strrchr (repo, ':');

  if (colon != NULL && strchr (colon, '/') == NULL
      && g_error_matches (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT))
    *colon = '\0';
  return repo;
}

static void
print_failure (McCli *cli, const GError *error)
{
  g_autofree char *repo = dup_repo (cli, error);
  gboolean needs_message;
  g_autofree char *sentence = mc_cli_errors_describe (error, repo, &needs_message);

  if (cli->json)
    print_json_error (error);
  mc_cli_print_error ("mcache: %s\n", sentence);
  if ((needs_message || cli->verbose) && error->domain != MC_CLI_ERROR)
    mc_cli_print_error ("  %s\n", error->message);
  if (g_error_matches (error, MC_CLI_ERROR, MC_CLI_ERROR_USAGE) && cli->verb != NULL)
    mc_cli_print_error (_ ("See: mcache %s --help\n"), cli->verb->name);
}

/* The exit status of a run; @error is NULL if all went well. */
static int
conclude (McCli *cli, GError *error)
{
  g_autoptr (GError) output_error = NULL;
  int status = error == NULL ? cli->status : (int) mc_cli_errors_get_exit (error);

  if (error != NULL && mc_cli_was_interrupted (cli, error))
    {
      error->domain = MC_CLI_ERROR;
      error->code = MC_CLI_ERROR_INTERRUPTED;
      status = MC_CLI_EXIT_INTERRUPTED;
      if (cli->json)
        print_json_error (error);
    }
  else if (status != MC_CLI_EXIT_OK && status != MC_CLI_EXIT_PIPE && error != NULL)
    print_failure (cli, error);

  if (!mc_cli_output_flush (&output_error) && status == MC_CLI_EXIT_OK)
    {
      status = (int) mc_cli_errors_get_exit (output_error);
      if (status != MC_CLI_EXIT_PIPE)
        mc_cli_print_error ("mcache: %s\n", output_error->message);
    }
  if (status == MC_CLI_EXIT_PIPE)
    {
      /* Ends as any other program whose reader went away. */
      signal (SIGPIPE, SIG_DFL);
      raise (SIGPIPE);
    }
  return status;
}

static gboolean
print_help (GError **error)
{
  guint width = 0;

  mc_cli_print (_ ("Usage: mcache VERB [ARGUMENT...] [OPTION...]\n\n"
                   "Finds models on the Hugging Face Hub, downloads them once, and hands them to\n"
                   "every program on this computer.\n\n"));
  for (const McCliVerb *verb = mc_cli_verbs; verb->name != NULL; verb++)
    width = MAX (width, (guint) strlen (verb->name));
  for (const McCliVerb *verb = mc_cli_verbs; verb->name != NULL; verb++)
    mc_cli_print ("  %-*s  %s\n", (int) width, verb->name, _ (verb->summary));
  mc_cli_print (_ ("\nmcache VERB --help tells more of each verb, and the manual page mcache(1) of "
                   "everything.\n"));
  g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_DONE, "Help was shown");
  return FALSE;
}

static gboolean
fail_unknown_verb (const char *word, GError **error)
{
  g_auto (GStrv) names = mc_cli_list_verb_names ();
  const char *nearest = mc_cli_arguments_nearest (word, (const char *const *) names);

  if (nearest != NULL)
    return mc_cli_fail_usage (error, _ ("“%s” is no verb of mcache. Did you mean “%s”?"), word,
                              nearest);
  return mc_cli_fail_usage (error, _ ("“%s” is no verb of mcache. See: mcache --help"), word);
}

static gboolean
print_version (GError **error)
{
  mc_cli_print ("mcache %s\n", MC_VERSION);
  g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_DONE, "The version was shown");
  return FALSE;
}

/* Takes the verb, the first one that is no option, out of the words; "help VERB" is "VERB --help".
 * The words begin with the program's name, as option parsers want it. */
static gboolean
find_verb (McCli *cli, const char *const *arguments, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *word = NULL;
  const char *option = NULL;
  gboolean help = FALSE;

  g_strv_builder_add (builder, "mcache");
  for (guint i = 0; arguments[i] != NULL; i++)
    {
      if (word == NULL && strcmp (arguments[i], "--version") == 0)
        return print_version (error);
      if (word == NULL && !help && strcmp (arguments[i], "help") == 0)
        help = TRUE;
      else if (word == NULL
               && (strcmp (arguments[i], "--help") == 0 || strcmp (arguments[i], "-h") == 0))
        help = TRUE;
      else if (word == NULL && arguments[i][0] != '-')
        word = arguments[i];
      else
        g_strv_builder_add (builder, option = arguments[i]);
    }
  if (help)
    g_strv_builder_add (builder, "--help");
  cli->words = g_strv_builder_end (builder);
  if (word == NULL && help)
    return print_help (error);
  if (word == NULL && option != NULL)
    return mc_cli_fail_usage (error, _ ("Put a verb before “%s”. See: mcache --help"), option);
  if (word == NULL)
    return mc_cli_fail_usage (error, _ ("No verb was given. See: mcache --help"));
  cli->verb = mc_cli_find_verb (word);
  return cli->verb != NULL || fail_unknown_verb (word, error);
}

/* Errors of the arguments themselves have to know it too. */
static gboolean
wants_json (const char *const *arguments)
{
  for (guint i = 0; arguments[i] != NULL && strcmp (arguments[i], "--") != 0; i++)
    if (strcmp (arguments[i], "--json") == 0)
      return TRUE;
  return FALSE;
}

int
mc_cli_main (const char *const *arguments)
{
  McCli cli = { .cancellable = g_cancellable_new (), .json = wants_json (arguments) };
  g_autoptr (GError) error = NULL;
  int status;

  if (find_verb (&cli, arguments, &error))
    cli.verb->run (&cli, &error);
  status = conclude (&cli, error);

  mc_cli_release_interrupt (&cli);
  g_clear_object (&cli.client);
  g_clear_object (&cli.cancellable);
  g_clear_object (&cli.result);
  g_strfreev (cli.words);
  g_strfreev (cli.arguments);
  g_strfreev (cli.command);
  return status;
}
