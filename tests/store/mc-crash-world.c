/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-crash-world.h"

#include "mc-content-reader.h"
#include "mc-crash-disk.h"
#include "mc-small.h"
#include "mc-store-audit.h"
#include "mc-test-wait.h"

#include <string.h>

typedef enum
{
  NOTE_WANTED, /* it may be known from now on */
  NOTE_HELD,
  NOTE_NAME_LOST,
  NOTE_CHUNK,
  NOTE_WHOLE,
  NOTE_TAKEN_BACK, /* it is about to go, or was damaged: nothing is promised of it */
  NOTE_CHUNK_TAKEN_BACK,
  NOTE_GONE,
} NoteKind;

typedef struct
{
  guint at; /* the changes of the disk before it */
  NoteKind kind;
  McCrashContent which;
  guint chunk;
} Note;

typedef struct
{
  gboolean held;
  gboolean gone;
  gboolean whole;
  gboolean chunks[MC_CRASH_MAX_CHUNKS];
} Promise;

/* --- the world --- */

static void
add_file (
    McCrashWorld *world, McCrashContent which, const char *path, McDigestKind kind, GBytes *bytes)
{
  world->files[which] = (McCrashFile){ path, bytes, mc_test_digest (kind, bytes) };
}

/* The first chunk of one, and a tail of its own. */
static GBytes *
make_twin (GBytes *large)
{
  g_autoptr (GBytes) tail = mc_test_make_bytes (50000, 7);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, g_bytes_get_data (large, NULL), MC_CHUNK_SIZE);
  g_byte_array_append (bytes, g_bytes_get_data (tail, NULL), (guint) g_bytes_get_size (tail));
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static GBytes *
make_text (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; text->len < 300000; i++)
    g_string_append_printf (text, "{\"token\": %u, \"rank\": %u}\n", i, i / 3);
  return g_string_free_to_bytes (text);
}

/* The bytes of the old store's contents. */
static GBytes *
count_up (gsize size, guint first)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (first + i % 251 + i / 1000000);
  return g_bytes_new_take (bytes, size);
}

McCrashWorld *
mc_crash_world_new (void)
{
  McCrashWorld *world = g_new0 (McCrashWorld, 1);
  GBytes *large = mc_test_make_bytes (MC_CHUNK_SIZE + 70000, 1);

  add_file (world, MC_CRASH_KEPT, "1-kept", MC_DIGEST_SHA256, mc_test_make_bytes (270000, 3));
  add_file (world, MC_CRASH_LARGE, "2-large", MC_DIGEST_SHA256, large);
  add_file (world, MC_CRASH_TWIN, "3-twin", MC_DIGEST_SHA256, make_twin (large));
  add_file (world, MC_CRASH_TEXT, "4-text", MC_DIGEST_GIT_SHA1, make_text ());
  add_file (world, MC_CRASH_SMALL, "5-small", MC_DIGEST_GIT_SHA1, mc_test_make_bytes (30000, 2));
  add_file (world, MC_CRASH_EMPTY, "6-empty", MC_DIGEST_GIT_SHA1, g_bytes_new (NULL, 0));
  add_file (world, MC_CRASH_OLD_WHOLE, "complete", MC_DIGEST_SHA256,
            count_up (MC_CHUNK_SIZE + 300000, 1));
  add_file (world, MC_CRASH_OLD_PARTIAL, "partial", MC_DIGEST_GIT_SHA1,
            count_up (2 * MC_CHUNK_SIZE + 1000, 2));
  add_file (world, MC_CRASH_OLD_SMALL, "small", MC_DIGEST_GIT_SHA1, count_up (1000, 3));
  world->notes = g_array_new (FALSE, FALSE, sizeof (Note));
  return world;
}

void
mc_crash_world_free (McCrashWorld *world)
{
  mc_crash_close (world);
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    g_bytes_unref (world->files[i].bytes);
  g_array_unref (world->notes);
  g_free (world->folder);
  g_free (world);
}

gboolean
mc_crash_open (McCrashWorld *world, const char *folder, GError **error)
{
  g_assert_null (world->store);
  g_free (world->folder);
  world->folder = g_strdup (folder);
  world->store = mc_store_open (folder, error);
  return world->store != NULL;
}

