// What every host does: the shared cases of bindings/host, through the package as npm installed it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { test } from "node:test";

const project = process.env.BARTIZAN_PROJECT ?? resolve("target/npm-project");
const { Builder, EngineError, Host } = createRequire(resolve(project, "index.js"))("bartizan");
const { cases, rulesets } = JSON.parse(readFileSync(new URL("../../host/cases.json", import.meta.url), "utf8"));

const SHARE = { none: 1, partial: 2, full: 3 };
const CALLS = {
  start: (request, data) => request.start(data),
  flat: (request, fields) => request.start(fields),
  body: (request, text, { complete }) => request.body(Buffer.from(text), complete),
  body_base64: (request, text, { complete }) => request.body(Buffer.from(text, "base64"), complete),
  event: (request, document) => request.event(document),
  eval: (request, addresses, { subcontext }) => request.eval(addresses, subcontext),
  response: (request, data) => request.response(data),
  response_flat: (request, fields) => request.response(fields),
  response_body: (request, text, { complete }) => request.responseBody(Buffer.from(text), complete),
  finish: (request, always) => {
    const document = request.finish(always);
    return { code: document === undefined ? 0 : 1, document };
  },
};

/** One step as the cases tell it. */
function told(request, step) {
  const [name, value] = Object.entries(step).find(([key]) => !["complete", "subcontext"].includes(key));
  try {
    const { code, inspected, document } = CALLS[name](request, value, step);
    const all = code | ((SHARE[inspected] ?? 0) << 4);
    if (document === undefined) return { code: all };
    const { duration, ...rest } = document;
    return { code: all, document: rest };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { code: { document: -2, failed: -3 }[error.code] };
  }
}

test("there are cases", () => assert.ok(cases.length > 20));

for (const { id, rules, settings, steps, want } of cases) {
  test(id, () => {
    const builder = new Builder();
    assert.ok(builder.update("rules", rulesets[rules]).accepted);
    const request = new Host(settings).request(builder.build(), { now: 1_800_000_000, entropy: 1n });
    assert.deepEqual(steps.map((step) => told(request, step)), want);
  });
}
