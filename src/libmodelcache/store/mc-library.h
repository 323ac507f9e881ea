/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

G_BEGIN_DECLS

/* What the catalog holds, as values. */

typedef struct
{
  gint64 id;
  McManifest *manifest; /* (owned) */
} McLibraryRepo;

/* What a person asked to have: a variant (path is "") or a single file (variant is ""). */
typedef struct
{
  gint64 id;
  gint64 repo;
  char *variant;
  char *path;
  gint64 created;  /* Unix seconds */
  gboolean pinned; /* the size limit never takes it */
  GArray *digests; /* McDigest: the contents it needs */
} McHolding;

/* That a content was used. */
typedef struct
{
  McDigest digest;
  gint64 when; /* Unix seconds */
} McUse;

typedef struct
{
  char *endpoint;
  char *alias;
  char *repo;
} McAlias;

typedef enum
{
  MC_CONTENT_PARTIAL,
  MC_CONTENT_COMPLETE,
  MC_CONTENT_DELETING, /* about to go, or could not be removed: not here for anyone */
} McContentState;

typedef struct
{
  McDigest digest;
  guint64 size;
  guint64 committed; /* bytes that are here */
  McContentState state;
  guint holders;      /* holdings that need it */
  gint64 verified_at; /* Unix seconds: when all of it was last found in order; 0: never whole, 1:
                         once */
  gint64 last_used;   /* Unix seconds */
  gboolean suspect;   /* a reader met damage, and it was not looked at yet: not here for anyone */
} McContent;

/* Chunks in the pack of one content that another content has too, and does not keep twice. */
typedef struct
{
  McDigest borrower;
  McDigest lender;
  guint n_chunks; /* at most */
  guint64 size;   /* raw bytes of them */
} McLoan;

/* A transfer as it is kept over restarts. The strings are those of the bus interface. */
typedef struct
{
  gint64 id; /* 0: not kept yet */
  char *kind;
  gint64 repo;
  char *variant;
  char *path;
  char *state;
  char *error;
  char *message;
  gint64 created;     /* Unix seconds */
  gint64 place;       /* in the queue: see mc-queue.h */
  guint64 rate_limit; /* bytes a second; 0: none of its own */

  /* Of one that came to an end, for the history. */
  gint64 ended;     /* Unix seconds; 0: it did not, or that was told before */
  char *repo_name;  /* (nullable): filled in when the history is read; "" if it is of no repo */
  guint64 total;    /* bytes of its contents */
  guint64 received; /* bytes that came over the network */
} McTransferRecord;

/* Everything structural that the catalog says; contents come without their committed bytes. */
typedef struct
{
  GPtrArray *repos;    /* McLibraryRepo, by id */
  GPtrArray *holdings; /* McHolding */
  GPtrArray *aliases;  /* McAlias */
  GHashTable *names;   /* (owned) (nullable): for mc_library_find_repo(): until repos changes */
} McLibrary;

McLibraryRepo *mc_library_repo_new (gint64 id);
McHolding *mc_holding_new (gint64 id, gint64 repo, const char *variant, const char *path);
McTransferRecord *mc_transfer_record_new (void);
McTransferRecord *mc_transfer_record_copy (const McTransferRecord *record);
void mc_transfer_record_free (McTransferRecord *record);
McLibrary *mc_library_new (void);
void
mc_library_add_alias (McLibrary *self, const char *endpoint, const char *alias, const char *repo);

/* Borrowed, until the library changes; NULL: there is none. */
McLibraryRepo *mc_library_get_repo (McLibrary *self, gint64 id);

/* Borrowed likewise: the repo that has this name, in whatever case, or had it once. @revision is
 * what it was scanned for, or its commit. Takes as long for many repos as for few. */
McLibraryRepo *mc_library_find_repo (McLibrary *self,
                                     const char *endpoint,
                                     const char *name,
                                     const char *revision);

/* Puts @update, which has all there is of one repo's name and all aliases, in the place of what
 * @self has of them. What @update had moves; it can only be freed then. */
void mc_library_update (McLibrary *self, McLibrary *update);

/* Without its holdings. */
void mc_library_remove_repo (McLibrary *self, gint64 id);
void mc_library_free (McLibrary *self);

/* That a program got bytes of a repo. */
typedef struct
{
  char *program; /* a Flatpak's id, or the path of what runs */
  char *repo;
  guint64 uses;
  gint64 last_used; /* Unix seconds */
} McProgramUse;

void mc_program_use_free (McProgramUse *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTransferRecord, mc_transfer_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McLibrary, mc_library_free)

G_END_DECLS
