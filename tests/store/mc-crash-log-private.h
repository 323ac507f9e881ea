/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-crash-log.h"

G_BEGIN_DECLS

typedef enum
{
  CHANGE_WRITE,
  CHANGE_TRUNCATE,
  CHANGE_MODE,
  CHANGE_MAKE,
  CHANGE_UNLINK,
  CHANGE_RENAME,
  CHANGE_SYNC,
} McCrashChangeKind;

typedef struct
{
  McCrashChangeKind kind;
  guint file;
  guint64 offset; /* a truncated file's size; a mode */
  GBytes *bytes;  /* (owned) (nullable) */
  char *path;     /* (owned) (nullable) */
  char *to;       /* (owned) (nullable) */
} McCrashChange;

typedef struct
{
  gboolean is_folder;
  guint mode;
  GByteArray *bytes; /* (owned) */
  GArray *pending;   /* (owned) (nullable): guint: changes of bytes and mode not synced yet */
} McCrashInode;

struct _McCrashState
{
  GPtrArray *files;  /* (owned): McCrashInode, by number */
  GHashTable *names; /* (owned): path => number */
  GArray *pending;   /* (owned): guint: changes of names not synced yet */
};

struct _McCrashLog
{
  McCrashState *start; /* (owned) */
  GArray *changes;     /* (owned): McCrashChange */
  GHashTable *names;   /* (owned): path => number, as it is now */
  guint n_files;
};

McCrashState *mc_crash_state_new (void);
McCrashInode *mc_crash_inode_new (gboolean is_folder, guint mode);

/* A path of that number, now or once. */
const char *mc_crash_log_get_path (McCrashLog *self, guint file);

G_END_DECLS
