// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Model Cache authors
//
// What an extension does with Model Cache, told line by line on the console. It runs in the background and in a page.
const api = globalThis.browser ?? chrome;
const REPO = "sample/tiny-chat-onnx";
const PATH = "onnx/model_q4.onnx";
const who = globalThis.document && location.pathname === "/page.html" ? "page" : "background";

function tell(name, value) {
  console.log(`REPORT ${who} ${name} ${value} END`);
}

async function sum(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Host {
  #port = api.runtime.connectNative("com.tabagent.modelcache");
  #waiting = new Map();
  #events = [];
  #end = null;
  #n = 0;

  constructor() {
    this.#port.onMessage.addListener((message) => {
      if ("event" in message) this.#take(message);
      else this.#waiting.get(message.id)(message);
    });
    this.#port.onDisconnect.addListener((port) => {
      const message = port.error?.message ?? api.runtime.lastError?.message ?? "closed";
      for (const answer of this.#waiting.values()) answer({ error: { name: "Closed", message } });
    });
  }

  #take(event) {
    this.#events.push(event);
    if (["done", "failed", "cancelled"].includes(event.state)) this.#end?.(this.#events);
  }

  ended() {
    return new Promise((resolve) => (this.#end = resolve));
  }

  async ask(method, params = {}) {
    const id = ++this.#n;
    const answer = await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#port.postMessage({ id, method, params });
    });
    this.#waiting.delete(id);
    if (answer.error) throw new Error(`${answer.error.name}: ${answer.error.message}`);
    return answer.result;
  }

  close() {
    this.#port.disconnect();
  }
}

async function readPieces(host) {
  const pieces = [];
  let offset = 0;
  for (;;) {
    const piece = await host.ask("read", { repo: REPO, path: PATH, offset });
    if (piece.length === 0) break;
    pieces.push(Uint8Array.from(atob(piece.data), (c) => c.charCodeAt(0)));
    offset += piece.length;
  }
  return new Blob(pieces).arrayBuffer();
}

async function fetchFile(address) {
  const url = `${address}/${REPO}/resolve/main/${PATH}`;
  const whole = await fetch(url);
  const bytes = await whole.arrayBuffer();
  tell("whole", `${whole.status} ${await sum(bytes)}`);
  const part = await fetch(url, { headers: { Range: "bytes=1000-1999" } });
  const slice = await part.arrayBuffer();
  const same = (await sum(slice)) === (await sum(bytes.slice(1000, 2000)));
  tell("range", `${part.status} ${part.headers.get("Content-Range")} ${same ? "same" : "another"}`);
}

async function run() {
  const host = new Host();
  const hello = await host.ask("hello");
  tell("hello", `${hello.name} ${hello.protocol} ${hello.origin}`);
  tell("list", (await host.ask("list")).repos.length);
  const { variants } = await host.ask("scan", { repo: REPO });
  tell("scan", variants.map((variant) => variant.key).join(","));
  const ended = host.ended();
  await host.ask("download", { repo: REPO, variant: "q4" });
  const events = await ended;
  tell("download", `${events.at(-1).state} ${events.length > 1 ? "several" : "one"}`);
  tell("has", (await host.ask("has", { repo: REPO, path: PATH })).has);
  tell("pieces", await sum(await readPieces(host)));
  const { address } = await host.ask("address");
  tell("address", address);
  await fetchFile(address);
  host.close();
}

async function start() {
  try {
    await run();
  } catch (error) {
    tell("failed", error.message);
  }
  if (who === "background" && api.tabs) await api.tabs.create({ url: api.runtime.getURL("page.html") });
  else tell("over", "");
}

start();
