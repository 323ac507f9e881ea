/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The text without what must not be shown: @secret (nullable) itself, tokens, what follows
 * "Bearer", signatures in addresses, and names and passwords before a host. For texts of others on
 * their way to a log, an error or a report. Pure. */
char *mc_redact (const char *text, const char *secret);

G_END_DECLS
