/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What was done to a folder, change by change, and the folder as it would be found had the power
 * gone in between. A disk may keep what was not synced, lose it, or keep some sectors of it; names
 * in a folder are synced apart from the bytes of files. Not for several threads at once. */
typedef struct _McCrashLog McCrashLog;

/* What is in the folder now counts as being on the disk. */
McCrashLog *mc_crash_log_new (const char *folder);
void mc_crash_log_free (McCrashLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCrashLog, mc_crash_log_free)

/* The number of a file or folder, 0: unknown. Paths are below the folder; "" is the folder. */
guint mc_crash_log_find (McCrashLog *self, const char *path);

guint mc_crash_log_make (McCrashLog *self, const char *path, guint mode, gboolean is_folder);
void
mc_crash_log_write (McCrashLog *self, guint file, guint64 offset, const void *bytes, gsize length);
void mc_crash_log_truncate (McCrashLog *self, guint file, guint64 size);
void mc_crash_log_set_mode (McCrashLog *self, guint file, guint mode);
void mc_crash_log_sync (McCrashLog *self, guint file); /* of a folder: the names in it */
void mc_crash_log_unlink (McCrashLog *self, const char *path);
void mc_crash_log_rename (McCrashLog *self, const char *path, const char *to);

guint mc_crash_log_get_length (McCrashLog *self); /* changes so far */

/* What is said about a change, for a failure. Free with g_free(). */
char *mc_crash_log_describe (McCrashLog *self, guint change);

typedef enum
{
  MC_CRASH_NONE, /* nothing that was not synced is there */
  MC_CRASH_ALL,  /* everything is: the program died, the machine did not */
  MC_CRASH_SOME, /* by the seed: changes and sectors of bytes, the first few of names */
} McCrashLuck;

typedef struct
{
  McCrashLuck bytes;
  McCrashLuck names;
  guint32 seed;
} McCrashCut;

/* The folder after the first @n_changes. */
typedef struct _McCrashState McCrashState;
McCrashState *mc_crash_log_cut (McCrashLog *self, guint n_changes, const McCrashCut *cut);
void mc_crash_state_free (McCrashState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCrashState, mc_crash_state_free)

/* The same for two states that do not differ. Free with g_free(). */
char *mc_crash_state_identify (McCrashState *self);

/* Makes the folder, which must not exist. */
void mc_crash_state_write (McCrashState *self, const char *folder);

G_END_DECLS
