/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A folder in which another program keeps models, by its usual rules. */
typedef struct
{
  const char *program; /* static: "Hugging Face", "Ollama", "LM Studio" */
  char *path;          /* (owned) */
} McModelPlace;

/* Where they would be for that home and environment (as of g_get_environ()), each folder once: a
 * new array of McModelPlace. Whether they are there is not looked at. Pure. */
GPtrArray *mc_model_places_list (const char *home, const char *const *environment);

G_END_DECLS
