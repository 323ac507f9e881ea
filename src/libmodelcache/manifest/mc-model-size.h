/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How many parameters a name says a model has. 0: it does not say. */
typedef struct
{
  guint64 total;
  guint64 active;    /* of a mixture of experts: used for each token */
  guint64 effective; /* "E2B": what it takes on the GPU; there are more */
} McModelSize;

/* "Qwen3-30B-A3B": 30 and 3 thousand million. Any text; pure, any thread. */
McModelSize mc_model_size_from_name (const char *name);

G_END_DECLS
