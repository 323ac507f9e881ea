/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-recipes.h"

#include "mc-dbus-names.h"
#include "mc-property.h"
#include "mc-repo-ref.h"

#include <glib/gi18n.h>
#include <string.h>

/* Names come from strangers, and the lines are pasted into shells: every name is quoted for what
 * reads it, and one that could be taken for an option, or is not a path that may be stored, is not
 * offered at all. */

#define MOST_FILES 200 /* more would be no line any more */
#define FOLDER "models"
#define FLATPAK "flatpak run --command=mcache " MC_APP_ID

struct _McRecipe
{
  GObject parent_instance;
  char *title; /* (owned) */
  char *text;  /* (owned) */
};

enum
{
  PROP_TITLE = 1,
  PROP_TEXT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRecipe, mc_recipe, G_TYPE_OBJECT)

/* --- quoting --- */

static gboolean
is_plain (const char *word)
{
  gsize plain = strspn (word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              "._/@%+,:-");

  return plain > 0 && word[plain] == '\0';
}

char *
mc_recipe_quote (const char *word)
{
  return is_plain (word) ? g_strdup (word) : g_shell_quote (word);
}

/* As gdbus reads a string, and then as a shell reads that. */
static char *
quote_for_gdbus (const char *word)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_string (word));
  g_autofree char *printed = g_variant_print (value, FALSE);

  return is_plain (word) ? g_strdup_printf ("\"'%s'\"", word) : g_shell_quote (printed);
}

