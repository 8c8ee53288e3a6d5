/*
 * bartizan.h - rules and requests as JSON or MessagePack.
 *
 * The same functions are in the shared library, in the static library and in the wasm module bartizan.wasm; a host
 * that embeds the module finds in section 5 what differs there. In the libraries they stand beside the functions
 * of ddwaf.h, which do the same over values that the program builds itself.
 *
 *
 * 1. IN SHORT
 *
 *     bartizan_buffer out;
 *     bartizan_builder *builder = bartizan_builder_new();              // once: rules in, instance out
 *     if (bartizan_builder_update(builder, (const uint8_t *)"rules", 5, rules, rules_len, 0, &out) != 1)
 *         fwrite(out.data, 1, out.len, stderr);                        // what is wrong with them
 *     bartizan_instance *instance = bartizan_builder_build(builder);
 *     bartizan_builder_free(builder);
 *     if (instance == NULL) return 1;
 *
 *     bartizan_context *request = bartizan_context_new(instance);      // for each request
 *     const char *data = "{\"server.request.query\":{\"id\":[\"1 or 1=1\"]}}";
 *     if (bartizan_context_eval(request, (const uint8_t *)data, strlen(data), 0, 0, BARTIZAN_UNLIMITED, 0, &out) == 1)
 *         decide(out.data, out.len);
 *     bartizan_context_free(request);
 *
 *     bartizan_instance_free(instance);                                // at the end
 *
 *
 * 2. DOCUMENTS
 *
 * A document is JSON when it starts with a brace, a bracket or white space, and MessagePack otherwise. What goes in
 * is only read, during the call. What comes out is lent: data and len of a bartizan_buffer show where it lies, and
 * each function says how long. It does not end in NUL.
 *
 * JSON: UTF-8; other bytes are taken as they are, and come out as U+FFFD. MessagePack: strings and binaries are both
 * strings; keys are strings or scalars. Containers below the 20th level are left out.
 *
 * A result document is
 *     { "events": [...], "actions": {...}, "duration": nanoseconds, "timeout": bool, "attributes": {...},
 *       "keep": bool, "evaluated": number of batches }
 * Diagnostics have for each section of the configuration { "loaded", "failed", "skipped", "errors", "warnings" } or
 * { "error" }; or, instead of sections, one "error" for the whole. ddwaf.h says more about both.
 *
 *
 * 3. HANDLES, MEMORY, THREADS
 *
 * What a _new or _build function returns is the caller's, to be given once to the _free function of its kind. They
 * may be freed in any order: a context keeps what it needs of its instance and of its parent.
 *
 * An instance may be used by any number of threads at once, the others by one at a time. That includes making a
 * subcontext from a context, not using it.
 *
 *
 * 4. ANSWERS
 *
 * Functions that give a number give 1 for yes, 0 for no, and less than 0 for an error:
 *     BARTIZAN_INVALID_ARGUMENT    a handle is NULL, the path of an update is empty, or bytes are NULL though their
 *                                  length is not 0
 *     BARTIZAN_MALFORMED           the document cannot be read, or is not what the function needs
 *     BARTIZAN_INTERNAL            a defect in the library, or no memory
 * out is written only where a function says so, and may be NULL everywhere.
 *
 * A context in which a defect showed answers BARTIZAN_INTERNAL from then on; no other is affected.
 *
 *
 * 5. IN WASM
 *
 * The module imports nothing and exports its memory as "memory". Pointers and lengths are i32 (unsigned), times,
 * entropy and budget i64 (unsigned); a bartizan_buffer is two little-endian 32-bit words. Input goes into memory of
 * bartizan_alloc. Any call may grow the memory: look at it afresh after each. There is no clock and no randomness:
 * now_s and entropy are taken as they are, also 0, and duration is 0. A defect is a trap; then that module instance
 * and all that was made in it is lost, and the host makes another.
 */
#ifndef BARTIZAN_H
#define BARTIZAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BARTIZAN_INVALID_ARGUMENT (-1)
#define BARTIZAN_MALFORMED (-2)
#define BARTIZAN_INTERNAL (-3)

