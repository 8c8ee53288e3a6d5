/*
 * ddwaf.h - the C interface of libddwaf 2.1.0, as bartizan provides it.
 *
 * A program that was written against libddwaf 2.x compiles with this header and links with libbartizan
 * without a change; one that is compiled already loads libbartizan in the place of libddwaf.so. What comes
 * back is the same, except for what is listed in docs/deviations.md. The functions of bartizan.h do the same
 * work over JSON or MessagePack bytes, and are less to write for a program that starts anew.
 *
 *
 * 1. IN SHORT
 *
 *     ddwaf_allocator alloc = ddwaf_get_default_allocator();
 *
 *     ddwaf_object rules;                                   // once: rules in, instance out
 *     if (!ddwaf_object_from_json(&rules, json, (uint32_t)strlen(json), alloc)) return 1;
 *     ddwaf_handle waf = ddwaf_init(&rules, NULL);
 *     ddwaf_object_destroy(&rules, alloc);
 *     if (waf == NULL) return 1;
 *
 *     ddwaf_context request = ddwaf_context_init(waf, alloc);        // for each request
 *     ddwaf_object data, result;
 *     ddwaf_object_set_map(&data, 1, alloc);
 *     ddwaf_object *value = ddwaf_object_insert_key(&data, "server.request.query", 20, alloc);
 *     ddwaf_object_set_string(value, text, text_length, alloc);
 *     DDWAF_RET_CODE code = ddwaf_context_eval(request, &data, alloc, &result, 5000);
 *     if (code == DDWAF_MATCH) {
 *         const ddwaf_object *actions = ddwaf_object_find(&result, "actions", 7);
 *         if (ddwaf_object_find(actions, "block_request", 13) != NULL) deny();
 *     }
 *     if (code >= DDWAF_OK) ddwaf_object_destroy(&result, alloc);
 *     ddwaf_context_destroy(request);                       // frees data, which the call took over
 *
 *     ddwaf_destroy(waf);                                   // at the end
 *
 *
 * 2. VALUES
 *
 * Everything that goes in and comes out is a ddwaf_object: 16 bytes that hold a scalar, a string of up to 14
 * bytes, or a pointer to a longer string, to the items of an array or to the pairs of a map. The layout is
 * part of the interface: a program may read and write the bytes itself, as described at union _ddwaf_object.
 * Objects are aligned to 8 bytes.
 *
 * Strings are bytes with a length. They need not end in NUL, may contain NUL, and need not be UTF-8.
 * Keys of maps are strings, may be empty, and may repeat: the first counts for ddwaf_object_find, the last
 * for the addresses of ddwaf_context_eval.
 *
 * An object that is about to be written may hold anything, as what it held is not freed. Where a function
 * says that it leaves an object untouched, not even the type byte is written.
 *
 * Limits: 2^32-1 bytes for a string, 2^28-1 items for an array or map, 20 levels for containers read by
 * ddwaf_object_from_json. Containers built otherwise may be nested to any depth. Nothing recurses.
 *
 *
 * 3. MEMORY
 *
 * An allocator goes with each object. What the object owns is asked for, and given back, as:
 *
 *     string of n > 14 bytes      n bytes,      alignment 1
 *     array with capacity c > 0   16*c bytes,   alignment 8
 *     map with capacity c > 0     32*c bytes,   alignment 8
 *
 * Small and literal strings own nothing. Freeing repeats the numbers that stand in the object itself; so a
 * string that is handed over (_nocopy) must come from the same allocator and have exactly its length.
 * A string handed over with length 0 is given back with size 0.
 *
 * A tree has one allocator. Destroying an object, inserting into it and evaluating it need the allocator it
 * was built with. The default allocator is malloc and free; it is that of diagnostics and configuration paths.
 *
 * Who frees what:
 *
 *     the caller      objects it built, unless a call took them over; results, with the output allocator
 *                     of the context; diagnostics and paths, with the default allocator
 *     the context     data that ddwaf_context_eval was given together with an allocator: with that allocator,
 *                     when the context is destroyed and so are the subcontexts that started from it
 *     the instance    the arrays of ddwaf_known_addresses and ddwaf_known_actions
 *
 * An allocator that refuses memory makes functions return NULL, false or DDWAF_ERR_INTERNAL; what was
 * allocated until then is given back.
 *
 *
 * 4. CODES
 *
 *     DDWAF_MATCH                  there are events, actions or attributes, maybe only attributes
 *     DDWAF_OK                     there are none
 *     DDWAF_ERR_INVALID_ARGUMENT   context or data is NULL; the data stays the caller's
 *     DDWAF_ERR_INVALID_OBJECT     the data is not a map (multieval: not an array of maps)
 *     DDWAF_ERR_INTERNAL           no memory for the result, or a defect in the library
 *
 * After DDWAF_OK and DDWAF_MATCH the result was written and is the caller's to destroy; after errors it was
 * left untouched. After an error other than DDWAF_ERR_INVALID_ARGUMENT the data is taken over all the same if
 * an allocator came with it.
 *
 * A defect in the library does not take the process down: the call returns its error value. A context in which one
 * showed answers DDWAF_ERR_INTERNAL from then on, and only that one. Callbacks should return. A Rust panic that comes
 * out of one ends there, as if memory had been refused; a C++ exception must not come out of one.
 *
 *
 * 5. THREADS
 *
 *     instance      any number of threads at once, all functions
 *     builder       one thread at a time
 *     context       one thread at a time; so too making a subcontext from it
 *     subcontext    one thread at a time, in parallel to its parent and to its siblings
 *     allocator     the default and the synchronised pool: any; the others: one thread at a time
 *     objects       read by many or written by one
 *     log callback  called from whatever thread there is; setting it is safe at any time, but a call to the
 *                   former may still be under way
 *
 * Destroying a thing counts as using it. Things may be destroyed in any order: contexts keep what they need of
 * their instance, subcontexts what they need of their parent. Only allocators must outlive what they made.
 *
 *
 * 6. NULL
 *
 * Every function takes NULL for every pointer and then does nothing: it returns NULL, 0, false, 0 items,
 * DDWAF_OBJ_INVALID or DDWAF_ERR_INVALID_ARGUMENT. Where NULL means more, the function says so.
 */
