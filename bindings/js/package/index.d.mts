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

/** What a request is answered with. */
export interface BlockResponse {
  status: number;
  headers: [name: string, value: string][];
  body: string;
}

/** What a call on a request tells. What there is nothing of is left out. */
export interface Answer {
  verdict: "none" | "monitor" | "block";
  events?: Event[];
  actions?: Result["actions"];
  attributes?: { [name: string]: any };
  /** What belongs on the root span, or into logs. */
  tags?: { [name: string]: string };
  keep?: boolean;
  timeout?: boolean;
  duration?: number;
  /** With code 2. */
  response?: BlockResponse;
  warnings?: string[];
  /** Whether the user is blocked, where that was asked. */
  blocked?: boolean;
}

/** What a request came to: a line for logs. */
export interface Line {
  /** Seconds since 1970. */
  time: number;
  method?: string;
  /** Without the query. */
  path?: string;
  route?: string;
  client_ip?: string;
  status?: string;
  verdict: "none" | "monitor" | "block";
  events?: Event[];
  attributes?: { [name: string]: any };
  tags?: { [name: string]: string };
  /** How much of the body was looked at. */
  inspected?: "full" | "partial" | "none";
  warnings?: string[];
}

/** Code 0: nothing to do; 1: read the document; 2: answer the request with `document.response`. */
export interface Called {
  code: 0 | 1 | 2;
  /** Of a body: how much of it was looked at. */
  inspected?: "full" | "partial" | "none";
  document?: Answer;
}

/** First line, headers and peer, as a map; or as fields of latin-1 text: method, target, peer, scheme, route, style, and then names and values. */
export type RequestHead =
  | string[]
  | {
      method?: string;
      /** Path and query, as the client sent them. */
      target?: string;
      /** The address at the other end of the connection. */
      peer?: string;
      scheme?: string;
      route?: string;
      headers?: [name: string, value: string][] | { [name: string]: string | string[] };
      path_params?: { [name: string]: Value };
      addresses?: { [address: string]: Value };
    };
/** Status and headers, as a map; or as fields: status, style, and then names and values. */
export type ResponseHead = string[] | { status?: number | string; headers?: [name: string, value: string][] | { [name: string]: string | string[] } };

/** Settings in force. */
export interface Settings {
  enabled: boolean;
  mode: "block" | "monitor";
  rules: string[];
  poll_s: number;
  state_dir: string;
  events: string;
  on_failure: "open" | "closed";
  body_limit: number;
  response_body: boolean;
  failure_response: BlockResponse;
  warnings?: string[];
  [name: string]: any;
}

/** Settings, and an account of which addresses were ever sent. */
export declare class Host {
  /** Settings by name, or `environment` with variables; what cannot be is told in `settings.warnings`. */
  constructor(settings?: { environment?: { [name: string]: string | undefined }; [name: string]: any });
  readonly settings: Settings;
  /** Whether rules find a canary and let a browser pass. */
  selfCheck(instance: Instance): { ok: boolean; problems: string[] };
  /** The addresses that rules look at, and which of them were never sent. */
  doctor(instance: Instance): Diagnosis;
  /** One request, evaluated with the rules of an instance. */
  request(instance: Instance, options?: { now?: number; entropy?: bigint }): HostRequest;
}

export interface Diagnosis {
  wanted: string[];
  sent: string[];
  never_sent: string[];
}

