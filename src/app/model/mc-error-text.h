/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What a person reads of an error, chosen by its code. Borrowed. */
typedef struct
{
  const char *title;       /* what happened */
  const char *explanation; /* what is kept, and what to do */
  const char *button;      /* (nullable): the one thing to do */
  const char *action;      /* (nullable): of the window, with the repo as its target where it takes
                              one; "problem.retry": what was tried, once more */
} McErrorText;

McErrorText mc_error_text_get (const GError *error);
/* By the short name on the bus, "NoSpace"; one that is not known is shown as "Failed". */
McErrorText mc_error_text_get_by_name (const char *name);

/* Of a setting that was not taken: there a name that is none is not that of a model. */
McErrorText mc_error_text_get_for_setting (const GError *error);

G_END_DECLS