#ifndef DDWAF_H
#define DDWAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
namespace ddwaf {
class waf;
class context;
class subcontext;
class waf_builder;
} // namespace ddwaf

extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------- enumerations */

/* What an object holds: the first of its bytes. */
typedef enum {
    DDWAF_OBJ_INVALID = 0x00,        /* nothing: what a new item of a container is until it is set */
    DDWAF_OBJ_NULL = 0x01,
    DDWAF_OBJ_BOOL = 0x02,
    DDWAF_OBJ_SIGNED = 0x04,         /* int64_t */
    DDWAF_OBJ_UNSIGNED = 0x06,       /* uint64_t */
    DDWAF_OBJ_FLOAT = 0x08,          /* double */
    DDWAF_OBJ_STRING = 0x10,         /* a string in memory of an allocator */
    DDWAF_OBJ_LITERAL_STRING = 0x12, /* a string that somebody else keeps alive, and that is never freed */
    DDWAF_OBJ_SMALL_STRING = 0x14,   /* a string of at most DDWAF_OBJ_SSTR_SIZE bytes, in the object itself */
    DDWAF_OBJ_ARRAY = 0x20,
    DDWAF_OBJ_MAP = 0x40,
    DDWAF_OBJ_LARGE_ARRAY = 0xA0,    /* an array with a capacity beyond 65535 */
    DDWAF_OBJ_LARGE_MAP = 0xC0       /* a map with a capacity beyond 65535 */
} DDWAF_OBJ_TYPE;

/* What came of an evaluation; see section 4. */
typedef enum {
    DDWAF_ERR_INTERNAL = -3,
    DDWAF_ERR_INVALID_OBJECT = -2,
    DDWAF_ERR_INVALID_ARGUMENT = -1,
    DDWAF_OK = 0,
    DDWAF_MATCH = 1
} DDWAF_RET_CODE;

/* How much a log message matters. */
typedef enum {
    DDWAF_LOG_TRACE = 0,
    DDWAF_LOG_DEBUG = 1,
    DDWAF_LOG_INFO = 2,
    DDWAF_LOG_WARN = 3,
    DDWAF_LOG_ERROR = 4,
    DDWAF_LOG_OFF = 5                /* as a minimum: no messages */
} DDWAF_LOG_LEVEL;

/* ----------------------------------------------------------------------------------------- handles, callbacks */

