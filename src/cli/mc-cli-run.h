/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* Runs the command that follows "--" and waits for it; its status becomes that of mcache. Each {}
 * in its words becomes @path. fd: -1, or a descriptor that it inherits, which is taken; it is its
 * standard input if there is no {}. folder: (nullable): where it runs. */
void mc_cli_run (McCli *cli, const char *path, int fd, const char *folder);

G_END_DECLS
