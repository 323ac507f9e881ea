#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
"""scenario.py KIND CASE FOLDER: one case of test-bindings.c, in Python. KIND is “shared” or “private”;
FOLDER is where private caches may be made. scenario.js is the same in JavaScript."""

import gc
import hashlib
import os
import subprocess
import sys
import threading

import gi

gi.require_version("ModelCache", "1")
from gi.repository import Gio, GLib, ModelCache  # noqa: E402

ONNX = "owner/tiny-onnx"
WEIGHTS = "onnx/model_q4.onnx"
SIZE = 6000001
GGUF = "owner/tiny-GGUF"
CONFIG = b'{"model_type":"tiny"}\n'

kind, case, folder = sys.argv[1:]
nobody = Gio.Cancellable()


def open_cache(name="cache"):
    if kind == "shared":
        return ModelCache.SharedCache.new(None)
    return ModelCache.PrivateCache.new(os.path.join(folder, name), None, None)


def close(cache):
    if isinstance(cache, ModelCache.PrivateCache):
        cache.close()


def expect(code, call, *arguments):
    """The call fails with that error."""
    domain = Gio.io_error_quark() if isinstance(code, Gio.IOErrorEnum) else ModelCache.error_quark()
    try:
        call(*arguments)
    except GLib.Error as error:
        assert error.matches(domain, code), (error.domain, error.code, error.message, code)
        assert error.message
        return
    raise AssertionError(f"{call} did not fail")


def check_bytes(cache, repo):
    data = cache.load(ONNX, WEIGHTS, ModelCache.OpenFlags.NONE, None).get_data()
    assert len(data) == SIZE
    assert hashlib.sha256(data).hexdigest() == repo.find_file(WEIGHTS).props.sha256
    small = cache.load(ONNX, "config.json", ModelCache.OpenFlags.NONE, None)
    assert small.get_data() == CONFIG
    return data


def check_stream(cache, data):
    stream = cache.open(ONNX, WEIGHTS, ModelCache.OpenFlags.NONE, None)
    assert isinstance(stream, Gio.Seekable) and stream.can_seek()
    digest = hashlib.sha256()
    while chunk := stream.read_bytes(1 << 20, None).get_data():
        digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()
    for place in (SIZE - 7, 0, 4999999):
        assert stream.seek(place, GLib.SeekType.SET, None) and stream.tell() == place
        assert stream.read_bytes(5, None).get_data() == data[place:place + 5]
    assert stream.seek(-3, GLib.SeekType.END, None)
    assert stream.skip(100, None) == 3
    assert stream.read_bytes(1, None).get_size() == 0
    expect(Gio.IOErrorEnum.INVALID_ARGUMENT, stream.seek, -1, GLib.SeekType.SET, None)
    assert stream.close(None)


def check_checkout(cache, data):
    checkout = cache.checkout(ONNX, "q4", ModelCache.OpenFlags.NONE, None)
    path = checkout.dup_path(WEIGHTS)
    assert path == os.path.join(checkout.props.folder, WEIGHTS)
    assert sorted(checkout.dup_paths()) == ["config.json", WEIGHTS], checkout.dup_paths()
    assert checkout.dup_path("../../lock") is None
    assert not checkout.props.is_view
    with open(path, "rb") as file:
        assert file.read() == data
    checkout.release()
    checkout.release()


def whole():
    cache = open_cache()
    repo = cache.scan(ONNX, None, None)
    assert repo.props.id == ONNX and repo.props.revision == "main"
    assert len(repo.props.commit) == 40 and repo.props.license == "apache-2.0"
    assert repo.get_facts().lookup_value("parameters", None).get_uint64() == 12000000
    variant = repo.find_variant("onnx:q4")
    assert variant.props.status == "available" and variant.props.format == "onnx"
    assert variant.props.size == SIZE + len(CONFIG) and variant.props.downloaded == 0
    assert variant.dup_paths() == ["config.json", WEIGHTS], variant.dup_paths()
    assert variant.get_facts().lookup_value("encoding", None).get_string() == "q4"
    assert "onnx:q4" in [v.props.key for v in repo.list_variants()]
    assert repo.find_variant("none") is None and repo.find_file("none") is None
    assert not cache.has_file(ONNX, WEIGHTS, None) and cache.list(None) == []

    told = []
    assert cache.download(ONNX, "Q4", None, lambda done, total: told.append((done, total)))
    assert told[-1] == (SIZE + len(CONFIG),) * 2 and told == sorted(told), told
    assert cache.has_file(ONNX, WEIGHTS, None) and cache.list(None) == [ONNX]
    variant = cache.lookup(ONNX, None).find_variant("onnx:q4")
    assert variant.props.status == "downloaded" and variant.props.downloaded == variant.props.size

    data = check_bytes(cache, repo)
    check_stream(cache, data)
    check_checkout(cache, data)
    gc.collect()
    assert cache.delete(ONNX, "q4", None) == SIZE + len(CONFIG)
    assert not cache.has_file(ONNX, WEIGHTS, None)
    # A mapping does not care.
    assert hashlib.sha256(data).hexdigest() == repo.find_file(WEIGHTS).props.sha256
    close(cache)