static gboolean
is_last (gpointer data)
{
  return g_atomic_int_get ((int *) &G_OBJECT (data)->ref_count) == 1;
}

/* A thread that checked a content may let go a little later. */
void
mc_crash_close (McCrashWorld *world)
{
  if (world->store == NULL)
    return;
  mc_test_wait_until (is_last, world->store, 60000);
  mc_test_store_close (g_steal_pointer (&world->store));
}

static void
promise (McCrashWorld *world, NoteKind kind, McCrashContent which, guint chunk)
{
  Note note = { mc_crash_disk_get_length (), kind, which, chunk };

  g_array_append_val (world->notes, note);
}

static GBytes *
get_bytes (McCrashWorld *world, McCrashContent which)
{
  return world->files[which].bytes;
}

static const McContent *
find_content (McCrashWorld *world, McCrashContent which)
{
  return mc_store_get_content (world->store, &world->files[which].digest);
}

static gboolean
is_complete (McCrashWorld *world, McCrashContent which)
{
  const McContent *content = find_content (world, which);

  return content != NULL && content->state == MC_CONTENT_COMPLETE;
}

/* Under whichever revision. */
static gboolean
is_held (McCrashWorld *world, McCrashContent which)
{
  GPtrArray *repos = mc_store_get_repos (world->store);

  for (guint i = 0; i < repos->len; i++)
    if (mc_store_is_held (world->store, ((McLibraryRepo *) repos->pdata[i])->id, "",
                          world->files[which].path))
      return TRUE;
  return FALSE;
}

static McLibraryRepo *
find_repo (McCrashWorld *world)
{
  return mc_store_find_repo (world->store, MC_TEST_ENDPOINT, "org/model", NULL);
}

/* --- steps --- */

gboolean
mc_crash_scan (McCrashWorld *world, char commit, GError **error)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", commit);
  g_autoptr (GAsyncResult) result = NULL;
  McLibraryRepo *repo = find_repo (world);

  if (repo != NULL && repo->manifest->commit[0] == commit)
    return TRUE;
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    {
      mc_test_manifest_add (manifest, world->files[i].path, world->files[i].digest.kind,
                            get_bytes (world, i));
      mc_test_manifest_add_variant (manifest, world->files[i].path);
    }
  mc_store_save_repo_async (world->store, manifest, "old-name", mc_test_store_result, &result);
  return mc_store_save_repo_finish (world->store, mc_test_await (&result), error) > 0;
}

gboolean
mc_crash_hold (McCrashWorld *world, McCrashContent which, GError **error)
{
  if (is_held (world, which))
    return TRUE;
  promise (world, NOTE_WANTED, which, 0);
  if (!mc_test_hold (world->store, find_repo (world)->id, "", world->files[which].path, error))
    return FALSE;
  promise (world, NOTE_HELD, which, 0);
  return TRUE;
}

static gboolean
open_writer (McContentWriter *writer, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_content_writer_open_async (writer, mc_test_store_result, &result);
  return mc_content_writer_open_finish (writer, mc_test_await (&result), error);
}

/* The next piece to put; FALSE if nothing is missing. */
static gboolean
find_piece (McContentWriter *writer, gboolean backwards, guint64 *offset)
{
  guint64 from = 0;
  guint64 found;
  guint64 length;
  gboolean any = FALSE;

  while ((!any || backwards) && mc_content_writer_find_missing (writer, from, &found, &length))
    {
      any = TRUE;
      *offset = backwards ? (found + length - 1) / MC_CHUNK_SIZE * MC_CHUNK_SIZE : found;
      from = (found + length + MC_CHUNK_SIZE - 1) / MC_CHUNK_SIZE * MC_CHUNK_SIZE;
    }
  return any;
}

/* A piece on its way. */
typedef struct
{
  guint64 offset;
  GAsyncResult *result; /* (owned) (nullable) */
} Put;

static void
put_free (gpointer data)
{
  Put *put = data;

  g_clear_object (&put->result);
  g_free (put);
}

