// A short run of soak.mjs; `cargo xtask node soak` is the long one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const project = process.env.BARTIZAN_PROJECT ?? resolve("target/npm-project");
const soak = fileURLToPath(new URL("soak.mjs", import.meta.url));

test("traffic loses nothing while rules are swapped and broken", async () => {
  const child = spawn(process.execPath, [soak, project, "--requests", "20000", "--swaps", "24", "--workers", "4"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const part of child.stdout) said += part;
  const { wrong, answered, blocked, swaps } = JSON.parse(said);
  assert.deepEqual({ wrong, answered, blocked, swaps }, { wrong: [], answered: 20_000, blocked: 3_000, swaps: 24 });
});
