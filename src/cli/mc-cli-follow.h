/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* Waits until a transfer ends and draws its progress meanwhile. *transfer is set whenever it was
 * found, to what it is at the end. Errors: that of the transfer; G_IO_ERROR_CANCELLED if it was
 * cancelled, or (see mc_cli_was_interrupted()) for Ctrl-C; MC_ERROR_NO_SERVICE if the service went
 * away, which ends no transfer. */
gboolean mc_cli_follow (McCli *cli, const char *path, McDbusTransfer **transfer, GError **error);

G_END_DECLS
