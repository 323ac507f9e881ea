/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-parse.h"
#include "mc-repo-ref.h"

/* GET /api/models/{repo} */

static void
assert_label (const char *label)
{
  if (label != NULL)
    mc_fuzz_assert_shown (label);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info =
      mc_hub_parse_info ((const char *) data, size, "owner/name", &error);

  mc_fuzz_assert_outcome (info != NULL, error);
  if (info == NULL)
    return 0;
  g_assert_true (mc_repo_id_is_valid (info->id));
  g_assert_true (mc_revision_is_commit (info->commit));
  assert_label (info->hub_id);
  assert_label (info->task);
  assert_label (info->library);
  assert_label (info->license);
  assert_label (info->last_modified);
  g_assert_cmpint (info->gated, <=, MC_GATED_MANUAL);
  g_assert_cmpuint (info->parameters, <=, MC_HUB_MAX_SIZE);
  g_assert_cmpuint (info->context_length, <=, MC_HUB_MAX_SIZE);
  g_assert_cmpuint (info->downloads, <=, MC_HUB_MAX_SIZE);
  g_assert_cmpuint (info->likes, <=, MC_HUB_MAX_SIZE);
  return 0;
}
