// Much traffic while rules are swapped and broken: `node soak.mjs PROJECT [--requests N] [--swaps N] [--workers N] [--rules FILE]`
//
// Each worker is a process with a server of node:http under protection. All requests go over connections that stay
// open; each must get its own answer, and the one that it has to get. Between two swaps the file of rules is cut,
// empty, huge or gone. Ends with a line of JSON, and with 1 where anything is wrong.

import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: "string", default: "1000000" },
    swaps: { type: "string", default: "1000" },
    workers: { type: "string", default: "8" },
    rules: { type: "string" },
  },
});
const [project] = positionals;
const REQUESTS = Number(args.requests);
const SWAPS = Number(args.swaps);
const WORKERS = Number(args.workers);
/** How many requests are sent at once on a connection, and how many connections a worker has. */
const BATCH = 25;
const CONNECTIONS = 4;

if (process.env.SOAK_RULES) worker();
else await primary();

function worker() {
  const require = createRequire(resolve(project, "index.js"));
  const { protect } = require("bartizan/express");
  const { linear_memory: memory } = require(resolve(project, "node_modules/bartizan/lib/glue.cjs"));
  let told = 0;
  let warnings = 0;
  const guard = protect({ rules: process.env.SOAK_RULES, env: {}, pollS: 86_400, onEvent: () => told++, log: () => warnings++ });
  const server = createServer((request, response) =>
    guard(request, response, () => {
      const number = new URL(request.url, "http://soak").searchParams.get("n");
      if (request.method === "GET") return response.end(number);
      request.resume().on("end", () => response.end(number));
    }),
  );
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
  process.on("message", async (message) => {
    if (message === "refresh") {
      await guard.protection.refresh();
      process.send({ refreshed: true });
    } else if (message === "state") {
      globalThis.gc();
      const { rss } = process.memoryUsage();
      process.send({ state: { ...guard.protection.counts, told, warnings, rss, wasm: memory().buffer.byteLength } });
    } else {
      process.exit();
    }
  });
}

/** Rules that block `evil`, and a word that depends on which they are. */
function rules(at) {
  const rule = (id, address, word) => ({
    id,
    name: id,
    tags: { type: id, category: "attack_attempt" },
    conditions: [{ operator: "phrase_match", parameters: { inputs: [{ address }], list: [word] } }],
    on_match: ["block"],
  });
  const given = args.rules ? JSON.parse(readFileSync(args.rules, "utf8")) : { version: "2.2", rules: [] };
  const own = [
    rule("evil", "server.request.query", "evil"),
    rule("evil-body", "server.request.body", "evil"),
    rule("word", "server.request.query", at % 2 ? "alpha" : "beta"),
    rule(`swap-${at}`, "server.request.query", `swap-${at}-`),
  ];
  return JSON.stringify({ ...given, rules: [...given.rules, ...own] });
}

