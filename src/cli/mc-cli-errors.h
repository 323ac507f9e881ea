/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* How a failed command ends: its exit status, and what people and programs are told. Pure. */

/* The exit statuses. They are part of the interface: see mcache(1). */
typedef enum
{
  MC_CLI_EXIT_OK = 0,
  MC_CLI_EXIT_FAILED = 1,
  MC_CLI_EXIT_USAGE = 2,
  MC_CLI_EXIT_UNKNOWN = 3,
  MC_CLI_EXIT_ACCESS = 4,
  MC_CLI_EXIT_NETWORK = 5,
  MC_CLI_EXIT_NO_SPACE = 6,
  MC_CLI_EXIT_CORRUPT = 7,
  MC_CLI_EXIT_NO_SERVICE = 8,
  MC_CLI_EXIT_IN_USE = 9,
  MC_CLI_EXIT_INTERRUPTED = 130,
  MC_CLI_EXIT_PIPE = 141,
} McCliExit;

#define MC_CLI_ERROR (mc_cli_error_quark ())
GQuark mc_cli_error_quark (void);

/* Errors of the command line itself. */
typedef enum
{
  MC_CLI_ERROR_USAGE, /* the arguments make no sense */
  MC_CLI_ERROR_UNKNOWN_TRANSFER,
  MC_CLI_ERROR_INTERRUPTED, /* Ctrl-C; the message says what goes on all the same */
  MC_CLI_ERROR_DECLINED,    /* somebody said no */
  MC_CLI_ERROR_PIPE,        /* nobody reads the output any more */
  MC_CLI_ERROR_DONE,        /* no error: nothing is left to be done, as after --help */
} McCliError;

McCliExit mc_cli_errors_get_exit (const GError *error);

/* "NotFound", for --json: a name of mc-error.h, "Usage", "UnknownTransfer",
 * "Declined" or "Interrupted". Static. */
const char *mc_cli_errors_get_name (const GError *error);

/* A sentence for people that says what to do next, and whether the error's own message has to be
 * read with it (it names the file, or lists what there is). repo: (nullable): as it was typed. */
char *mc_cli_errors_describe (const GError *error, const char *repo, gboolean *needs_message);

/* The same from an error's short name, as transfers have it; NULL if it has none. */
char *mc_cli_errors_describe_name (const char *name, const char *repo);

G_END_DECLS