#ifdef __cplusplus
using ddwaf_handle = ddwaf::waf *;
using ddwaf_context = ddwaf::context *;
using ddwaf_subcontext = ddwaf::subcontext *;
using ddwaf_builder = ddwaf::waf_builder *;
using ddwaf_allocator = void *;
using ddwaf_alloc_fn_type = void *(*)(void *, size_t, size_t);
using ddwaf_free_fn_type = void (*)(void *, void *, size_t, size_t);
using ddwaf_udata_free_fn_type = void (*)(void *);
#else
/* An instance: rules, ready to evaluate. Immutable. */
typedef struct _ddwaf_handle *ddwaf_handle;
/* What one request has shown so far. */
typedef struct _ddwaf_context *ddwaf_context;
/* A context that started as a copy of another. */
typedef struct _ddwaf_subcontext *ddwaf_subcontext;
/* Collects configurations, and makes instances of them. */
typedef struct _ddwaf_builder *ddwaf_builder;
/* Where the memory of objects comes from. */
typedef struct _ddwaf_allocator *ddwaf_allocator;

/* User data, size, alignment: returns memory, or NULL when there is none. The size may be 0 only if the program
   itself asks ddwaf_allocator_alloc for it. */
typedef void *(ddwaf_alloc_fn_type)(void *, size_t, size_t);
/* User data, memory, and the size and alignment it was asked for with. */
typedef void (ddwaf_free_fn_type)(void *, void *, size_t, size_t);
/* User data, when the allocator is destroyed. */
typedef void (ddwaf_udata_free_fn_type)(void *);
#endif

/* A log message. The texts end in NUL and live as long as the call; message_len is strlen(message). The function
   must not block for long, and may call any function of the library. */
typedef void (*ddwaf_log_cb)(
    DDWAF_LOG_LEVEL level, const char *function, const char *file, unsigned line,
    const char *message, uint64_t message_len);

/* ---------------------------------------------------------------------------------------------------- objects */

typedef union _ddwaf_object ddwaf_object;
typedef struct _ddwaf_object_kv ddwaf_object_kv;

/* Offsets are those of 64-bit machines. Bytes that no field covers mean nothing and may be anything. */

struct _ddwaf_object_bool {
    uint8_t type;
    bool val;                        /* at 1 */
};

struct _ddwaf_object_signed {
    uint8_t type;
    int64_t val;                     /* at 8, as in the next two */
};

struct _ddwaf_object_unsigned {
    uint8_t type;
    uint64_t val;
};

struct _ddwaf_object_float {
    uint8_t type;
    double val;
};

/* Strings and literal strings. ptr may be NULL when size is 0. */
struct _ddwaf_object_string {
    uint8_t type;
    uint32_t size;                   /* at 4 */
    char *ptr;                       /* at 8 */
};

#define DDWAF_OBJ_SSTR_SIZE 14

struct _ddwaf_object_small_string {
    uint8_t type;
    uint8_t size;                    /* at 1, at most DDWAF_OBJ_SSTR_SIZE */
    char data[DDWAF_OBJ_SSTR_SIZE];  /* at 2 */
};

/* ptr leads to capacity objects, of which the first size hold something; NULL when capacity is 0. */
struct _ddwaf_object_array {
    uint8_t type;
    uint16_t size;                   /* at 2 */
    uint16_t capacity;               /* at 4 */
    union _ddwaf_object *ptr;        /* at 8 */
};

/* As an array, of pairs. */
struct _ddwaf_object_map {
    uint8_t type;
    uint16_t size;
    uint16_t capacity;
    struct _ddwaf_object_kv *ptr;
};

/* An array or map beyond 65535: the same in one word, from the lowest bit up. */
struct _ddwaf_object_large_array {
    uint64_t _type : 8;
    uint64_t size : 28;
    uint64_t capacity : 28;
    union _ddwaf_object *ptr;        /* at 8 */
};

struct _ddwaf_object_large_map {
    uint64_t _type : 8;
    uint64_t size : 28;
    uint64_t capacity : 28;
    struct _ddwaf_object_kv *ptr;
};

