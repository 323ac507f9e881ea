/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-repo-ref.h"

#include <string.h>

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

typedef struct
{
  const char *text;
  const char *repo; /* NULL: refused */
  const char *revision;
  const char *variant;
  const char *path;
} Case;

static const Case cases[] = {
  /* plain */
  { "owner/name", "owner/name" },
  { "  owner/name\n", "owner/name" },
  { "gpt2", "gpt2" },
  { "Qwen/Qwen3-0.6B-GGUF", "Qwen/Qwen3-0.6B-GGUF" },
  { "owner/name@main", "owner/name", "main" },
  { "owner/name@" COMMIT, "owner/name", COMMIT },
  { "owner/name@refs/pr/1", "owner/name", "refs/pr/1" },
  { "owner/name@refs%2Fpr%2F1", "owner/name", "refs/pr/1" },
  { "owner/name:Q4_K_M", "owner/name", NULL, "Q4_K_M" },
  { "owner/name:onnx:q4f16", "owner/name", NULL, "onnx:q4f16" },
  { "owner/name@v1.0:Q4_K_M", "owner/name", "v1.0", "Q4_K_M" },
  { "gpt2@main:q8", "gpt2", "main", "q8" },
  { "owner/name?download=true", "owner/name" },
  { "owner/name#readme", "owner/name" },
  /* addresses */
  { "https://huggingface.co/owner/name", "owner/name" },
  { "https://huggingface.co/owner/name/", "owner/name" },
  { "HTTPS://HuggingFace.co/owner/name", "owner/name" },
  { "https://huggingface.co:443/owner/name", "owner/name" },
  { "http://huggingface.co/owner/name", "owner/name" },
  { "huggingface.co/owner/name", "owner/name" },
  { "https://hf.co/owner/name", "owner/name" },
  { "hf.co/owner/name", "owner/name" },
  { "hf.co/gpt2", "gpt2" },
  { "hf.co/owner/name:Q4_K_M", "owner/name", NULL, "Q4_K_M" },
  { "hf.co/owner/name@main:Q4_K_M", "owner/name", "main", "Q4_K_M" },
  { "https://hf.co/owner/name@refs/pr/2", "owner/name", "refs/pr/2" },
  { "https://huggingface.co/owner/name?library=gguf", "owner/name" },
  { "https://huggingface.co/owner/name#usage", "owner/name" },
  { "https://huggingface.co/owner/name/tree/main", "owner/name", "main" },
  { "https://huggingface.co/owner/name/tree/main/onnx", "owner/name", "main" },
  { "https://huggingface.co/owner/name/tree/refs%2Fpr%2F1", "owner/name", "refs/pr/1" },
  { "https://huggingface.co/owner/name/tree/refs/pr/1", "owner/name", "refs/pr/1" },
  { "https://huggingface.co/owner/name/tree/refs/convert/parquet/x", "owner/name",
    "refs/convert/parquet" },
  { "https://huggingface.co/owner/name/blob/main/a/b.gguf", "owner/name", "main", NULL,
    "a/b.gguf" },
  { "https://huggingface.co/owner/name/blob/refs/pr/1/b.gguf", "owner/name", "refs/pr/1", NULL,
    "b.gguf" },
  { "https://huggingface.co/owner/name/resolve/main/a%20b%23.bin?download=true", "owner/name",
    "main", NULL, "a b#.bin" },
  { "https://huggingface.co/owner/name/raw/main/config@2.json", "owner/name", "main", NULL,
    "config@2.json" },
  { "https://huggingface.co/owner/name/blame/main/config.json", "owner/name", "main", NULL,
    "config.json" },
  { "https://huggingface.co/gpt2/resolve/main/config.json", "gpt2", "main", NULL, "config.json" },
  { "https://huggingface.co/gpt2/tree/main", "gpt2", "main" },
  { "https://user:secret@huggingface.co/owner/name", "owner/name" },
  { "http://127.0.0.1:8080/owner/name/tree/main", "owner/name", "main" },
  { "127.0.0.1:8080/owner/name", "owner/name" },
  /* other schemes */
  { "hf://owner/name", "owner/name" },
  { "hf://models/owner/name", "owner/name" },
  { "hf://owner/name/sub/file.bin", "owner/name", NULL, NULL, "sub/file.bin" },
  { "hf://owner/name@v2/file.bin", "owner/name", "v2", NULL, "file.bin" },
  { "hf://owner/name@refs/pr/1/file.bin", "owner/name", "refs/pr/1", NULL, "file.bin" },
  { "hf://owner/name@refs%2Fpr%2F1", "owner/name", "refs/pr/1" },
  { "huggingface://owner/name/file.gguf", "owner/name", NULL, NULL, "file.gguf" },
  /* commands */
  { "hf download owner/name", "owner/name" },
  { "$ hf download owner/name", "owner/name" },
  { "hf download owner/name a/b.bin", "owner/name", NULL, NULL, "a/b.bin" },
  { "hf download owner/name a.bin b.bin", "owner/name" },
  { "hf download owner/name --revision v1 a.bin", "owner/name", "v1", NULL, "a.bin" },
  { "hf download --local-dir here owner/name --include '*.bin'", "owner/name" },
  { "hf download --quiet owner/name --revision=refs/pr/3", "owner/name", "refs/pr/3" },
  { "hf download owner/name --repo-type model", "owner/name" },
  { "huggingface-cli download owner/name \\\n  file.bin", "owner/name", NULL, NULL, "file.bin" },
  { "ollama run hf.co/owner/name", "owner/name" },
  { "ollama pull hf.co/owner/name:IQ3_M", "owner/name", NULL, "IQ3_M" },
  { "llama-server -hf owner/name:Q4_K_M", "owner/name", NULL, "Q4_K_M" },
  { "./build/bin/llama-cli -c 4096 --hf-repo owner/name -hff x.gguf -p hi", "owner/name", NULL,
    NULL, "x.gguf" },
  { "git clone https://huggingface.co/owner/name", "owner/name" },
  { "git clone https://huggingface.co/owner/name.git dir", "owner/name" },
  { "git clone git@hf.co:owner/name", "owner/name" },
  /* refused */
  { "" },
  { " \t " },
  { "owner/" },
  { "/name" },
  { "a/b/c" },
  { "../../etc/passwd" },
  { "owner/na me" },
  { "owner/name@" },
  { "owner/name@a..b" },
  { "owner/name@%zz" },
  { "owner/name:" },
  { "owner/name.git" },
  { "owner/-name" },
  { "owner/na--me" },
  { "datasets/squad" },
  { "spaces/owner/name" },
  { "https://huggingface.co" },
  { "https://huggingface.co/" },
  { "https://huggingface.co/models" },
  { "https://huggingface.co/datasets/owner/name" },
  { "https://huggingface.co/spaces/owner/name" },
  { "https://huggingface.co/docs/hub" },
  { "https://huggingface.co/owner/name/discussions" },
  { "https://huggingface.co/owner/name/discussions/3" },
  { "https://huggingface.co/owner/name/commits/main" },
  { "https://huggingface.co/owner/name/settings" },
  { "https://huggingface.co/gpt2/discussions" },
  { "https://huggingface.co/owner/name/blob/main" },
  { "https://huggingface.co/owner/name/blob/main/../x" },
  { "https://huggingface.co/owner/name/blob/main/a%00b" },
  { "https://huggingface.co/owner/name/resolve/main/a%2Fb" },
  { "https://huggingface.co.evil.com/owner/name" },
  { "https://huggingface.co@evil.com/owner/name" },
  { "huggingface.co.evil.com/owner/name" },
  { "https://evil.com/huggingface.co/owner/name" },
  { "https://127.0.0.1:9090/owner/name" },
  { "file:///etc/passwd" },
  { "hf://datasets/owner/name" },
  { "hf://owner/name/../x" },
  { "hf download" },
  { "hf download owner/name --repo-type dataset" },
  { "hf upload owner/name" },
  { "ollama run llama3 please" },
  { "llama-server -m model.gguf" },
  { "rm -rf /" },
  { "hf download 'owner/name" },
  { "owner/\xff" },
};

