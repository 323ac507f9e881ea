#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Model Cache authors
//
// cache-and-hash.js [--private FOLDER] REPO PATH: the SHA-256 of a file of a model, which is downloaded if
// need be: to the cache of the user, or to one in a folder of this program's own.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import ModelCache from 'gi://ModelCache?version=1';
import System from 'system';

Gio._promisify(ModelCache.SharedCache, 'new_async', 'new_finish');
for (const name of ['has_file', 'download_file', 'load'])
    Gio._promisify(ModelCache.Cache.prototype, `${name}_async`, `${name}_finish`);

async function main(folder, repo, path) {
    const cache = folder === null
        ? await ModelCache.SharedCache.new_async(null)
        : ModelCache.PrivateCache.new(folder, null, null);

    if (!await cache.has_file_async(repo, path, null)) {
        await cache.download_file_async(repo, path, null,
            (done, total) => printerr(`${done} of ${total} bytes are here`));
    }
    const content = await cache.load_async(repo, path, ModelCache.OpenFlags.NONE, null);
    print(`${GLib.compute_checksum_for_bytes(GLib.ChecksumType.SHA256, content)}  ${path}`);
    if (folder !== null)
        cache.close();
}

let names = ARGV;
let folder = null;
if (names.length === 4 && names[0] === '--private')
    [, folder, ...names] = names;
if (names.length !== 2) {
    printerr('Usage: cache-and-hash.js [--private FOLDER] REPO PATH');
    System.exit(1);
}

const loop = new GLib.MainLoop(null, false);
let status = 0;
main(folder, ...names).catch(error => {
    printerr(error.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
