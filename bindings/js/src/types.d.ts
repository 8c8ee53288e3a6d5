/** A scalar, list or map, as JSON has them. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
/** A document: a value, JSON text, or bytes (JSON or MessagePack). */
export type Document = Value | object | Uint8Array;
/** What became of a configuration. When it is not accepted, the former one stays in force. */
export interface Update { accepted: boolean; diagnostics: Diagnostics; }
/** What was loaded, by section; `error` when the document as a whole is no configuration. */
export interface Diagnostics { error?: string; ruleset_version?: string; [section: string]: Section | string | undefined; }
export interface Section {
  loaded?: string[]; failed?: string[]; skipped?: string[];
  errors?: { [message: string]: string[] }; warnings?: { [message: string]: string[] }; error?: string;
}
/** What comes with an evaluation; everything has a default. */
export interface Options {
  /** Seconds since 1970, for data that expires. Default: the clock. */
  now?: number | bigint;
  /** 64 random bits, for ids. Default: random. */
  entropy?: bigint;
  /** Work units. Default: no limit. */
  budget?: number | bigint;
  /** The data is a list of maps, evaluated one after the other. */
  batches?: boolean;
}
/** What matched. */
export interface Result {
  events: Event[];
  actions: { [type: string]: { [parameter: string]: Value } };
  /** Nanoseconds; 0 where the engine has no clock. */
  duration: number;
  timeout: boolean;
  attributes: { [name: string]: Value };
  keep: boolean;
  evaluated: number;
}
export interface Event {
  rule: { id: string; name: string; on_match: string[]; tags: { [name: string]: string } };
  rule_matches: { operator: string; operator_value: string; parameters: { [name: string]: Value }[] }[];
  stack_id?: string; security_response_id?: string;
}
