/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack.h"

#include "mc-error.h"
#include "mc-fault.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A pack as a file: its name, its place, its permissions. Nothing here looks into it. */

char *
mc_pack_make_path (const char *folder, const McDigest *digest)
{
  g_autofree char *hex = mc_digest_to_hex (digest);

  return g_strdup_printf ("%s/packs/%.2s/%s.pack", folder, hex, hex);
}

gboolean
mc_pack_parse_name (const char *name, McDigest *digest)
{
  g_autofree char *hex = NULL;

  if (!g_str_has_suffix (name, ".pack"))
    return FALSE;
  hex = g_strndup (name, strlen (name) - strlen (".pack"));
  return mc_digest_parse_hex (digest, MC_DIGEST_SHA256, hex)
         || mc_digest_parse_hex (digest, MC_DIGEST_GIT_SHA1, hex);
}

/* Sets @error from errno. */
static gboolean
fail (const char *doing, const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s %s: %s",
               doing, path, g_strerror (code));
  return FALSE;
}

/* Waits until what was changed of a file, or of the names in a folder, is on the disk. */
static gboolean
sync_path (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gboolean ok;

  if (fd < 0)
    return fail ("Opening", path, error);
  ok = fsync (fd) == 0 || fail ("Syncing", path, error);
  close (fd);
  return ok;
}

static gboolean
make_folder (const char *path, const char *parent, GError **error)
{
  if (g_mkdir (path, 0700) == 0)
    return sync_path (parent, error);
  return errno == EEXIST || fail ("Making", path, error);
}

gboolean
mc_pack_make_folder (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *packs = g_path_get_dirname (parent);

  return make_folder (packs, folder, error) && make_folder (parent, packs, error);
}

gboolean
mc_pack_is_sealed (const char *folder, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  GStatBuf info;

  return g_stat (path, &info) == 0 && S_ISREG (info.st_mode) && (info.st_mode & S_IWUSR) == 0;
}

void
mc_pack_seal (const char *folder, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);

  if (g_chmod (path, 0400) != 0)
    g_info ("%s stays writable: %s", path, g_strerror (errno));
}

gboolean
mc_pack_unseal (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);

  if (!mc_pack_is_sealed (folder, digest))
    return TRUE;
  if (g_chmod (path, 0600) != 0)
    return fail ("Making writable", path, error);
  return sync_path (path, error);
}

static gboolean
remove_file (const char *path, const char *suffix, GError **error)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);

  return g_unlink (name) == 0 || errno == ENOENT || fail ("Removing", name, error);
}

gboolean
mc_pack_unlink (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);

  /* The journal goes first: it must never be rolled into a later pack of that name. */
  return mc_fault_point ("pack.unlink", MC_ERROR, MC_ERROR_STORE, error)
         && remove_file (path, ".damaged", error) && remove_file (path, "-journal", error)
         && remove_file (path, "", error);
}

gboolean
mc_pack_put_aside (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autofree char *aside = g_strconcat (path, ".damaged", NULL);

  /* A journal that a crash leaves between the two is not rolled into an empty file. */
  if (g_rename (path, aside) != 0 && errno != ENOENT)
    return fail ("Renaming", path, error);
  return remove_file (path, "-journal", error);
}

void
mc_pack_remove_aside (const char *folder, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autoptr (GError) error = NULL;

  if (!remove_file (path, ".damaged", &error))
    g_warning ("%s", error->message);
}
