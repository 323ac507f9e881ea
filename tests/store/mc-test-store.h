/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-content-writer.h"
#include "mc-pack.h"
#include "mc-store.h"
#include "mc-test-folder.h"

G_BEGIN_DECLS

/* The store as tests use it: each call waits for its end. Those without an error fail the test. */

#define MC_TEST_ENDPOINT "https://hub.test"

McStore *mc_test_store_open (const char *folder);

/* Closes it, and asserts that nothing holds it any more. */
void mc_test_store_close (McStore *store);

/* What its folder takes on disk, as the file system counts. */
guint64 mc_test_store_measure (McStore *store);

/* A manifest without files; the commit is that digit 40 times. */
McManifest *mc_test_manifest_new (const char *repo, const char *revision, char commit);

/* Adds a file with these bytes' size and digest. */
McFile *
mc_test_manifest_add (McManifest *manifest, const char *path, McDigestKind kind, GBytes *bytes);

/* Adds a variant of the file added last. */
void mc_test_manifest_add_variant (McManifest *manifest, const char *key);

gint64 mc_test_save_repo (McStore *store, McManifest *manifest, const char *alias);

/* All files of a variant, or one file: one of both is "". */
gboolean
mc_test_hold (McStore *store, gint64 repo, const char *variant, const char *path, GError **error);

gboolean mc_test_drop (McStore *store,
                       gint64 repo,
                       const char *variant,
                       const char *path,
                       McDropScope scope,
                       McDropResult *dropped,
                       GError **error);

/* A repo "org/model" with the one file, held by its path. */
gint64 mc_test_hold_one (McStore *store, McDigestKind kind, GBytes *bytes, McDigest *digest);

McContentWriter *mc_test_writer_open (McStore *store, const McDigest *digest);
gboolean
mc_test_writer_put (McContentWriter *writer, guint64 offset, GBytes *whole, GError **error);
gboolean mc_test_writer_finish (McContentWriter *writer, GError **error);

/* What is missing goes in, the digest is checked. Returns the number of pieces that were put. */
guint mc_test_fill (McStore *store, const McDigest *digest, GBytes *whole);

/* All bytes, or NULL. */
GBytes *mc_test_read (McStore *store, const McDigest *digest, guint64 size, GError **error);

/* Complete, and its bytes are these. */
void mc_test_assert_complete (McStore *store, const McDigest *digest, GBytes *whole);

/* Known, not complete, with so many bytes here. */
void mc_test_assert_partial (McStore *store, const McDigest *digest, guint64 committed);

G_END_DECLS
