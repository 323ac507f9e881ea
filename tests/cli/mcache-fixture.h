/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-test-bus.h"
#include "mc-test-hub.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The real mcache against the real service on a bus of its own, and the scripted Hub. */

#define ONNX "owner/tiny-onnx"
#define ONNX_WEIGHTS "onnx/model_q4.onnx"
#define ONNX_SIZE 6000001 /* of onnx:q4: two chunks */
#define ONNX_SEED 7
#define GGUF "owner/tiny-GGUF" /* Q4_K_M and Q8_0 */
#define GGUF_SIZE 700003
#define GATED "owner/gated"
#define CONFIG "{\"model_type\":\"tiny\"}\n"

typedef struct
{
  McTestHub *hub;
  McTestBus *bus;
} McacheFixture;

/* data: (nullable): the service's HF_ENDPOINT instead of the Hub's. */
void mcache_set_up (McacheFixture *f, gconstpointer data);
void mcache_tear_down (McacheFixture *f, gconstpointer data);

typedef struct
{
  int status; /* of its exit; minus the signal that ended it */
  char *out;  /* with a NUL behind it */
  gsize out_length;
  char *err;
} McacheRun;

void mcache_run_free (McacheRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McacheRun, mcache_run_free)

/* Its arguments, ended by NULL. */
McacheRun *mcache_run (McacheFixture *f, ...) G_GNUC_NULL_TERMINATED;
/* environment: "NAME=value", or "NAME" to unset it; input: (nullable): its standard input. */
McacheRun *mcache_run_with (McacheFixture *f,
                            const char *const *environment,
                            const char *input,
                            const char *const *arguments);

/* Runs it with --json, asserts the status, and gives what it printed, which must be one value. */
JsonNode *mcache_run_json (McacheFixture *f, int status, ...) G_GNUC_NULL_TERMINATED;

/* Runs it, asserts that it failed with this status, with this name in JSON, and not without a word.
 */
void
mcache_assert_fails (McacheFixture *f, int status, const char *name, const char *const *arguments);

/* Runs it and asserts the status 0. */
void mcache_assert_works (McacheFixture *f, ...) G_GNUC_NULL_TERMINATED;

/* Not waited for; output and errors are pipes. */
GSubprocess *mcache_start (McacheFixture *f, ...) G_GNUC_NULL_TERMINATED;
int mcache_get_status (GSubprocess *process);
/* Waits for it, too. */
int mcache_end (GSubprocess *process);

/* The first line of a process's standard error; it is then at work. */
char *mcache_read_line (GSubprocess *process);

/* Members by names, all of which must be there. Borrowed from the node. */
JsonObject *mcache_get_member (JsonNode *list, const char *name, const char *value);
guint64 mcache_get_int (JsonObject *object, const char *name);
const char *mcache_get_string (JsonObject *object, const char *name);

G_END_DECLS
