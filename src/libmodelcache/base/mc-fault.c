/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fault.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fault points are passed on every thread, so the table is built once and its counters are
 * atomic. */

typedef struct
{
  char *name;
  guint at;   /* 1: the first time; 0: every time */
  int passed; /* atomic */
  gboolean crash;
} Fault;

static GPtrArray *
parse_faults (const char *text)
{
  GPtrArray *faults = g_ptr_array_new ();
  g_auto (GStrv) items = g_strsplit (text, ",", -1);

  for (guint i = 0; items[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (items[i], ":", -1);
      Fault *fault;

      if (words[0] == NULL || words[0][0] == '\0')
        continue;
      fault = g_new0 (Fault, 1);
      fault->name = g_strdup (words[0]);
      for (guint j = 1; words[j] != NULL; j++)
        if (strcmp (words[j], "crash") == 0)
          fault->crash = TRUE;
        else
          fault->at = (guint) g_ascii_strtoull (words[j], NULL, 10);
      g_ptr_array_add (faults, fault);
    }
  return faults;
}

static GPtrArray *
get_faults (void)
{
  static gsize once = 0;
  static GPtrArray *faults = NULL; /* (nullable), lives as long as the process */

  if (g_once_init_enter (&once))
    {
      const char *text = g_getenv ("MC_FAULT");

      if (text != NULL && text[0] != '\0')
        faults = parse_faults (text);
      g_once_init_leave (&once, 1);
    }
  return faults;
}

gboolean
mc_fault_point (const char *name, GQuark domain, int code, GError **error)
{
  GPtrArray *faults = get_faults ();

  if (G_LIKELY (faults == NULL))
    return TRUE;
  for (guint i = 0; i < faults->len; i++)
    {
      Fault *fault = g_ptr_array_index (faults, i);
      guint count;

      if (strcmp (fault->name, name) != 0)
        continue;
      count = (guint) g_atomic_int_add (&fault->passed, 1) + 1;
      if (fault->at != 0 && fault->at != count)
        continue;
      if (fault->crash)
        _exit (99);
      g_set_error (error, domain, code, "Fault point %s", name);
      return FALSE;
    }
  return TRUE;
}
