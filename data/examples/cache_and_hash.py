#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
"""cache_and_hash.py [--private FOLDER] REPO PATH: the SHA-256 of a file of a model, which is downloaded if
need be: to the cache of the user, or to one in a folder of this program's own."""

import hashlib
import sys

import gi

gi.require_version("ModelCache", "1")
from gi.repository import GLib, ModelCache  # noqa: E402


def open_cache(folder):
    if folder is None:
        return ModelCache.SharedCache.new(None)
    return ModelCache.PrivateCache.new(folder, None, None)


def show_progress(done, total):
    print(f"{done} of {total} bytes are here", file=sys.stderr)


def main(folder, repo, path):
    cache = open_cache(folder)
    if not cache.has_file(repo, path, None):
        cache.download_file(repo, path, None, show_progress)
    content = cache.load(repo, path, ModelCache.OpenFlags.NONE, None)
    print(f"{hashlib.sha256(content.get_data()).hexdigest()}  {path}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    own = None
    if len(arguments) == 4 and arguments[0] == "--private":
        own, arguments = arguments[1], arguments[2:]
    if len(arguments) != 2:
        sys.exit(f"Usage: {sys.argv[0]} [--private FOLDER] REPO PATH")
    try:
        main(own, *arguments)
    except GLib.Error as error:
        sys.exit(error.message)
