/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader.h"
#include "mc-error.h"
#include "mc-test-hub.h"

G_BEGIN_DECLS

/* A scripted Hub with some repos, and on it what a service is made of: client, store in a temporary
 * folder, downloader. Every fixture has a token, and checks at its end that the storage origin
 * never saw it, and that nobody holds on to any of the objects. */

#define MIB (1024 * 1024)

typedef struct
{
  McTestHub *hub;
  char *folder;
  guint read_timeout_ms;    /* 0: the client's default */
  guint connect_timeout_ms; /* likewise */
  guint retry_base_ms;
  McHubClient *client; /* (nullable): NULL while closed, as are the following */
  McStore *store;
  McDownloader *downloader; /* started */
} Fixture;

/* What "org/model" has. q4 and fp16 are variants of their own, int8 and quantized are one content
 * under two names; the other files belong to all. */
#define Q4 "onnx/model_q4.onnx"
#define Q4_SIZE ((guint64) 12 * MIB) /* three chunks, the last one short */
#define Q4_SEED 1
#define INT8 "onnx/model_int8.onnx"
#define QUANTIZED "onnx/model_quantized.onnx"
#define INT8_SIZE ((guint64) 6 * MIB)
#define INT8_SEED 2
#define FP16 "onnx/model_fp16.onnx"
#define FP16_SIZE ((guint64) 7 * MIB)
#define FP16_SEED 3
#define TOKENIZER "tokenizer.json" /* LFS, in a pack */
#define TOKENIZER_SIZE ((guint64) 400 * 1000)
#define TOKENIZER_SEED 4
#define VOCABULARY "vocab.txt" /* git, in a pack */
#define VOCABULARY_SIZE ((guint64) 300 * 1000)
#define VOCABULARY_SEED 5
#define CONFIG "config.json" /* git, small */
#define CONFIG_TEXT "{\"model_type\":\"tiny\"}\n"
#define SHARED_SIZE (TOKENIZER_SIZE + VOCABULARY_SIZE + strlen (CONFIG_TEXT))

/* For g_test_add(), whatever its data. */
void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);

/* As the end and the start of a service. */
void fixture_close (Fixture *self);
void fixture_open (Fixture *self);
/* Both, with other times than usual. */
void fixture_reopen (Fixture *self, guint read_timeout_ms, guint retry_base_ms);

/* Scans the repo into the store, or puts there what a scan might have found. */
gint64 fixture_scan (Fixture *self, const char *repo);
gint64 fixture_save (Fixture *self, McManifest *manifest);

/* The result is owned by the caller. */
McTransfer *fixture_download (Fixture *self, gint64 repo, const char *variant, const char *path);
McTransfer *fixture_verify (Fixture *self, gint64 repo, const char *variant);

/* Fails unless it is refused with that code. */
void fixture_refuse_download (
    Fixture *self, gint64 repo, const char *variant, const char *path, McError code);

/* Until it is in that state; fails if it comes to an end in another. */
void fixture_wait (McTransfer *transfer, McTransferState state);

/* The same, from the beginning; with a transfer to look at, without one, and with a scan of
 * org/model before. */
McTransfer *
fixture_download_all (Fixture *self, gint64 repo, const char *variant, const char *path);
void fixture_have (Fixture *self, gint64 repo, const char *variant, const char *path);
gint64 fixture_get (Fixture *self, const char *variant, const char *path);

/* Until that many bytes of the file are committed. */
void fixture_wait_committed (Fixture *self, gint64 repo, const char *path, guint64 bytes);

/* Until no fetch and no verification is under way. */
void fixture_wait_idle (Fixture *self);

/* A few turns of the main loop, in which nothing may happen. */
void fixture_settle (Fixture *self);

McFile *fixture_find_file (Fixture *self, gint64 repo, const char *path);
gboolean fixture_has (Fixture *self, gint64 repo, const char *path);
guint64 fixture_committed (Fixture *self, gint64 repo, const char *path);

/* Reads the file back and compares it. */
void fixture_check_text (Fixture *self, gint64 repo, const char *path, const char *text);
void fixture_check_seed (Fixture *self, gint64 repo, const char *path, guint32 seed);

/* Fails unless the transfer failed with that code and a message that has the text in it. */
void fixture_check_failed (McTransfer *transfer, McError code, const char *text);

/* The first byte that the n-th request of the storage origin for that file of org/model asked for.
 */
guint64 fixture_range_start (Fixture *self, const char *path, guint n);

/* Bytes of body that the Hub sent for a file of org/model. */
guint64 fixture_sent (Fixture *self, const char *path);

/* Scripts the storage origin's answers for a file of org/model. */
void
fixture_script (Fixture *self, const char *path, McTestFault fault, guint64 argument, guint repeat);

G_END_DECLS
