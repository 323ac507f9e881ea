# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# python.py PHASE: what huggingface_hub finds, at HF_ENDPOINT or in HF_HUB_CACHE. A line for each: 0 if it is as on
# the Hub, a tab, the name.
import hashlib
import os
import sys

import huggingface_hub as hub
from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

phase = sys.argv[1]
repo = "sample/tiny-chat-GGUF"
weights = "tiny-chat-Q2_K.gguf"
api = hub.HfApi()


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raises(kind, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind:
        return True
    return False


def model_info():
    info = api.model_info(repo, files_metadata=True)
    (file,) = [file for file in info.siblings if file.rfilename == weights]
    return len(info.sha) == 40 and file.size == 24000000 and len(file.lfs.sha256) == 64


def lists():
    refs = api.list_repo_refs(repo)
    tree = list(api.list_repo_tree(repo, recursive=True))
    return (
        weights in api.list_repo_files(repo)
        and [branch.name for branch in refs.branches] == ["main"]
        and any(file.path == weights and file.size == 24000000 for file in tree)
    )


def paths_info():
    (found,) = api.get_paths_info(repo, [weights, "none"], expand=False)
    return found.path == weights and api.file_exists(repo, weights) and not api.file_exists(repo, "none")


def metadata():
    found = hub.get_hf_file_metadata(hub.hf_hub_url(repo, weights))
    return found.size == 24000000 and len(found.commit_hash) == 40 and len(found.etag) == 64


def file():
    path = hub.hf_hub_download(repo, weights)
    return digest(path) == os.path.basename(os.path.realpath(path))


def small_file():
    path = hub.hf_hub_download(repo, "README.md")
    return open(path).read().startswith("---\nlicense: apache-2.0")


def snapshot():
    folder = hub.snapshot_download(repo, allow_patterns=["*Q4_K_M.gguf", "*.md"])
    return sorted(os.listdir(folder))[-2:] == [weights, "tiny-chat-Q4_K_M.gguf"]


def folder():
    path = hub.snapshot_download(repo, allow_patterns=["*Q4_K_M.gguf"], local_dir=os.environ["HF_HOME"] + "/plain")
    return os.path.getsize(path + "/tiny-chat-Q4_K_M.gguf") == 36000000


def missing():
    return (
        raises(EntryNotFoundError, hub.hf_hub_download, repo, "none.bin")
        # Without the Hub nobody knows what else it has: that is 504, which is tried again for half a minute.
        and (phase == "offline" or raises(RevisionNotFoundError, hub.hf_hub_download, repo, weights, revision="none"))
        and (phase == "offline" or raises(RepositoryNotFoundError, api.model_info, "sample/none"))
    )


def file_system():
    names = [os.path.basename(path) for path in hub.HfFileSystem().ls(repo, detail=False)]
    with hub.HfFileSystem().open(f"{repo}/{weights}", "rb") as stream:
        stream.seek(5242870)
        return weights in names and len(stream.read(20)) == 20


def in_view():
    path = hub.try_to_load_from_cache(repo, weights)
    return path == hub.hf_hub_download(repo, weights) and path.startswith(os.environ["HF_HUB_CACHE"])


def scan():
    (found,) = [found for found in hub.scan_cache_dir().repos if found.repo_id == repo]
    return {weights, "tiny-chat-Q4_K_M.gguf"} <= {file.file_name for file in list(found.revisions)[0].files}


served = [model_info, lists, paths_info, metadata, file, small_file, snapshot, folder, missing, file_system]
for function in [file, small_file, snapshot, in_view, scan] if phase == "view" else served:
    try:
        good = function()
    except Exception as error:
        good = False
        print(f"{function.__name__}: {type(error).__name__}: {error}"[:600], file=sys.stderr)
    print(f"{0 if good else 1}\t{function.__name__.replace('_', ' ')}", flush=True)
