/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

/* Small listings that retell how publishers name things, and what is to become of them: a line
 * for each variant with its files, then what is shared, other and the default. */
typedef struct
{
  const char *name;
  const char *paths; /* a line each */
  const char *expected;
} McVariantCase;

/* A line of the table is a line of the listing. */
/* clang-format off */

static const McVariantCase gguf_cases[] = {
  { "plain",
    "M-Q4_K_M.gguf\n"
    "M-Q8_0.gguf\n"
    "README.md\n"
    "config.json\n",
    "gguf:Q4_K_M = M-Q4_K_M.gguf\n"
    "gguf:Q8_0 = M-Q8_0.gguf\n"
    "shared = config.json\n"
    "other = README.md\n"
    "default = gguf:Q4_K_M\n" },
  { "split",
    "M-Q8_0-00001-of-00002.gguf\n"
    "M-Q8_0-00002-of-00002.gguf\n"
    "M.Q6_K.gguf.part1of2\n"
    "M.Q6_K.gguf.part2of2\n"
    "M.Q5_K_M.gguf-split-a\n"
    "M.Q5_K_M.gguf-split-b\n"
    "M.Q2_K.gguf.part-aa\n"
    "M.Q2_K.gguf.part-ab\n"
    "M-Q3_K_M-part-1.gguf\n"
    "M-Q3_K_M-part-2.gguf\n",
    "gguf:Q2_K = M.Q2_K.gguf.part-aa, M.Q2_K.gguf.part-ab\n"
    "gguf:Q3_K_M = M-Q3_K_M-part-1.gguf, M-Q3_K_M-part-2.gguf\n"
    "gguf:Q5_K_M = M.Q5_K_M.gguf-split-a, M.Q5_K_M.gguf-split-b\n"
    "gguf:Q6_K = M.Q6_K.gguf.part1of2, M.Q6_K.gguf.part2of2\n"
    "gguf:Q8_0 = M-Q8_0-00001-of-00002.gguf, M-Q8_0-00002-of-00002.gguf\n"
    "default = gguf:Q5_K_M\n" },
  { "whole-and-split",
    "m-q8_0.gguf\n"
    "m-q8_0-00001-of-00002.gguf\n"
    "m-q8_0-00002-of-00002.gguf\n",
    "gguf:Q8_0 = m-q8_0.gguf\n"
    "gguf:Q8_0@2 = m-q8_0-00001-of-00002.gguf, m-q8_0-00002-of-00002.gguf\n"
    "default = gguf:Q8_0\n" },
  { "folders-that-name-the-token",
    "UD-Q4_K_XL/M-00001-of-00002.gguf\n"
    "UD-Q4_K_XL/M-00002-of-00002.gguf\n"
    "M-Q8_0/M-Q8_0-00001-of-00001.gguf\n"
    "BF16/M.gguf\n",
    "gguf:BF16 = BF16/M.gguf\n"
    "gguf:Q8_0 = M-Q8_0/M-Q8_0-00001-of-00001.gguf\n"
    "gguf:UD-Q4_K_XL = UD-Q4_K_XL/M-00001-of-00002.gguf, UD-Q4_K_XL/M-00002-of-00002.gguf\n"
    "default = gguf:UD-Q4_K_XL\n" },
  { "tokens",
    "M-iq4_xs.gguf\n"
    "M-UD-IQ4_NL_XL.gguf\n"
    "M.tq3_4s.gguf\n"
    "M-Q4_0_4_4.gguf\n"
    "M-Q1_0_g128.gguf\n"
    "M-IQ4_K_R4.gguf\n"
    "M-mxfp4_moe.gguf\n"
    "M-nvfp4.gguf\n"
    "M-fp16.gguf\n"
    "M-Q4_K-3.52bpw.gguf\n",
    "gguf:F16 = M-fp16.gguf\n"
    "gguf:IQ4_K_R4 = M-IQ4_K_R4.gguf\n"
    "gguf:IQ4_XS = M-iq4_xs.gguf\n"
    "gguf:MXFP4_MOE = M-mxfp4_moe.gguf\n"
    "gguf:NVFP4 = M-nvfp4.gguf\n"
    "gguf:Q1_0_G128 = M-Q1_0_g128.gguf\n"
    "gguf:Q4_0_4_4 = M-Q4_0_4_4.gguf\n"
    "gguf:Q4_K-3.52bpw = M-Q4_K-3.52bpw.gguf\n"
    "gguf:TQ3_4S = M.tq3_4s.gguf\n"
    "gguf:UD-IQ4_NL_XL = M-UD-IQ4_NL_XL.gguf\n"
    "default = gguf:IQ4_XS\n" },
  { "weak-and-glued",
    "devQ4_K_M.gguf\n"
    "dev-int4.gguf\n"
    "dev-8-bit.gguf\n",
    "gguf:8-BIT = dev-8-bit.gguf\n"
    "gguf:INT4 = dev-int4.gguf\n"
    "gguf:Q4_K_M = devQ4_K_M.gguf\n"
    "default = gguf:Q4_K_M\n" },
  { "weak-does-not-beat-strong",
    "m_int8_q4_0.gguf\n"
    "m_int8_bf16.gguf\n",
    "gguf:BF16 = m_int8_bf16.gguf\n"
    "gguf:Q4_0 = m_int8_q4_0.gguf\n"
    "default = gguf:Q4_0\n" },
  { "modifiers",
    "M-Q6_K.gguf\n"
    "M-Q6_K-f16.gguf\n"
    "M-Q4_K_M.gguf\n",
    "gguf:Q4_K_M = M-Q4_K_M.gguf\n"
    "gguf:Q6_K = M-Q6_K.gguf\n"
    "gguf:Q6_K-f16 = M-Q6_K-f16.gguf\n"
    "default = gguf:Q4_K_M\n" },
  { "one-modifier-for-all",
    "M-Q6_K-imat.gguf\n"
    "M-Q4_0-imat.gguf\n",
    "gguf:Q4_0 = M-Q4_0-imat.gguf\n"
    "gguf:Q6_K = M-Q6_K-imat.gguf\n"
    "default = gguf:Q4_0\n" },
  { "several-models",
    "Big-7B-Q4_K_M.gguf\n"
    "small_1B.Q4_K_M.gguf\n"
    "Small-1B.Q8_0.gguf\n",
    "gguf:Big-7B/Q4_K_M = Big-7B-Q4_K_M.gguf\n"
    "gguf:Small-1B/Q4_K_M = small_1B.Q4_K_M.gguf\n"
    "gguf:Small-1B/Q8_0 = Small-1B.Q8_0.gguf\n"
    "default = gguf:Big-7B/Q4_K_M\n" },
  { "one-name-in-two-folders",
    "gguf/M-Q4_0.gguf\n"
    "plain/gguf/M-Q4_0.gguf\n"
    "plain/gguf/M-Q8_0.gguf\n",
    "gguf:Q4_0 = gguf/M-Q4_0.gguf\n"
    "gguf:plain/Q4_0 = plain/gguf/M-Q4_0.gguf\n"
    "gguf:plain/Q8_0 = plain/gguf/M-Q8_0.gguf\n"
    "default = gguf:Q4_0\n" },
  { "no-token",
    "Own-Scheme.gguf\n"
    "config.json\n",
    "gguf:default = Own-Scheme.gguf\n"
    "shared = config.json\n"
    "default = gguf:default\n" },
  { "no-token-beside-one",
    "M-DYNAMIC.gguf\n"
    "M-Q6_K.gguf\n",
    "gguf:M-DYNAMIC = M-DYNAMIC.gguf\n"
    "gguf:Q6_K = M-Q6_K.gguf\n"
    "default = gguf:Q6_K\n" },
  { "projector",
    "M-Q4_K_M.gguf\n"
    "mmproj-F32.gguf\n"
    "mmproj-F16.gguf\n"
    "mmproj-BF16.gguf\n",
    "gguf:Q4_K_M = M-Q4_K_M.gguf\n"
    "shared = mmproj-F16.gguf\n"
    "other = mmproj-BF16.gguf, mmproj-F32.gguf\n"
    "default = gguf:Q4_K_M\n" },
  { "projector-of-each-model",
    "A-7B-Q4_0.gguf\n"
    "B-7B-Q4_0.gguf\n"
    "mmproj-A-7B-f16.gguf\n"
    "B-7B-mmproj-f16.gguf\n",
    "gguf:A-7B/Q4_0 = A-7B-Q4_0.gguf, mmproj-A-7B-f16.gguf\n"
    "gguf:B-7B/Q4_0 = B-7B-Q4_0.gguf, B-7B-mmproj-f16.gguf\n"
    "default = gguf:A-7B/Q4_0\n" },
  { "projector-in-reach",
    "a/M-Q4_0.gguf\n"
    "a/mmproj-Q8_0.gguf\n"
    "b/M-Q8_0.gguf\n"
    "mmproj/M-F32.gguf\n",
    "gguf:Q4_0 = a/M-Q4_0.gguf, a/mmproj-Q8_0.gguf\n"
    "gguf:Q8_0 = b/M-Q8_0.gguf, mmproj/M-F32.gguf\n"
    "default = gguf:Q4_0\n" },
  { "companions",
    "M-Q4_0.gguf\n"
    "mtp-M-Q4_0.gguf\n"
    "MTP/M-Q8_0.gguf\n"
    "M-draft-Q4_0.gguf\n"
    "M-imatrix.gguf\n"
    "imatrix_unsloth.dat\n"
    "ggml-vocab-M.gguf\n"
    "M-MTP-Q8_0.gguf\n",
    "gguf:Q4_0 = M-Q4_0.gguf\n"
    "gguf:Q8_0 = M-MTP-Q8_0.gguf\n"
    "other = M-draft-Q4_0.gguf, M-imatrix.gguf, MTP/M-Q8_0.gguf, ggml-vocab-M.gguf, "
    "imatrix_unsloth.dat, mtp-M-Q4_0.gguf\n"
    "default = gguf:Q4_0\n" },
  { "nothing-but-drafts",
    "eagle3-M-Q8_0.gguf\n"
    "eagle3-M-F16.gguf\n",
    "gguf:F16 = eagle3-M-F16.gguf\n"
    "gguf:Q8_0 = eagle3-M-Q8_0.gguf\n"
    "default = gguf:Q8_0\n" },
  { "parts-in-folders",
    "O-Q4_0.gguf\n"
    "O-Q8_0.gguf\n"
    "audio/O-audio-F16.gguf\n"
    "token2wav-gguf/flow.gguf\n",
    "gguf:Q4_0 = O-Q4_0.gguf\n"
    "gguf:Q8_0 = O-Q8_0.gguf\n"
    "shared = audio/O-audio-F16.gguf, token2wav-gguf/flow.gguf\n"
    "default = gguf:Q4_0\n" },
  { "parts-of-another-format",
    "High/W-High-Q4_0.gguf\n"
    "Low/W-Low-Q8_0.gguf\n"
    "VAE/W_VAE.safetensors\n"
    "text_encoder/model.safetensors\n"
    "text_encoder/config.json\n",
    "gguf:Q4_0 = High/W-High-Q4_0.gguf\n"
    "gguf:Q8_0 = Low/W-Low-Q8_0.gguf\n"
    "shared = VAE/W_VAE.safetensors, text_encoder/config.json, text_encoder/model.safetensors\n"
    "default = gguf:Q4_0\n" },
  { "ggml",
    "ggml-tiny.bin\n"
    "ggml-base.en-q5_1.bin\n"
    "llama.ggmlv3.q4_0.bin\n"
    "ggml-tiny-encoder.mlmodelc.zip\n",
    "ggml:Q4_0 = llama.ggmlv3.q4_0.bin\n"
    "ggml:Q5_1 = ggml-base.en-q5_1.bin\n"
    "ggml:tiny = ggml-tiny.bin\n"
    "other = ggml-tiny-encoder.mlmodelc.zip\n"
    "default = ggml:Q4_0\n" },
  { "case-twins",
    "m-q4_0.gguf\n"
    "M-Q4_0.gguf\n"
    "M-Q4_0.GGUF\n",
    "gguf:Q4_0 = M-Q4_0.GGUF\n"
    "gguf:Q4_0@2 = M-Q4_0.gguf\n"
    "gguf:Q4_0@3 = m-q4_0.gguf\n"
    "default = gguf:Q4_0\n" },
  { "weak-token-beside-a-strong-folder",
    "Q4_0/a-int8.gguf\n"
    "Q4_0/b.gguf\n",
    "gguf:a/Q4_0 = Q4_0/a-int8.gguf\n"
    "gguf:b/Q4_0 = Q4_0/b.gguf\n"
    "default = gguf:a/Q4_0\n" },
  { "weak-token-in-a-folder",
    "4bit/m.gguf\n"
    "8bit/m.gguf\n",
    "gguf:4BIT = 4bit/m.gguf\n"
    "gguf:8BIT = 8bit/m.gguf\n"
    "default = gguf:4BIT\n" },
  { "token-in-front",
    "Q4_0-a.gguf\n"
    "Q4_0_b.gguf\n",
    "gguf:a/Q4_0 = Q4_0-a.gguf\n"
    "gguf:b/Q4_0 = Q4_0_b.gguf\n"
    "default = gguf:a/Q4_0\n" },
  { "bits-per-weight",
    "M-Q4_K-3.52bpw.gguf\n"
    "M-IQ3_S-3.52bpw.gguf\n",
    "gguf:IQ3_S-3.52bpw = M-IQ3_S-3.52bpw.gguf\n"
    "gguf:Q4_K-3.52bpw = M-Q4_K-3.52bpw.gguf\n"
    "default = gguf:IQ3_S-3.52bpw\n" },
  { "one-size-of-mxfp4",
    "M-UD-MXFP4_MOE_XL-exp.gguf\n"
    "M-MXFP4_MOE.gguf\n"
    "M-NVFP4-4.50bpw.gguf\n",
    "gguf:MXFP4_MOE = M-MXFP4_MOE.gguf\n"
    "gguf:NVFP4-4.50bpw = M-NVFP4-4.50bpw.gguf\n"
    "gguf:UD-MXFP4_MOE-XL-exp = M-UD-MXFP4_MOE_XL-exp.gguf\n"
    "default = gguf:MXFP4_MOE\n" },
  { "floats-are-not-the-default",
    "M-BF16.gguf\n"
    "M-F16.gguf\n"
    "M-Q3_K_S.gguf\n"
    "M-Q3_K_L.gguf\n",
    "gguf:BF16 = M-BF16.gguf\n"
    "gguf:F16 = M-F16.gguf\n"
    "gguf:Q3_K_L = M-Q3_K_L.gguf\n"
    "gguf:Q3_K_S = M-Q3_K_S.gguf\n"
    "default = gguf:Q3_K_L\n" },
  { "default",
    "M-UD-Q4_K_XL.gguf\n"
    "M-Q4_K_M.gguf\n"
    "M-Q8_0.gguf\n",
    "gguf:Q4_K_M = M-Q4_K_M.gguf\n"
    "gguf:Q8_0 = M-Q8_0.gguf\n"
    "gguf:UD-Q4_K_XL = M-UD-Q4_K_XL.gguf\n"
    "default = gguf:Q4_K_M\n" },
  { "projector-by-name-before-precision",
    "A-Q4_0.gguf\n"
    "B-Q4_0.gguf\n"
    "mmproj-A-bf16.gguf\n"
    "mmproj-f16.gguf\n",
    "gguf:A/Q4_0 = A-Q4_0.gguf, mmproj-A-bf16.gguf\n"
    "gguf:B/Q4_0 = B-Q4_0.gguf, mmproj-f16.gguf\n"
    "default = gguf:A/Q4_0\n" },
  { "projector-of-no-other-model",
    "A-Q4_0.gguf\n"
    "B-Q4_0.gguf\n"
    "mmproj-A-f16.gguf\n"
    "mmproj-vision-bf16.gguf\n",
    "gguf:A/Q4_0 = A-Q4_0.gguf, mmproj-A-f16.gguf\n"
    "gguf:B/Q4_0 = B-Q4_0.gguf, mmproj-vision-bf16.gguf\n"
    "default = gguf:A/Q4_0\n" },
  { "projector-in-the-deepest-folder",
    "a/M-Q4_0.gguf\n"
    "a/mmproj-Q8_0.gguf\n"
    "mmproj-F16.gguf\n",
    "gguf:Q4_0 = a/M-Q4_0.gguf\n"
    "shared = a/mmproj-Q8_0.gguf\n"
    "other = mmproj-F16.gguf\n"
    "default = gguf:Q4_0\n" },
};

