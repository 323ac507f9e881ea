#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
"""fetch_and_hash.py REPO PATH: the SHA-256 of a file of a model, which is downloaded if need be."""

import hashlib
import mmap
import os
import sys

from gi.repository import Gio, GLib

NAME = "com.tabagent.ModelCache.Service"
ROOT = "/com/tabagent/ModelCache1"
MANAGER = "com.tabagent.ModelCache1.Manager"

# A download takes as long as it takes.
NO_LIMIT = GLib.MAXINT


def has_file(bus, repo, path):
    (has,) = bus.call_sync(
        NAME, ROOT, MANAGER, "HasFile", GLib.Variant("(ss)", (repo, path)),
        GLib.VariantType("(b)"), Gio.DBusCallFlags.NONE, NO_LIMIT, None).unpack()
    return has


def open_file(bus, repo, path):
    """A read-only descriptor and its lease; the file is fetched first if it is not here."""
    options = {"fetch": GLib.Variant("b", True)}
    reply, descriptors = bus.call_with_unix_fd_list_sync(
        NAME, ROOT, MANAGER, "OpenFile", GLib.Variant("(ssa{sv})", (repo, path, options)),
        GLib.VariantType("(hoa{sv})"), Gio.DBusCallFlags.NONE, NO_LIMIT, None, None)
    handle, lease, details = reply.unpack()
    return descriptors.get(handle), lease, details


def release(bus, lease):
    """Leaving the bus would do it too. The descriptor stays good either way."""
    bus.call_sync(
        NAME, lease, "com.tabagent.ModelCache1.Lease", "Release", None, None,
        Gio.DBusCallFlags.NONE, -1, None)


def hash_descriptor(descriptor, size):
    if size == 0:
        return hashlib.sha256().hexdigest()
    with mmap.mmap(descriptor, size, prot=mmap.PROT_READ) as content:
        return hashlib.sha256(content).hexdigest()


def main(repo, path):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    if not has_file(bus, repo, path):
        print(f"{path} is not here yet: it is fetched", file=sys.stderr)
    descriptor, lease, details = open_file(bus, repo, path)
    try:
        print(f"{hash_descriptor(descriptor, details['size'])}  {path}")
    finally:
        os.close(descriptor)
        release(bus, lease)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"Usage: {sys.argv[0]} REPO PATH")
    try:
        main(sys.argv[1], sys.argv[2])
    except GLib.Error as error:
        sys.exit(error.message)
