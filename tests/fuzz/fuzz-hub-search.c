/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-parse.h"
#include "mc-repo-ref.h"

/* GET /api/models?search= */

static void
assert_hit (const McSearchHit *hit)
{
  const char *labels[] = { hit->task, hit->library, hit->license, hit->last_modified };

  g_assert_true (mc_repo_id_is_valid (hit->id));
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (labels[i] != NULL)
      mc_fuzz_assert_shown (labels[i]);
  g_assert_cmpint (hit->gated, <=, MC_GATED_MANUAL);
  g_assert_cmpuint (hit->downloads, <=, MC_HUB_MAX_SIZE);
  g_assert_cmpuint (hit->likes, <=, MC_HUB_MAX_SIZE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = mc_hub_parse_search ((const char *) data, size, &error);

  mc_fuzz_assert_outcome (hits != NULL, error);
  for (guint i = 0; hits != NULL && i < hits->len; i++)
    assert_hit (g_ptr_array_index (hits, i));
  return 0;
}