/* Waits for the pieces in the order they were put, so that what comes home is promised at once. */
static gboolean
finish_puts (McCrashWorld *world,
             McContentWriter *writer,
             McCrashContent which,
             GPtrArray *puts,
             GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < puts->len; i++)
    {
      Put *put = g_ptr_array_index (puts, i);

      mc_test_await (&put->result);
      if (!mc_content_writer_put_finish (writer, put->result, first == NULL ? &first : NULL))
        continue;
      if (g_bytes_get_size (get_bytes (world, which)) >= MC_SMALL_LIMIT)
        promise (world, NOTE_CHUNK, which, (guint) (put->offset / MC_CHUNK_SIZE));
    }
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

/* All are handed over at once, so that some are committed together. */
static gboolean
put_missing (McCrashWorld *world,
             McContentWriter *writer,
             McCrashContent which,
             gboolean backwards,
             guint n_chunks,
             GError **error)
{
  g_autoptr (GPtrArray) puts = g_ptr_array_new_with_free_func (put_free);
  guint64 offset;

  while ((n_chunks == 0 || puts->len < n_chunks) && find_piece (writer, backwards, &offset))
    {
      g_autoptr (GBytes) piece = g_bytes_new_from_bytes (
          get_bytes (world, which), offset, mc_content_writer_get_piece (writer, offset));
      Put *put = g_new0 (Put, 1);

      put->offset = offset;
      g_ptr_array_add (puts, put);
      mc_content_writer_put_async (writer, offset, piece, mc_test_store_result, &put->result);
    }
  return finish_puts (world, writer, which, puts, error);
}

gboolean
mc_crash_fill (
    McCrashWorld *world, McCrashContent which, gboolean backwards, guint n_chunks, GError **error)
{
  g_autoptr (McContentWriter) writer = NULL;

  if (is_complete (world, which))
    return TRUE;
  writer = mc_content_writer_new (world->store, &world->files[which].digest);
  if (!open_writer (writer, error)
      || !put_missing (world, writer, which, backwards, n_chunks, error))
    return FALSE;
  if (n_chunks > 0)
    return TRUE;
  if (!mc_test_writer_finish (writer, error))
    return FALSE;
  promise (world, NOTE_WHOLE, which, 0);
  return TRUE;
}

gboolean
mc_crash_drop (McCrashWorld *world, McCrashContent which, GError **error)
{
  if (!is_held (world, which))
    return TRUE;
  promise (world, NOTE_TAKEN_BACK, which, 0);
  if (!mc_test_drop (world->store, find_repo (world)->id, "", world->files[which].path, MC_DROP_ONE,
                     NULL, error))
    return FALSE;
  promise (world, NOTE_GONE, which, 0);
  return TRUE;
}

gboolean
mc_crash_drop_repo (McCrashWorld *world, GError **error)
{
  McLibraryRepo *repo = find_repo (world);

  if (repo == NULL)
    return TRUE;
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    promise (world, NOTE_TAKEN_BACK, i, 0);
  if (!mc_test_drop (world->store, repo->id, "", "", MC_DROP_ALL, NULL, error))
    return FALSE;
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    promise (world, NOTE_GONE, i, 0);
  return TRUE;
}

gboolean
mc_crash_verify (McCrashWorld *world, McCrashContent which, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean good;

  if (!is_complete (world, which))
    return TRUE;
  mc_store_check_async (world->store, &world->files[which].digest, 1000, NULL, NULL,
                        mc_test_store_result, &result);
  return mc_store_check_finish (world->store, mc_test_await (&result), &good, error);
}

static char *
make_path (McCrashWorld *world, McCrashContent which)
{
  return mc_pack_make_path (world->folder, &world->files[which].digest);
}

void
mc_crash_damage (McCrashWorld *world, McCrashContent which, guint chunk)
{
  g_autofree char *path = make_path (world, which);
  const guint8 *bytes = g_bytes_get_data (get_bytes (world, which), NULL);

  mc_test_damage_file (
      path, mc_test_find_in_file (path, 0, bytes + (gsize) chunk * MC_CHUNK_SIZE + 1000, 100));
  promise (world, NOTE_CHUNK_TAKEN_BACK, which, chunk);
  world->damaged[which] = TRUE;
}

void
mc_crash_take_back (McCrashWorld *world, McCrashContent which, guint chunk)
{
  promise (world, NOTE_CHUNK_TAKEN_BACK, which, chunk);
  world->damaged[which] = TRUE;
}