class Loop:
    """Waits for calls that call back."""

    def __init__(self):
        self.loop = GLib.MainLoop()

    def run(self, begin, finish, *arguments):
        begin(*arguments, self.done)
        self.loop.run()
        return finish(self.result)

    def done(self, source, result):
        self.result = result
        self.loop.quit()


def asynchronous():
    loop = Loop()
    if kind == "shared":
        cache = loop.run(ModelCache.SharedCache.new_async, ModelCache.SharedCache.new_finish, None)
    else:
        cache = open_cache()
    repo = loop.run(cache.scan_async, cache.scan_finish, GGUF, "main", None)
    assert repo.props.id == GGUF
    told = []
    progress = lambda done, total: told.append(threading.get_ident())  # noqa: E731
    assert loop.run(cache.download_async, cache.download_finish, GGUF, "q4_k_m", None, progress)
    assert told and set(told) == {threading.get_ident()}
    assert loop.run(cache.has_file_async, cache.has_file_finish, GGUF, "tiny-Q4_K_M.gguf", None)
    assert loop.run(cache.list_async, cache.list_finish, None) == [GGUF]
    none = ModelCache.OpenFlags.NONE
    content = loop.run(cache.load_async, cache.load_finish, GGUF, "tiny-Q4_K_M.gguf", none, None)
    stream = loop.run(cache.open_async, cache.open_finish, GGUF, "tiny-Q4_K_M.gguf", none, None)
    assert stream.read_bytes(1000, None).get_data() == content.get_data()[:1000]
    stream.close(None)
    checkout = loop.run(cache.checkout_async, cache.checkout_finish, GGUF, None, none, None)
    assert os.path.getsize(checkout.dup_path("tiny-Q4_K_M.gguf")) == content.get_size()
    checkout.release()
    assert loop.run(cache.lookup_async, cache.lookup_finish, GGUF, None).props.id == GGUF
    assert loop.run(cache.delete_async, cache.delete_finish, GGUF, None, None) > 0
    expect(ModelCache.Error.NOT_SCANNED, loop.run, cache.lookup_async, cache.lookup_finish, GGUF, None)
    close(cache)


def errors():
    cache = open_cache()
    codes = ModelCache.Error
    none = ModelCache.OpenFlags.NONE
    expect(codes.INVALID_NAME, cache.scan, "no such name at all!", None, None)
    expect(codes.INVALID_NAME, cache.scan, ONNX, "..", None)
    expect(codes.NOT_FOUND, cache.scan, "owner/none", None, None)
    expect(codes.NOT_SCANNED, cache.lookup, ONNX, None)
    expect(codes.NOT_SCANNED, cache.load, ONNX, WEIGHTS, none, None)
    expect(codes.NOT_SCANNED, cache.delete, ONNX, None, None)
    assert not cache.has_file("owner/none", "none", None)
    cache.scan(ONNX, None, None)
    expect(codes.UNKNOWN_FILE, cache.open, ONNX, "none", ModelCache.OpenFlags.FETCH, None)
    expect(codes.UNKNOWN_FILE, cache.download_file, ONNX, "none", None, None)
    expect(codes.UNKNOWN_VARIANT, cache.download, ONNX, "none", None, None)
    expect(codes.NOT_DOWNLOADED, cache.open, ONNX, WEIGHTS, none, None)
    expect(codes.NOT_DOWNLOADED, cache.load, ONNX, WEIGHTS, none, None)
    expect(codes.NOT_DOWNLOADED, cache.checkout, ONNX, "q4", none, None)
    expect(codes.NOT_DOWNLOADED, cache.delete, ONNX, "q4", None)
    expect(codes.GATED, cache.download, "owner/gated", None, None, None)
    nobody.cancel()
    expect(Gio.IOErrorEnum.CANCELLED, cache.scan, ONNX, None, nobody)
    assert ModelCache.error_get_name(GLib.Error.new_literal(ModelCache.error_quark(), "", 2)) == "NotFound"
    assert ModelCache.error_from_name("NoSpace") == (True, codes.NO_SPACE)
    close(cache)
    if kind == "private":
        expect(Gio.IOErrorEnum.CLOSED, cache.lookup, ONNX, None)