static const McVariantCase onnx_cases[] = {
  { "transformers-js",
    "config.json\n"
    "onnx/model.onnx\n"
    "onnx/model.onnx_data\n"
    "onnx/model.onnx_data_1\n"
    "onnx/model_quantized.onnx\n"
    "onnx/model_q4f16.onnx\n"
    "tokenizer.json\n",
    "onnx:fp32 = onnx/model.onnx, onnx/model.onnx_data, onnx/model.onnx_data_1\n"
    "onnx:q4f16 = onnx/model_q4f16.onnx\n"
    "onnx:q8 = onnx/model_quantized.onnx\n"
    "shared = config.json, tokenizer.json\n"
    "default = onnx:q8\n" },
  { "precisions",
    "onnx/model_O3.onnx\n"
    "onnx/model_qint8_avx512_vnni.onnx\n"
    "onnx/model_quint8_avx2.onnx\n"
    "onnx/model.int8.onnx\n"
    "onnx/model_bnb4.onnx\n"
    "onnx/model_q16.onnx\n"
    "onnx/model-half.onnx\n"
    "onnx/model_4bit.onnx\n"
    "onnx/model_optimized.onnx\n",
    "onnx:4bit = onnx/model_4bit.onnx\n"
    "onnx:O3 = onnx/model_O3.onnx\n"
    "onnx:bnb4 = onnx/model_bnb4.onnx\n"
    "onnx:fp16 = onnx/model-half.onnx\n"
    "onnx:int8 = onnx/model.int8.onnx\n"
    "onnx:optimized = onnx/model_optimized.onnx\n"
    "onnx:q16 = onnx/model_q16.onnx\n"
    "onnx:qint8_avx512_vnni = onnx/model_qint8_avx512_vnni.onnx\n"
    "onnx:quint8_avx2 = onnx/model_quint8_avx2.onnx\n"
    "default = onnx:int8\n" },
  { "one-precision-under-two-names",
    "onnx/model_q8.onnx\n"
    "onnx/model_quantized.onnx\n",
    "onnx:q8 = onnx/model_quantized.onnx\n"
    "onnx:q8@2 = onnx/model_q8.onnx\n"
    "default = onnx:q8\n" },
  { "external-data",
    "a.onnx\n"
    "a.onnx.data\n"
    "a.onnx.json\n"
    "a_q4.onnx\n"
    "a_q4.weights\n"
    "a_fp16.onnx\n"
    "a_fp16.bin\n"
    "b.data\n",
    "onnx:fp16 = a_fp16.bin, a_fp16.onnx\n"
    "onnx:fp32 = a.onnx, a.onnx.data, a.onnx.json\n"
    "onnx:q4 = a_q4.onnx, a_q4.weights\n"
    "other = b.data\n"
    "default = onnx:q4\n" },
  { "parts-in-the-nearest-precision",
    "onnx/decoder_model_merged_q4.onnx\n"
    "onnx/decoder_model_merged.onnx\n"
    "onnx/decoder_model_merged_q4f16.onnx\n"
    "onnx/decoder_model.onnx\n"
    "onnx/decoder_model.onnx_data\n"
    "onnx/decoder_with_past_model_q4.onnx\n"
    "onnx/vision_encoder_fp16.onnx\n"
    "onnx/vision_encoder_int8.onnx\n"
    "onnx/vision_encoder_uint8.onnx\n"
    "onnx/embed_tokens_q4.onnx\n"
    "onnx/embed_tokens_bnb4.onnx\n",
    "onnx:fp32 = onnx/decoder_model_merged.onnx, onnx/vision_encoder_fp16.onnx\n"
    "onnx:q4 = onnx/decoder_model_merged_q4.onnx, onnx/vision_encoder_int8.onnx\n"
    "onnx:q4f16 = onnx/decoder_model_merged_q4f16.onnx, onnx/vision_encoder_int8.onnx\n"
    "shared = onnx/embed_tokens_q4.onnx\n"
    "other = onnx/decoder_model.onnx, onnx/decoder_model.onnx_data, "
    "onnx/decoder_with_past_model_q4.onnx, onnx/embed_tokens_bnb4.onnx, "
    "onnx/vision_encoder_uint8.onnx\n"
    "default = onnx:q4\n" },
  { "unmerged-decoders",
    "encoder_model.onnx\n"
    "decoder_model.onnx\n"
    "decoder_with_past_model.onnx\n",
    "onnx:fp32 = decoder_model.onnx, decoder_with_past_model.onnx, encoder_model.onnx\n"
    "default = onnx:fp32\n" },
  { "towers",
    "onnx/model.onnx\n"
    "onnx/model_q4.onnx\n"
    "onnx/text_model.onnx\n"
    "onnx/vision_model_q4.onnx\n",
    "onnx:fp32 = onnx/model.onnx\n"
    "onnx:q4 = onnx/model_q4.onnx\n"
    "onnx:text_model/fp32 = onnx/text_model.onnx\n"
    "onnx:vision_model/q4 = onnx/vision_model_q4.onnx\n"
    "default = onnx:q4\n" },
  { "towers-without-a-model",
    "onnx/text_model.onnx\n"
    "onnx/vision_model.onnx\n",
    "onnx:fp32 = onnx/text_model.onnx, onnx/vision_model.onnx\n"
    "default = onnx:fp32\n" },
  { "transducer",
    "encoder-epoch-9.int8.onnx\n"
    "decoder-epoch-9.onnx\n"
    "joiner-epoch-9.int8.onnx\n"
    "encoder-epoch-9.onnx\n"
    "joiner-epoch-9.onnx\n"
    "tokens.txt\n",
    "onnx:fp32 = decoder-epoch-9.onnx, encoder-epoch-9.onnx, joiner-epoch-9.onnx\n"
    "shared = tokens.txt\n"
    "other = encoder-epoch-9.int8.onnx, joiner-epoch-9.int8.onnx\n"
    "default = onnx:fp32\n" },
  { "several-models-of-parts",
    "s/encoder-a.onnx\n"
    "s/decoder-a.onnx\n"
    "s/encoder-b.onnx\n"
    "s/decoder-b.onnx\n"
    "t/model_q4f16_web.onnx\n",
    "onnx:s/a/fp32 = s/decoder-a.onnx, s/encoder-a.onnx\n"
    "onnx:s/b/fp32 = s/decoder-b.onnx, s/encoder-b.onnx\n"
    "onnx:t/q4f16 = t/model_q4f16_web.onnx\n"
    "default = onnx:t/q4f16\n" },
  { "folders-that-name-precision-or-part",
    "fp16/text_encoder/model.onnx\n"
    "fp16/unet/model.onnx\n"
    "int8/text_encoder/model.onnx\n"
    "int8/unet/model.onnx\n",
    "onnx:fp16 = fp16/text_encoder/model.onnx, fp16/unet/model.onnx\n"
    "onnx:int8 = int8/text_encoder/model.onnx, int8/unet/model.onnx\n"
    "default = onnx:int8\n" },
  { "two-models-known-by-their-part-folders-alone",
    "text/clip.onnx\n"
    "vision/clip.onnx\n",
    "onnx:text/fp32 = text/clip.onnx\n"
    "onnx:vision/fp32 = vision/clip.onnx\n"
    "default = onnx:text/fp32\n" },
  { "strangers-among-parts",
    "onnx/encoder.onnx\n"
    "onnx/decoder.onnx\n"
    "onnx/dac.onnx\n",
    "onnx:fp32 = onnx/dac.onnx, onnx/decoder.onnx, onnx/encoder.onnx\n"
    "default = onnx:fp32\n" },
  { "genai",
    "README.md\n"
    "cpu/cpu-int4/genai_config.json\n"
    "cpu/cpu-int4/model.onnx\n"
    "cpu/cpu-int4/model.onnx.data\n"
    "cpu/cpu-int4/tokenizer.json\n"
    "cpu/cpu-int4/.cache/x.blob\n"
    "cpu/cpu-int4/.gitignore\n"
    "cuda/cuda-fp16/genai_config.json\n"
    "cuda/cuda-fp16/model.onnx\n",
    "onnx:cpu/cpu-int4 = cpu/cpu-int4/.cache/x.blob, cpu/cpu-int4/genai_config.json, "
    "cpu/cpu-int4/model.onnx, cpu/cpu-int4/model.onnx.data, cpu/cpu-int4/tokenizer.json\n"
    "onnx:cuda/cuda-fp16 = cuda/cuda-fp16/genai_config.json, cuda/cuda-fp16/model.onnx\n"
    "other = README.md, cpu/cpu-int4/.gitignore\n"
    "default = onnx:cpu/cpu-int4\n" },
  { "genai-package",
    "manifest.json\n"
    "shared_assets/sha256-1/tokenizer.json\n"
    "a/genai_config.json\n"
    "a/m.onnx\n"
    "b/genai_config.json\n"
    "b/m.onnx\n",
    "onnx:a = a/genai_config.json, a/m.onnx\n"
    "onnx:b = b/genai_config.json, b/m.onnx\n"
    "shared = manifest.json, shared_assets/sha256-1/tokenizer.json\n"
    "default = onnx:a\n" },
  { "genai-config-without-a-graph",
    "genai_config.json\n"
    "onnx/model.onnx\n",
    "onnx:fp32 = onnx/model.onnx\n"
    "shared = genai_config.json\n"
    "default = onnx:fp32\n" },
  { "more-bits-before-fewer",
    "onnx/decoder_int8.onnx\n"
    "onnx/vision_q4.onnx\n"
    "onnx/vision_fp16.onnx\n",
    "onnx:int8 = onnx/decoder_int8.onnx, onnx/vision_fp16.onnx\n"
    "other = onnx/vision_q4.onnx\n"
    "default = onnx:int8\n" },
  { "same-kind-of-float",
    "onnx/decoder_q4f16.onnx\n"
    "onnx/vision_int8.onnx\n"
    "onnx/vision_q8f16.onnx\n",
    "onnx:q4f16 = onnx/decoder_q4f16.onnx, onnx/vision_q8f16.onnx\n"
    "other = onnx/vision_int8.onnx\n"
    "default = onnx:q4f16\n" },
  { "of-equals-the-one-of-transformers.js",
    "model.onnx\n"
    "onnx/fp16/model.onnx\n"
    "onnx/model-q4.onnx\n"
    "onnx/model.fp16.onnx\n"
    "onnx/model.onnx\n"
    "onnx/model_float16.onnx\n"
    "onnx/model_fp16.onnx\n"
    "onnx/model_q4.onnx\n",
    "onnx:fp16 = onnx/model_fp16.onnx\n"
    "onnx:fp16@2 = onnx/fp16/model.onnx\n"
    "onnx:fp16@3 = onnx/model.fp16.onnx\n"
    "onnx:fp16@4 = onnx/model_float16.onnx\n"
    "onnx:fp32 = onnx/model.onnx\n"
    "onnx:fp32@2 = model.onnx\n"
    "onnx:q4 = onnx/model_q4.onnx\n"
    "onnx:q4@2 = onnx/model-q4.onnx\n"
    "default = onnx:q4\n" },
  { "of-equals-the-smaller-path",
    "onnx/fp16/model.onnx\n"
    "onnx/model_half.onnx\n",
    "onnx:fp16 = onnx/fp16/model.onnx\n"
    "onnx:fp16@2 = onnx/model_half.onnx\n"
    "default = onnx:fp16\n" },
};