/* Flags. All other bits are kept for later and must be 0. */
#define BARTIZAN_MESSAGE_PACK 1u     /* the document that comes out is MessagePack, not JSON */
#define BARTIZAN_BATCHES 2u          /* the data is an array of maps, not one map */

/* As a budget. */
#define BARTIZAN_UNLIMITED UINT64_MAX

/* Bytes that the library owns. */
typedef struct {
    const uint8_t *data;
    size_t len;
} bartizan_buffer;

/* Collects configurations, and makes instances of them. */
typedef struct bartizan_builder bartizan_builder;
/* Rules, ready to evaluate. Immutable. */
typedef struct bartizan_instance bartizan_instance;
/* What one request has shown so far. */
typedef struct bartizan_context bartizan_context;

/* ---------------------------------------------------------------------------------------------------- the library */

/* The version of these functions' meaning: 1. A host that was made for another must not go on. */
uint32_t bartizan_abi(void);

/* The library's own version, such as "0.1.0"; ends in NUL. */
const char *bartizan_version(void);

/* Memory for input, aligned to 8 bytes; NULL when it is refused. Needed in wasm only. */
void *bartizan_alloc(size_t len);

/* Gives memory of bartizan_alloc back; len is what it was asked for. */
void bartizan_free(void *ptr, size_t len);

/* ------------------------------------------------------------------------------------------------------- builders */

bartizan_builder *bartizan_builder_new(void);

/*
 * Adds a configuration under a path, or puts it in the place of what the path had. The path is any bytes, but some.
 *
 * 1: accepted, all or in part. 0: refused, and the path's former content stays in force. In both cases *out is the
 * diagnostics document, valid until the next call on the builder.
 */
int32_t bartizan_builder_update(bartizan_builder *builder, const uint8_t *path, size_t path_len,
    const uint8_t *config, size_t config_len, uint32_t flags, bartizan_buffer *out);

/* 1: what was under the path is removed. 0: there is no such path. */
int32_t bartizan_builder_remove(bartizan_builder *builder, const uint8_t *path, size_t path_len);

/* 1: *out is a JSON array of the paths, in order of first addition, valid until the next call on the builder. */
int32_t bartizan_builder_paths(bartizan_builder *builder, bartizan_buffer *out);

/*
 * An instance of the configuration as it stands; the builder can go on. NULL when nothing in it would ever run: no
 * enabled rule and no processor that puts something out.
 */
bartizan_instance *bartizan_builder_build(bartizan_builder *builder);

void bartizan_builder_free(bartizan_builder *builder);

/* ------------------------------------------------------------------------------------------------------ instances */

/* 1: *out is a JSON array of the addresses that the instance looks at, valid as long as the instance. */
int32_t bartizan_instance_addresses(const bartizan_instance *instance, bartizan_buffer *out);

/* 1: *out is a JSON array of the types of actions that the instance can ask for, valid as long as the instance. */
int32_t bartizan_instance_actions(const bartizan_instance *instance, bartizan_buffer *out);

void bartizan_instance_free(bartizan_instance *instance);

#ifndef __wasm__
/*
 * For hosts that forget everything between requests, such as PHP; not in wasm. Keeps an instance for the rest of the
 * process, under a name and with a version, both any bytes; what the name held is given up. The handle stays the
 * caller's. 1: kept. 0: there are 64 names already.
 */
int32_t bartizan_instance_keep(const bartizan_instance *instance, const char *name, size_t name_len,
    const char *version, size_t version_len);

/* The instance that is kept under a name, as a handle of the caller's; NULL when there is none, or of another version. */
bartizan_instance *bartizan_instance_kept(const char *name, size_t name_len, const char *version, size_t version_len);
#endif

/* ------------------------------------------------------------------------------------------------------- contexts */

/* A context for one request. */
bartizan_context *bartizan_context_new(const bartizan_instance *instance);

/*
 * A context that starts with what another knows at this moment; from then on nothing flows in either direction.
 * NULL also for a context in which a defect showed.
 */
bartizan_context *bartizan_subcontext_new(const bartizan_context *context);