async function primary() {
  const folder = mkdtempSync(join(tmpdir(), "bartizan-"));
  const path = join(folder, "rules.json");
  const put = (text) => {
    writeFileSync(`${path}.fresh`, text);
    renameSync(`${path}.fresh`, path);
  };
  put(rules(0));
  const workers = Array.from({ length: WORKERS }, () =>
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), { execArgv: ["--expose-gc"], env: { ...process.env, SOAK_RULES: path } }),
  );
  const wrong = [];
  const complain = (what) => {
    if (wrong.length < 20) wrong.push(what);
  };
  let over = false;
  for (const one of workers) one.on("exit", (code) => over || complain(`a worker ended with ${code}`));
  const heard = (one) => new Promise((done) => one.once("message", done));
  const all = (message) => Promise.all(workers.map((one) => (one.send(message), heard(one))));
  const ports = (await Promise.all(workers.map(heard))).map(({ port }) => port);

  const done = { sent: 0, answered: 0, blocked: 0 };
  const began = Date.now();
  const tick = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stderr.write(`    … ${seconds} s: ${done.answered} answers, ${done.blocked} blocked, ${swapped} swaps\n`);
  }, 10_000);

  let swapped = 0;
  // Traffic waits for swaps, so that all of them happen under load.
  const isAhead = () => done.sent / REQUESTS > (swapped + 1) / SWAPS;
  const traffic = Promise.all(ports.flatMap((port) => Array.from({ length: CONNECTIONS }, () => converse(port, done, complain, isAhead))));
  let running = true;
  traffic.finally(() => (running = false));
  const bad = [
    () => put(rules(swapped).slice(0, 300)),
    () => put(""),
    () => (put(""), truncateSync(path, 17 * 1024 * 1024)),
    () => rmSync(path),
    () => put("[1,2,3]"),
    () => put(Buffer.alloc(1000, 255)),
  ];
  let early;
  while (running || swapped < SWAPS) {
    // So many swaps are spread over so much traffic.
    if (swapped >= SWAPS || (running && swapped / SWAPS > done.answered / REQUESTS)) {
      await new Promise((later) => setTimeout(later, 5));
      continue;
    }
    bad[swapped % bad.length]();
    await all("refresh");
    put(rules(++swapped));
    await all("refresh");
    if (early === undefined && swapped >= SWAPS / 4) early = (await all("state")).map(({ state }) => state);
  }
  await traffic;
  // The last events are told when their connections are done with them.
  await new Promise((later) => setTimeout(later, 300));
  const late = (await all("state")).map(({ state }) => state);
  clearInterval(tick);
  over = true;
  for (const one of workers) one.send("end");
  rmSync(folder, { recursive: true });

  const sum = (name) => late.reduce((sum, state) => sum + state[name], 0);
  const equal = (what, got, want) => got === want || complain(`${what}: ${got}, not ${want}`);
  equal("answers", done.answered, REQUESTS);
  equal("requests that were looked at", sum("requests"), REQUESTS);
  equal("events told", sum("told"), done.blocked);
  equal("blocks counted", sum("blocked"), done.blocked);
  equal("swaps", sum("swaps"), WORKERS * (SWAPS + 1));
  equal("refusals", sum("refused"), WORKERS * SWAPS);
  equal("failures", sum("failures"), 0);
  const most = (states, name) => Math.max(...states.map((state) => state[name]));
  const memory = { rss: [most(early, "rss"), most(late, "rss")], wasm: [most(early, "wasm"), most(late, "wasm")] };
  if (memory.wasm[1] > memory.wasm[0] * 1.1 + 2 ** 20) complain(`the module's memory grew: ${memory.wasm}`);
  if (memory.rss[1] > memory.rss[0] * 1.2 + 2 ** 24) complain(`memory grew: ${memory.rss}`);
  const seconds = (Date.now() - began) / 1000;
  console.log(JSON.stringify({ workers: WORKERS, swaps: swapped, ...done, seconds, "memory, early and late": memory, wrong }));
  process.exitCode = wrong.length === 0 ? 0 : 1;
  process.disconnect?.();
}

/** What is asked, and whether it has to be blocked; nothing where that depends on the rules. */
function question(number) {
  const get = (word) => `GET /?q=${word}&n=${number} HTTP/1.1\r\nhost: soak\r\nuser-agent: soak/1.0\r\naccept: */*\r\n\r\n`;
  const post = (word) => {
    const body = `{"text":"${word}"}`;
    return `POST /?n=${number} HTTP/1.1\r\nhost: soak\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
  switch (number % 20) {
    case 0:
      return [get("evil"), true];
    case 1:
      return [post("evil"), true];
    case 2:
      return [get("alpha"), undefined];
    case 3:
      return [get("beta"), undefined];
    case 4:
    case 5:
      return [post("fine"), false];
    default:
      return [get("fine"), false];
  }
}

/** One connection: a batch of requests, their answers, the next batch, while there are requests left. */
function converse(port, done, complain, isAhead) {
  return new Promise((end) => {
    const socket = connect(port, "127.0.0.1");
    let waiting = [];
    let text = "";
    const next = () => {
      if (done.sent < REQUESTS && isAhead()) return setTimeout(next, 2);
      let batch = "";
      for (let at = 0; at < BATCH && done.sent < REQUESTS; at++) {
        const number = done.sent++;
        const [request, blocked] = question(number);
        waiting.push({ number, blocked });
        batch += request;
      }
      if (batch === "") socket.end();
      else socket.write(batch);
    };
    const judge = (status, body) => {
      const { number, blocked } = waiting.shift();
      done.answered += 1;
      if (status === 403) done.blocked += 1;
      else if (status !== 200 || body !== String(number)) complain(`request ${number}: ${status} ${body.slice(0, 80)}`);
      if (blocked !== undefined && blocked !== (status === 403)) complain(`request ${number}: ${status}`);
    };
    socket.setEncoding("latin1");
    socket.on("connect", next);
    socket.on("data", (part) => {
      text += part;
      for (;;) {
        const head = text.indexOf("\r\n\r\n");
        if (head < 0) break;
        const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
        if (text.length < head + 4 + length) break;
        judge(Number(text.slice(9, 12)), text.slice(head + 4, head + 4 + length));
        text = text.slice(head + 4 + length);
      }
      if (waiting.length === 0) next();
    });
    socket.on("error", (error) => complain(`a connection: ${error.message}`));
    socket.on("close", () => {
      if (waiting.length > 0) complain(`${waiting.length} requests without an answer`);
      end();
    });
  });
}
