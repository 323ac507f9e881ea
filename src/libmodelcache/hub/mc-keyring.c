/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-keyring.h"

#include "mc-error.h"
#include "mc-sandbox.h"
#include "mc-task.h"

#include <libsecret/secret.h>

/* The one file that knows libsecret. */

static const SecretSchema schema = {
  .name = "com.tabagent.ModelCache.Token",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "endpoint", SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

static GError *
explain (GError *error)
{
  const char *why = error->message;
  GError *ours;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return error;
  /* What is before the last colon are names of errors, which say nothing to people. */
  if (g_strrstr (why, ": ") != NULL)
    why = g_strrstr (why, ": ") + 2;
  if (mc_sandbox_is_flatpak () && g_str_has_suffix (why, ".ServiceUnknown"))
    why = "the desktop has no portal for secrets, as xdg-desktop-portal with gnome-keyring is one";
  ours = g_error_new (MC_ERROR, MC_ERROR_FAILED, "The keyring cannot be used: %s", why);
  g_error_free (error);
  return ours;
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char *secret = secret_password_lookup_finish (result, &error);

  if (error != NULL)
    g_task_return_error (task, explain (error));
  else
    g_task_return_pointer (task, g_strdup (secret), g_free);
  secret_password_free (secret);
}

void
mc_keyring_look_up_async (const char *endpoint,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = mc_task_new (NULL, cancellable, callback, user_data, mc_keyring_look_up_async);

  secret_password_lookup (&schema, cancellable, on_looked_up, task, "endpoint", endpoint, NULL);
}

char *
mc_keyring_look_up_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (secret_password_store_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, explain (error));
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  secret_password_clear_finish (result, &error);
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, explain (error));
}

void
mc_keyring_set_async (const char *endpoint,
                      const char *token,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = mc_task_new (NULL, cancellable, callback, user_data, mc_keyring_set_async);
  g_autofree char *label = g_strdup_printf ("Model Cache: token of %s", endpoint);

  if (token == NULL)
    secret_password_clear (&schema, cancellable, on_cleared, task, "endpoint", endpoint, NULL);
  else
    secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, label, token, cancellable, on_stored,
                           task, "endpoint", endpoint, NULL);
}

gboolean
mc_keyring_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
