/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-machine.h"

#include "mc-error.h"

#include <glib/gstdio.h>
#include <string.h>

/* Computers made of a few files below a folder. */

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define GIB (G_GUINT64_CONSTANT (1) << 30)

#define MEMINFO                                                                                    \
  "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\n"
#define MEM                                                                                        \
  {                                                                                                \
    "proc/meminfo", MEMINFO                                                                        \
  }

typedef struct
{
  const char *path;
  const char *text; /* NULL: a folder */
} TreeFile;

static const struct
{
  const char *name;
  McMachine expected;
  TreeFile files[8];
} computers[] = {
  { "ram-only", { 16 * GIB, 8 * GIB, 0, FALSE, FALSE }, { MEM } },
  { "old-kernel",
    { 16 * GIB, 0, 0, FALSE, FALSE },
    { { "proc/meminfo", "MemTotal: 16777216 kB\n" } } },
  { "amdgpu",
    { 16 * GIB, 8 * GIB, 12 * GIB, FALSE, FALSE },
    { MEM,
      { "sys/class/drm/card1/device/mem_info_vram_total", "12884901888\n" },
      { "sys/class/drm/card1-DP-1/device/mem_info_vram_total", "99999999999\n" },
      { "sys/class/drm/renderD128/device/mem_info_vram_total", "99999999999\n" } } },
  { "the-larger-card-first",
    { 16 * GIB, 8 * GIB, 8 * GIB, FALSE, FALSE },
    { MEM,
      { "sys/class/drm/card0/device/mem_info_vram_total", "8589934592\n" },
      { "sys/class/drm/card1/device/mem_info_vram_total", "536870912\n" } } },
  { "the-larger-card-last",
    { 16 * GIB, 8 * GIB, 8 * GIB, FALSE, FALSE },
    { MEM,
      { "sys/class/drm/card0/device/mem_info_vram_total", "536870912\n" },
      { "sys/class/drm/card1/device/mem_info_vram_total", "8589934592\n" } } },
  { "xe-tiles",
    { 16 * GIB, 8 * GIB, 16 * GIB, FALSE, FALSE },
    { MEM,
      { "sys/class/drm/card0/device/tile0/physical_vram_size_bytes", "8589934592\n" },
      { "sys/class/drm/card0/device/tile1/physical_vram_size_bytes", "8589934592\n" } } },
  { "i915",
    { 16 * GIB, 8 * GIB, 16 * GIB, FALSE, FALSE },
    { MEM, { "sys/class/drm/card0/lmem_total_bytes", "17179869184\n" } } },
  { "nvidia",
    { 16 * GIB, 8 * GIB, 0, FALSE, TRUE },
    { MEM,
      { "proc/driver/nvidia/gpus/0000:01:00.0/information",
        "Model: NVIDIA GeForce RTX 3060\n" } } },
  { "nvidia-without-card",
    { 16 * GIB, 8 * GIB, 0, FALSE, FALSE },
    { MEM, { "proc/driver/nvidia/gpus", NULL } } },
  { "jetson",
    { 16 * GIB, 8 * GIB, 0, TRUE, FALSE },
    { MEM,
      { "proc/device-tree/compatible", "nvidia,tegra234" },
      { "sys/class/drm/card0/device/mem_info_vram_total", "8589934592\n" } } },
  { "raspberry",
    { 16 * GIB, 8 * GIB, 0, FALSE, FALSE },
    { MEM, { "proc/device-tree/compatible", "raspberrypi,5-model-b" } } },
  { "cgroup-2",
    { 2 * GIB, 2 * GIB, 0, FALSE, FALSE },
    { MEM,
      { "proc/self/cgroup", "0::/user.slice/a.service\n" },
      { "sys/fs/cgroup/user.slice/a.service/memory.max", "2147483648\n" } } },
  { "cgroup-2-above",
    { 4 * GIB, 4 * GIB, 0, FALSE, FALSE },
    { MEM,
      { "proc/self/cgroup", "0::/user.slice/a.service\n" },
      { "sys/fs/cgroup/user.slice/a.service/memory.max", "max\n" },
      { "sys/fs/cgroup/user.slice/memory.high", "4294967296\n" } } },
  { "cgroup-2-of-a-container",
    { GIB, GIB, 0, FALSE, FALSE },
    { MEM, { "proc/self/cgroup", "0::/\n" }, { "sys/fs/cgroup/memory.max", "1073741824\n" } } },
  { "cgroup-1",
    { 3 * GIB, 3 * GIB, 0, FALSE, FALSE },
    { MEM,
      { "proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n0::/\n" },
      { "sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3221225472\n" },
      { "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n" } } },
  { "cgroup-larger-than-the-computer",
    { 16 * GIB, 8 * GIB, 0, FALSE, FALSE },
    { MEM,
      { "proc/self/cgroup", "0::/a\n" },
      { "sys/fs/cgroup/a/memory.max", "1099511627776\n" } } },
  { "cgroup-outside",
    { 16 * GIB, 8 * GIB, 0, FALSE, FALSE },
    { MEM,
      { "proc/self/cgroup", "0::/../../a\n:::\nx\n" },
      { "sys/fs/cgroup", NULL },
      { "sys/a/memory.max", "1073741824\n" } } },
  { "nonsense",
    { 16 * GIB, 8 * GIB, 0, FALSE, FALSE },
    { MEM,
      { "proc/self/cgroup", "0::a\n4:memory\n" },
      { "sys/class/drm/card0/device/mem_info_vram_total", "-5\n" },
      { "sys/class/drm/card1/device/mem_info_vram_total", "99999999999999999999999\n" },
      { "sys/class/drm/card2/device/mem_info_vram_total", "12 GB\n" },
      { "sys/class/drm/card3/device/mem_info_vram_total", "" } } },
};

