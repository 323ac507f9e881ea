#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
"""tiny-models.py FOLDER: models that mean nothing, but are what their names say, so that programs load and run them: for
llama.cpp in one file and in two, and for transformers.js. Prints REPO:PATH:FILE of each."""

import json
import os
import random
import struct
import sys

# --- GGUF: a llama of one layer (ggml-org/ggml, docs/gguf.md) ---

WIDTH, HIDDEN, ALIGNMENT = 64, 128, 32
UINT16, UINT32, INT32, FLOAT32, STRING, ARRAY = 2, 4, 5, 6, 8, 9
FORMATS = {UINT16: "<H", UINT32: "<I", INT32: "<i", FLOAT32: "<f"}

TOKENS = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + ["\u2581", "\u2581Hello", "a", "b"]
KINDS = [2, 3, 3] + [6] * 256 + [1] * 4

FACTS = [
    ("general.architecture", STRING, "llama"),
    ("general.alignment", UINT32, ALIGNMENT),
    ("llama.context_length", UINT32, 256),
    ("llama.embedding_length", UINT32, WIDTH),
    ("llama.block_count", UINT32, 1),
    ("llama.feed_forward_length", UINT32, HIDDEN),
    ("llama.attention.head_count", UINT32, 4),
    ("llama.rope.dimension_count", UINT32, WIDTH // 4),
    ("llama.attention.layer_norm_rms_epsilon", FLOAT32, 1e-5),
    ("tokenizer.ggml.model", STRING, "llama"),
    ("tokenizer.ggml.tokens", ARRAY, (STRING, TOKENS)),
    ("tokenizer.ggml.scores", ARRAY, (FLOAT32, [0.0] * len(TOKENS))),
    ("tokenizer.ggml.token_type", ARRAY, (INT32, KINDS)),
]

TENSORS = [
    ("token_embd.weight", [WIDTH, len(TOKENS)]),
    ("output_norm.weight", [WIDTH]),
    ("output.weight", [WIDTH, len(TOKENS)]),
    ("blk.0.attn_norm.weight", [WIDTH]),
    ("blk.0.attn_q.weight", [WIDTH, WIDTH]),
    ("blk.0.attn_k.weight", [WIDTH, WIDTH]),
    ("blk.0.attn_v.weight", [WIDTH, WIDTH]),
    ("blk.0.attn_output.weight", [WIDTH, WIDTH]),
    ("blk.0.ffn_norm.weight", [WIDTH]),
    ("blk.0.ffn_gate.weight", [WIDTH, HIDDEN]),
    ("blk.0.ffn_up.weight", [WIDTH, HIDDEN]),
    ("blk.0.ffn_down.weight", [HIDDEN, WIDTH]),
]


def gguf_value(kind, value):
    if kind == STRING:
        return struct.pack("<Q", len(value.encode())) + value.encode()
    if kind == ARRAY:
        return struct.pack("<IQ", value[0], len(value[1])) + b"".join(gguf_value(value[0], v) for v in value[1])
    return struct.pack(FORMATS[kind], value)


def pad(data):
    return data + b"\0" * (-len(data) % ALIGNMENT)


def make_gguf(facts, tensors, seed):
    numbers = random.Random(seed)
    infos = data = b""
    for name, shape in tensors:
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        infos += gguf_value(STRING, name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        infos += struct.pack("<IQ", 0, len(data))
        data += pad(struct.pack(f"<{count}f", *(numbers.uniform(-0.1, 0.1) for _ in range(count))))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(facts))
    for key, kind, value in facts:
        head += gguf_value(STRING, key) + struct.pack("<I", kind) + gguf_value(kind, value)
    return pad(head + infos) + data


def make_part(number, facts, tensors):
    split = [("split.no", UINT16, number), ("split.count", UINT16, 2), ("split.tensors.count", INT32, len(TENSORS))]
    return make_gguf(facts + split, tensors, 2 + number)


# --- ONNX: gives back the numbers of the words (onnx/onnx, onnx/onnx.proto) ---


def varint(number):
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def message(*fields):
    """Of (number, int | str | bytes)."""
    data = b""
    for number, value in fields:
        if isinstance(value, int):
            data += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            data += varint(number << 3 | 2) + varint(len(value)) + value
    return data


def onnx_value(name, kind, *names):
    shape = message(*((1, message((2, dimension))) for dimension in names))
    return message((1, name), (2, message((1, message((1, kind), (2, shape))))))


def make_onnx():
    float32, int64 = 1, 7
    cast = message((1, "input_ids"), (2, "numbers"), (4, "Cast"), (5, message((1, "to"), (3, float32), (20, 2))))
    unsqueeze = message((1, "numbers"), (1, "axes"), (2, "last_hidden_state"), (4, "Unsqueeze"))
    axes = message((1, 1), (2, int64), (8, "axes"), (9, struct.pack("<q", 2)))
    graph = message(
        (1, cast), (1, unsqueeze), (2, "tiny"), (5, axes),
        (11, onnx_value("input_ids", int64, "batch", "length")),
        (12, onnx_value("last_hidden_state", float32, "batch", "length", "one")))
    return message((1, 8), (7, graph), (8, message((2, 13))))


WORDS = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "Hello": 4}
TOKENIZER = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
    "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": WORDS},
}

# --- as repos have them ---

QWEN, LARGE, MINILM = "unsloth/Qwen3-0.6B-GGUF", "owner/large-GGUF", "Xenova/all-MiniLM-L6-v2"
FILES = [
    (QWEN, "Qwen3-0.6B-Q4_K_M.gguf", make_gguf(FACTS, TENSORS, 1)),
    (QWEN, "config.json", b'{"model_type": "llama"}\n'),
    (LARGE, "large-Q8_0-00001-of-00002.gguf", make_part(0, FACTS, TENSORS[:3])),
    (LARGE, "large-Q8_0-00002-of-00002.gguf", make_part(1, [], TENSORS[3:])),
    (MINILM, "config.json", b'{"model_type": "bert", "architectures": ["BertModel"]}\n'),
    (MINILM, "tokenizer_config.json", b'{"tokenizer_class": "BertTokenizer", "pad_token": "[PAD]"}\n'),
    (MINILM, "tokenizer.json", json.dumps(TOKENIZER).encode()),
    (MINILM, "onnx/model_quantized.onnx", make_onnx()),
]

for repo, path, content in FILES:
    place = os.path.join(sys.argv[1], f"{repo}/{path}".replace("/", "_"))
    with open(place, "wb") as file:
        file.write(content)
    print(f"{repo}:{path}:{place}")
