/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* How other programs get at a variant that is here: lines to be copied, each of which works as it
 * is. Pure. */
#define MC_TYPE_RECIPE (mc_recipe_get_type ())
G_DECLARE_FINAL_TYPE (McRecipe, mc_recipe, MC, RECIPE, GObject)

/* What is known of a variant. Strings are borrowed and never NULL. */
typedef struct
{
  const char *repo;         /* as the service is asked for it */
  const char *id;           /* owner/name */
  const char *format;       /* "gguf", "onnx" ... */
  const char *key;          /* "onnx:q4" */
  const char *name;         /* "q4" */
  const char *task;         /* the Hub's word; may be empty */
  const char *const *paths; /* all of its files, ended by NULL */
  const char *weights;      /* the file that is its own; "" if it has several of them, or none */
  gboolean flatpak;         /* mcache is in one: it cannot run programs that are outside */
} McRecipeFacts;

/* Of McRecipe, owned by the caller. Names that no shell line can carry give none. */
GListStore *mc_recipes_write (const McRecipeFacts *facts);

const char *mc_recipe_get_title (McRecipe *self);
const char *mc_recipe_get_text (McRecipe *self);

/* A word as a shell reads it, in quotes only if it needs them. Owned by the caller. */
char *mc_recipe_quote (const char *word);

G_END_DECLS