/*
 * Evaluates a document: a map from address to value, or, with BARTIZAN_BATCHES, an array of such maps, one after the
 * other. What earlier calls on the same context showed is still known; a rule that was reported is not reported again.
 *
 * now_s     seconds since 1970, for data that expires; 0: the library looks at the clock
 * entropy   64 random bits, for ids; 0: the library draws its own
 * budget    work that may be done, roughly one unit for each byte looked at, the same on every machine;
 *           BARTIZAN_UNLIMITED, or 0 for none: then only the rules of access lists are evaluated
 *
 * 1: something matched; *out is the result document, valid until the next call on the context.
 * 0: nothing matched.
 */
int32_t bartizan_context_eval(bartizan_context *context, const uint8_t *data, size_t len,
    uint64_t now_s, uint64_t entropy, uint64_t budget, uint32_t flags, bartizan_buffer *out);

/*
 * Why the last evaluation in this context gave a negative number. 1: *out is a sentence in UTF-8, valid until the
 * next call on the context. 0: it did not.
 */
int32_t bartizan_context_error(const bartizan_context *context, bartizan_buffer *out);

/*
 * Limits the time of later evaluations in this context, in microseconds; 0 lifts the limit. In wasm, where there is no
 * clock, it becomes a budget. 1.
 */
int32_t bartizan_context_set_timeout(bartizan_context *context, uint64_t timeout_us);

void bartizan_context_free(bartizan_context *context);

/* --------------------------------------------------------------------------------------------------------- hosts
 *
 * The rest of what every host does: a request becomes addresses, a verdict becomes an answer, what an application says
 * about users becomes tags, rules arrive while serving. A program that uses these need not use contexts.
 */

/* Settings, and an account of what was ever sent. Any number of threads may make requests of it at once. */
typedef struct bartizan_host bartizan_host;
/* One request, from its first line to its response; for one thread at a time. It keeps what it needs alive. */
typedef struct bartizan_request bartizan_request;
/* The rules in force, and what is offered in their place; for one thread at a time. */
typedef struct bartizan_rules bartizan_rules;

/*
 * A host with the settings of a document: a map of settings, and under "environment" a map of environment variables,
 * of which those of bartizan (BARTIZAN_...) and some of Datadog's tracers count. What is not given has its default;
 * what is wrong has it too, and is a warning. NULL: the document cannot be read or is not a map.
 */
bartizan_host *bartizan_host_new(const uint8_t *settings, size_t len);

/*
 * 1: *out is the settings in force with "warnings" about those that were given, and with "failure_response", an answer
 * for requests that cannot be checked. Valid as long as the host.
 */
int32_t bartizan_host_settings(const bartizan_host *host, bartizan_buffer *out);

/*
 * Whether the rules find a canary and let an ordinary browser pass. 1: yes. 0: no. *out is { "ok", "problems" }, valid
 * until the next self-check or diagnosis of the host; one thread at a time.
 */
int32_t bartizan_host_self_check(bartizan_host *host, const bartizan_instance *instance, uint64_t now_s,
    bartizan_buffer *out);

/*
 * 1: *out is { "wanted", "sent", "never_sent" }: the addresses that the rules look at, and which of them any request of
 * this host ever sent. Valid as above.
 */
int32_t bartizan_host_doctor(bartizan_host *host, const bartizan_instance *instance, bartizan_buffer *out);

void bartizan_host_free(bartizan_host *host);

/* now_s and entropy as for bartizan_context_eval, for all calls on the request. */
bartizan_request *bartizan_request_new(const bartizan_host *host, const bartizan_instance *instance, uint64_t now_s,
    uint64_t entropy);

/*
 * The functions below evaluate what they are given. Of what they return, the lowest two bits say what to do:
 *     0 nothing
 *     1 *out is an answer document, valid until the next call on the request
 *     2 the same, and the request is to be answered with the "response" in it; later calls say that again
 * and for bodies bits 4 and 5 say how much was looked at: 1 nothing, 2 a part, 3 all. Less than 0 is an error.
 *
 * An answer document is { "verdict": "none" | "monitor" | "block", "events", "actions", "attributes", "tags",
 * "keep", "timeout", "duration", "blocked", "response": { "status", "headers": [[name, value], ...], "body" },
 * "warnings" }, without what is empty.
 */

