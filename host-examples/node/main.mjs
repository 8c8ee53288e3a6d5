// Evaluates requests through the npm package; see ../README.md for the command line.

import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const { values: args } = parseArgs({
  options: {
    engine: { type: "string" }, // the folder of the package; without it the package is looked up by name
    rules: { type: "string", multiple: true, default: [] },
    requests: { type: "string" },
    now: { type: "string", default: "1800000000" },
    entropy: { type: "string", default: "1" },
  },
});
const require = createRequire(import.meta.url);
const { Builder } = require(args.engine ? resolve(args.engine) : "bartizan");

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

const builder = new Builder();
for (const path of args.rules) {
  const { accepted, diagnostics } = builder.update(path, readFileSync(path));
  if (!accepted) fail(`${path}: ${JSON.stringify(diagnostics)}`);
}
const instance = builder.build() ?? fail("the rules hold nothing that would ever run");

const options = { now: BigInt(args.now), entropy: BigInt(args.entropy) };
const summary = { requests: 0, runs: 0, events: 0, blocked: 0 };
let spent = 0n;
let lines = [];
const flush = () => {
  const bytes = Buffer.from(lines.join(""));
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  lines = [];
};
for (const line of readFileSync(args.requests, "utf8").split("\n")) {
  if (!line) continue;
  const request = JSON.parse(line);
  const began = process.hrtime.bigint();
  const context = instance.context();
  const results = request.runs.map((run) => context.evalJson(run, options));
  context.close();
  spent += process.hrtime.bigint() - began;
  summary.requests += 1;
  for (const result of results) {
    summary.runs += 1;
    lines.push(result ?? "null", "\n");
    if (result) {
      const { events, actions } = JSON.parse(result);
      summary.events += events.length;
      summary.blocked += "block_request" in actions ? 1 : 0;
    }
  }
  if (lines.length > 1000) flush();
}
flush();
summary["ns per request"] = Number(spent / BigInt(Math.max(1, summary.requests)));
console.error(JSON.stringify(summary));
