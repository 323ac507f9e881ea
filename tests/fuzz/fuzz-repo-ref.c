/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-repo-ref.h"

#include <string.h>

/* What people type and paste to name a repo, with and without a mirror. Whatever is taken must be
 * valid by the rules that guard the rest of the program. */

static void
check_ref (const char *text, const char *endpoint_host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McRepoRef) ref = mc_repo_ref_parse (text, endpoint_host, &error);
  g_autoptr (McRepoRef) again = NULL;

  mc_fuzz_assert_outcome (ref != NULL, error);
  if (ref == NULL)
    {
      mc_fuzz_assert_shown (error->message);
      return;
    }
  g_assert_true (mc_repo_id_is_valid (ref->repo));
  if (ref->revision != NULL)
    g_assert_true (mc_revision_is_valid (ref->revision));
  if (ref->path != NULL)
    g_assert_true (mc_repo_path_is_valid (ref->path));
  if (ref->variant != NULL)
    {
      mc_fuzz_assert_shown (ref->variant);
      g_assert_cmpstr (ref->variant, !=, "");
    }
  /* The plain name means the same repo; with a dot it may be a host. */
  if (strchr (ref->repo, '.') != NULL)
    return;
  again = mc_repo_ref_parse (ref->repo, endpoint_host, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->repo, ==, ref->repo);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = mc_fuzz_dup_text (data, size);

  check_ref (text, NULL);
  check_ref (text, "mirror.example:8080");
  mc_repo_id_is_valid (text);
  mc_repo_path_is_valid (text);
  if (mc_revision_is_commit (text))
    g_assert_true (mc_revision_is_valid (text));
  return 0;
}
