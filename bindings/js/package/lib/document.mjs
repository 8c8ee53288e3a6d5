// Documents between JavaScript and the engine: values are written as MessagePack straight into the module's memory.

/** The engine leaves containers below this level empty, so they are not walked either. */
const MAX_DEPTH = 20;
/** A document can refer to one object in many places, and so be far larger than what it is made of. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Up to here a loop over characters is faster than the encoder's call. */
const SHORT = 48;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

let bytes = new Uint8Array(0);
let view = new DataView(bytes.buffer);
let at = 0;
const open = [];

/**
 * Writes a value into `target` as MessagePack. Gives its length; or, when it does not fit, a negative number: what
 * to try next, negated.
 */
export function write(value, target) {
  if (bytes !== target) {
    bytes = target;
    view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  }
  at = 0;
  open.length = 0;
  any(value);
  if (at <= bytes.length) return at;
  if (at > MAX_BYTES) throw new RangeError("the document is larger than 64 MiB");
  return -Math.max(at, 2 * bytes.length);
}

/** What the engine wrote: text. */
export function text(memory, start, length) {
  return decoder.decode(new Uint8Array(memory, start, length));
}

/** The bytes of text, or bytes as they are. */
export function bytesOf(given) {
  return typeof given === "string" ? encoder.encode(given) : given;
}

// Writes beyond the end of the target go nowhere, so nothing below checks for room; `at` tells in the end.

function any(value) {
  switch (typeof value) {
    case "string":
      return string(value);
    case "number":
      return number(value);
    case "boolean":
      bytes[at++] = value ? 0xc3 : 0xc2;
      return;
    case "object":
      return object(value);
    case "bigint":
      return bigint(value);
    default:
      bytes[at++] = 0xc0;
  }
}

function string(value) {
  const length = value.length;
  if (length <= SHORT) {
    let to = length < 32 ? at + 1 : at + 2;
    let from = 0;
    for (; from < length; from++) {
      const code = value.charCodeAt(from);
      if (code > 127) break;
      bytes[to++] = code;
    }
    if (from === length) {
      if (length < 32) {
        bytes[at] = 0xa0 | length;
      } else {
        bytes[at] = 0xd9;
        bytes[at + 1] = length;
      }
      at = to;
      return;
    }
  }
  if (at + 5 + length > bytes.length) {
    at += 5 + 3 * length;
    return;
  }
  // How much room the length takes is chosen by the most that the text can need.
  const room = length * 3;
  const head = room < 0x100 ? 2 : room < 0x10000 ? 3 : 5;
  const { read, written } = encoder.encodeInto(value, bytes.subarray(at + head));
  if (read < length) {
    at += 5 + room;
    return;
  }
  header(head, written, 0xd9);
  at += written;
}

/** A tag and a length behind it that takes `head - 1` bytes. */
function header(head, length, tag) {
  if (head === 2) {
    bytes[at] = tag;
    bytes[at + 1] = length;
  } else if (head === 3) {
    bytes[at] = tag + 1;
    bytes[at + 1] = length >> 8;
    bytes[at + 2] = length;
  } else if (at + 5 <= bytes.length) {
    bytes[at] = tag + 2;
    view.setUint32(at + 1, length);
  }
  at += head;
}

function number(value) {
  if (value >= 0 && value < 128 && Number.isInteger(value)) {
    bytes[at++] = value;
    return;
  }
  if (at + 9 <= bytes.length) {
    // Integers are those that are integers in JSON, as far as 64 bits hold them.
    if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64) {
      bytes[at] = value < 0 ? 0xd3 : 0xcf;
      view.setUint32(at + 1, Math.floor(value / 0x100000000));
      view.setUint32(at + 5, value >>> 0);
    } else {
      bytes[at] = 0xcb;
      view.setFloat64(at + 1, value);
    }
  }
  at += 9;
}

function bigint(value) {
  const fits = value >= 0n ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (fits !== value) return string(String(value));
  if (at + 9 <= bytes.length) {
    bytes[at] = value >= 0n ? 0xcf : 0xd3;
    view.setBigUint64(at + 1, BigInt.asUintN(64, value));
  }
  at += 9;
}

function object(value) {
  if (value === null) {
    bytes[at++] = 0xc0;
    return;
  }
  if (!Array.isArray(value)) {
    const kind = Object.getPrototypeOf(value);
    if (kind !== Object.prototype && kind !== null) {
      if (ArrayBuffer.isView(value)) return binary(value);
      const other = plain(value);
      if (other === null || typeof other !== "object") return any(other);
      return container(other);
    }
  }
  container(value);
}

function container(value) {
  const list = Array.isArray(value);
  for (let level = 0; level < open.length; level++) {
    // A circle would be the same again and again.
    if (open[level] === value) {
      bytes[at++] = 0xc0;
      return;
    }
  }
  if (open.length === MAX_DEPTH || at > MAX_BYTES) {
    bytes[at++] = list ? 0x90 : 0x80;
    return;
  }
  open.push(value);
  if (list) items(value);
  else pairs(value);
  open.pop();
}

function items(list) {
  const length = list.length;
  if (length < 16) bytes[at++] = 0x90 | length;
  else header(length < 0x10000 ? 3 : 5, length, 0xdb);
  for (let index = 0; index < length; index++) any(list[index]);
}

function pairs(map) {
  const keys = Object.keys(map);
  const head = keys.length < 0x10000 ? 3 : 5;
  const start = at;
  let length = 0;
  at += head;
  for (let index = 0; index < keys.length; index++) {
    const value = map[keys[index]];
    // What JSON leaves out of a map is left out.
    if (value === undefined || typeof value === "function" || typeof value === "symbol") continue;
    string(keys[index]);
    any(value);
    length++;
  }
  const end = at;
  at = start;
  header(head, length, 0xdd);
  at = end;
}

function binary(value) {
  const length = value.byteLength;
  const head = length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
  header(head, length, 0xc4);
  if (at + length <= bytes.length) bytes.set(new Uint8Array(value.buffer, value.byteOffset, length), at);
  at += length;
}

/** What stands for an object of a class of its own; itself where its properties are what it holds. */
function plain(value) {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return value.valueOf();
  return typeof value.toJSON === "function" ? value.toJSON() : value;
}
