// Protection in Node: settings from the environment, rules from files and addresses, events as lines.
"use strict";

const { createWriteStream, readFileSync } = require("node:fs");
const { Protection } = require("../protection.cjs");
const { LastGood, Source } = require("./source.cjs");

/** The environment, as far as it is ours. */
function environment(variables) {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => /^(BARTIZAN|DD)_/.test(name)));
}

/** Templates that variables name. */
function templates(variables) {
  const read = (name, path) => (path ? { [name]: readFileSync(path, "utf8") } : {});
  return {
    ...read("html_template", variables.BARTIZAN_HTML_TEMPLATE_FILE),
    ...read("json_template", variables.BARTIZAN_JSON_TEMPLATE_FILE),
  };
}

/** Where lines of JSON go. */
function sink(events) {
  if (!events) return undefined;
  const stream = { stdout: process.stdout, stderr: process.stderr }[events] ?? createWriteStream(events, { flags: "a" });
  stream.on("error", (error) => console.error(`bartizan: events cannot be written: ${error.message}`));
  return (line) => stream.write(`${JSON.stringify(line)}\n`);
}

/** Protection whose rules come from somewhere. */
class LiveProtection extends Protection {
  #source;
  #kept;
  #timer;
  #reading;

  constructor({ rules, onEvent, env = process.env, ...options } = {}) {
    const inline = [rules].flat().filter((one) => one !== null && typeof one === "object");
    const places = [rules].flat().filter((one) => typeof one === "string");
    let write;
    super({
      environment: environment(env),
      ...templates(env),
      ...options,
      ...(rules === undefined ? {} : { rules: places }),
      onEvent: (line) => {
        write?.(line);
        onEvent?.(line);
      },
    });
    const { settings } = this;
    write = sink(settings.events);
    this.#kept = new LastGood(settings.state_dir);
    if (!settings.enabled) {
      this.ready = Promise.resolve();
      return;
    }
    if (inline.length > 0) {
      const files = inline.map((one, at) => ({ path: `rules${at}.json`, text: JSON.stringify(one) }));
      this.#take({ source: "options", files });
    } else if (settings.rules.length > 0) {
      const etag = this.#restore();
      this.#source = new Source(settings.rules, etag);
      if (this.#source.isLocal) this.#take(this.#source.readSync());
      this.#timer = setInterval(() => this.refresh(), settings.poll_s * 1000);
      this.#timer.unref();
    } else {
      this.warn("no rules are given: set BARTIZAN_RULES, or the option `rules`, to files, directories or addresses");
    }
    /** Fulfilled when the rules were read for the first time, whatever became of them. */
    this.ready = this.#source && !this.#source.isLocal ? this.refresh().then(() => this.selfCheck()) : Promise.resolve();
    if (this.#source === undefined || this.#source.isLocal) this.selfCheck();
  }

  /** Takes the rules of an earlier run. Gives their etag. */
  #restore() {
    try {
      const saved = this.#kept.load();
      return saved && (this.restore(saved).etag || undefined);
    } catch (error) {
      this.warn(`the kept rules cannot be read: ${error.message}`);
      return undefined;
    }
  }

  #take(offer) {
    if (offer === undefined) return;
    const { state } = this.offer(offer);
    if (state === "refused") this.#source?.refused();
    if (state !== "changed") return;
    try {
      this.#kept.keep(this.saved());
    } catch (error) {
      this.warn(`the rules cannot be kept for the next start: ${error.message}`);
    }
  }

  /** Looks at the source now. */
  async refresh() {
    this.#reading ??= (async () => {
      try {
        this.#take(await this.#source?.read());
      } catch (error) {
        this.warn(`rules cannot be refreshed: ${error.message}`);
      } finally {
        this.#reading = undefined;
      }
    })();
    return this.#reading;
  }

  /** Looks at the source no longer. */
  close() {
    clearInterval(this.#timer);
  }
}

exports.LiveProtection = LiveProtection;
