// Where rules come from: files, directories, addresses.
"use strict";

const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { basename, join, resolve } = require("node:path");

/** More is not read. */
const LIMIT = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

const isAddress = (place) => /^https?:/i.test(place);

/** The places that rules come from. Reading gives an offer, or nothing when there is nothing new to say. */
class Source {
  #places;
  #addresses = new Map();
  /** What the files were when they were looked at, and what was told last. */
  #seen;
  #told;

  constructor(places, etag) {
    this.#places = places;
    if (places.length === 1 && isAddress(places[0])) this.#addresses.set(places[0], { etag });
  }

  get isLocal() {
    return !this.#places.some(isAddress);
  }

  get name() {
    return this.#places.map((place) => (isAddress(place) ? place : `file://${resolve(place)}`)).join(", ");
  }

  /** Reads files. */
  readSync() {
    return this.#telling(() => {
      const paths = this.#places.flatMap(listed);
      return this.#isNew(paths) ? this.#offer(paths.map(file)) : undefined;
    });
  }

  /** Reads all places. */
  async read() {
    if (this.isLocal) return this.readSync();
    let fetched;
    try {
      fetched = await Promise.all(this.#places.filter(isAddress).map((address) => this.#fetch(address)));
    } catch (error) {
      const cause = error.cause?.message ?? error.cause?.code;
      return this.#telling(() => {
        throw cause ? new Error(`${error.message} (${cause})`) : error;
      });
    }
    return this.#telling(() => {
      const isNew = this.#isNew(this.#places.filter((place) => !isAddress(place)).flatMap(listed));
      if (!isNew && !fetched.includes(true)) return undefined;
      const files = this.#places.flatMap((place) =>
        isAddress(place) ? [this.#addresses.get(place).file] : listed(place).map(file),
      );
      // Rules of an earlier run are in force, and their address has nothing newer.
      return files.includes(undefined) ? undefined : this.#offer(files);
    });
  }

  /** What was offered is not in force, so that an address must not say that it is unchanged. */
  refused() {
    for (const known of this.#addresses.values()) known.etag = undefined;
  }

  #isNew(paths) {
    const now = paths.map(signature).join("\n");
    if (paths.length > 0 && now === this.#seen) return false;
    this.#seen = now;
    return paths.length > 0;
  }

  /** An offer or an error, unless it is the same as before. */
  #telling(read) {
    let offer;
    try {
      offer = read();
    } catch (error) {
      offer = { source: this.name, error: error.message };
    }
    if (offer === undefined) return undefined;
    const hash = createHash("sha256").update(String(offer.error));
    for (const { path, text, digest } of offer.files ?? []) hash.update(`${path} ${digest}`).update(text);
    const told = hash.digest("hex");
    if (told === this.#told) return undefined;
    this.#told = told;
    return offer;
  }

  #offer(files) {
    const times = new Map();
    const named = ({ path, text, digest }) => {
      const before = times.get(path) ?? 0;
      times.set(path, before + 1);
      return { path: before === 0 ? path : `${path}#${before + 1}`, text, digest };
    };
    return { source: this.name, files: files.map(named), etag: files.length === 1 ? files[0].etag : undefined };
  }

  /** Whether there is something new at an address; what there is, is kept. */
  async #fetch(address) {
    const known = this.#addresses.get(address) ?? {};
    const headers = known.etag ? { "if-none-match": known.etag } : {};
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 304) {
      await response.body?.cancel();
      return false;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${address} answers ${response.status}`);
    }
    const parts = [];
    let size = 0;
    for await (const part of response.body) {
      size += part.length;
      if (size > LIMIT) throw new Error(`${address} gives more than ${LIMIT} bytes`);
      parts.push(part);
    }
    const get = (name) => response.headers.get(name) ?? undefined;
    const digest = get("repr-digest") ?? get("content-digest") ?? get("digest");
    const path = basename(new URL(address).pathname) || "rules.json";
    const etag = get("etag");
    this.#addresses.set(address, { etag, file: { path, text: Buffer.concat(parts), digest, etag } });
    return true;
  }
}

/** The files that a place means: itself, or what is in it, in order. */
function listed(place) {
  if (!statSync(place).isDirectory()) return [place];
  const names = readdirSync(place).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new Error(`there is no *.json in ${place}`);
  return names.map((name) => join(place, name));
}

function signature(path) {
  const of = (path) => {
    const { ino, mtimeMs, size } = statSync(path);
    return `${path} ${ino} ${mtimeMs} ${size}`;
  };
  const beside = statSync(`${path}.sha256`, { throwIfNoEntry: false });
  return beside ? `${of(path)} ${of(`${path}.sha256`)}` : of(path);
}

function file(path) {
  if (statSync(path).size > LIMIT) throw new Error(`${path} has more than ${LIMIT} bytes`);
  const beside = statSync(`${path}.sha256`, { throwIfNoEntry: false });
  const digest = beside && readFileSync(`${path}.sha256`, "utf8");
  return { path: basename(path), text: readFileSync(path), digest };
}

/** Rules that were good, kept over a restart. */
class LastGood {
  #path;

  constructor(folder) {
    this.#path = folder && join(folder, "last-good.json");
  }

  load() {
    if (!this.#path || !statSync(this.#path, { throwIfNoEntry: false })) return undefined;
    return readFileSync(this.#path);
  }

  /** Written beside and moved, so that there is always a whole one. */
  keep(saved) {
    if (!this.#path) return;
    mkdirSync(join(this.#path, ".."), { recursive: true });
    const fresh = `${this.#path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    writeFileSync(fresh, saved);
    renameSync(fresh, this.#path);
  }
}

exports.Source = Source;
exports.LastGood = LastGood;