def unreachable():
    cache = open_cache()
    expect(ModelCache.Error.NETWORK, cache.scan, ONNX, None, None)
    expect(ModelCache.Error.NETWORK, cache.download, ONNX, None, None, None)
    close(cache)


def absent():
    if kind == "shared":
        expect(ModelCache.Error.NO_SERVICE, open_cache)
        return
    expect(ModelCache.Error.STORE, ModelCache.PrivateCache.new, "/dev/null/cache", None, None)
    expect(ModelCache.Error.INVALID_NAME, ModelCache.PrivateCache.new, folder, "gopher://hub", None)
    cache = open_cache()
    expect(ModelCache.Error.BUSY, open_cache)
    cache.close()
    cache.close()
    open_cache().close()


def cancelled():
    """The Hub falls silent in the middle of the weights."""
    cache = open_cache()
    cache.scan(ONNX, None, None)
    cancellable = Gio.Cancellable()
    expect(Gio.IOErrorEnum.CANCELLED, cache.download, ONNX, "q4", cancellable,
           lambda done, total: cancellable.cancel())
    assert cache.lookup(ONNX, None).find_variant("onnx:q4").props.status == "available"
    assert cache.download(GGUF, "q8_0", None, None)
    close(cache)


def throws():
    def progress(done, total):
        raise RuntimeError("as it should be")

    cache = open_cache()
    assert cache.download(ONNX, "q4", None, progress)
    loop = Loop()
    assert loop.run(cache.download_async, cache.download_finish, ONNX, "fp32", None, progress)
    close(cache)


def fetches():
    fetch = ModelCache.OpenFlags.FETCH
    cache = open_cache()
    assert cache.load(ONNX, "config.json", fetch, None).get_data() == CONFIG
    checkout = cache.checkout(f"{GGUF}:Q8_0", None, fetch, None)
    path = checkout.dup_path("tiny-Q8_0.gguf")
    assert os.path.exists(path)
    del checkout
    gc.collect()
    stream = cache.open(ONNX, WEIGHTS, fetch, None)
    assert stream.read_bytes(4, None).get_size() == 4
    assert cache.download_file(ONNX, "README.md", None, None)
    if kind == "private":
        assert not os.path.exists(path)
        expect(ModelCache.Error.IN_USE, cache.delete, ONNX, None, None)
        cache.close()
        assert stream.read_bytes(4, None).get_size() == 4
    stream.close(None)


def several():
    """Caches, threads and requests at once."""
    caches = [open_cache("one"), ModelCache.PrivateCache.new(os.path.join(folder, "two"), None, None)]
    failures = []

    def work(cache):
        try:
            assert cache.download(ONNX, "q4", None, None)
            assert cache.load(ONNX, WEIGHTS, ModelCache.OpenFlags.NONE, None).get_size() == SIZE
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(cache,)) for cache in caches * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    for cache in caches:
        close(cache)


def socket():
    """Without a session bus, and after the service has ended: it is reached again."""
    stop = [os.environ["MC_MCACHE"], "service", "stop"]
    cache = open_cache()
    cache.scan(ONNX, None, None)
    subprocess.run(stop, check=True, capture_output=True)
    assert cache.lookup(ONNX, None).props.id == ONNX
    assert cache.load(ONNX, "config.json", ModelCache.OpenFlags.FETCH, None).get_data() == CONFIG
    subprocess.run(stop, check=True, capture_output=True)


def closes():
    """What is under way when the cache is closed ends as cancelled."""
    cache = open_cache()
    cache.scan(ONNX, None, None)
    loop = Loop()
    cache.download_async(ONNX, "q4", None, lambda done, total: cache.close(), loop.done)
    loop.loop.run()
    expect(Gio.IOErrorEnum.CANCELLED, cache.download_finish, loop.result)


{
    "whole": whole, "async": asynchronous, "errors": errors, "unreachable": unreachable,
    "absent": absent, "cancelled": cancelled, "throws": throws, "fetches": fetches,
    "several": several, "closes": closes, "socket": socket,
}[case]()
