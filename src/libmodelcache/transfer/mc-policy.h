/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-settings.h"

G_BEGIN_DECLS

/* Whether transfers may use the network now, as the person chose. Pure. */

typedef enum
{
  MC_POLICY_ALLOWED,
  MC_POLICY_SCHEDULE,        /* it is not the hour for it */
  MC_POLICY_METERED,         /* the network is metered */
  MC_POLICY_ASK_METERED,     /* likewise, and the person is to be asked */
  MC_POLICY_POWER_SAVER,     /* the computer saves power */
  MC_POLICY_ASK_POWER_SAVER, /* likewise */
} McPolicy;

typedef struct
{
  guint hour; /* local time, 0 to 23 */
  gboolean metered;
  gboolean power_saver;
} McConditions;

/* What the person said goes on nevertheless, each for as long as it lasts. */
typedef struct
{
  gboolean schedule;
  gboolean metered;
  gboolean power_saver;
} McWaived;

McPolicy
mc_policy_decide (const McSettings *settings, const McConditions *now, const McWaived *waived);

/* All that stands against it now. */
McWaived mc_policy_waive (const McSettings *settings, const McConditions *now);

/* Those of them that have not passed since. */
McWaived
mc_policy_keep (const McSettings *settings, const McConditions *now, const McWaived *waived);

/* "allowed", "schedule", "metered", "ask-metered", "power-saver", "ask-power-saver" */
const char *mc_policy_to_string (McPolicy policy);

G_END_DECLS