#if defined(__GNUC__) || defined(__clang__)
union __attribute__((may_alias)) _ddwaf_object {
#else
union _ddwaf_object {
#endif
    uint8_t type;                    /* a DDWAF_OBJ_TYPE, whichever of the structures holds the value */
    union {
        struct _ddwaf_object_bool b8;
        struct _ddwaf_object_signed i64;
        struct _ddwaf_object_unsigned u64;
        struct _ddwaf_object_float f64;
        struct _ddwaf_object_string str;
        struct _ddwaf_object_small_string sstr;
        struct _ddwaf_object_array array;
        struct _ddwaf_object_map map;
        struct _ddwaf_object_large_array large_array;
        struct _ddwaf_object_large_map large_map;
    } via;
};

/* A pair of a map. The key is a string of any of the three types. */
struct _ddwaf_object_kv {
    union _ddwaf_object key;
    union _ddwaf_object val;
};

#if defined(__cplusplus) && __cplusplus >= 201103L
#define DDWAF_HOLDS(condition) static_assert(condition, "layout of ddwaf_object")
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define DDWAF_HOLDS(condition) _Static_assert(condition, "layout of ddwaf_object")
#endif
#ifdef DDWAF_HOLDS
DDWAF_HOLDS(sizeof(union _ddwaf_object) == 16);
DDWAF_HOLDS(sizeof(struct _ddwaf_object_kv) == 32);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_kv, val) == 16);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_bool, val) == 1);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_string, size) == 4);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_small_string, size) == 1);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_small_string, data) == 2);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_array, size) == 2);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_array, capacity) == 4);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_map, size) == 2);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_map, capacity) == 4);
#if UINTPTR_MAX > 0xFFFFFFFFu
DDWAF_HOLDS(offsetof(struct _ddwaf_object_signed, val) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_unsigned, val) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_float, val) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_string, ptr) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_array, ptr) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_map, ptr) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_large_array, ptr) == 8);
DDWAF_HOLDS(offsetof(struct _ddwaf_object_large_map, ptr) == 8);
#endif
#undef DDWAF_HOLDS
#endif

/* -------------------------------------------------------------------------------------------------- instances */

/*
 * An instance of one configuration, which is only read. The same as a builder with this configuration under the
 * path "default".
 *
 * diagnostics, unless NULL, receives a map that says what became of each element of the configuration; it is
 * written whenever ruleset is not NULL, also when the function returns NULL. For each section there is
 *     { "loaded": [ids], "failed": [ids], "skipped": [ids],
 *       "errors": { message: [ids] }, "warnings": { message: [ids] } }
 * or { "error": message }; beside the sections "ruleset_version", or instead of them "error".
 * Destroy it with the default allocator.
 *
 * NULL when the configuration was refused, or when nothing in it would ever run: no enabled rule and no
 * processor that puts something out.
 */
ddwaf_handle ddwaf_init(const ddwaf_object *ruleset, ddwaf_object *diagnostics);

/* Frees an instance. Its contexts live on. */
void ddwaf_destroy(ddwaf_handle handle);

/*
 * The addresses that the instance looks at; a program need not evaluate others. An array of *size texts that end
 * in NUL, in order of declaration; NULL when there are none. size may be NULL. Both live as long as the instance.
 */
const char *const *ddwaf_known_addresses(const ddwaf_handle handle, uint32_t *size);

/* The types of the actions that the instance can ask for, such as "block_request"; as ddwaf_known_addresses. */
const char *const *ddwaf_known_actions(const ddwaf_handle handle, uint32_t *size);

/* --------------------------------------------------------------------------------------------------- contexts */

/*
 * A context for one request. Results are allocated with output_alloc, which must outlive them. NULL when the
 * instance or the allocator is NULL.
 */
ddwaf_context ddwaf_context_init(const ddwaf_handle handle, ddwaf_allocator output_alloc);

/*
 * Evaluates data: a map from address to value. What earlier calls on the same context showed is still known; a
 * rule that was reported is not reported again.
 *
 * data     With alloc, the call takes over what data points to, and the context frees it with alloc when it is
 *          destroyed; the 16 bytes themselves are copied. Without (NULL), data and all below it must stay as they
 *          are until the context and its subcontexts are destroyed.
 * result   NULL if it is not wanted. A map of
 *            events      array: each { rule: { id, name, on_match, tags }, rule_matches: [...] }, and stack_id or
 *                        security_response_id where an action makes use of one
 *            actions     map from action type to parameters
 *            duration    nanoseconds that this call took
 *            timeout     whether time was up before all was evaluated
 *            attributes  map from name to value
 *            keep        whether a rule that matched wants the trace kept
 *            evaluated   number of batches that were evaluated to the end
 * timeout  In microseconds, from the moment of the call. Rules of access lists do not heed it. With 0 only those
 *          are evaluated. What was not looked at in time is looked at by the next call that brings anything new.
 *
 * Returns a code of section 4.
 */
