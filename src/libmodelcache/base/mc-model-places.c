/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-model-places.h"

#include <string.h>

#define HUGGING_FACE "Hugging Face"
#define OLLAMA "Ollama"
#define LM_STUDIO "LM Studio"

static void
place_free (gpointer data)
{
  McModelPlace *place = data;

  g_free (place->path);
  g_free (place);
}

/* Takes the path. Only whole ones are understood by those programs, too. */
static void
add (GPtrArray *places, const char *program, char *path)
{
  g_autofree char *owned = path;
  McModelPlace *place;

  if (!g_path_is_absolute (path))
    return;
  for (guint i = 0; i < places->len; i++)
    if (strcmp (((McModelPlace *) g_ptr_array_index (places, i))->path, path) == 0)
      return;
  place = g_new (McModelPlace, 1);
  place->program = program;
  place->path = g_steal_pointer (&owned);
  g_ptr_array_add (places, place);
}

static const char *
get (const char *const *environment, const char *name)
{
  const char *value = g_environ_getenv ((char **) environment, name);

  return value == NULL || value[0] == '\0' ? NULL : value;
}

/* As huggingface_hub/constants.py does. */
static char *
find_hub (const char *home, const char *const *environment)
{
  const char *hub = get (environment, "HF_HUB_CACHE");
  const char *hf_home = get (environment, "HF_HOME");
  const char *cache = get (environment, "XDG_CACHE_HOME");

  if (hub != NULL)
    return g_strdup (hub);
  if (hf_home != NULL)
    return g_build_filename (hf_home, "hub", NULL);
  if (cache != NULL)
    return g_build_filename (cache, "huggingface", "hub", NULL);
  return g_build_filename (home, ".cache", "huggingface", "hub", NULL);
}

GPtrArray *
mc_model_places_list (const char *home, const char *const *environment)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (place_free);
  const char *ollama = get (environment, "OLLAMA_MODELS");

  add (places, HUGGING_FACE, find_hub (home, environment));
  add (places, HUGGING_FACE, g_build_filename (home, ".cache", "huggingface", "hub", NULL));
  if (ollama != NULL)
    add (places, OLLAMA, g_strdup (ollama));
  add (places, OLLAMA, g_build_filename (home, ".ollama", "models", NULL));
  add (places, LM_STUDIO, g_build_filename (home, ".lmstudio", "models", NULL));
  add (places, LM_STUDIO, g_build_filename (home, ".cache", "lm-studio", "models", NULL));
  return places;
}