static const McVariantCase weight_cases[] = {
  { "shards",
    "config.json\n"
    "model-00001-of-00002.safetensors\n"
    "model-00002-of-00002.safetensors\n"
    "model.safetensors.index.json\n"
    "pytorch_model.bin\n",
    "pytorch:default = pytorch_model.bin\n"
    "safetensors:default = model-00001-of-00002.safetensors, "
    "model-00002-of-00002.safetensors, model.safetensors.index.json\n"
    "shared = config.json\n"
    "default = safetensors:default\n" },
  { "shards-counted-without-zeros",
    "model-1-of-11.safetensors\n"
    "model-11-of-11.safetensors\n"
    "model.safetensors.index.json\n"
    "M-Q8_0-1-of-2.gguf\n",
    "gguf:Q8_0 = M-Q8_0-1-of-2.gguf\n"
    "safetensors:default = model-1-of-11.safetensors, model-11-of-11.safetensors, "
    "model.safetensors.index.json\n"
    "default = gguf:Q8_0\n" },
  { "infixes",
    "model.safetensors\n"
    "model.fp16.safetensors\n"
    "model.bf16-00001-of-00002.safetensors\n"
    "model-00002-of-00002.bf16.safetensors\n"
    "model.safetensors.index.bf16.json\n",
    "safetensors:bf16 = model-00002-of-00002.bf16.safetensors, "
    "model.bf16-00001-of-00002.safetensors, model.safetensors.index.bf16.json\n"
    "safetensors:default = model.safetensors\n"
    "safetensors:fp16 = model.fp16.safetensors\n"
    "default = safetensors:default\n" },
  { "doubled-extension",
    "model.safetensors-00001-of-00001.safetensors\n"
    "model.safetensors.index.json\n",
    "safetensors:default = model.safetensors-00001-of-00001.safetensors, "
    "model.safetensors.index.json\n"
    "default = safetensors:default\n" },
  { "consolidated",
    "model.safetensors\n"
    "consolidated.safetensors\n"
    "original/consolidated.00.pth\n"
    "original/consolidated.01.pth\n"
    "original/params.json\n",
    "pytorch:original = original/consolidated.00.pth, original/consolidated.01.pth, "
    "original/params.json\n"
    "safetensors:consolidated = consolidated.safetensors\n"
    "safetensors:default = model.safetensors\n"
    "default = safetensors:default\n" },
  { "adapter",
    "adapter_config.json\n"
    "adapter_model.safetensors\n"
    "adapter_model.bin\n",
    "pytorch:adapter = adapter_model.bin\n"
    "safetensors:adapter = adapter_model.safetensors\n"
    "shared = adapter_config.json\n"
    "default = safetensors:adapter\n" },
  { "every-format",
    "tf_model.h5\n"
    "flax_model.msgpack\n"
    "rust_model.ot\n"
    "model.safetensors\n"
    "pytorch_model.bin\n",
    "flax:default = flax_model.msgpack\n"
    "pytorch:default = pytorch_model.bin\n"
    "rust:default = rust_model.ot\n"
    "safetensors:default = model.safetensors\n"
    "tensorflow:default = tf_model.h5\n"
    "default = safetensors:default\n" },
  { "index-without-weights",
    "model.safetensors\n"
    "pytorch_model.bin.index.json\n",
    "safetensors:default = model.safetensors\n"
    "other = pytorch_model.bin.index.json\n"
    "default = safetensors:default\n" },
  { "stems",
    "a.safetensors\n"
    "b.safetensors\n"
    "x/c.safetensors\n"
    "4bit/model.safetensors\n",
    "safetensors:4bit = 4bit/model.safetensors\n"
    "safetensors:a = a.safetensors\n"
    "safetensors:b = b.safetensors\n"
    "safetensors:x = x/c.safetensors\n"
    "default = safetensors:4bit\n" },
  { "tensorflow-1",
    "bert_model.ckpt.index\n"
    "bert_model.ckpt.meta\n"
    "bert_model.ckpt.data-00000-of-00001\n"
    "vocab.txt\n",
    "tensorflow:default = bert_model.ckpt.data-00000-of-00001, bert_model.ckpt.index, "
    "bert_model.ckpt.meta\n"
    "shared = vocab.txt\n"
    "default = tensorflow:default\n" },
  { "speechbrain",
    "hyperparams.yaml\n"
    "asr.ckpt\n"
    "tokenizer.ckpt\n"
    "normalizer.ckpt\n",
    "pytorch:default = asr.ckpt, normalizer.ckpt, tokenizer.ckpt\n"
    "shared = hyperparams.yaml\n"
    "default = pytorch:default\n" },
  { "bins",
    "pytorch_lora_weights.bin\n"
    "mystery.bin\n"
    "model-00001-of-00001.bin\n",
    "pytorch:model = model-00001-of-00001.bin\n"
    "pytorch:pytorch_lora_weights = pytorch_lora_weights.bin\n"
    "other = mystery.bin\n"
    "default = pytorch:model\n" },
  { "components",
    "model.safetensors\n"
    "openvino/openvino_model.xml\n"
    "openvino/openvino_model.bin\n"
    "pytorch_model.bin\n"
    "2_Dense/model.safetensors\n"
    "2_Dense/pytorch_model.bin\n"
    "2_Dense/config.json\n"
    "1_Pooling/config.json\n",
    "openvino:default = 2_Dense/model.safetensors, openvino/openvino_model.bin, "
    "openvino/openvino_model.xml\n"
    "pytorch:default = 2_Dense/pytorch_model.bin, pytorch_model.bin\n"
    "safetensors:default = 2_Dense/model.safetensors, model.safetensors\n"
    "shared = 1_Pooling/config.json, 2_Dense/config.json\n"
    "default = safetensors:default\n" },
};