DDWAF_RET_CODE ddwaf_context_eval(ddwaf_context context, ddwaf_object *data,
    ddwaf_allocator alloc, ddwaf_object *result, uint64_t timeout);

/*
 * As ddwaf_context_eval for several batches, one after the other: data is an array of maps. There is one result and
 * one timeout for all. After a batch in which something blocks, the others are stored but not evaluated. An empty
 * array is DDWAF_OK with 0 evaluated; when one of its items is not a map, nothing is evaluated.
 */
DDWAF_RET_CODE ddwaf_context_multieval(ddwaf_context context, ddwaf_object *data,
    ddwaf_allocator alloc, ddwaf_object *result, uint64_t timeout);

/* Frees a context, and the data that it took over, unless a subcontext still needs it. */
void ddwaf_context_destroy(ddwaf_context context);

/*
 * A context that starts with what another knows at this moment: its data, and what matched. From then on nothing
 * flows in either direction; so it is right for what comes and goes within a request, such as one database query.
 * Results come from the parent's output allocator.
 */
ddwaf_subcontext ddwaf_subcontext_init(ddwaf_context context);

/* As ddwaf_context_eval. Data that is taken over is freed with the subcontext. */
DDWAF_RET_CODE ddwaf_subcontext_eval(ddwaf_subcontext subcontext, ddwaf_object *data,
    ddwaf_allocator alloc, ddwaf_object *result, uint64_t timeout);

/* As ddwaf_context_multieval. */
DDWAF_RET_CODE ddwaf_subcontext_multieval(ddwaf_subcontext subcontext, ddwaf_object *data,
    ddwaf_allocator alloc, ddwaf_object *result, uint64_t timeout);

/* Frees a subcontext; before or after its parent. */
void ddwaf_subcontext_destroy(ddwaf_subcontext subcontext);

/* --------------------------------------------------------------------------------------------------- builders */

/* A builder without configuration. */
ddwaf_builder ddwaf_builder_init(void);

/*
 * Adds a configuration under a path, or puts it in the place of what the path had. path is path_len bytes, any
 * but none; config is only read. diagnostics, unless NULL, receives what ddwaf_init describes; it is untouched only
 * when an argument is NULL or the path is empty.
 *
 * False when the configuration was refused because nothing in it could be loaded and something failed. The
 * path's former content stays in force then.
 */
bool ddwaf_builder_add_or_update_config(ddwaf_builder builder, const char *path, uint32_t path_len,
    const ddwaf_object *config, ddwaf_object *diagnostics);

/* Removes what is under a path; false when there is no such path. */
bool ddwaf_builder_remove_config(ddwaf_builder builder, const char *path, uint32_t path_len);

/*
 * An instance of the configuration as it stands. The builder can go on, and earlier instances stay as they are.
 * NULL when nothing in it would ever run.
 */
ddwaf_handle ddwaf_builder_build_instance(ddwaf_builder builder);

/*
 * The number of paths in which a regular expression finds something; of all paths when filter is NULL or empty.
 * Upper and lower case differ. paths, unless NULL, receives them as an array of strings, to be destroyed with the
 * default allocator. An expression that is not valid finds nothing.
 */
uint32_t ddwaf_builder_get_config_paths(ddwaf_builder builder, ddwaf_object *paths,
    const char *filter, uint32_t filter_len);

/* Frees a builder. Its instances live on. */
void ddwaf_builder_destroy(ddwaf_builder builder);

/* ------------------------------------------------------------------------------------------------- allocators */

/* malloc and free. Always the same one, and never destroyed. */
ddwaf_allocator ddwaf_get_default_allocator(void);

/* Keeps what is freed for the next of its size, until it is destroyed. For any thread. */
ddwaf_allocator ddwaf_synchronized_pool_allocator_init(void);

/* The same without a lock: for one thread at a time. */
ddwaf_allocator ddwaf_unsynchronized_pool_allocator_init(void);

