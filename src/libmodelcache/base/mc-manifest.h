/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

typedef enum
{
  MC_GATED_NO,
  MC_GATED_AUTO,   /* access is granted at once, to whoever accepts the conditions */
  MC_GATED_MANUAL, /* the owner decides */
} McGated;

/* What a file is for, from the grouping. */
typedef enum
{
  MC_FILE_VARIANT, /* belongs to one variant or several */
  MC_FILE_SHARED,  /* every variant needs it */
  MC_FILE_OTHER,   /* never needed to run the model */
} McFileRole;

typedef struct
{
  char *path;   /* as the repo has it: untrusted text, never a path on this computer */
  guint64 size; /* bytes */
  McDigest
      digest; /* MC_DIGEST_NONE: masked by the Hub, cannot be downloaded before access is granted */
  McFileRole role;
} McFile;

typedef struct
{
  char *key;     /* "onnx:q4f16": unique in the repo */
  char *format;  /* "onnx" */
  GArray *files; /* guint: places in McManifest.files, ascending, without the shared ones */
} McVariant;

/* A repo at one commit: its facts, files and variants. Immutable once built and shared by
 * reference; strings are UTF-8 and nullable unless said otherwise. */
typedef struct
{
  gatomicrefcount ref_count;
  char *endpoint; /* not NULL: "https://huggingface.co" */
  char *repo;     /* not NULL: "owner/name" as the Hub spells it */
  char *hub_id;   /* the Hub's own opaque id: survives renames */
  char *revision; /* not NULL: what was asked for, "main" */
  char *commit;   /* not NULL: 40 hexadecimal digits */
  char *task;     /* pipeline tag: "text-generation" */
  char *library;
  char *license;
  McGated gated;
  gboolean is_private;
  char *architecture;     /* "qwen3" */
  char *dtype;            /* "BF16": what most bytes of its safetensors files are in */
  guint64 parameters;     /* 0: unknown */
  guint64 context_length; /* tokens; 0: unknown */
  guint64 downloads;      /* of the last 30 days */
  guint64 likes;
  char *last_modified; /* ISO 8601 */
  gint64 scanned_at;   /* Unix seconds */
  GPtrArray *files;    /* McFile, by path in byte order */
  GPtrArray *variants; /* McVariant, in the order of detection */
  char *default_key;   /* the variant to take when none is named */
  GArray *shared;      /* of mc-manifest.c: use mc_manifest_variant_files() */
} McManifest;

McManifest *mc_manifest_new (void);
McManifest *mc_manifest_ref (McManifest *self);
void mc_manifest_unref (McManifest *self);

/* Only while building. Takes ownership of nothing. Files must be added in byte order of their
 * paths, without doubles. */
McFile *mc_manifest_add_file (McManifest *self, const char *path, guint64 size, McDigest digest);
McVariant *mc_manifest_add_variant (McManifest *self, const char *key, const char *format);

/* Borrowed; NULL if there is none. */
McFile *mc_manifest_find_file (McManifest *self, const char *path);

/* Finds a variant by its key or any unambiguous end of it, in any case; NULL as @name means the
 * default one, and so does "latest". Whole keys win over whole labels (what follows the colon),
 * these over ends at a "/" or ":", these over other ends. What fits no key may be the name of one
 * of its files, or a tag in such a name ("fp16" of "model-fp16.gguf"). Borrowed;
 * MC_ERROR_UNKNOWN_VARIANT with the candidates in the message otherwise. */
McVariant *mc_manifest_find_variant (McManifest *self, const char *name, GError **error);

/* All files a variant needs, its own and the shared ones, as borrowed McFile in the order of
 * their paths. Free with g_ptr_array_unref(). */
GPtrArray *mc_manifest_variant_files (McManifest *self, const McVariant *variant);

/* All files of the repo, as borrowed McFile; to be freed in the same way. */
GPtrArray *mc_manifest_all_files (McManifest *self);

/* Bytes of these files, each content counted once. */
guint64 mc_files_total_size (GPtrArray *files);

const char *mc_gated_to_string (McGated gated); /* "no", "auto", "manual" */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McManifest, mc_manifest_unref)

G_END_DECLS