static void
test_forms (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (McRepoRef) ref = mc_repo_ref_parse (c->text, "127.0.0.1:8080", &error);
      g_autofree char *shown = g_strescape (c->text, NULL);

      g_test_message ("%s", shown);
      if (c->repo == NULL)
        {
          g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
          g_assert_null (ref);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (ref->repo, ==, c->repo);
      g_assert_cmpstr (ref->revision, ==, c->revision);
      g_assert_cmpstr (ref->variant, ==, c->variant);
      g_assert_cmpstr (ref->path, ==, c->path);
    }
}

static void
test_no_endpoint (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McRepoRef) ref = mc_repo_ref_parse ("http://127.0.0.1:8080/o/n", NULL, &error);

  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
  g_assert_null (ref);
}

/* What a message shows is short, has no control characters and no password. */
static void
test_messages (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (8000, 'a');

  g_assert_null (mc_repo_ref_parse (text, NULL, &error));
  g_assert_cmpuint (strlen (error->message), <, 400);
  g_clear_error (&error);

  g_assert_null (mc_repo_ref_parse ("owner/\x1b[31m", NULL, &error));
  g_assert_null (strchr (error->message, '\x1b'));
  g_clear_error (&error);

  g_assert_null (mc_repo_ref_parse ("https://me:secret@evil.com/o/n", NULL, &error));
  g_assert_null (strstr (error->message, "secret"));
  g_clear_error (&error);

  g_free (text);
  text = g_strnfill (9000, 'a');
  g_assert_null (mc_repo_ref_parse (text, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
}

static void
test_repo_id (void)
{
  g_autofree char *name96 = g_strnfill (96, 'a');
  g_autofree char *name97 = g_strnfill (97, 'a');

  g_assert_true (mc_repo_id_is_valid ("a"));
  g_assert_true (mc_repo_id_is_valid ("_a/b_"));
  g_assert_true (mc_repo_id_is_valid ("a.b/c-d.e_f"));
  g_assert_true (mc_repo_id_is_valid (name96));
  g_assert_false (mc_repo_id_is_valid (NULL));
  g_assert_false (mc_repo_id_is_valid (""));
  g_assert_false (mc_repo_id_is_valid (name97));
  g_assert_false (mc_repo_id_is_valid ("a/b/c"));
  g_assert_false (mc_repo_id_is_valid ("/a"));
  g_assert_false (mc_repo_id_is_valid ("a/"));
  g_assert_false (mc_repo_id_is_valid ("-a/b"));
  g_assert_false (mc_repo_id_is_valid ("a./b"));
  g_assert_false (mc_repo_id_is_valid ("a/b."));
  g_assert_false (mc_repo_id_is_valid ("a/b--c"));
  g_assert_false (mc_repo_id_is_valid ("a/b..c"));
  g_assert_false (mc_repo_id_is_valid ("a/b.git"));
  g_assert_false (mc_repo_id_is_valid ("a/b c"));
  g_assert_false (mc_repo_id_is_valid ("a/b\n"));
  g_assert_false (mc_repo_id_is_valid ("a/\xc3\xa4"));
}

static void
test_revision (void)
{
  g_autofree char *long_name = g_strnfill (256, 'a');

  g_assert_true (mc_revision_is_valid ("main"));
  g_assert_true (mc_revision_is_valid ("refs/pr/1"));
  g_assert_true (mc_revision_is_valid ("v1.0-\xc3\xa4"));
  g_assert_false (mc_revision_is_valid (NULL));
  g_assert_false (mc_revision_is_valid (""));
  g_assert_false (mc_revision_is_valid ("a b"));
  g_assert_false (mc_revision_is_valid ("a..b"));
  g_assert_false (mc_revision_is_valid ("/a"));
  g_assert_false (mc_revision_is_valid ("a/"));
  g_assert_false (mc_revision_is_valid ("a\\b"));
  g_assert_false (mc_revision_is_valid ("a?b"));
  g_assert_false (mc_revision_is_valid ("a\nb"));
  g_assert_false (mc_revision_is_valid ("\xff"));
  g_assert_false (mc_revision_is_valid (long_name));

  g_assert_true (mc_revision_is_commit (COMMIT));
  g_assert_false (mc_revision_is_commit (NULL));
  g_assert_false (mc_revision_is_commit ("main"));
  g_assert_false (mc_revision_is_commit ("0123456789ABCDEF0123456789abcdef01234567"));
  g_assert_false (mc_revision_is_commit (COMMIT "0"));
}

static void
test_path (void)
{
  g_autofree char *long_path = g_strnfill (4097, 'a');

  g_assert_true (mc_repo_path_is_valid ("a"));
  g_assert_true (mc_repo_path_is_valid (".gitattributes"));
  g_assert_true (mc_repo_path_is_valid ("a b/c#?%+/\xc3\xa4..b"));
  g_assert_true (mc_repo_path_is_valid ("..."));
  g_assert_false (mc_repo_path_is_valid (NULL));
  g_assert_false (mc_repo_path_is_valid (""));
  g_assert_false (mc_repo_path_is_valid ("/a"));
  g_assert_false (mc_repo_path_is_valid ("a/"));
  g_assert_false (mc_repo_path_is_valid ("a//b"));
  g_assert_false (mc_repo_path_is_valid ("."));
  g_assert_false (mc_repo_path_is_valid ("./a"));
  g_assert_false (mc_repo_path_is_valid ("a/.."));
  g_assert_false (mc_repo_path_is_valid ("a/../b"));
  g_assert_false (mc_repo_path_is_valid ("a\nb"));
  g_assert_false (mc_repo_path_is_valid ("a\x7f"));
  g_assert_false (mc_repo_path_is_valid ("\xff"));
  g_assert_false (mc_repo_path_is_valid (long_path));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/repo-ref/forms", test_forms);
  g_test_add_func ("/repo-ref/no-endpoint", test_no_endpoint);
  g_test_add_func ("/repo-ref/messages", test_messages);
  g_test_add_func ("/repo-ref/repo-id", test_repo_id);
  g_test_add_func ("/repo-ref/revision", test_revision);
  g_test_add_func ("/repo-ref/path", test_path);
  return g_test_run ();
}