static void
write_tree (const char *root, const TreeFile *files, gsize n_files)
{
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < n_files && files[i].path != NULL; i++)
    {
      g_autofree char *path = g_build_filename (root, files[i].path, NULL);
      g_autofree char *folder = files[i].text != NULL ? g_path_get_dirname (path) : g_strdup (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      if (files[i].text == NULL)
        continue;
      g_file_set_contents (path, files[i].text, -1, &error);
      g_assert_no_error (error);
    }
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_remove (path);
}

static void
test_reads (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  const McMachine *expected = &computers[i].expected;
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("mc-machine-XXXXXX", &error);
  McMachine machine;

  g_assert_no_error (error);
  write_tree (root, computers[i].files, G_N_ELEMENTS (computers[i].files));
  g_assert_true (mc_machine_read (root, &machine, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (machine.ram, ==, expected->ram);
  g_assert_cmpuint (machine.ram_available, ==, expected->ram_available);
  g_assert_cmpuint (machine.vram, ==, expected->vram);
  g_assert_cmpint (machine.unified, ==, expected->unified);
  g_assert_cmpint (machine.has_unknown_gpu, ==, expected->has_unknown_gpu);
  remove_tree (root);
}

static void
test_unknown_ram (void)
{
  static const char *const texts[] = { NULL,
                                       "",
                                       "MemFree: 5 kB\n",
                                       "XMemTotal: 5 kB\n",
                                       "MemTotal: many kB\n",
                                       "MemTotal: 99999999999999999999 kB\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const TreeFile files[] = { { texts[i] != NULL ? "proc/meminfo" : "proc", texts[i] } };
      g_autoptr (GError) error = NULL;
      g_autofree char *root = g_dir_make_tmp ("mc-machine-XXXXXX", NULL);
      McMachine machine;

      write_tree (root, files, 1);
      g_assert_false (mc_machine_read (root, &machine, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_FAILED);
      remove_tree (root);
    }
}

/* Whatever computer this is, it has some. */
static void
test_this_computer (void)
{
  g_autoptr (GError) error = NULL;
  McMachine machine;

  g_assert_true (mc_machine_read (NULL, &machine, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (machine.ram, >, 16 * MIB);
  g_assert_cmpuint (machine.ram_available, <=, machine.ram);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (computers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/machine/reads/%s", computers[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_reads);
    }
  g_test_add_func ("/machine/unknown-ram", test_unknown_ram);
  g_test_add_func ("/machine/this-computer", test_this_computer);
  return g_test_run ();
}