/*
 * First line, headers and peer of the request, once. Either a map of "method", "target", "peer", "scheme", "route",
 * "headers" (a map, or a list of pairs), "path_params" and "addresses" (others, by name). Or, faster, byte fields with
 * a NUL between: their number in decimal, itself counted; method; target; peer; scheme; route; style; and name and
 * value of each header. The style is empty, or cgi when the names are those of CGI variables (HTTP_ACCEPT).
 */
int32_t bartizan_request_start(bartizan_request *request, const uint8_t *data, size_t len, bartizan_buffer *out);

/* The body as it came, or, with complete 0, its beginning. How to read it stands in the headers. */
int32_t bartizan_request_body(bartizan_request *request, const uint8_t *data, size_t len, uint32_t complete,
    bartizan_buffer *out);

/*
 * What the application says: { "event": "set_user" | "is_user_blocked" | "login_success" | "login_failure" | "signup" |
 * "custom", "login", "exists", "user": id or map, "name", "metadata", "auto" }. "auto" marks what a framework's hook
 * saw, which is collected as the settings allow. is_user_blocked leaves no trace.
 */
int32_t bartizan_request_event(bartizan_request *request, const uint8_t *data, size_t len, bartizan_buffer *out);

/* Addresses as for bartizan_context_eval. With BARTIZAN_SUBCONTEXT nothing of them is remembered. */
int32_t bartizan_request_eval(bartizan_request *request, const uint8_t *data, size_t len, uint32_t flags,
    bartizan_buffer *out);
#define BARTIZAN_SUBCONTEXT 4u

/* Status and headers of the response: a map of "status" and "headers", or fields: number, status, style, headers. */
int32_t bartizan_request_response(bartizan_request *request, const uint8_t *data, size_t len, bartizan_buffer *out);

/* The body of the response, of which only JSON is looked at. */
int32_t bartizan_request_response_body(bartizan_request *request, const uint8_t *data, size_t len, uint32_t complete,
    bartizan_buffer *out);

/*
 * What the request came to, as a line for a log. 0: nothing, unless flags is BARTIZAN_ALWAYS. 1: *out has it, valid
 * until the next call on the request.
 */
int32_t bartizan_request_finish(bartizan_request *request, uint32_t flags, bartizan_buffer *out);
#define BARTIZAN_ALWAYS 1u

/* As bartizan_context_error. */
int32_t bartizan_request_error(const bartizan_request *request, bartizan_buffer *out);

void bartizan_request_free(bartizan_request *request);

bartizan_rules *bartizan_rules_new(void);

/*
 * Offers rules: { "source", "files": [{ "path", "text" }, ...], "etag", "digest" }, or { "not_modified": true }, or
 * { "error": why there are none }. An offer is taken whole or not at all. The digest is SHA-256 of the one file, in
 * hex, or as in the header Repr-Digest.
 *
 * 2: these rules are in force. 1: they were already. 0: refused, and what was in force stays. *out is { "state",
 * "source", "etag", "sha256", "warnings", "diagnostics": by path }, valid until the next call on the rules.
 */
int32_t bartizan_rules_offer(bartizan_rules *rules, const uint8_t *data, size_t len, bartizan_buffer *out);

/* 1: *out is what is in force, to be kept; valid until the next call on the rules. 0: nothing is. */
int32_t bartizan_rules_save(bartizan_rules *rules, bartizan_buffer *out);

/* Takes what was kept. 2 and 0, and *out, as for bartizan_rules_offer. */
int32_t bartizan_rules_restore(bartizan_rules *rules, const uint8_t *data, size_t len, bartizan_buffer *out);

/* The instance in force, another handle with each call, to be freed; NULL: there is none. */
bartizan_instance *bartizan_rules_instance(const bartizan_rules *rules);

void bartizan_rules_free(bartizan_rules *rules);

#ifdef __cplusplus
}
#endif

#endif /* BARTIZAN_H */