/* Frees nothing before it is destroyed: for the objects of one request, and one thread at a time. */
ddwaf_allocator ddwaf_monotonic_allocator_init(void);

/*
 * The program's own. Freeing gets the size and alignment of the allocation. udata is passed on; udata_free_fn,
 * unless NULL, gets it when the allocator is destroyed. NULL when alloc_fn or free_fn is.
 */
ddwaf_allocator ddwaf_user_allocator_init(ddwaf_alloc_fn_type alloc_fn, ddwaf_free_fn_type free_fn,
    void *udata, ddwaf_udata_free_fn_type udata_free_fn);

/* Memory of an allocator; NULL when it is refused. The alignment is a power of two. 0 bytes have an address, too. */
void *ddwaf_allocator_alloc(ddwaf_allocator alloc, size_t bytes, size_t alignment);

/* Gives memory back, with the numbers it was asked for. A NULL p is passed on to a user allocator. */
void ddwaf_allocator_free(ddwaf_allocator alloc, void *p, size_t bytes, size_t alignment);

/* Frees an allocator, and with the pools and the monotonic one all that came from it. The default stays. */
void ddwaf_allocator_destroy(ddwaf_allocator alloc);

/* --------------------------------------------------------------------------------------------- writing objects */

/* These overwrite the object without freeing what it held, and return it; or NULL, and leave it untouched. */

ddwaf_object *ddwaf_object_set_invalid(ddwaf_object *object);
ddwaf_object *ddwaf_object_set_null(ddwaf_object *object);
ddwaf_object *ddwaf_object_set_bool(ddwaf_object *object, bool value);
ddwaf_object *ddwaf_object_set_signed(ddwaf_object *object, int64_t value);
ddwaf_object *ddwaf_object_set_unsigned(ddwaf_object *object, uint64_t value);
ddwaf_object *ddwaf_object_set_float(ddwaf_object *object, double value);

/* A copy of length bytes, small if they fit. string may be NULL when length is 0. alloc is needed in any case. */
ddwaf_object *ddwaf_object_set_string(ddwaf_object *object, const char *string, uint32_t length,
    ddwaf_allocator alloc);

/* The string as it lies there. It must outlive the object and its clones, and is never freed. */
ddwaf_object *ddwaf_object_set_string_literal(ddwaf_object *object, const char *string, uint32_t length);

/* Takes the string over: it is freed with the object, as length bytes of the object's allocator. */
ddwaf_object *ddwaf_object_set_string_nocopy(ddwaf_object *object, const char *string, uint32_t length);

/* An empty array or map with room for capacity items; 0 allocates nothing. More are allocated as they come: the
   capacity goes from 0 to 8, doubles, and goes to 65535 before it becomes large. */
ddwaf_object *ddwaf_object_set_array(ddwaf_object *object, uint16_t capacity, ddwaf_allocator alloc);
ddwaf_object *ddwaf_object_set_map(ddwaf_object *object, uint16_t capacity, ddwaf_allocator alloc);

/* The same with room for up to 2^28-1 items; NULL beyond that. */
ddwaf_object *ddwaf_object_set_array_large(ddwaf_object *object, size_t capacity, ddwaf_allocator alloc);
ddwaf_object *ddwaf_object_set_map_large(ddwaf_object *object, size_t capacity, ddwaf_allocator alloc);

/* Source code means these when it says set_array or set_map, as in libddwaf 2.1; the functions of those names are
   for programs that were compiled before. */
#define ddwaf_object_set_array ddwaf_object_set_array_large
#define ddwaf_object_set_map ddwaf_object_set_map_large

/* These append an item, which is invalid until it is set, and return it; or NULL, if the container is not an array
   (a map), there is no memory, or no room for more. The item moves when the next is inserted. */

ddwaf_object *ddwaf_object_insert(ddwaf_object *array, ddwaf_allocator alloc);

/* The key is copied. It may be NULL when length is 0. Whether the map has such a key already is not looked at. */
ddwaf_object *ddwaf_object_insert_key(ddwaf_object *map, const char *key, uint32_t length,
    ddwaf_allocator alloc);

/* The key stays where it is; as ddwaf_object_set_string_literal. */
ddwaf_object *ddwaf_object_insert_literal_key(ddwaf_object *map, const char *key, uint32_t length,
    ddwaf_allocator alloc);