void
mc_crash_damage_head (McCrashWorld *world, McCrashContent which)
{
  g_autofree char *path = make_path (world, which);

  mc_test_damage_file (path, 3);
  promise (world, NOTE_TAKEN_BACK, which, 0);
  promise (world, NOTE_HELD, which, 0);
  world->damaged[which] = TRUE;
}

void
mc_crash_unpack_old (McCrashWorld *world)
{
  g_autofree char *archive =
      g_build_filename (g_getenv ("MC_TESTS_SRCDIR"), "store", "data", "version-1.tar.xz", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) tar = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "tar", "-C",
                                                  world->folder, "-xpf", archive, NULL);

  g_assert_no_error (error);
  g_subprocess_wait_check (tar, NULL, &error);
  g_assert_no_error (error);
  for (guint i = MC_CRASH_OLD_WHOLE; i <= MC_CRASH_OLD_SMALL; i++)
    promise (world, NOTE_HELD, i, 0);
  promise (world, NOTE_WHOLE, MC_CRASH_OLD_WHOLE, 0);
  promise (world, NOTE_CHUNK, MC_CRASH_OLD_PARTIAL, 0);
  promise (world, NOTE_CHUNK, MC_CRASH_OLD_PARTIAL, 2);
  promise (world, NOTE_WHOLE, MC_CRASH_OLD_SMALL, 0);
}

void
mc_crash_damage_catalog (McCrashWorld *world)
{
  g_autofree char *path = g_build_filename (world->folder, "catalog.db", NULL);

  mc_test_damage_file (path, 3);
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    promise (world, NOTE_NAME_LOST, i, 0);
}

/* --- checks --- */

static void
say (GPtrArray *wrong, const char *what, const char *why)
{
  g_ptr_array_add (wrong, g_strdup_printf ("%s: %s", what, why));
}

/* What is promised of one content after so many changes. */
static Promise
fold (McCrashWorld *world, McCrashContent which, guint n_changes)
{
  Promise all = { 0 };

  for (guint i = 0; i < world->notes->len; i++)
    {
      const Note *note = &g_array_index (world->notes, Note, i);

      if (note->which != which)
        continue;
      /* To take back begins before the disk changes. */
      if (note->at > n_changes)
        break;
      switch (note->kind)
        {
        case NOTE_WANTED:
          all.gone = FALSE;
          break;
        case NOTE_HELD:
          all.held = TRUE;
          break;
        case NOTE_NAME_LOST:
          all.held = FALSE;
          break;
        case NOTE_CHUNK:
          all.chunks[note->chunk] = TRUE;
          break;
        case NOTE_WHOLE:
          all.whole = TRUE;
          break;
        case NOTE_CHUNK_TAKEN_BACK:
          all.whole = FALSE;
          all.chunks[note->chunk] = FALSE;
          break;
        case NOTE_TAKEN_BACK:
          all = (Promise){ 0 };
          break;
        case NOTE_GONE:
        default:
          all = (Promise){ .gone = TRUE };
          break;
        }
    }
  return all;
}

guint
mc_crash_count_promises (McCrashWorld *world, guint n_changes)
{
  guint n = 0;

  while (n < world->notes->len && g_array_index (world->notes, Note, n).at <= n_changes)
    n++;
  return n;
}

/* As it is found; a pack with an interrupted change only after a writer undid that. */
static guint8 *
list_chunks (McCrashWorld *world, McCrashContent which, GError **error)
{
  const McContent *content = find_content (world, which);
  g_autoptr (McPack) pack =
      mc_pack_open (world->folder, &content->digest, content->size, MC_PACK_LOOK, NULL);
  guint8 *present = pack == NULL ? NULL : mc_pack_list_chunks (pack, NULL);

  if (present != NULL || !mc_crash_disk_is_sound ())
    return present;
  g_clear_pointer (&pack, mc_pack_close);
  pack = mc_pack_open (world->folder, &content->digest, content->size, MC_PACK_REPAIR, error);
  return pack == NULL ? NULL : mc_pack_list_chunks (pack, error);
}

