/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-machine.h"

#include "mc-error.h"

#include <string.h>

/* How much memory this computer has, as far as files of the system tell. Blocking, but these files
 * are made by the kernel and never wait for a disk. What is absent is unknown, never an error,
 * but for the RAM. */

/* No computer has more; what claims to is no number of bytes, like the "none" of old control
 * groups. */
#define MOST_BYTES (G_GUINT64_CONSTANT (1) << 50)

static char *
read_text (const char *root, const char *path)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  char *text = NULL;

  /* Which of these files exist is what is being asked. */
  return g_file_get_contents (full, &text, NULL, NULL) ? text : NULL;
}

/* A file that holds one number; 0 if it does not. */
static guint64
read_number (const char *root, const char *path)
{
  g_autofree char *text = read_text (root, path);
  guint64 number;

  if (text == NULL
      || !g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, MOST_BYTES, &number, NULL))
    return 0;
  return number;
}

/* "MemTotal:       24689012 kB" */
static guint64
find_kilobytes (const char *text, const char *name)
{
  const char *line = text;

  while (line != NULL)
    {
      if (g_str_has_prefix (line, name) && line[strlen (name)] == ':')
        {
          guint64 number = g_ascii_strtoull (line + strlen (name) + 1, NULL, 10);

          return number <= MOST_BYTES / 1024 ? number * 1024 : 0;
        }
      line = strchr (line, '\n');
      line = line != NULL ? line + 1 : NULL;
    }
  return 0;
}

static void
lower (guint64 *value, guint64 limit)
{
  if (limit > 0)
    *value = MIN (*value, limit);
}

/* The limits of a control group and of those it is in: the lowest counts. @group begins with "/".
 */
static void
apply_limits (const char *root,
              const char *hierarchy,
              const char *const *names,
              const char *group,
              guint64 *ram)
{
  g_autofree char *path = g_strdup (group);

  if (strstr (group, "..") != NULL)
    return;
  while (path[0] == '/')
    {
      for (gsize i = 0; names[i] != NULL; i++)
        {
          g_autofree char *file = g_build_filename (hierarchy, path, names[i], NULL);

          lower (ram, read_number (root, file));
        }
      if (path[1] == '\0')
        break;
      *strrchr (path, '/') = '\0';
      if (path[0] == '\0')
        g_strlcpy (path, "/", 2);
    }
}

/* Lines like "0::/user.slice" (version 2) and "4:memory:/user.slice" (version 1). */
static void
apply_control_groups (const char *root, guint64 *ram)
{
  static const char *const limits_2[] = { "memory.max", "memory.high", NULL };
  static const char *const limits_1[] = { "memory.limit_in_bytes", NULL };
  g_autofree char *text = read_text (root, "proc/self/cgroup");
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], ":", 3);
      g_auto (GStrv) controllers = NULL;

      if (g_strv_length (fields) != 3)
        continue;
      controllers = g_strsplit (fields[1], ",", -1);
      if (fields[1][0] == '\0')
        apply_limits (root, "sys/fs/cgroup", limits_2, fields[2], ram);
      else if (g_strv_contains ((const char *const *) controllers, "memory"))
        apply_limits (root, "sys/fs/cgroup/memory", limits_1, fields[2], ram);
    }
}

/* xe shows the memory of each tile of a card. */
static guint64
sum_tiles (const char *root, const char *device)
{
  guint64 sum = 0;

  for (guint tile = 0; tile < 8; tile++)
    {
      g_autofree char *path = g_strdup_printf ("%s/tile%u/physical_vram_size_bytes", device, tile);

      sum += read_number (root, path);
    }
  return sum;
}

/* Files of drivers: amdgpu's is documented (Linux, Documentation/gpu/amdgpu/driver-misc.rst), xe's
 * is what igt-gpu-tools reads (tests/intel/xe_sysfs_tile), i915's is Intel's own version of it. */
static guint64
read_vram (const char *root, const char *card)
{
  g_autofree char *device = g_build_filename ("sys/class/drm", card, "device", NULL);
  g_autofree char *amdgpu = g_build_filename (device, "mem_info_vram_total", NULL);
  g_autofree char *i915 = g_build_filename ("sys/class/drm", card, "lmem_total_bytes", NULL);
  guint64 bytes = read_number (root, amdgpu);

  if (bytes == 0)
    bytes = sum_tiles (root, device);
  return bytes > 0 ? bytes : read_number (root, i915);
}

/* "card0", not "card0-HDMI-A-1", which is a plug. */
static gboolean
is_card (const char *name)
{
  return g_str_has_prefix (name, "card") && g_ascii_isdigit (name[4])
         && strspn (name + 4, "0123456789") == strlen (name + 4);
}

static void
read_cards (const char *root, McMachine *machine)
{
  g_autofree char *folder = g_build_filename (root, "sys/class/drm", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_card (name))
      machine->vram = MAX (machine->vram, read_vram (root, name));
}

/* NVIDIA's driver lists its cards here, without their memory. */
static gboolean
has_nvidia_card (const char *root)
{
  g_autofree char *folder = g_build_filename (root, "proc/driver/nvidia/gpus", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) != NULL;
}

/* Computers whose graphics have no memory of their own but share all of it, by the names in their
 * device tree: NVIDIA's Jetson and Apple's. The file is a row of terminated texts. */
static gboolean
is_unified (const char *root)
{
  static const char *const makers[] = { "nvidia,tegra", "apple,t" };
  g_autofree char *full = g_build_filename (root, "proc/device-tree/compatible", NULL);
  g_autofree char *names = NULL;
  gsize length = 0;

  if (!g_file_get_contents (full, &names, &length, NULL))
    return FALSE;
  for (gsize at = 0; at < length; at += strlen (names + at) + 1)
    for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
      if (g_str_has_prefix (names + at, makers[i]))
        return TRUE;
  return FALSE;
}

gboolean
mc_machine_read (const char *root, McMachine *machine, GError **error)
{
  g_autofree char *meminfo = NULL;

  *machine = (McMachine){ 0 };
  if (root == NULL)
    root = "/";
  meminfo = read_text (root, "proc/meminfo");
  machine->ram = meminfo != NULL ? find_kilobytes (meminfo, "MemTotal") : 0;
  if (machine->ram == 0)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_FAILED,
                           "How much memory this computer has cannot be read from /proc/meminfo");
      return FALSE;
    }
  apply_control_groups (root, &machine->ram);
  machine->ram_available = MIN (find_kilobytes (meminfo, "MemAvailable"), machine->ram);
  machine->unified = is_unified (root);
  if (machine->unified)
    return TRUE;
  read_cards (root, machine);
  machine->has_unknown_gpu = machine->vram == 0 && has_nvidia_card (root);
  return TRUE;
}
