/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

/* What the catalog says, loaded into values. Each table is gone through once, in the order of its
 * key, so that a large library costs few queries; or only what belongs to one name. */

#define EVERYTHING " "
/* All revisions of the repo with that id: saving one may change another. */
#define ONE_NAME(column)                                                                           \
  " WHERE " column " IN (SELECT other.id FROM repos AS this JOIN repos AS other "                  \
  "USING (endpoint, repo) WHERE this.id = :id) "

#define LOAD_REPOS(which)                                                                          \
  "SELECT id, endpoint, repo, revision, commit_id, hub_id, task, library, license, gated, "        \
  "private, parameters, context_length, downloads, likes, last_modified, scanned_at, "             \
  "default_key, architecture, dtype FROM repos" which "ORDER BY id"
#define LOAD_FILES(which)                                                                          \
  "SELECT repo, path, size, digest, role FROM files" which "ORDER BY repo, position"
#define LOAD_VARIANTS(which)                                                                       \
  "SELECT repo, key, format FROM variants" which "ORDER BY repo, position"
#define LOAD_MEMBERS(which)                                                                        \
  "SELECT repo, variant, file FROM variant_files" which "ORDER BY repo, variant, file"
#define LOAD_HOLDINGS(which)                                                                       \
  "SELECT id, repo, variant, path, created, pinned FROM holdings" which "ORDER BY id"
#define LOAD_REFERENCES(which)                                                                     \
  "SELECT holding, digest FROM holding_contents" which "ORDER BY holding, digest"

/* Ends with the order in which the tables are read: what a row belongs to comes first. */
enum
{
  REPOS,
  FILES,
  VARIANTS,
  MEMBERS,
  HOLDINGS,
  REFERENCES,
  N_TABLES,
};

static const char *const load_everything[N_TABLES] = {
  [REPOS] = LOAD_REPOS (EVERYTHING),       [FILES] = LOAD_FILES (EVERYTHING),
  [VARIANTS] = LOAD_VARIANTS (EVERYTHING), [MEMBERS] = LOAD_MEMBERS (EVERYTHING),
  [HOLDINGS] = LOAD_HOLDINGS (EVERYTHING), [REFERENCES] = LOAD_REFERENCES (EVERYTHING),
};
static const char *const load_one_name[N_TABLES] = {
  [REPOS] = LOAD_REPOS (ONE_NAME ("id")),
  [FILES] = LOAD_FILES (ONE_NAME ("repo")),
  [VARIANTS] = LOAD_VARIANTS (ONE_NAME ("repo")),
  [MEMBERS] = LOAD_MEMBERS (ONE_NAME ("repo")),
  [HOLDINGS] = LOAD_HOLDINGS (ONE_NAME ("repo")),
  [REFERENCES] =
      LOAD_REFERENCES (" WHERE holding IN (SELECT id FROM holdings" ONE_NAME ("repo") ") "),
};
static const char SQL_LOAD_ALIASES[] = "SELECT endpoint, alias, repo FROM aliases";

typedef struct
{
  McLibrary *library; /* borrowed */
  guint at;           /* of the repo or holding that the last row belonged to */
} Loading;

static void
read_facts (McStmt *stmt, McManifest *manifest)
{
  manifest->endpoint = g_strdup (mc_stmt_get_name (stmt, 1));
  manifest->repo = g_strdup (mc_stmt_get_name (stmt, 2));
  manifest->revision = g_strdup (mc_stmt_get_name (stmt, 3));
  manifest->commit = g_strdup (mc_stmt_get_name (stmt, 4));
  manifest->hub_id = g_strdup (mc_stmt_get_text (stmt, 5));
  manifest->task = g_strdup (mc_stmt_get_text (stmt, 6));
  manifest->library = g_strdup (mc_stmt_get_text (stmt, 7));
  manifest->license = g_strdup (mc_stmt_get_text (stmt, 8));
  manifest->gated = (McGated) mc_stmt_get_int (stmt, 9);
  manifest->is_private = mc_stmt_get_int (stmt, 10) != 0;
  manifest->parameters = mc_stmt_get_size (stmt, 11);
  manifest->context_length = mc_stmt_get_size (stmt, 12);
  manifest->downloads = mc_stmt_get_size (stmt, 13);
  manifest->likes = mc_stmt_get_size (stmt, 14);
  manifest->last_modified = g_strdup (mc_stmt_get_text (stmt, 15));
  manifest->scanned_at = mc_stmt_get_int (stmt, 16);
  manifest->default_key = g_strdup (mc_stmt_get_text (stmt, 17));
  manifest->architecture = g_strdup (mc_stmt_get_text (stmt, 18));
  manifest->dtype = g_strdup (mc_stmt_get_text (stmt, 19));
}

