// What runners of the shared corpus in JavaScript have in common: reading the bundle, judging, telling.

import { readFileSync } from "node:fs";

const INVALID = "documents have no invalid objects";
const SOME_TIME = 1_700_000_000;

/** A value of the bundle as the bytes of a JSON document. */
export function document(value) {
  const parts = [];
  const text = (string) => parts.push(Buffer.from(string));
  const string = (value) => {
    if (typeof value === "string") return text(JSON.stringify(value));
    text('"');
    for (const byte of Buffer.from(value.$hex, "hex")) {
      const isPlain = byte >= 0x20 && byte !== 0x22 && byte !== 0x5c;
      parts.push(isPlain ? Buffer.from([byte]) : Buffer.from(`\\u00${byte.toString(16).padStart(2, "0")}`));
    }
    text('"');
  };
  const list = (open, close, items, write) => {
    text(open);
    items.forEach((item, at) => {
      if (at > 0) text(",");
      write(item);
    });
    text(close);
  };
  const pairs = (entries) =>
    list("{", "}", entries, ([key, value]) => {
      string(key);
      text(":");
      write(value);
    });
  const write = (value) => {
    const keys = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [];
    const special = keys.length === 1 && keys[0].startsWith("$") ? keys[0] : "";
    if (Array.isArray(value)) list("[", "]", value, write);
    else if (special === "$float" || special === "$integer") text(value[special]);
    else if (special === "$pairs") pairs(value.$pairs);
    else if (typeof value === "string" || special === "$hex") string(value);
    else if (value !== null && typeof value === "object") pairs(Object.entries(value));
    else text(JSON.stringify(value));
  };
  write(value);
  return Buffer.concat(parts);
}

/** The bytes of a step's document: as they are, or made of its value. */
export function bytes(step, value) {
  if (!("document" in step)) return document(value);
  return typeof step.document === "string" ? Buffer.from(step.document) : Buffer.from(step.document.$hex, "hex");
}

/** What JSON.parse makes of a document: what the bundle spells out, plainly. */
function plain(value) {
  return JSON.parse(document(drop(value)).toString("utf8"));
}

/** Invalid objects are null in documents, and floats beyond JSON too. */
function drop(value) {
  if (Array.isArray(value)) return value.map(drop);
  if (value === null || typeof value !== "object") return value;
  if ("$invalid" in value || /nan|inf/i.test(value.$float ?? "")) return null;
  if ("$pairs" in value) return { $pairs: value.$pairs.map(([key, value]) => [key, drop(value)]) };
  return Object.fromEntries(Object.entries(value).map(([key, value]) => [key, drop(value)]));
}

/** Keys in order, so that equal values have equal text. */
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}

/** Replaces ids by names, and checks that each is the same all over a result. */
export function masked(result) {
  const known = {};
  const mask = (map) => {
    for (const [key, name] of [["security_response_id", "<security response id>"], ["stack_id", "<stack id>"]]) {
      if (!(key in map)) continue;
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(map[key])) throw new Error(`${map[key]} is no id`);
      if ((known[key] ??= map[key]) !== map[key]) throw new Error(`two values of ${key}`);
      map[key] = name;
    }
  };
  result.events.forEach(mask);
  Object.values(result.actions).forEach(mask);
  delete result.duration;
  return result;
}

/** Whether all that is wanted is there; the result of an evaluation without a match is not told. */
function judge(answer, want) {
  const wanted = plain(want);
  if (wanted !== null && typeof wanted === "object") {
    if (answer.code === "ok") delete wanted.result;
    for (const key of Object.keys(answer)) if (!(key in wanted)) delete answer[key];
  }
  const [told, asked] = [answer, wanted].map((value) => JSON.stringify(canonical(value)));
  if (told !== asked) throw new Error(`\n  wanted ${asked}\n  got    ${told}`);
}

function run(kase, { skipped, cannot, session: Session }) {
  const need = (kase.needs ?? []).find((need) => need in cannot);
  const why = kase.skip?.[skipped] ?? cannot[need];
  if (why) return { id: kase.id, result: "skipped", why };
  const session = new Session();
  for (const [at, step] of kase.steps.entries()) {
    try {
      if (step.do === "eval") step.now_s ??= SOME_TIME;
      const answer = session[step.do](step);
      if ("want" in step) judge(answer, step.want);
    } catch (error) {
      return { id: kase.id, result: "failed", why: `step ${at + 1}: ${error.message}` };
    }
  }
  return { id: kase.id, result: "passed" };
}

/**
 * Runs the bundle through a door: `skipped`, its name where a case skips it; `cannot`, needs that it does not meet,
 * with the reason; `session`, a class with a method for each kind of step. Prints a line of JSON for each case.
 */
export function corpus({ skipped, cannot = {}, session }) {
  const bundle = JSON.parse(readFileSync(process.env.BARTIZAN_BUNDLE ?? new URL("bundle.json", import.meta.url), "utf8"));
  if (bundle.format !== 1) throw new Error(`the bundle has the format ${bundle.format}`);
  let failed = 0;
  for (const kase of bundle.cases) {
    const line = run(kase, { skipped, cannot: { invalid: INVALID, ...cannot }, session });
    failed += line.result === "failed";
    console.log(JSON.stringify(line));
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
