import type { Protection, ProtectionOptions } from "./index.mjs";

/** What `protect` of Node takes besides. */
export interface LiveOptions extends ProtectionOptions {
  /** Files, directories and addresses of rules, or rules as they are. Default: the variable BARTIZAN_RULES. */
  rules?: string | object | (string | object)[];
  /** Seconds between two looks at files and addresses. Default: 10. */
  pollS?: number;
  /** Where rules that were good are kept for the next start. Default: nowhere. */
  stateDir?: string;
  /** Where what requests came to is written, a line of JSON each: `stdout`, `stderr`, or a file. */
  events?: string;
  /** Variables to look at instead of `process.env`. */
  env?: { [name: string]: string | undefined };
}

/** Protection whose rules come from files and addresses. */
export declare class LiveProtection extends Protection {
  constructor(options?: LiveOptions);
  /** Fulfilled when addresses were asked for the first time, whatever became of it. */
  readonly ready: Promise<void>;
  /** Looks at the sources now. */
  refresh(): Promise<void>;
  /** Looks at them no longer. */
  close(): void;
}

type Next = (error?: any) => void;
export interface Middleware {
  (request: any, response: any, next: Next): void;
  readonly protection: LiveProtection;
}

/** Middleware for Express, Connect and node:http that protects what comes behind it. */
export declare function protect(options?: LiveOptions | LiveProtection): Middleware;
/** Error middleware, to stand before others: a request that was blocked is no error of the application. */
export declare function blocked(error: any, request: any, response: any, next: Next): void;
