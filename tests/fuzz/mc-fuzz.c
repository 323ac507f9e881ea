/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-error.h"

#include <string.h>

static void
ignore_message (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  const GLogLevelFlags kept = G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL;

  g_log_set_always_fatal (kept);
  /* Warnings about hostile input are right, and thousands a second. */
  if (g_getenv ("G_MESSAGES_DEBUG") == NULL)
    g_log_set_default_handler (ignore_message, NULL);
  for (const char *const *domain = (const char *const[]){ "GLib", "GLib-GObject", "Json", NULL };
       *domain != NULL; domain++)
    g_log_set_handler (*domain, kept | G_LOG_FLAG_FATAL, g_log_default_handler, NULL);
  return 0;
}

char *
mc_fuzz_dup_text (const guint8 *data, gsize size)
{
  gsize length = strnlen ((const char *) data, size);
  char *text = g_malloc (length + 1);

  memcpy (text, data, length);
  text[length] = '\0';
  return text;
}

GPtrArray *
mc_fuzz_split (const guint8 *data, gsize size, const char *separator, guint cuts)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const guint8 *end = data + size;
  const guint8 *stop;

  while (parts->len < cuts
         && (stop = memmem (data, (gsize) (end - data), separator, strlen (separator))) != NULL)
    {
      g_ptr_array_add (parts, g_bytes_new (data, (gsize) (stop - data)));
      data = stop + strlen (separator);
    }
  g_ptr_array_add (parts, g_bytes_new (data, (gsize) (end - data)));
  return g_steal_pointer (&parts);
}

void
mc_fuzz_assert_shown (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}

void
mc_fuzz_assert_outcome (gboolean success, const GError *error)
{
  if (success)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_nonnull (error);
  g_assert_cmpuint (error->domain, ==, MC_ERROR);
  g_assert_cmpint (error->code, >=, 0);
  g_assert_cmpint (error->code, <, MC_N_ERRORS);
  g_assert_cmpstr (error->message, !=, "");
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}