static void
check_chunks (McCrashWorld *world, McCrashContent which, const gboolean *chunks, GPtrArray *wrong)
{
  const char *path = world->files[which].path;
  g_autofree guint8 *present = NULL;
  g_autoptr (GError) error = NULL;

  if (find_content (world, which) == NULL)
    {
      say (wrong, path, "its chunks were committed, but it is not known");
      return;
    }
  present = list_chunks (world, which, &error);
  if (error != NULL)
    say (wrong, path, error->message);
  for (guint i = 0; present != NULL && i < MC_CRASH_MAX_CHUNKS; i++)
    if (chunks[i] && !present[i])
      say (wrong, path, "a committed chunk is lost");
}

void
mc_crash_check_promises (McCrashWorld *world, guint n_changes, GPtrArray *wrong)
{
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    {
      Promise all = fold (world, i, n_changes);

      if (all.held && !is_held (world, i))
        say (wrong, world->files[i].path, "it was held and is not");
      if (all.gone)
        mc_crash_check_gone (world, i, wrong);
      if (all.whole)
        mc_crash_check_whole (world, i, wrong);
      else if (!is_complete (world, i) && (all.chunks[0] || all.chunks[1] || all.chunks[2]))
        check_chunks (world, i, all.chunks, wrong);
    }
}

/* A pack whose interrupted change cannot be undone yet is no harm: it says nothing. */
static gboolean
is_of_disk (const char *finding)
{
  return !mc_crash_disk_is_sound () && strstr (finding, "disk I/O error") != NULL;
}

static gboolean
is_of_damaged (McCrashWorld *world, const char *finding)
{
  for (guint i = 0; i < MC_CRASH_N_CONTENTS; i++)
    {
      g_autofree char *hex = mc_digest_to_hex (&world->files[i].digest);

      if (world->damaged[i] && strstr (finding, hex) != NULL)
        return TRUE;
    }
  return FALSE;
}

void
mc_crash_check_store (McCrashWorld *world, gboolean settled, gboolean damaged, GPtrArray *wrong)
{
  McAuditFlags flags = MC_AUDIT_DEEP | (settled ? MC_AUDIT_SETTLED : 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_audit_async (world->store, flags, NULL, NULL, mc_test_store_result, &result);
  found = mc_store_audit_finish (world->store, mc_test_await (&result), &error);
  /* What was interrupted cannot be undone on a disk that takes nothing. */
  if (found == NULL && mc_crash_disk_is_sound ())
    say (wrong, "It cannot be checked", error->message);
  for (guint i = 0; found != NULL && i < found->len; i++)
    if (!is_of_disk (found->pdata[i]) && !(damaged && is_of_damaged (world, found->pdata[i])))
      g_ptr_array_add (wrong, g_strdup (found->pdata[i]));
}

/* The scenarios that bring the text are those of compressing, too: were it kept as it is, its pack
 * would be larger than it. */
static void
check_compressed (McCrashWorld *world, GPtrArray *wrong)
{
  g_autofree char *path = make_path (world, MC_CRASH_TEXT);
  gint64 size = mc_test_measure_file (path);

  if (size > (gint64) g_bytes_get_size (world->files[MC_CRASH_TEXT].bytes) * 3 / 2)
    say (wrong, path, "it is not compressed");
}

void
mc_crash_check_whole (McCrashWorld *world, McCrashContent which, GPtrArray *wrong)
{
  const McCrashFile *file = &world->files[which];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) found = NULL;

  if (!is_complete (world, which))
    {
      say (wrong, file->path, "it is not complete");
      return;
    }
  if (which == MC_CRASH_TEXT)
    check_compressed (world, wrong);
  found = mc_test_read (world->store, &file->digest, g_bytes_get_size (file->bytes), &error);
  if (found == NULL && mc_crash_disk_is_sound ())
    say (wrong, file->path, error->message);
  else if (found != NULL && !g_bytes_equal (found, file->bytes))
    say (wrong, file->path, "it has wrong bytes");
}

void
mc_crash_check_gone (McCrashWorld *world, McCrashContent which, GPtrArray *wrong)
{
  g_autofree char *path = make_path (world, which);

  if (find_content (world, which) != NULL || is_held (world, which))
    say (wrong, world->files[which].path, "it was deleted and is there");
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    say (wrong, world->files[which].path, "its pack was left behind");
}
