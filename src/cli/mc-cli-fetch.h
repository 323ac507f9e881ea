/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* What is to be downloaded. Borrowed strings. */
typedef struct
{
  const char *repo;
  const char *variant; /* empty: the one that repo names, or the default */
  const char *file;    /* (nullable): one file instead of a variant */
} McCliWanted;

/* Asks for the download; *path is that of the transfer's object. */
gboolean mc_cli_fetch_begin (McCli *cli, const McCliWanted *wanted, char **path, GError **error);

/* Asks for it and watches it to its end, through ends of the service if need be. *transfer is what
 * it was at the end. After Ctrl-C the error says that the download goes on. */
gboolean
mc_cli_fetch (McCli *cli, const McCliWanted *wanted, McDbusTransfer **transfer, GError **error);

G_END_DECLS
