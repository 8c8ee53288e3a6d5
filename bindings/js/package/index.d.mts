/** A scalar, list or map. */
export type Value = null | undefined | boolean | number | bigint | string | Uint8Array | Value[] | { [key: string]: Value };
/** A document: a value, JSON text, or bytes (JSON or MessagePack). */
export type Document = Value | object;

/** What became of a configuration. When it is not accepted, the former one stays in force. */
export interface Update {
  accepted: boolean;
  diagnostics: Diagnostics;
}

/** What was loaded, by section; `error` when the document as a whole is no configuration. */
export interface Diagnostics {
  error?: string;
  ruleset_version?: string;
  [section: string]: Section | string | undefined;
}

export interface Section {
  loaded?: string[];
  failed?: string[];
  skipped?: string[];
  errors?: { [message: string]: string[] };
  warnings?: { [message: string]: string[] };
  error?: string;
}

/** What comes with an evaluation; everything has a default. */
export interface EvalOptions {
  /** Seconds since 1970, for data that expires. Default: the clock. */
  now?: number | bigint;
  /** 64 random bits, for ids. Default: random. */
  entropy?: number | bigint;
  /** Work units, the same on every machine. Default: no limit. */
  budget?: number | bigint;
  /** Milliseconds from now until the evaluation gives up. Default: no limit. */
  timeoutMs?: number;
  /** The same as a point on the clock of `performance.now()`. Default: no limit. */
  deadline?: number;
  /** The data is a list of maps, evaluated one after the other. */
  batches?: boolean;
}

/** What matched. */
export interface Result {
  events: Event[];
  /** What to do, by type, with parameters: `block_request`, `redirect_request`, `generate_stack`… */
  actions: { [type: string]: { [parameter: string]: any } };
  /** Nanoseconds. */
  duration: number;
  /** Whether time or budget ran out before everything was looked at. */
  timeout: boolean;
  attributes: { [name: string]: any };
  keep: boolean;
  /** How many maps were evaluated. */
  evaluated: number;
}

export interface Event {
  rule: { id: string; name: string; on_match: string[]; tags: { [name: string]: string } };
  rule_matches: { operator: string; operator_value: string; parameters: { [name: string]: any }[] }[];
  stack_id?: string;
  security_response_id?: string;
}

/**
 * The engine refused or failed. By `code`: `document`, the data cannot be read or is no map from address to value;
 * `closed`, the object was closed; `failed`, the engine broke down on this call, was started anew, and everything
 * else goes on; `unloaded`, the module was not loaded yet.
 */
export declare class EngineError extends Error {
  readonly name: "EngineError";
  readonly code: "document" | "closed" | "failed" | "unloaded";
}

/** Collects configuration documents under paths. */
export declare class Builder {
  constructor();
  /**
   * Adds or replaces the configuration of a path. When it is not accepted, what the path held before stays in force.
   * @throws TypeError when the path is empty.
   */
  update(path: string, config: Document): Update;
  /** As `update`, for a path that is new; throws a TypeError when it is not. */
  add(path: string, config: Document): Update;
  /** Removes a path; false when it is not known. */
  remove(path: string): boolean;
  /** The paths, in order of first addition. */
  paths(): string[];
  /** An instance of the configuration as it stands; nothing when nothing in it would ever run. */
  build(): Instance | undefined;
  /** Gives the memory back; instances live on. Happens by itself some time after the last use. */
  close(): void;
  [Symbol.dispose](): void;
}

/** What evaluates; it never changes. Made by a builder. */
export declare class Instance {
  private constructor();
  /** The addresses that rules look at: what is worth sending. */
  addresses(): string[];
  /** The types of actions that can be asked for. */
  actions(): string[];
  /** A context for one request. */
  context(): Context;
  /** Gives the memory back; contexts live on. Happens by itself some time after the last use. */
  close(): void;
  [Symbol.dispose](): void;
}

/** One request: what it has shown so far, and what has been reported of it. Made by an instance. */
export declare class Context {
  private constructor();
  /**
   * Evaluates addresses. Gives the result, or nothing when nothing matched.
   * @throws EngineError, TypeError when an option is not what it can be.
   */
  eval(data: Document, options?: EvalOptions): Result | undefined;
  /** Evaluates addresses, and gives the result as JSON text, as the engine wrote it. */
  evalJson(data: Document, options?: EvalOptions): string | undefined;
  /** A context that starts as a copy of this one; nothing flows back. */
  subcontext(): Context;
  /** Gives the memory back. Happens by itself some time after the last use. */
  close(): void;
  [Symbol.dispose](): void;
}

/** The version of the engine. */
export declare function version(): string;
/** How often the engine broke down and was started anew. */
export declare function failures(): number;
/** Has a function called with each error after which the engine was started anew; one function, none with undefined. */
export declare function onFailure(tell: ((error: EngineError) => void) | undefined): void;
