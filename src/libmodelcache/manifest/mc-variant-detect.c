/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-detect.h"

#include "mc-variant-private.h"

/* The order in which the rules look at a listing. What one rule has claimed the next ones do not
 * see, and what nobody claims is shown as "other": so no file is ever lost. */

McGrouping *
mc_grouping_detect (const char *const *paths, guint n_paths)
{
  McListing *listing = mc_listing_new (paths, n_paths);
  McGrouping *grouping;

  mc_detect_genai (listing);
  mc_detect_housekeeping (listing);
  mc_detect_bundles (listing);
  mc_detect_assets (listing);
  mc_detect_gguf (listing);
  mc_detect_pipelines (listing);
  mc_detect_openvino (listing);
  mc_detect_onnx (listing);
  mc_detect_single_files (listing);
  mc_detect_weights (listing);
  mc_detect_other_formats (listing);
  mc_detect_support (listing);
  mc_detect_last_resort (listing);
  grouping = mc_listing_finish (listing);
  mc_listing_free (listing);
  return grouping;
}
