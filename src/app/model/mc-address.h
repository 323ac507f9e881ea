/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What the program is opened with, and what is dropped on it. Pure. */
typedef enum
{
  MC_ADDRESS_MODEL,  /* a name, or the address of a page: the service reads it */
  MC_ADDRESS_FOLDER, /* a file or folder of this computer */
} McAddressKind;

/* "modelcache:owner/name", with slashes before it or not, "https:" and "file:" addresses, names.
 * Gives what they name, which is owned by the caller; NULL with MC_ERROR_INVALID_NAME for what is
 * too long, has control characters or is not text. Whether it is the name of a model is not asked
 * here. */
char *mc_address_read (const char *address, McAddressKind *kind, GError **error);

G_END_DECLS