static void
take_repo (McStmt *stmt, gpointer data)
{
  Loading *loading = data;
  McLibraryRepo *repo = mc_library_repo_new (mc_stmt_get_int (stmt, 0));

  read_facts (stmt, repo->manifest);
  g_ptr_array_add (loading->library->repos, repo);
}

/* Rows and repos are both in the order of the ids. A damaged catalog may have rows of no repo. */
static McManifest *
find_manifest (Loading *loading, gint64 id)
{
  GPtrArray *repos = loading->library->repos;
  McLibraryRepo *repo = NULL;

  for (; loading->at < repos->len; loading->at++)
    {
      repo = g_ptr_array_index (repos, loading->at);
      if (repo->id >= id)
        return repo->id == id ? repo->manifest : NULL;
    }
  return NULL;
}

static void
take_file (McStmt *stmt, gpointer data)
{
  McManifest *manifest = find_manifest (data, mc_stmt_get_int (stmt, 0));
  McFile *file;

  if (manifest == NULL)
    return;
  file = mc_manifest_add_file (manifest, mc_stmt_get_name (stmt, 1), mc_stmt_get_size (stmt, 2),
                               mc_stmt_get_digest (stmt, 3));
  file->role = (McFileRole) mc_stmt_get_int (stmt, 4);
}

static void
take_variant (McStmt *stmt, gpointer data)
{
  McManifest *manifest = find_manifest (data, mc_stmt_get_int (stmt, 0));

  if (manifest != NULL)
    mc_manifest_add_variant (manifest, mc_stmt_get_name (stmt, 1), mc_stmt_get_name (stmt, 2));
}

static void
take_member (McStmt *stmt, gpointer data)
{
  McManifest *manifest = find_manifest (data, mc_stmt_get_int (stmt, 0));
  guint64 place = mc_stmt_get_size (stmt, 1);
  guint file = (guint) mc_stmt_get_size (stmt, 2);

  /* A damaged catalog must not lead out of the arrays. */
  if (manifest != NULL && place < manifest->variants->len && file < manifest->files->len)
    {
      McVariant *variant = g_ptr_array_index (manifest->variants, place);

      g_array_append_val (variant->files, file);
    }
}

static void
take_holding (McStmt *stmt, gpointer data)
{
  Loading *loading = data;
  McHolding *holding = mc_holding_new (mc_stmt_get_int (stmt, 0), mc_stmt_get_int (stmt, 1),
                                       mc_stmt_get_name (stmt, 2), mc_stmt_get_name (stmt, 3));

  holding->created = mc_stmt_get_int (stmt, 4);
  holding->pinned = mc_stmt_get_int (stmt, 5) != 0;
  g_ptr_array_add (loading->library->holdings, holding);
}

static void
take_reference (McStmt *stmt, gpointer data)
{
  Loading *loading = data;
  GPtrArray *holdings = loading->library->holdings;
  gint64 id = mc_stmt_get_int (stmt, 0);
  McDigest digest = mc_stmt_get_digest (stmt, 1);
  McHolding *holding = NULL;

  for (; loading->at < holdings->len; loading->at++)
    {
      holding = g_ptr_array_index (holdings, loading->at);
      if (holding->id >= id)
        break;
    }
  if (loading->at < holdings->len && holding->id == id)
    g_array_append_val (holding->digests, digest);
}

static void
take_alias (McStmt *stmt, gpointer data)
{
  Loading *loading = data;

  mc_library_add_alias (loading->library, mc_stmt_get_name (stmt, 0), mc_stmt_get_name (stmt, 1),
                        mc_stmt_get_name (stmt, 2));
}

McLibrary *
mc_catalog_load (McDb *db, gint64 repo, GError **error)
{
  static void (*const take[N_TABLES]) (McStmt *, gpointer) = {
    [REPOS] = take_repo,     [FILES] = take_file,       [VARIANTS] = take_variant,
    [MEMBERS] = take_member, [HOLDINGS] = take_holding, [REFERENCES] = take_reference,
  };
  const char *const *load = repo == 0 ? load_everything : load_one_name;
  g_autoptr (McLibrary) library = mc_library_new ();
  Loading loading = { library, 0 };

  for (guint i = 0; i < N_TABLES; i++)
    {
      loading.at = 0;
      if (!mc_db_each (db, load[i], repo, take[i], &loading, error))
        return NULL;
    }
  return mc_db_each (db, SQL_LOAD_ALIASES, 0, take_alias, &loading, error)
             ? g_steal_pointer (&library)
             : NULL;
}
