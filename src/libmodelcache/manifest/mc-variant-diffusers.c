/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-weights.h"

#include "mc-path-words.h"

#include <string.h>

gboolean
mc_folder_is_pipeline_component (McListing *listing, guint folder)
{
  guint parent = mc_listing_get_folder (listing, folder)->parent;

  return folder != 0
         && (mc_listing_get_folder (listing, parent)->holds & MC_HOLDS_MODEL_INDEX) != 0;
}

void
mc_detect_pipelines (McListing *listing)
{
}
