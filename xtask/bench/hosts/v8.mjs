// Plays requests on the wasm module in V8: one pass for each line that is read, answered with a line of nanoseconds by
// request. `node v8.mjs MODULE RULES DOCUMENTS`; a line of DOCUMENTS is a request, a JSON array of the documents of its
// evaluations.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [modulePath, rulesPath, documentsPath] = process.argv.slice(2);
const encoder = new TextEncoder();
const requests = readFileSync(documentsPath, "utf8")
  .split("\n")
  .filter((line) => line)
  .map((line) => JSON.parse(line).map((call) => encoder.encode(JSON.stringify(call))));
const rules = readFileSync(rulesPath);

const { instance } = await WebAssembly.instantiate(readFileSync(modulePath), {});
const engine = instance.exports;
// Room for a document, behind 8 bytes for the place of what is answered.
const room = engine.bartizan_alloc(4 << 20);
let memory = new Uint8Array(engine.memory.buffer);
const put = (bytes, at) => {
  // The memory is another object once it has grown.
  if (memory.byteLength === 0) memory = new Uint8Array(engine.memory.buffer);
  memory.set(bytes, at);
};
const builder = engine.bartizan_builder_new();
put(encoder.encode("rules"), room + 8);
put(rules, room + 16);
if (engine.bartizan_builder_update(builder, room + 8, 5, room + 16, rules.length, 0, room) !== 1) {
  throw new Error("the rules are refused");
}
const handle = engine.bartizan_builder_build(builder);

const play = (calls) => {
  const context = engine.bartizan_context_new(handle);
  for (const document of calls) {
    put(document, room + 8);
    const code = engine.bartizan_context_eval(
      context, room + 8, document.length, 1800000000n, 1n, 0xffffffffffffffffn, 0, room);
    if (code < 0) throw new Error(`an evaluation failed with ${code}`);
  }
  engine.bartizan_context_free(context);
};

console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  const times = requests.map((calls) => {
    const began = process.hrtime.bigint();
    play(calls);
    return Number(process.hrtime.bigint() - began);
  });
  console.log(JSON.stringify(times));
}