static const McVariantCase pipeline_cases[] = {
  { "infixes-and-borrowed-components",
    "model_index.json\n"
    "unet/config.json\n"
    "unet/diffusion_pytorch_model.safetensors\n"
    "unet/diffusion_pytorch_model.fp16.safetensors\n"
    "vae/diffusion_pytorch_model.bin\n"
    "tokenizer/vocab.json\n"
    "text_encoder_2/model.fp16.safetensors\n",
    "pytorch:default = unet/diffusion_pytorch_model.safetensors\n"
    "safetensors:default = unet/diffusion_pytorch_model.safetensors\n"
    "safetensors:fp16 = unet/diffusion_pytorch_model.fp16.safetensors\n"
    "shared = model_index.json, text_encoder_2/model.fp16.safetensors, tokenizer/vocab.json, "
    "unet/config.json, vae/diffusion_pytorch_model.bin\n"
    "default = safetensors:fp16\n" },
  { "checkpoints-beside-a-pipeline",
    "model_index.json\n"
    "portrait+1.0.ckpt\n"
    "portrait+1.0.safetensors\n"
    "unet/diffusion_pytorch_model.bin\n",
    "pytorch:default = unet/diffusion_pytorch_model.bin\n"
    "pytorch:portrait+1.0 = portrait+1.0.ckpt\n"
    "safetensors:default = portrait+1.0.safetensors\n"
    "shared = model_index.json\n"
    "default = pytorch:default\n" },
  { "spares-and-single-files",
    "model_index.json\n"
    "unet/diffusion_pytorch_model.safetensors\n"
    "vae/diffusion_pytorch_model.safetensors\n"
    "vae_1_0/diffusion_pytorch_model.safetensors\n"
    "vae_1_0/diffusion_pytorch_model.fp16.safetensors\n"
    "everything.safetensors\n",
    "safetensors:default = unet/diffusion_pytorch_model.safetensors, "
    "vae/diffusion_pytorch_model.safetensors\n"
    "safetensors:everything = everything.safetensors\n"
    "safetensors:vae_1_0 = vae_1_0/diffusion_pytorch_model.safetensors\n"
    "safetensors:vae_1_0/fp16 = vae_1_0/diffusion_pytorch_model.fp16.safetensors\n"
    "shared = model_index.json\n"
    "default = safetensors:default\n" },
  { "onnx",
    "model_index.json\n"
    "unet/model.onnx\n"
    "unet/weights.pb\n"
    "safety_checker/model.onnx\n"
    "scheduler/scheduler_config.json\n",
    "onnx:fp32 = safety_checker/model.onnx, unet/model.onnx, unet/weights.pb\n"
    "shared = model_index.json, scheduler/scheduler_config.json\n"
    "default = onnx:fp32\n" },
  { "openvino",
    "model_index.json\n"
    "unet/openvino_model.xml\n"
    "unet/openvino_model.bin\n"
    "vae/openvino_model.xml\n"
    "vae/openvino_model.bin\n"
    "tokenizer/openvino_tokenizer.xml\n"
    "tokenizer/openvino_tokenizer.bin\n",
    "openvino:default = tokenizer/openvino_tokenizer.bin, tokenizer/openvino_tokenizer.xml, "
    "unet/openvino_model.bin, unet/openvino_model.xml, vae/openvino_model.bin, "
    "vae/openvino_model.xml\n"
    "shared = model_index.json\n"
    "default = openvino:default\n" },
  { "default",
    "model_index.json\n"
    "unet/model.safetensors\n"
    "unet/model.fp16.safetensors\n",
    "safetensors:default = unet/model.safetensors\n"
    "safetensors:fp16 = unet/model.fp16.safetensors\n"
    "shared = model_index.json\n"
    "default = safetensors:fp16\n" },
  { "two-variants-of-the-same-files",
    "model_index.json\n"
    "unet/model.safetensors\n"
    "vae/pytorch_model.bin\n",
    "pytorch:default = unet/model.safetensors, vae/pytorch_model.bin\n"
    "safetensors:default = unet/model.safetensors, vae/pytorch_model.bin\n"
    "shared = model_index.json\n"
    "default = safetensors:default\n" },
};

