/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-public.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MC_TYPE_REPO_FILE (mc_repo_file_get_type ())
MC_PUBLIC
G_DECLARE_FINAL_TYPE (McRepoFile, mc_repo_file, MC, REPO_FILE, GObject)

MC_PUBLIC const char *mc_repo_file_get_path (McRepoFile *self);
MC_PUBLIC guint64 mc_repo_file_get_size (McRepoFile *self);
MC_PUBLIC guint64 mc_repo_file_get_downloaded (McRepoFile *self);
MC_PUBLIC const char *mc_repo_file_get_sha256 (McRepoFile *self);
MC_PUBLIC const char *mc_repo_file_get_git_sha1 (McRepoFile *self);

#define MC_TYPE_REPO_VARIANT (mc_repo_variant_get_type ())
MC_PUBLIC
G_DECLARE_FINAL_TYPE (McRepoVariant, mc_repo_variant, MC, REPO_VARIANT, GObject)

MC_PUBLIC const char *mc_repo_variant_get_key (McRepoVariant *self);
MC_PUBLIC const char *mc_repo_variant_get_format (McRepoVariant *self);
MC_PUBLIC const char *mc_repo_variant_get_status (McRepoVariant *self);
MC_PUBLIC guint64 mc_repo_variant_get_size (McRepoVariant *self);
MC_PUBLIC guint64 mc_repo_variant_get_downloaded (McRepoVariant *self);
MC_PUBLIC char **mc_repo_variant_dup_paths (McRepoVariant *self);
MC_PUBLIC GVariant *mc_repo_variant_get_facts (McRepoVariant *self);

#define MC_TYPE_REPO (mc_repo_get_type ())
MC_PUBLIC
G_DECLARE_FINAL_TYPE (McRepo, mc_repo, MC, REPO, GObject)

MC_PUBLIC const char *mc_repo_get_id (McRepo *self);
MC_PUBLIC const char *mc_repo_get_revision (McRepo *self);
MC_PUBLIC const char *mc_repo_get_commit (McRepo *self);
MC_PUBLIC const char *mc_repo_get_task (McRepo *self);
MC_PUBLIC const char *mc_repo_get_license (McRepo *self);
MC_PUBLIC const char *mc_repo_get_default_variant (McRepo *self);
MC_PUBLIC GPtrArray *mc_repo_list_variants (McRepo *self);
MC_PUBLIC GPtrArray *mc_repo_list_files (McRepo *self);
MC_PUBLIC McRepoVariant *mc_repo_find_variant (McRepo *self, const char *key);
MC_PUBLIC McRepoFile *mc_repo_find_file (McRepo *self, const char *path);
MC_PUBLIC GVariant *mc_repo_get_facts (McRepo *self);

G_END_DECLS
