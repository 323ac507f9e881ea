/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* What the service's TransfersAllowed means, for people; NULL if they are allowed. word:
 * (nullable).
 */
const char *mc_cli_policy_phrase (const char *word);

G_END_DECLS
