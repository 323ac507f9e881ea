/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-crash-log.h"

G_BEGIN_DECLS

/* A disk that is watched: in a program that links this, whatever changes a folder goes through
 * here, whether SQLite, GLib or the store does it, since the program's own write(), fsync(),
 * unlink() and so on come before those of libc. Changes can be recorded, and made to fail. Any
 * thread. */

typedef enum
{
  MC_CRASH_DISK_SOUND,
  MC_CRASH_DISK_FAULTY, /* the change fails with EIO, once */
  MC_CRASH_DISK_FULL,   /* from the change on, what takes space fails with ENOSPC */
  MC_CRASH_DISK_DEAD,   /* from the change on, every change fails with EIO */
} McCrashDiskFault;

/* From now on changes below the folder are counted. log: (nullable), borrowed until the end: they
 * are recorded. at: the change that fails, from 1. */
void mc_crash_disk_watch (const char *folder, McCrashLog *log, McCrashDiskFault fault, guint at);

/* The fault is over; counting goes on. */
void mc_crash_disk_mend (void);

/* Nothing is watched any more. All files of the folder must be closed. TRUE if a change failed. */
gboolean mc_crash_disk_leave (void);

gboolean mc_crash_disk_has_failed (void);
gboolean mc_crash_disk_is_sound (void);

/* Changes recorded so far. */
guint mc_crash_disk_get_length (void);

G_END_DECLS