static const McVariantCase bundle_cases[] = {
  { "saved-model",
    "saved_model.pb\n"
    "keras_metadata.pb\n"
    "fingerprint.pb\n"
    "variables/variables.index\n"
    "variables/variables.data-00000-of-00001\n"
    "assets/vocab.txt\n"
    "model.png\n",
    "tensorflow:default = assets/vocab.txt, fingerprint.pb, keras_metadata.pb, saved_model.pb, "
    "variables/variables.data-00000-of-00001, variables/variables.index\n"
    "other = model.png\n"
    "default = tensorflow:default\n" },
  { "core-ml",
    "coreml/fill-mask/Float32_model.mlpackage/Manifest.json\n"
    "coreml/fill-mask/Float32_model.mlpackage/Data/weights/weight.bin\n"
    "coreml/E.mlmodelc/coremldata.bin\n"
    "coreml/D.mlmodelc/model.mil\n"
    "plain_int8.mlmodel\n",
    "coreml:default = coreml/D.mlmodelc/model.mil, coreml/E.mlmodelc/coremldata.bin\n"
    "coreml:fill-mask/Float32 = coreml/fill-mask/Float32_model.mlpackage/Data/weights/weight.bin, coreml/fill-mask/Float32_model.mlpackage/Manifest.json\n"
    "coreml:int8 = plain_int8.mlmodel\n"
    "default = coreml:default\n" },
  { "mlc",
    "mlc-chat-config.json\n"
    "ndarray-cache.json\n"
    "params_shard_0.bin\n"
    "params_shard_1.bin\n"
    "lib.wasm\n"
    "tokenizer.json\n",
    "mlc:default = lib.wasm, mlc-chat-config.json, ndarray-cache.json, params_shard_0.bin, "
    "params_shard_1.bin\n"
    "shared = tokenizer.json\n"
    "default = mlc:default\n" },
  { "ctranslate2",
    "model.bin\n"
    "vocabulary.txt\n"
    "config.json\n",
    "ctranslate2:default = model.bin\n"
    "shared = config.json, vocabulary.txt\n"
    "default = ctranslate2:default\n" },
  { "openvino",
    "openvino_model.xml\n"
    "openvino_model.bin\n"
    "openvino_model_qint8_quantized.xml\n"
    "openvino_model_qint8_quantized.bin\n"
    "openvino_tokenizer.xml\n"
    "openvino_tokenizer.bin\n"
    "alone.xml\n",
    "openvino:default = openvino_model.bin, openvino_model.xml\n"
    "openvino:qint8_quantized = openvino_model_qint8_quantized.bin, "
    "openvino_model_qint8_quantized.xml\n"
    "shared = openvino_tokenizer.bin, openvino_tokenizer.xml\n"
    "other = alone.xml\n"
    "default = openvino:default\n" },
  { "ort",
    "model.ort\n"
    "model.required_operators.config\n"
    "model_int8.ort\n",
    "ort:default = model.ort, model.required_operators.config\n"
    "ort:int8 = model_int8.ort\n"
    "default = ort:default\n" },
  { "tflite",
    "model.tflite\n"
    "model_fp16.tflite\n",
    "tflite:default = model.tflite\n"
    "tflite:model_fp16 = model_fp16.tflite\n"
    "default = tflite:default\n" },
  { "by-extension",
    "a.pkl\n"
    "b.joblib\n"
    "m.nemo\n"
    "weights.00.npz\n"
    "m.pdmodel\n"
    "m.pdiparams\n"
    "m.llamafile\n"
    "m.engine\n",
    "llamafile:default = m.llamafile\n"
    "mlx:default = weights.00.npz\n"
    "nemo:default = m.nemo\n"
    "paddle:default = m.pdiparams, m.pdmodel\n"
    "pickle:a = a.pkl\n"
    "pickle:b = b.joblib\n"
    "tensorrt:default = m.engine\n"
    "default = llamafile:default\n" },
  { "one-tflite",
    "Gemma-int4.litertlm\n",
    "tflite:default = Gemma-int4.litertlm\n"
    "default = tflite:default\n" },
};

