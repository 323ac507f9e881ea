/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"

#include "mc-cli-arguments.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include "mc-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache settings: what the service does as one chose. Which settings there are is up to the
 * service: here only types are known, and a number of 64 bits is a size. */

static char *
describe_value (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? "on" : "off");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return g_variant_get_uint64 (value) == 0 ? g_strdup ("none")
                                             : mc_cli_text_size (g_variant_get_uint64 (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **items = g_variant_get_strv (value, NULL);

      return items[0] == NULL ? g_strdup ("none") : g_strjoinv (" ", (char **) items);
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_strdup (g_variant_get_string (value, NULL)[0] == '\0'
                         ? "none"
                         : g_variant_get_string (value, NULL));
  return g_variant_print (value, FALSE);
}

static void
print_settings (McCli *cli, GVariant *settings)
{
  static const McCliColumn columns[] = {
    { N_ ("SETTING"), FALSE, 0 },
    { N_ ("VALUE"), FALSE, 0 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  if (cli->json)
    {
      mc_cli_print_json_value (settings, FALSE);
      return;
    }
  for (gsize i = 0; i < g_variant_n_children (settings); i++)
    {
      g_autoptr (GVariant) value = NULL;
      const char *name;

      g_variant_get_child (settings, i, "{&sv}", &name, &value);
      mc_cli_table_add (table, g_strdup (name), describe_value (value));
    }
  mc_cli_table_print (table);
}

/* The items of a list are words of their own, or parted by blanks within one. */
static GVariant *
parse_list (const char *text)
{
  g_auto (GStrv) items = g_strsplit (text, " ", -1);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; strcmp (text, "none") != 0 && items[i] != NULL; i++)
    if (items[i][0] != '\0')
      g_variant_builder_add (&list, "s", items[i]);
  return g_variant_builder_end (&list);
}

/* Words stay what they are in all languages, as the names do. NULL if the text is no value of that
 * type. */
static GVariant *
parse_value (const char *text, const GVariantType *type)
{
  static const char *const yes[] = { "on", "yes", "true", NULL };
  static const char *const no[] = { "off", "no", "false", NULL };
  guint64 number;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    return g_strv_contains (yes, text) || g_strv_contains (no, text)
               ? g_variant_new_boolean (g_strv_contains (yes, text))
               : NULL;
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING_ARRAY))
    return parse_list (text);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return g_variant_new_string (strcmp (text, "none") == 0 ? "" : text);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_UINT64))
    {
      if (strcmp (text, "none") == 0)
        return g_variant_new_uint64 (0);
      return mc_cli_arguments_parse_bytes (text, &number) ? g_variant_new_uint64 (number) : NULL;
    }
  if (g_variant_type_equal (type, G_VARIANT_TYPE_UINT32)
      && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number, NULL))
    return g_variant_new_uint32 ((guint32) number);
  return NULL;
}

/* "size-limit 200 GB" comes as one word or as two. */
static char *
join_value (McCli *cli)
{
  return g_strjoinv (" ", cli->arguments + 1);
}

/* The value as it is then. */
static GVariant *
change (McCli *cli, GVariant *current, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autofree char *text = join_value (cli);
  g_autoptr (GVariant) value = parse_value (text, g_variant_get_type (current));
  g_autoptr (GAsyncResult) result = NULL;
  GVariantDict changes;
  GError *local = NULL;

  if (value == NULL)
    {
      mc_cli_fail_usage (error, _ ("“%s” is no value of %s"), text, cli->arguments[0]);
      return NULL;
    }
  g_variant_ref_sink (value);
  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert_value (&changes, cli->arguments[0], value);
  mc_dbus_manager_call_configure (manager, g_variant_dict_end (&changes), cli->cancellable,
                                  mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_configure_finish (manager, result, &local))
    {
      mc_cli_fail (error, local);
      return NULL;
    }
  return g_steal_pointer (&value);
}

static void
print_value (McCli *cli, GVariant *value)
{
  g_autofree char *text = NULL;
  GVariantDict dict;
  g_autoptr (GVariant) whole = NULL;

  if (!cli->json)
    {
      text = describe_value (value);
      mc_cli_print ("%s\n", text);
      return;
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, cli->arguments[0], value);
  whole = g_variant_ref_sink (g_variant_dict_end (&dict));
  mc_cli_print_json_value (whole, FALSE);
}

/* NULL, with an error, if the service has no such setting. */
static GVariant *
look_up (McCli *cli, GVariant *settings, GError **error)
{
  GVariant *value = g_variant_lookup_value (settings, cli->arguments[0], NULL);

  if (value == NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "There is no setting “%s”",
                 cli->arguments[0]);
  return value;
}

gboolean
mc_cli_settings (McCli *cli, GError **error)
{
  g_autoptr (GVariant) current = NULL;
  g_autoptr (GVariant) changed = NULL;
  GVariant *settings;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  settings = mc_dbus_manager_get_settings (mc_cli_get_manager (cli));
  if (settings == NULL)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_NO_SERVICE,
                           _ ("The service is too old to have settings"));
      return FALSE;
    }
  if (cli->n_arguments == 0)
    {
      print_settings (cli, settings);
      return TRUE;
    }
  current = look_up (cli, settings, error);
  if (current == NULL)
    return FALSE;
  if (cli->n_arguments > 1 && (changed = change (cli, current, error)) == NULL)
    return FALSE;
  print_value (cli, changed != NULL ? changed : current);
  return TRUE;
}
