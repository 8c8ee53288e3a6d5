// What a request costs, and how much of it is not the engine: `node cost.mjs PROJECT RULES [PEER]`
//
// Ours as npm installed it, and Datadog's native-appsec where it is, take turns on the same requests. The engine's own
// time is what each library measures inside; the rest is making a context, writing and passing the addresses, reading
// the result, and closing. Figures are medians in microseconds.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [project, rules, peer] = process.argv.slice(2);
const from = (folder) => createRequire(resolve(folder, "index.js"));
const config = JSON.parse(readFileSync(rules, "utf8"));

/** Requests as a tracer sends them, each a little different: about 1.4 KB as JSON. */
function request(at) {
  const id = (at * 7919 + 104_729).toString(36);
  return {
    "server.request.method": "POST",
    "server.request.uri.raw": `/api/v2/orders/${at}/items?sort=price&dir=asc&page=${at % 9}&filter=in-stock&q=winter+jackets`,
    "server.request.query": { sort: ["price"], dir: ["asc"], page: [String(at % 9)], filter: ["in-stock"], q: ["winter jackets"] },
    "server.request.path_params": { order: String(at) },
    "server.request.cookies": { session: [`b6d1f5c0a7e94c2d8f0e1a2b${id}`], theme: ["dark"], _ga: [`GA1.2.${at}.1690000000`] },
    "server.request.headers.no_cookies": {
      host: "shop.example.com",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
      "accept-language": "en-US,en;q=0.9,de;q=0.8",
      "accept-encoding": "gzip, deflate, br, zstd",
      referer: "https://shop.example.com/catalog/winter?ref=home",
      "content-type": "application/json",
      "content-length": "312",
      "x-forwarded-for": `203.0.113.${at % 250}, 10.0.0.3`,
      "sec-fetch-mode": "cors",
      "sec-fetch-site": "same-origin",
      "x-request-id": `1b4e28ba-2fa1-11d2-883f-${id}`,
    },
    "http.client_ip": `203.0.113.${at % 250}`,
    "server.request.body": {
      name: "Jane Doe",
      email: `jane.${id}@example.com`,
      quantity: at % 5,
      address: { street: "221B Baker Street", city: "London", zip: "NW1 6XE" },
      notes: "Please leave the parcel with the neighbour if nobody opens the door. Thank you very much!",
      gift: true,
      tags: ["winter", "sale", "größer"],
    },
  };
}
const requests = Array.from({ length: 256 }, (_, at) => request(at));

/** A side: runs one request, and gives the nanoseconds that its engine took. */
function ours() {
  const { Builder } = from(project)("bartizan");
  const builder = new Builder();
  const { accepted, diagnostics } = builder.update("rules", config);
  if (!accepted) throw new Error(JSON.stringify(diagnostics));
  const instance = builder.build();
  return (data) => {
    const context = instance.context();
    const result = context.eval(data);
    context.close();
    return result?.duration;
  };
}

function theirs() {
  const { DDWAF } = from(peer)("@datadog/native-appsec");
  const waf = new DDWAF(config, "rules");
  return (data) => {
    const context = waf.createContext();
    const result = context.run({ persistent: data }, 1e6);
    context.dispose();
    return result?.duration;
  };
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const sides = [["bartizan", ours()], ...(peer ? [["native-appsec", theirs()]] : [])];
const found = Object.fromEntries(sides.map(([name]) => [name, { whole: [], around: [] }]));
for (let round = 0; round < 40; round++) {
  for (const [name, run] of sides) {
    for (const data of requests) {
      const began = process.hrtime.bigint();
      const inside = run(data);
      const whole = Number(process.hrtime.bigint() - began);
      if (inside === undefined) throw new Error(`${name} does not say how long its engine took`);
      // Until the compilers of V8 are done.
      if (round >= 10) {
        found[name].whole.push(whole / 1000);
        found[name].around.push((whole - inside) / 1000);
      }
    }
  }
}
const bytes = median(requests.map((data) => Buffer.byteLength(JSON.stringify(data))));
const table = Object.fromEntries(sides.map(([name]) => [name, { whole: median(found[name].whole), "around the engine": median(found[name].around) }]));
console.log(`${requests.length} requests of ${bytes} bytes as JSON, microseconds, medians of ${found.bartizan.whole.length}`);
console.table(Object.fromEntries(Object.entries(table).map(([name, row]) => [name, Object.fromEntries(Object.entries(row).map(([k, v]) => [k, Number(v.toFixed(1))]))])));
if (peer) {
  const ratio = (what) => (table["native-appsec"][what] / table.bartizan[what]).toFixed(1);
  console.log(`native-appsec takes ${ratio("whole")} times as long as a whole, ${ratio("around the engine")} times around the engine`);
}
