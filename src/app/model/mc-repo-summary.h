/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* One of the dictionaries of ListRepos(), read: what a row says of a repo, in words. Pure, and may
 * be made in any thread: there are thousands of them when a library is opened. */
typedef struct
{
  guint64 number;
  char *id;    /* "owner/name" */
  char *ref;   /* how the service is asked for it: with the revision, where that is unusual */
  char *owner; /* likewise */
  char *title;
  char *details;  /* "Text Generation · apache-2.0 · 7.6B parameters" */
  char *changed;  /* (nullable): "Changed on the Hub 3 days ago" */
  char *endpoint; /* the Hub's address */
  char *commit;   /* 40 hex digits, or "" */
  char *sort_key; /* of the title: strcmp() orders by it */
  char *text;     /* all that is searched, folded */
  char **formats; /* "gguf", "onnx" */
  const char *icon_name;
  guint n_variants;
  guint n_here;
  guint n_damaged;
  guint n_failed;
  double fraction; /* of an unfinished variant */
  gboolean gated;
} McRepoSummary;

/* now: Unix seconds, for what is told as so long ago. What the dictionary lacks is "" or 0. */
McRepoSummary *mc_repo_summary_new (GVariant *dict, gint64 now);
/* Of a repo of which no more than its name is known so far. */
McRepoSummary *mc_repo_summary_new_named (guint64 number, const char *id, const char *revision);
void mc_repo_summary_free (McRepoSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McRepoSummary, mc_repo_summary_free)

G_END_DECLS
