/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-policy.h"

static const char *const names[] = {
  [MC_POLICY_ALLOWED] = "allowed",         [MC_POLICY_SCHEDULE] = "schedule",
  [MC_POLICY_METERED] = "metered",         [MC_POLICY_ASK_METERED] = "ask-metered",
  [MC_POLICY_POWER_SAVER] = "power-saver", [MC_POLICY_ASK_POWER_SAVER] = "ask-power-saver",
};

/* From one hour to another, over midnight if need be; equal hours mean the whole day. */
static gboolean
is_the_hour (const McSettings *settings, guint hour)
{
  guint64 from = mc_settings_get_number (settings, MC_SETTING_SCHEDULE_FROM);
  guint64 to = mc_settings_get_number (settings, MC_SETTING_SCHEDULE_TO);

  if (from == to)
    return TRUE;
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}

McPolicy
mc_policy_decide (const McSettings *settings, const McConditions *now, const McWaived *waived)
{
  guint64 metered = mc_settings_get_number (settings, MC_SETTING_METERED);
  guint64 power_saver = mc_settings_get_number (settings, MC_SETTING_POWER_SAVER);

  if (!waived->schedule && !is_the_hour (settings, now->hour))
    return MC_POLICY_SCHEDULE;
  if (now->metered && !waived->metered && metered != MC_WHEN_GO_ON)
    return metered == MC_WHEN_ASK ? MC_POLICY_ASK_METERED : MC_POLICY_METERED;
  if (now->power_saver && !waived->power_saver && power_saver != MC_WHEN_GO_ON)
    return power_saver == MC_WHEN_ASK ? MC_POLICY_ASK_POWER_SAVER : MC_POLICY_POWER_SAVER;
  return MC_POLICY_ALLOWED;
}

McWaived
mc_policy_waive (const McSettings *settings, const McConditions *now)
{
  McWaived waived = { !is_the_hour (settings, now->hour), now->metered, now->power_saver };

  return waived;
}

McWaived
mc_policy_keep (const McSettings *settings, const McConditions *now, const McWaived *waived)
{
  McWaived against = mc_policy_waive (settings, now);
  McWaived kept = { waived->schedule && against.schedule, waived->metered && against.metered,
                    waived->power_saver && against.power_saver };

  return kept;
}

const char *
mc_policy_to_string (McPolicy policy)
{
  return names[policy];
}
