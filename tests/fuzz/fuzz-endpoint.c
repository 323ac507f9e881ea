/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-endpoint-guard.h"
#include "mc-endpoint-json.h"
#include "mc-endpoint-range.h"
#include "mc-endpoint-target.h"
#include "mc-repo-ref.h"

#include <string.h>

/* What a request to the endpoint says, as libsoup hands it on: one field a line, path, Range,
 * If-Range, If-None-Match, Host, Origin, then the type of the body and the body. */

#define KEY "0123456789abcdef"
#define ETAG "\"1a2d4a39f9133a69a90ac6c66e72f459cf853b54\""
#define N_FIELDS 8

static void
check_target (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McTarget) target = mc_target_parse (path, &error);

  mc_fuzz_assert_outcome (target != NULL, error);
  if (target == NULL)
    return;
  g_assert_true (mc_repo_id_is_valid (target->repo));
  g_assert_true (mc_revision_is_valid (target->revision));
  if (target->kind == MC_TARGET_FILE || target->kind == MC_TARGET_RAW)
    g_assert_cmpstr (target->path, !=, "");
  if (target->path[0] != '\0')
    g_assert_true (mc_repo_path_is_valid (target->path));
}

static void
check_slice (const McRangeFields *fields, guint64 size)
{
  McSlice slice = mc_slice_choose (fields, size, ETAG);

  switch (slice.status)
    {
    case 200:
      g_assert_cmpuint (slice.offset, ==, 0);
      g_assert_cmpuint (slice.length, ==, size);
      break;
    case 206:
      g_assert_cmpuint (slice.length, >, 0);
      g_assert_cmpuint (slice.offset, <, size);
      g_assert_cmpuint (slice.length, <=, size - slice.offset);
      break;
    case 304:
    case 416:
      g_assert_cmpuint (slice.length, ==, 0);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
check_guard (const char *path, const char *host, const char *origin)
{
  const char *rest = mc_endpoint_strip_key (path, KEY);
  g_autofree char *key = mc_endpoint_make_origin_key (KEY, origin);

  if (rest != NULL)
    {
      g_assert_true (g_str_has_prefix (path, "/" KEY));
      g_assert_true (rest == path + strlen ("/" KEY) && (*rest == '/' || *rest == '\0'));
    }
  if (mc_endpoint_host_is_own (host, 80))
    g_assert_cmpuint (strlen (host), <=, strlen ("localhost:00080"));
  g_assert_true (mc_endpoint_key_is_valid (key));
  if (mc_endpoint_origin_is_valid (origin))
    {
      mc_fuzz_assert_shown (origin);
      g_assert_null (strchr (strstr (origin, "://") + 3, '/'));
    }
  if (mc_endpoint_key_is_valid (origin))
    mc_fuzz_assert_shown (origin);
}

static McManifest *
make_manifest (void)
{
  McManifest *manifest = mc_manifest_new ();
  McDigest digest;
  McVariant *variant;
  guint place = 1;

  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1,
                                      "1a2d4a39f9133a69a90ac6c66e72f459cf853b54"));
  manifest->endpoint = g_strdup ("https://hub.example");
  manifest->repo = g_strdup ("ada/small-GGUF");
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strdup ("0123456789012345678901234567890123456789");
  mc_manifest_add_file (manifest, "a/b/deep.txt", 6, digest);
  mc_manifest_add_file (manifest, "small-Q4_K_M.gguf", 2489757856, digest);
  variant = mc_manifest_add_variant (manifest, "gguf:q4_k_m", "gguf");
  g_array_append_val (variant->files, place);
  manifest->default_key = g_strdup ("gguf:q4_k_m");
  return manifest;
}

/* Two files and two folders are all that there is to say, however often it is asked for. */
static void
check_listing (const char *type, const char *body, const char *name)
{
  g_autoptr (McManifest) manifest = make_manifest ();
  g_auto (GStrv) paths = mc_endpoint_read_paths (type, body, strlen (body));
  g_autoptr (JsonNode) tree = mc_endpoint_json_tree (manifest, name, TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) tagged = mc_endpoint_json_manifest (manifest, name, &error);
  g_autoptr (JsonNode) found = NULL;

  /* What it is asked with is text: see mc_target_parse(). */
  if (g_utf8_validate (name, -1, NULL))
    mc_fuzz_assert_outcome (tagged != NULL, error);
  if (tree != NULL)
    g_assert_cmpuint (json_array_get_length (json_node_get_array (tree)), <=, 4);
  if (paths == NULL)
    return;
  found = mc_endpoint_json_paths (manifest, (const char *const *) paths);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (found)), <=, 4);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint64 sizes[] = { 0, 1, 100, G_GUINT64_CONSTANT (5000000000), G_MAXINT64 };
  g_autoptr (GPtrArray) parts = mc_fuzz_split (data, size, "\n", N_FIELDS - 1);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_FIELDS; i++)
    {
      gsize length = 0;
      const guint8 *part =
          i < parts->len ? g_bytes_get_data (g_ptr_array_index (parts, i), &length) : NULL;

      g_ptr_array_add (texts, part == NULL ? g_strdup ("") : mc_fuzz_dup_text (part, length));
    }
  check_target (texts->pdata[0]);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const McRangeFields fields = { texts->pdata[1], NULL, NULL };
      const McRangeFields all = { texts->pdata[1], texts->pdata[2], texts->pdata[3] };

      check_slice (&fields, sizes[i]);
      check_slice (&all, sizes[i]);
    }
  check_guard (texts->pdata[0], texts->pdata[4], texts->pdata[5]);
  check_listing (texts->pdata[6], texts->pdata[7], texts->pdata[1]);
  return 0;
}
