/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "modelcache.h"

const char *
mc_get_version (void)
{
  return MC_VERSION;
}
