// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Model Cache authors
//
// scenario.js KIND CASE FOLDER: one case of test-bindings.c, in JavaScript (gjs -m). KIND is “shared” or
// “private”; FOLDER is where private caches may be made. scenario.py is the same in Python.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import ModelCache from 'gi://ModelCache?version=1';
import System from 'system';

const ONNX = 'owner/tiny-onnx';
const WEIGHTS = 'onnx/model_q4.onnx';
const SIZE = 6000001;
const GGUF = 'owner/tiny-GGUF';
const CONFIG = '{"model_type":"tiny"}\n';
const NONE = ModelCache.OpenFlags.NONE;
const FETCH = ModelCache.OpenFlags.FETCH;

const [kind, name, folder] = ARGV;

for (const method of ['scan', 'lookup', 'list', 'has_file', 'download', 'download_file', 'open', 'load',
    'checkout', 'delete'])
    Gio._promisify(ModelCache.Cache.prototype, `${method}_async`, `${method}_finish`);
Gio._promisify(ModelCache.SharedCache, 'new_async', 'new_finish');

function assert(ok, what) {
    if (!ok)
        throw new Error(`It does not hold: ${what}`);
}

function equal(a, b) {
    assert(JSON.stringify(a) === JSON.stringify(b), `${JSON.stringify(a)} is ${JSON.stringify(b)}`);
}

function openCache(place = 'cache') {
    if (kind === 'shared')
        return ModelCache.SharedCache.new(null);
    return ModelCache.PrivateCache.new(GLib.build_filenamev([folder, place]), null, null);
}

function close(cache) {
    if (cache instanceof ModelCache.PrivateCache)
        cache.close();
}

// The call fails with that error.
async function expect(domain, code, call) {
    try {
        await call();
    } catch (error) {
        if (!(error instanceof GLib.Error))
            throw error;
        assert(error.matches(domain, code), `${error.domain} ${error.code} ${error.message}`);
        return;
    }
    throw new Error(`It did not fail: ${call}`);
}

function hash(bytes) {
    return GLib.compute_checksum_for_bytes(GLib.ChecksumType.SHA256, bytes);
}

