/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-parse.h"

/* GET /api/whoami-v2 */

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = mc_hub_parse_whoami ((const char *) data, size, &error);

  mc_fuzz_assert_outcome (name != NULL, error);
  if (name != NULL)
    mc_fuzz_assert_shown (name);
  return 0;
}