/** One request, from its first line to its response. Made by a host. */
export declare class HostRequest {
  private constructor();
  start(data: RequestHead): Called;
  /** The body, or with `complete` false its beginning. */
  body(bytes: Uint8Array | string, complete?: boolean): Called;
  event(document: { event: string; [name: string]: any }): Called;
  /** Addresses as they are; with `subcontext` nothing of them is remembered. */
  eval(addresses: { [address: string]: Value }, subcontext?: boolean): Called;
  response(data: ResponseHead): Called;
  responseBody(bytes: Uint8Array | string, complete?: boolean): Called;
  /** What the request came to; nothing when it came to nothing, unless `always`. */
  finish(always?: boolean): Line | undefined;
  /** Gives the memory back. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Files of rules, or why there are none. */
export interface Offer {
  source?: string;
  files?: { path: string; text: string | Uint8Array }[];
  etag?: string | null;
  digest?: string | null;
  not_modified?: boolean;
  error?: string;
}

/** What became of an offer. */
export interface Outcome {
  state: "changed" | "unchanged" | "refused";
  source?: string;
  etag?: string;
  sha256?: string;
  warnings?: string[];
  diagnostics?: { [path: string]: Diagnostics };
}

/** The rules in force, and what is offered in their place: all of it or nothing. */
export declare class Rules {
  constructor();
  offer(offer: Offer): Outcome;
  /** Takes what `save` gave. */
  restore(saved: Uint8Array): Outcome;
  /** What is in force, to be kept; nothing when that is nothing. */
  save(): Uint8Array | undefined;
  /** The instance in force; nothing when there is none. */
  instance(): Instance | undefined;
}

/** How an application is protected. Settings that are not listed go by their names as well, as `bodyDepth`. */
export interface ProtectionOptions {
  enabled?: boolean;
  mode?: "block" | "monitor";
  /** What happens to a request on which the engine fails. Default: open. */
  onFailure?: "open" | "closed";
  /** Whom `X-Forwarded-For` and its like are believed of: CIDRs, `private`, `unix`. Default: nobody. */
  trustedProxies?: string[];
  clientIpHeaders?: string[];
  /** How many bytes of a body are looked at. Default: 131072. */
  bodyLimit?: number;
  responseBody?: boolean;
  /** Microseconds for each evaluation. Default: no limit. */
  timeoutUs?: number;
  autoUserMode?: "identification" | "anonymization" | "disabled";
  /** Called with what each request came to, where that is something. */
  onEvent?: (line: Line) => void;
  /** Called with warnings. Default: standard error. */
  log?: (message: string) => void;
  [setting: string]: any;
}

/** Protection of an application whose rules are given to it. Portable; see `LiveProtection` for Node. */
export declare class Protection {
  constructor(options?: ProtectionOptions);
  readonly settings: Settings;
  /** The rules in force, until others are; nothing when there are none. */
  readonly instance: Instance | undefined;
  readonly counts: { requests: number; blocked: number; monitored: number; failures: number; swaps: number; refused: number };
  /** Takes new rules, all or nothing; requests that have begun go on with theirs. */
  offer(offer: Offer): Outcome;
  restore(saved: Uint8Array): Outcome;
  saved(): Uint8Array | undefined;
  selfCheck(): { ok: boolean; problems: string[] };
  /** The addresses that the rules look at, and which of them were never sent. */
  doctor(): Diagnosis;
  /** One request; nothing when protection is switched off. */
  begin(): Guarded | undefined;
}

/** One request under protection. Made by `begin` of a protection. */
export declare class Guarded {
  private constructor();
  /** What the request has to be answered with, once that is so. */
  response: BlockResponse | undefined;
  start(data: RequestHead): Called;
  body(bytes: Uint8Array | string, complete?: boolean): Called;
  event(document: { event: string; [name: string]: any }): Called;
  eval(addresses: { [address: string]: Value }, subcontext?: boolean): Called;
  respond(data: ResponseHead): Called;
  responseBody(bytes: Uint8Array | string, complete?: boolean): Called;
  /** Ends the request, and tells what it came to. */
  finish(): void;
}

/** The request is to be answered with `response`, whatever the application makes of the exception. */
export declare class Blocked extends Error {
  readonly name: "Blocked";
  readonly response: BlockResponse;
  readonly status: number;
  readonly statusCode: number;
}

/** A handler of Fetch requests under protection. `peer` gives the address at the other end of the connection. */
export declare function guard<Rest extends unknown[]>(
  protection: Protection,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  options?: { peer?: (request: Request, ...rest: Rest) => string | null | undefined },
): (request: Request, ...rest: Rest) => Promise<Response>;
/** The guarded request of a Fetch request. */
export declare function guardedOf(request: Request): Guarded | undefined;

/** Which request is meant, and whether to throw `Blocked` where it is to be blocked. Default: the current one, yes. */
export interface Where {
  request?: Guarded;
  block?: boolean;
}
export interface Said extends Partial<Answer> {
  blocked: boolean;
}
export type UserId = string | number | bigint;
export interface User {
  id?: UserId;
  name?: string;
  email?: string;
  sessionId?: string;
  role?: string;
  scope?: string;
  [tag: string]: any;
}
export type Metadata = { [name: string]: any };

/** The current request; nothing outside of any, or where the host keeps none. */
export declare function current(): Guarded | undefined;
/** Whose request it is. */
export declare function setUser(id: UserId | User, details?: User, where?: Where): Said;
/** Whether rules block a user. Nothing happens; `blockRequest` is what to do then. */
export declare function isUserBlocked(id: UserId, where?: Where): boolean;
/** Blocks the request after `isUserBlocked` said so. In monitor mode it does nothing. */
export declare function blockRequest(where?: Where): void;
export declare function trackUserLoginSuccess(login: string, user?: UserId | User | null, metadata?: Metadata, where?: Where): Said;
export declare function trackUserLoginFailure(login: string, exists: boolean, user?: UserId | User | null, metadata?: Metadata, where?: Where): Said;
export declare function trackUserSignup(login: string, user?: UserId | User | null, metadata?: Metadata, where?: Where): Said;
export declare function trackCustomEvent(name: string, metadata?: Metadata, user?: UserId | User | null, where?: Where): Said;