const cases = {
    whole() {
        const cache = openCache();
        const repo = cache.scan(ONNX, null, null);
        equal([repo.id, repo.revision, repo.license, repo.commit.length], [ONNX, 'main', 'apache-2.0', 40]);
        equal(repo.get_facts().lookup_value('parameters', null).deepUnpack(), 12000000);
        const variant = repo.find_variant('onnx:q4');
        equal([variant.status, variant.size, variant.downloaded], ['available', SIZE + CONFIG.length, 0]);
        equal(variant.dup_paths(), ['config.json', WEIGHTS]);
        assert(repo.list_variants().some(v => v.key === 'onnx:q4'), 'it is listed');
        assert(repo.list_files().some(f => f.path === WEIGHTS && f.size === SIZE), 'it is listed');
        equal([cache.has_file(ONNX, WEIGHTS, null), cache.list(null)], [false, []]);

        const told = [];
        assert(cache.download(ONNX, 'Q4', null, (done, total) => told.push([done, total])), 'done');
        equal(told[told.length - 1], [variant.size, variant.size]);
        equal([cache.has_file(ONNX, WEIGHTS, null), cache.list(null)], [true, [ONNX]]);
        equal(cache.lookup(ONNX, null).find_variant('onnx:q4').status, 'downloaded');

        const bytes = cache.load(ONNX, WEIGHTS, NONE, null);
        equal([bytes.get_size(), hash(bytes)], [SIZE, repo.find_file(WEIGHTS).sha256]);
        equal(new TextDecoder().decode(cache.load(ONNX, 'config.json', NONE, null).toArray()), CONFIG);
        const stream = cache.open(ONNX, WEIGHTS, NONE, null);
        assert(stream.seek(-5, GLib.SeekType.END, null), 'it can be sought');
        equal([...stream.read_bytes(10, null).toArray()], [...bytes.toArray().slice(-5)]);
        stream.close(null);
        const checkout = cache.checkout(ONNX, 'q4', NONE, null);
        const [, content] = Gio.File.new_for_path(checkout.dup_path(WEIGHTS)).load_contents(null);
        equal(hash(new GLib.Bytes(content)), repo.find_file(WEIGHTS).sha256);
        equal(checkout.dup_path('../lock'), null);
        checkout.release();
        equal(cache.delete(ONNX, 'q4', null), variant.size);
        close(cache);
    },

    async async() {
        const cache = kind === 'shared' ? await ModelCache.SharedCache.new_async(null) : openCache();
        const repo = await cache.scan_async(GGUF, 'main', null);
        equal(repo.id, GGUF);
        const told = [];
        assert(await cache.download_async(GGUF, 'q4_k_m', null, (...each) => told.push(each)), 'done');
        assert(told.length > 0 && told.every(([done, total]) => done <= total), 'progress is told');
        equal(await cache.list_async(null), [GGUF]);
        const file = 'tiny-Q4_K_M.gguf';
        assert(await cache.has_file_async(GGUF, file, null), 'it is here');
        const bytes = await cache.load_async(GGUF, file, NONE, null);
        const stream = await cache.open_async(GGUF, file, NONE, null);
        equal([...stream.read_bytes(9, null).toArray()], [...bytes.toArray().slice(0, 9)]);
        stream.close(null);
        const checkout = await cache.checkout_async(GGUF, null, NONE, null);
        const info = Gio.File.new_for_path(checkout.dup_path(file)).query_info('*', 0, null);
        equal(info.get_size(), bytes.get_size());
        checkout.release();
        equal((await cache.lookup_async(GGUF, null)).id, GGUF);
        assert(await cache.delete_async(GGUF, null, null) > 0, 'it is deleted');
        await expect(ModelCache.Error, ModelCache.Error.NOT_SCANNED, () => cache.lookup_async(GGUF, null));
        close(cache);
    },

    async errors() {
        const cache = openCache();
        const fails = (code, call) => expect(ModelCache.Error, code, call);
        const codes = ModelCache.Error;
        await fails(codes.INVALID_NAME, () => cache.scan('no such name at all!', null, null));
        await fails(codes.NOT_FOUND, () => cache.scan_async('owner/none', null, null));
        await fails(codes.NOT_SCANNED, () => cache.lookup(ONNX, null));
        cache.scan(ONNX, null, null);
        await fails(codes.UNKNOWN_FILE, () => cache.open(ONNX, 'none', FETCH, null));
        await fails(codes.UNKNOWN_VARIANT, () => cache.download(ONNX, 'none', null, null));
        await fails(codes.NOT_DOWNLOADED, () => cache.load_async(ONNX, WEIGHTS, NONE, null));
        await fails(codes.NOT_DOWNLOADED, () => cache.checkout(ONNX, 'q4', NONE, null));
        const cancellable = new Gio.Cancellable();
        cancellable.cancel();
        await expect(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, () => cache.scan(ONNX, null, cancellable));
        equal(ModelCache.error_from_name('NoSpace'), [true, codes.NO_SPACE]);
        close(cache);
    },

    async cancelled() {
        const cache = openCache();
        await cache.scan_async(ONNX, null, null);
        const cancellable = new Gio.Cancellable();
        await expect(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED,
            () => cache.download_async(ONNX, 'q4', cancellable, () => cancellable.cancel()));
        assert(await cache.download_async(GGUF, 'q8_0', null, null), 'others go on');
        close(cache);
    },

    async throws() {
        const progress = () => {
            throw new Error('as it should be');
        };
        const cache = openCache();
        assert(cache.download(ONNX, 'q4', null, progress), 'done');
        assert(await cache.download_async(ONNX, 'fp32', null, progress), 'done');
        close(cache);
    },

    async fetches() {
        const cache = openCache();
        const bytes = await cache.load_async(ONNX, 'config.json', FETCH, null);
        equal(new TextDecoder().decode(bytes.toArray()), CONFIG);
        const checkout = cache.checkout(`${GGUF}:Q8_0`, null, FETCH, null);
        const file = Gio.File.new_for_path(checkout.dup_path('tiny-Q8_0.gguf'));
        assert(file.query_exists(null), 'it is there');
        checkout.release();
        close(cache);
    },

    async several() {
        const caches = [openCache('one'),
            ModelCache.PrivateCache.new(GLib.build_filenamev([folder, 'two']), null, null)];
        await Promise.all([...caches, ...caches].map(cache => cache.download_async(ONNX, 'q4', null, null)));
        for (const cache of caches)
            equal(cache.load(ONNX, WEIGHTS, NONE, null).get_size(), SIZE);
        caches.forEach(close);
    },
};

const loop = new GLib.MainLoop(null, false);
let status = 1;

(async () => {
    try {
        await cases[name]();
        status = 0;
    } catch (error) {
        printerr(`${name}: ${error}\n${error.stack}`);
    }
    loop.quit();
})();
loop.run();
System.exit(status);
