// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Model Cache authors
//
// npm.mjs BASE FOLDER PHASE: what packages of npm find at the address of `mcache serve`. A line for each: name and result.
import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";

const [base, folder, phase] = process.argv.slice(2);
const require = createRequire(join(folder, "x.js"));
const repo = "sample/tiny-chat-GGUF";
const scratch = await mkdtemp(join(tmpdir(), "mc-npm-"));
const load = async (name) => import(pathToFileURL(require.resolve(name)));

const sum = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);

const programs = {
  async "@huggingface/hub"() {
    const hub = await load("@huggingface/hub");
    const place = { repo, hubUrl: base };
    let n = 0;
    for await (const file of hub.listFiles({ ...place, recursive: true })) n += file.path !== "";
    const path = "tiny-chat-Q2_K.gguf";
    const info = await hub.fileDownloadInfo({ ...place, path });
    const found = await hub.pathsInfo({ ...place, paths: [path, "none"] });
    const blob = await hub.downloadFile({ ...place, path });
    const missing = await hub.downloadFile({ ...place, path: "none" });
    const model = await hub.modelInfo({ name: repo, hubUrl: base });
    if (missing !== null || found.length !== 1 || info.size !== 24000000 || model.name !== repo)
      throw new Error("not as on the Hub");
    const part = await blob.slice(5242870, 5242890).arrayBuffer();
    return `${n} files, ${sum(Buffer.from(await blob.arrayBuffer()))}, ${part.byteLength} of a range`;
  },
  async "@huggingface/transformers"() {
    const { env, AutoConfig } = await load("@huggingface/transformers");
    env.remoteHost = base + "/";
    env.useFSCache = false;
    env.cacheDir = scratch;
    env.allowLocalModels = false;
    const config = await AutoConfig.from_pretrained("sample/tiny-chat-onnx");
    return `model_type ${config.model_type}`;
  },
  async "node-llama-cpp"() {
    process.env.MODEL_ENDPOINT = base + "/";
    const { createModelDownloader } = await load("node-llama-cpp");
    const downloader = await createModelDownloader({
      modelUri: `hf:${repo}/tiny-chat-Q4_K_M.gguf`, dirPath: scratch, endpoints: { huggingFace: base + "/" }, showCliProgress: false,
    });
    const file = await downloader.download();
    return sum(await readFile(file));
  },
};

for (const [name, run] of Object.entries(programs)) {
  let version = "";
  try {
    version = JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"))).version;
  } catch {
    console.log(`${phase}\t${name}\tskipped: it is not in ${folder}`);
    continue;
  }
  try {
    console.log(`${phase}\t${name} ${version}\tok: ${await run()}`);
  } catch (error) {
    console.log(`${phase}\t${name} ${version}\tfailed: ${error.stack.split("\n").slice(0, 3).join(" | ")}`);
  }
}
await rm(scratch, { recursive: true });
process.exit(0);
