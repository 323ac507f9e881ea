/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-repo.h"

G_BEGIN_DECLS

/* Sinks the dictionary: a manifest as data/com.tabagent.ModelCache1.xml describes it. What it
 * lacks, or has with another type, counts as not known. */
McRepo *mc_repo_new (GVariant *manifest);
McRepoVariant *mc_repo_variant_new (GVariant *dict);
McRepoFile *mc_repo_file_new (GVariant *dict);

/* (nullable), borrowed from the dictionary. */
const char *mc_dict_get_text (GVariant *dict, const char *key);
guint64 mc_dict_get_number (GVariant *dict, const char *key);

G_END_DECLS
