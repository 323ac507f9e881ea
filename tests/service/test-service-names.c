/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include <string.h>

/* What callers write for a variant, and what they mean by it. */

#define ONNX "sample/tiny-chat-onnx"
#define GGUF "sample/tiny-chat-GGUF"
#define SEVERAL "test/several"

static GVariant *
call (ServiceFixture *fixture, const char *method, const char *repo, const char *name)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      fixture, method, g_variant_new ("(ss@a{sv})", repo, name, service_options ()), &error_name);

  g_assert_cmpstr (error_name, ==, "");
  return g_variant_get_child_value (value, 0);
}

static void
scan (ServiceFixture *fixture, const char *repo)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED = service_fixture_call (
      fixture, "Scan", g_variant_new ("(s@a{sv})", repo, service_options ()), &error_name);

  g_assert_cmpstr (error_name, ==, "");
}

static void
assert_means (ServiceFixture *fixture, const char *repo, const char *name, const char *key)
{
  g_autoptr (GVariant) plan = call (fixture, "Plan", repo, name);
  const char *found;

  g_test_message ("%s, “%s”", repo, name);
  g_assert_true (g_variant_lookup (plan, "variant", "&s", &found));
  g_assert_cmpstr (found, ==, key);
}

static void
test_variants (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);

  mc_test_hub_add_samples (fixture->hub);
  scan (fixture, GGUF);
  scan (fixture, ONNX);
  assert_means (fixture, GGUF, "", "gguf:Q4_K_M");
  assert_means (fixture, ONNX, "", "onnx:q8");
  assert_means (fixture, GGUF ":q5_k_m", "", "gguf:Q5_K_M");
  assert_means (fixture, "hf.co/SAMPLE/tiny-chat-gguf:q8_0", "", "gguf:Q8_0");
  assert_means (fixture, "ollama run hf.co/" GGUF ":latest", "", "gguf:Q4_K_M");
  assert_means (fixture, "llama-server -hf " GGUF ":f16", "", "gguf:F16");
  assert_means (fixture, ONNX ":Q4F16", "", "onnx:q4f16");
  assert_means (fixture, ONNX ":ONNX:FP16", "", "onnx:fp16");
  /* What the call says comes first. */
  assert_means (fixture, GGUF ":q8_0", "Q2_k", "gguf:Q2_K");
  assert_means (fixture, GGUF, "tiny-chat-Q2_K.gguf", "gguf:Q2_K");
  assert_means (fixture, ONNX, "quantized", "onnx:q8");
  assert_means (fixture, "https://huggingface.co/" GGUF "/blob/main/tiny-chat-Q8_0.gguf", "",
                "gguf:Q8_0");
  assert_means (fixture, "https://huggingface.co/" GGUF "/blob/main/README.md", "", "gguf:Q4_K_M");
  service_fixture_expect_error (fixture, "Plan",
                                g_variant_new ("(ss@a{sv})", GGUF ":q9_0", "", service_options ()),
                                "UnknownVariant");
}

/* Several models: a tag that both have means neither. */
static void
test_several_models (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);

  mc_test_hub_add_repo (fixture->hub, SEVERAL, &(McTestRepoFacts){ .task = NULL });
  mc_test_hub_add_generated (fixture->hub, SEVERAL, "Small-1B.Q4_K_M.gguf", 1000, 1);
  mc_test_hub_add_generated (fixture->hub, SEVERAL, "Large-3B.Q4_K_M.gguf", 3000, 2);
  mc_test_hub_add_generated (fixture->hub, SEVERAL, "Large-3B.fp16.gguf", 9000, 3);
  scan (fixture, SEVERAL);
  assert_means (fixture, SEVERAL ":large-3b/q4_k_m", "", "gguf:Large-3B/Q4_K_M");
  assert_means (fixture, SEVERAL ":fp16", "", "gguf:Large-3B/F16");
  assert_means (fixture, SEVERAL ":SMALL-1B", "", "gguf:Small-1B/Q4_K_M");
  service_fixture_expect_error (
      fixture, "Plan", g_variant_new ("(ss@a{sv})", SEVERAL ":q4_k_m", "", service_options ()),
      "UnknownVariant");
}

static void
assert_downloads (ServiceFixture *fixture,
                  const char *method,
                  const char *repo,
                  const char *name,
                  const char *variant,
                  const char *path)
{
  g_autoptr (GVariant) object = call (fixture, method, repo, name);
  g_autoptr (McDbusTransfer) transfer =
      service_fixture_watch (fixture, g_variant_get_string (object, NULL));

  service_wait_for_state (transfer, "done", 60000);
  g_assert_cmpstr (mc_dbus_transfer_get_variant (transfer), ==, variant);
  g_assert_cmpstr (mc_dbus_transfer_get_path (transfer), ==, path);
}

/* Also of a repo that nobody scanned. */
static void
test_downloads (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);

  mc_test_hub_add_repo (fixture->hub, SEVERAL, &(McTestRepoFacts){ .task = NULL });
  mc_test_hub_add_generated (fixture->hub, SEVERAL, "m-Q4_K_M.gguf", 1000, 1);
  mc_test_hub_add_generated (fixture->hub, SEVERAL, "m-Q8_0.gguf", 3000, 2);
  mc_test_hub_add_file (fixture->hub, SEVERAL, "config.json", "{}", 2, FALSE);
  assert_downloads (fixture, "Download", SEVERAL ":q8_0", "", "gguf:Q8_0", "");
  assert_downloads (fixture, "DownloadFile", SEVERAL ":q8_0", "m-Q4_K_M.gguf", "", "m-Q4_K_M.gguf");
  assert_downloads (fixture, "DownloadFile",
                    "https://huggingface.co/" SEVERAL "/resolve/main/config.json?download=true", "",
                    "", "config.json");
  assert_downloads (fixture, "Download",
                    "https://huggingface.co/" SEVERAL "/resolve/main/m-Q4_K_M.gguf", "",
                    "gguf:Q4_K_M", "");
  service_fixture_expect_error (
      fixture, "DownloadFile",
      g_variant_new ("(ss@a{sv})", SEVERAL ":q8_0", "", service_options ()), "UnknownFile");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/names/variants", test_variants);
  g_test_add_func ("/service/names/several-models", test_several_models);
  g_test_add_func ("/service/names/downloads", test_downloads);
  return g_test_run ();
}
