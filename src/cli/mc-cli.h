/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli-errors.h"
#include "mc-client.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* One run of mcache: the verb, its arguments and the service. Everything happens on the main
 * thread. A verb is a plain function that runs from top to bottom; where it needs an answer it
 * starts the asynchronous call with mc_cli_result_cb() and waits in mc_cli_await(). Nothing waits
 * inside a callback, so loops never nest. */

typedef struct _McCli McCli;

/* FALSE with an error: see mc_cli_errors_get_exit() for what becomes of it. */
typedef gboolean (*McCliRun) (McCli *cli, GError **error);

typedef struct
{
  const char *name;
  McCliRun run;
  const char *arguments;   /* "REPO [VARIANT]", for the help */
  const char *summary;     /* one line, marked with N_() */
  const char *description; /* (nullable): more lines, marked with N_() */
  guint min_arguments;
  guint max_arguments;
  gboolean takes_repo;    /* the first argument; a pasted command is joined to one */
  gboolean takes_command; /* after "--" */
} McCliVerb;

struct _McCli
{
  const McCliVerb *verb;
  char **words; /* (owned): as they were given, without the verb */
  gboolean json;
  gboolean verbose;

  /* After mc_cli_parse(). */
  char **arguments; /* (owned): UTF-8 */
  guint n_arguments;
  char **command; /* (owned) (nullable): what follows "--" */

  /* After mc_cli_connect(). */
  McClient *client; /* (owned) (nullable) */

  GCancellable *cancellable; /* (owned): of everything, for Ctrl-C */
  gboolean interrupted;
  int status; /* the exit status where nothing failed */

  GAsyncResult *result; /* (owned) (nullable): arrived, not yet taken */
  guint sigint_id;
};

/* Runs a whole command line and gives its exit status. */
int mc_cli_main (const char *const *arguments);

/* Reads options and arguments. The verb's own entries come on top of --json, --verbose and --help.
 * Fails with MC_CLI_ERROR_USAGE, or with MC_CLI_ERROR_DONE after --help. */
gboolean mc_cli_parse (McCli *cli, const GOptionEntry *entries, GError **error);

/* Borrowed; NULL if there are fewer. */
const char *mc_cli_get_argument (McCli *cli, guint n);

gboolean mc_cli_connect (McCli *cli, GError **error);

/* Borrowed, after mc_cli_connect(). */
McDbusManager *mc_cli_get_manager (McCli *cli);

/* The callback of every asynchronous call; the cli is its user data. */
void mc_cli_result_cb (GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *mc_cli_await (McCli *cli);

/* Hands on an error of a call to the service; always FALSE. Takes ownership of @local. */
gboolean mc_cli_fail (GError **error, GError *local);

/* Whether a call ended because of Ctrl-C. */
gboolean mc_cli_was_interrupted (McCli *cli, const GError *error);

/* From here on Ctrl-C cancels what is waited for; mc_cli_connect() calls it. Before that there is
 * nothing to be left in good order. */
void mc_cli_catch_interrupt (McCli *cli);

/* From here on Ctrl-C ends the process at once, for verbs that only read or write. */
void mc_cli_release_interrupt (McCli *cli);

/* Fails with MC_CLI_ERROR_USAGE; always FALSE. */
gboolean mc_cli_fail_usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* An a{sv} without entries, or with one flag. Floating. */
GVariant *mc_cli_no_options (void);
GVariant *mc_cli_flag_option (const char *name, gboolean flag);

/* Changes settings of the service; floating @changes are taken. */
gboolean mc_cli_configure (McCli *cli, GVariant *changes, GError **error);
/* A property of the Manager that is a text, as it is now: the client hears of changes later.
 * g_free() it; NULL on failure. */
char *mc_cli_ask (McCli *cli, const char *property, GError **error);

/* The descriptor that a reply's handle stands for; -1 on failure. Close it. */
int mc_cli_take_descriptor (GVariant *handle, GUnixFDList *descriptors, GError **error);

/* The verbs, each in its own file. */
gboolean mc_cli_access (McCli *cli, GError **error);
gboolean mc_cli_allow (McCli *cli, GError **error);
gboolean mc_cli_browser (McCli *cli, GError **error);
gboolean mc_cli_cancel (McCli *cli, GError **error);
gboolean mc_cli_cat (McCli *cli, GError **error);
gboolean mc_cli_checkout (McCli *cli, GError **error);
gboolean mc_cli_delete (McCli *cli, GError **error);
gboolean mc_cli_download (McCli *cli, GError **error);
gboolean mc_cli_import (McCli *cli, GError **error);
gboolean mc_cli_history (McCli *cli, GError **error);
gboolean mc_cli_limit (McCli *cli, GError **error);
gboolean mc_cli_list (McCli *cli, GError **error);
gboolean mc_cli_mount (McCli *cli, GError **error);
gboolean mc_cli_move (McCli *cli, GError **error);
gboolean mc_cli_open (McCli *cli, GError **error);
gboolean mc_cli_outdated (McCli *cli, GError **error);
gboolean mc_cli_pause (McCli *cli, GError **error);
gboolean mc_cli_pin (McCli *cli, GError **error);
gboolean mc_cli_plan (McCli *cli, GError **error);
gboolean mc_cli_queue (McCli *cli, GError **error);
gboolean mc_cli_reclaim (McCli *cli, GError **error);
gboolean mc_cli_resume (McCli *cli, GError **error);
gboolean mc_cli_retry (McCli *cli, GError **error);
gboolean mc_cli_scan (McCli *cli, GError **error);
gboolean mc_cli_search (McCli *cli, GError **error);
gboolean mc_cli_service (McCli *cli, GError **error);
gboolean mc_cli_doctor (McCli *cli, GError **error);
gboolean mc_cli_login (McCli *cli, GError **error);
gboolean mc_cli_logout (McCli *cli, GError **error);
gboolean mc_cli_whoami (McCli *cli, GError **error);
gboolean mc_cli_serve (McCli *cli, GError **error);
gboolean mc_cli_settings (McCli *cli, GError **error);
gboolean mc_cli_show (McCli *cli, GError **error);
gboolean mc_cli_status (McCli *cli, GError **error);
gboolean mc_cli_unpin (McCli *cli, GError **error);
gboolean mc_cli_update (McCli *cli, GError **error);
gboolean mc_cli_usage (McCli *cli, GError **error);
gboolean mc_cli_variants (McCli *cli, GError **error);
gboolean mc_cli_verify (McCli *cli, GError **error);

G_END_DECLS
