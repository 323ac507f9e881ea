/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The memory of a computer, in bytes. */
typedef struct
{
  guint64 ram;              /* as much of it as this process may use */
  guint64 ram_available;    /* that nobody uses now; 0: unknown */
  guint64 vram;             /* of the graphics card with most; 0: none, or unknown */
  gboolean unified;         /* graphics use the same memory: vram is 0 */
  gboolean has_unknown_gpu; /* there is a card whose memory only its driver's library could tell */
} McMachine;

/* Reads it from the files of the system, below @root ("/" if NULL). RAM comes from /proc/meminfo,
 * or from the limits of the process's control group where these are lower; VRAM from what amdgpu,
 * xe and i915 show in /sys. Fails with MC_ERROR_FAILED if there is no /proc/meminfo. Reads a dozen
 * small files: milliseconds, any thread. */
gboolean mc_machine_read (const char *root, McMachine *machine, GError **error);

G_END_DECLS