/* The key is taken over; as ddwaf_object_set_string_nocopy. On NULL it stays the caller's. */
ddwaf_object *ddwaf_object_insert_key_nocopy(ddwaf_object *map, const char *key, uint32_t length,
    ddwaf_allocator alloc);

/*
 * Reads JSON. Integers become unsigned, or signed when negative, or floats beyond 64 bits; numbers with a fraction or
 * an exponent become floats. Bytes in strings need not be UTF-8; repeated keys are all kept. Containers below the
 * 20th level are left out: the innermost is there and empty.
 *
 * False when the text is not one JSON value; output is set to invalid then. It is left untouched when an argument is
 * NULL or the length is 0.
 */
bool ddwaf_object_from_json(ddwaf_object *output, const char *json_str, uint32_t length,
    ddwaf_allocator alloc);

/*
 * A deep copy in memory of alloc: strings of up to 14 bytes become small, capacities become sizes. Literal strings
 * stay literal, except for keys. Returns destination, or NULL and leaves it untouched.
 */
ddwaf_object *ddwaf_object_clone(const ddwaf_object *source, ddwaf_object *destination, ddwaf_allocator alloc);

/* Frees all that the object owns, and makes it invalid. */
void ddwaf_object_destroy(ddwaf_object *object, ddwaf_allocator alloc);

/* --------------------------------------------------------------------------------------------- reading objects */

/* The type byte. Arrays and maps have two types each, strings three: the predicates below know all. */
DDWAF_OBJ_TYPE ddwaf_object_get_type(const ddwaf_object *object);

/* Number of items of an array or map; 0 for others. */
size_t ddwaf_object_get_size(const ddwaf_object *object);

/* Number of bytes of a string; 0 for others. */
size_t ddwaf_object_get_length(const ddwaf_object *object);

/*
 * The bytes of a string; NULL for others, and *length is not written then. length may be NULL. There need not be a
 * NUL at the end. The bytes of a small string lie in the object itself, and move with it.
 */
const char *ddwaf_object_get_string(const ddwaf_object *object, size_t *length);

/* The value of a scalar of just this type; 0, 0.0 or false for others. Nothing is converted. */
uint64_t ddwaf_object_get_unsigned(const ddwaf_object *object);
int64_t ddwaf_object_get_signed(const ddwaf_object *object);
double ddwaf_object_get_float(const ddwaf_object *object);
bool ddwaf_object_get_bool(const ddwaf_object *object);

/* The key of the pair at an index, counted from 0, of a map; NULL beyond the last. */
const ddwaf_object *ddwaf_object_at_key(const ddwaf_object *object, size_t index);

/* The item of an array, or the value of a pair of a map, at an index; NULL beyond the last. */
const ddwaf_object *ddwaf_object_at_value(const ddwaf_object *object, size_t index);

/* The value of the first pair with this key; NULL when there is none, and for an empty key. Looks at all pairs. */
const ddwaf_object *ddwaf_object_find(const ddwaf_object *object, const char *key, size_t length);

/* What an object is. All of them are false for NULL, and for a type that is none of DDWAF_OBJ_TYPE. */
bool ddwaf_object_is_invalid(const ddwaf_object *object);
bool ddwaf_object_is_null(const ddwaf_object *object);
bool ddwaf_object_is_bool(const ddwaf_object *object);
bool ddwaf_object_is_signed(const ddwaf_object *object);
bool ddwaf_object_is_unsigned(const ddwaf_object *object);
bool ddwaf_object_is_float(const ddwaf_object *object);
bool ddwaf_object_is_string(const ddwaf_object *object);
bool ddwaf_object_is_array(const ddwaf_object *object);
bool ddwaf_object_is_map(const ddwaf_object *object);

/* ---------------------------------------------------------------------------------------------------- the rest */

/* The version of libddwaf that this library behaves as: "2.1.0". bartizan_version gives its own. */
const char *ddwaf_get_version(void);

/* Sends messages of at least min_level to cb, one of them at once; NULL or DDWAF_LOG_OFF ends that. Always true. */
bool ddwaf_set_log_cb(ddwaf_log_cb cb, DDWAF_LOG_LEVEL min_level);

/*
 * The library also exports ddwaf_object_null, _bool, _signed, _unsigned and _float: former names of the functions
 * with _set_, for programs that were compiled against them.
 */

#ifdef __cplusplus
}
#endif

#endif /* DDWAF_H */