/* As Python and JavaScript both read a string. */
static char *
quote_for_code (const char *word)
{
  g_autoptr (GString) text = g_string_new ("\"");

  for (const char *c = word; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_c (text, '\\');
      g_string_append_c (text, *c);
    }
  g_string_append_c (text, '"');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- one for each way --- */

static void
add (GListStore *recipes, const char *title, char *text)
{
  g_autoptr (McRecipe) recipe = g_object_new (MC_TYPE_RECIPE, NULL);

  recipe->title = g_strdup (title);
  recipe->text = text;
  g_list_store_append (recipes, recipe);
}

static char *
write_open (const McRecipeFacts *facts, const char *program)
{
  g_autofree char *repo = mc_recipe_quote (facts->repo);
  g_autofree char *path = mc_recipe_quote (facts->weights);
  g_autofree char *key = mc_recipe_quote (facts->key);

  if (facts->flatpak)
    return g_strdup_printf (FLATPAK " checkout %s %s |\n"
                                    "  (read -r folder && %s \"$folder\"/%s </dev/tty)",
                            repo, key, program, path);
  return g_strdup_printf ("mcache open %s %s -- %s {}", repo, path, program);
}

static void
add_open (GListStore *recipes, const McRecipeFacts *facts)
{
  if (strcmp (facts->format, "gguf") == 0)
    add (recipes, _ ("llama.cpp"), write_open (facts, "llama-cli -m"));
  add (recipes, _ ("Any program that takes a path, in place of sha256sum"),
       write_open (facts, "sha256sum"));
}

static void
add_python (GListStore *recipes, const McRecipeFacts *facts)
{
  g_autofree char *repo = quote_for_code (facts->repo);
  g_autofree char *path = quote_for_code (facts->weights);

  add (recipes, _ ("Python"),
       g_strdup_printf ("from gi.repository import Gio, GLib\n"
                        "\n"
                        "bus = Gio.bus_get_sync(Gio.BusType.SESSION)\n"
                        "(handle, lease, details), files = bus.call_with_unix_fd_list_sync(\n"
                        "    \"" MC_DBUS_NAME "\", \"" MC_DBUS_PATH "\",\n"
                        "    \"com.tabagent.ModelCache1.Manager\", \"OpenFile\",\n"
                        "    GLib.Variant(\"(ssa{sv})\", (%s, %s, {})),\n"
                        "    None, Gio.DBusCallFlags.NONE, GLib.MAXINT, None, None)\n"
                        "path = f\"/dev/fd/{files.get(handle)}\"",
                        repo, path));
}

static void
add_gdbus (GListStore *recipes, const McRecipeFacts *facts)
{
  g_autofree char *repo = quote_for_gdbus (facts->repo);
  g_autofree char *path = quote_for_gdbus (facts->weights);

  /* Translators: gdbus is the name of a program */
  add (recipes, _ ("gdbus: is it here?"),
       g_strdup_printf ("gdbus call --session --dest " MC_DBUS_NAME " --object-path " MC_DBUS_PATH
                        " --method com.tabagent.ModelCache1.Manager.HasFile %s %s",
                        repo, path));
}

static void
add_copy (GListStore *recipes, const McRecipeFacts *facts)
{
  g_autoptr (GString) files = g_string_new (NULL);
  g_autofree char *repo = mc_recipe_quote (facts->repo);
  g_autofree char *folder_name = g_strconcat (FOLDER "/", facts->id, NULL);
  g_autofree char *folder = mc_recipe_quote (folder_name);

  for (guint i = 0; facts->paths[i] != NULL; i++)
    {
      g_autofree char *path = mc_recipe_quote (facts->paths[i]);

      g_string_append_printf (files, " %s", path);
    }
  add (recipes, _ ("A copy as plain files, which takes its room once more"),
       g_strdup_printf ("for file in%s; do\n"
                        "  mkdir -p \"$(dirname %s/\"$file\")\" &&\n"
                        "  %s cat %s \"$file\" > %s/\"$file\"\n"
                        "done",
                        files->str, folder, facts->flatpak ? FLATPAK : "mcache", repo, folder));
}

/* It wants a folder of files, which the recipe before makes. */
static void
add_transformers_js (GListStore *recipes, const McRecipeFacts *facts)
{
  static const char *const known[] = { "fp32", "fp16", "q8",    "int8", "uint8",
                                       "q4",   "bnb4", "q4f16", NULL };
  g_autofree char *id = quote_for_code (facts->id);
  g_autofree char *task = quote_for_code (facts->task);

  if (strcmp (facts->format, "onnx") != 0 || facts->task[0] == '\0'
      || !g_strv_contains (known, facts->name))
    return;
  add (recipes, _ ("transformers.js in Node.js, with that copy"),
       g_strdup_printf ("import { env, pipeline } from \"@huggingface/transformers\";\n"
                        "\n"
                        "env.allowRemoteModels = false;\n"
                        "env.localModelPath = \"./" FOLDER "/\";\n"
                        "const pipe = await pipeline(%s, %s, { dtype: \"%s\" });",
                        task, id, facts->name));
}

static gboolean
can_be_written (const char *path)
{
  return path[0] != '-' && mc_repo_path_is_valid (path);
}

GListStore *
mc_recipes_write (const McRecipeFacts *facts)
{
  GListStore *recipes = g_list_store_new (MC_TYPE_RECIPE);
  guint n = 0;

  for (; facts->paths[n] != NULL; n++)
    if (!can_be_written (facts->paths[n]))
      return recipes;
  if (can_be_written (facts->weights))
    {
      add_open (recipes, facts);
      add_python (recipes, facts);
      add_gdbus (recipes, facts);
    }
  if (n == 0 || n > MOST_FILES)
    return recipes;
  add_copy (recipes, facts);
  add_transformers_js (recipes, facts);
  return recipes;
}

/* --- its life --- */

const char *
mc_recipe_get_title (McRecipe *self)
{
  return self->title;
}

const char *
mc_recipe_get_text (McRecipe *self)
{
  return self->text;
}

static void
mc_recipe_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McRecipe *self = MC_RECIPE (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_recipe_finalize (GObject *object)
{
  McRecipe *self = MC_RECIPE (object);

  g_free (self->title);
  g_free (self->text);
  G_OBJECT_CLASS (mc_recipe_parent_class)->finalize (object);
}

static void
mc_recipe_class_init (McRecipeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_recipe_get_property;
  object_class->finalize = mc_recipe_finalize;
  properties[PROP_TITLE] = mc_property_new_text ("title");
  properties[PROP_TEXT] = mc_property_new_text ("text");
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_recipe_init (McRecipe *self)
{
}