static const McVariantCase support_cases[] = {
  { "support-of-one-format",
    "config.json\n"
    "model.safetensors\n"
    "onnx/model.onnx\n"
    "onnx/config.json\n"
    "modeling_x.py\n"
    "train.py\n",
    "onnx:fp32 = onnx/config.json, onnx/model.onnx\n"
    "safetensors:default = model.safetensors\n"
    "shared = config.json, modeling_x.py\n"
    "other = train.py\n"
    "default = onnx:fp32\n" },
  { "housekeeping",
    "model.safetensors\n"
    ".gitattributes\n"
    "LICENSE\n"
    "license.txt\n"
    "USE_POLICY.md\n"
    "pic.png\n"
    "data.csv\n"
    "training_args.bin\n"
    "optimizer.pt\n"
    "all_results.json\n"
    "eval_report.json\n"
    "notes.txt\n"
    "labels.txt\n"
    "requirements-dev.txt\n"
    "runs/x/config.json\n"
    "tokenizer_checklist.chk\n"
    "news-model.json\n",
    "safetensors:default = model.safetensors\n"
    "shared = labels.txt, news-model.json\n"
    "other = .gitattributes, LICENSE, USE_POLICY.md, all_results.json, data.csv, "
    "eval_report.json, license.txt, notes.txt, optimizer.pt, pic.png, requirements-dev.txt, "
    "runs/x/config.json, tokenizer_checklist.chk, training_args.bin\n"
    "default = safetensors:default\n" },
  { "assets",
    "model.safetensors\n"
    "voices/af.safetensors\n"
    "voices/af.pt\n"
    "language_model/attrs.json\n"
    "language_model/5gram.bin\n"
    "language_model/lm.arpa\n"
    "other.arpa\n",
    "safetensors:default = model.safetensors\n"
    "shared = language_model/5gram.bin, language_model/attrs.json, language_model/lm.arpa, "
    "voices/af.pt, voices/af.safetensors\n"
    "other = other.arpa\n"
    "default = safetensors:default\n" },
  { "unrelated-folders",
    "model.safetensors\n"
    "elsewhere/config.json\n"
    "runs/tokenizer/vocab.json\n"
    "tokenizer_2/vocab.json\n"
    "image_processor_2/preprocessor_config.json\n"
    "examples/model.safetensors\n"
    "examples/config.json\n",
    "safetensors:default = model.safetensors\n"
    "safetensors:examples = examples/config.json, examples/model.safetensors\n"
    "shared = image_processor_2/preprocessor_config.json, tokenizer_2/vocab.json\n"
    "other = elsewhere/config.json, runs/tokenizer/vocab.json\n"
    "default = safetensors:default\n" },
  { "last-resort",
    "README.md\n"
    "meta.cfg\n"
    "vocab/strings.x\n"
    "runs/x.cfg\n",
    "files:default = meta.cfg, vocab/strings.x\n"
    "other = README.md, runs/x.cfg\n"
    "default = files:default\n" },
  { "nothing-to-run",
    "README.md\n"
    ".gitattributes\n",
    "other = .gitattributes, README.md\n" },
  { "no-files",
    "",
    "" },
};

/* clang-format on */
