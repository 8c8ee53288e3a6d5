/*
 * Calls every function of ddwaf.h, as a program that was written against libddwaf 2.1 does. Compiles as C11 and as
 * C++11. Prints what of it held; exits with 1 if something did not.
 */
#include "bartizan.h"
#include "ddwaf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int broken = 0;

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            broken++;                                                       \
        }                                                                   \
    } while (0)

/* A string constant with its length. */
#define TEXT(literal) literal, (uint32_t)(sizeof(literal) - 1)

static const uint64_t LONG_US = 3600000000u;

static const char RULES[] =
    "{\"version\":\"2.2\",\"rules\":["
    "{\"id\":\"a\",\"name\":\"a\",\"tags\":{\"type\":\"a\"},\"conditions\":[{\"operator\":\"match_regex\","
    "\"parameters\":{\"regex\":\"ev.l\",\"inputs\":[{\"address\":\"a\"}]}}]},"
    "{\"id\":\"b\",\"name\":\"b\",\"tags\":{\"type\":\"b\"},\"on_match\":[\"block\"],\"conditions\":["
    "{\"operator\":\"phrase_match\",\"parameters\":{\"list\":[\"evil\"],\"inputs\":[{\"address\":\"b\"}]}}]}]}";

static ddwaf_object parse(const char *json, ddwaf_allocator alloc)
{
    ddwaf_object object;
    CHECK(ddwaf_object_from_json(&object, json, (uint32_t)strlen(json), alloc));
    return object;
}

/* ---------------------------------------------------------------------------------------- a counting allocator */

struct ledger {
    size_t live;
    size_t bytes;
    int destroyed;
};

static void *ledger_alloc(void *udata, size_t size, size_t alignment)
{
    struct ledger *ledger = (struct ledger *)udata;
    CHECK(alignment == 1 || alignment == 8);
    ledger->live++;
    ledger->bytes += size;
    return malloc(size ? size : 1);
}

static void ledger_free(void *udata, void *memory, size_t size, size_t alignment)
{
    struct ledger *ledger = (struct ledger *)udata;
    (void)alignment;
    ledger->live--;
    ledger->bytes -= size;
    free(memory);
}

static void ledger_destroyed(void *udata)
{
    ((struct ledger *)udata)->destroyed++;
}

/* ------------------------------------------------------------------------------------------------------ objects */

extern
#ifdef __cplusplus
    "C"
#endif
    ddwaf_object *ddwaf_object_null(ddwaf_object *object);

static void layout(void)
{
    ddwaf_object object;
    memset(&object, 0xAA, sizeof object);
    object.via.i64.type = DDWAF_OBJ_SIGNED;
    object.via.i64.val = -2;
    CHECK(object.type == DDWAF_OBJ_SIGNED && ddwaf_object_get_signed(&object) == -2);
    object.via.u64.type = DDWAF_OBJ_UNSIGNED;
    object.via.u64.val = UINT64_MAX;
    CHECK(ddwaf_object_get_unsigned(&object) == UINT64_MAX);
    object.via.f64.type = DDWAF_OBJ_FLOAT;
    object.via.f64.val = 0.5;
    CHECK(ddwaf_object_get_float(&object) == 0.5);
    object.via.b8.type = DDWAF_OBJ_BOOL;
    object.via.b8.val = true;
    CHECK(ddwaf_object_get_bool(&object));
    object.via.sstr.type = DDWAF_OBJ_SMALL_STRING;
    object.via.sstr.size = DDWAF_OBJ_SSTR_SIZE;
    memcpy(object.via.sstr.data, "fourteen bytes", DDWAF_OBJ_SSTR_SIZE);
    CHECK(ddwaf_object_get_length(&object) == 14);
    CHECK(ddwaf_object_get_string(&object, NULL) == object.via.sstr.data);

    /* A map put together by hand, evaluated, and not freed by anybody but us. */
    ddwaf_object items[2];
    struct _ddwaf_object_kv pair;
    ddwaf_object map;
    ddwaf_object_set_string_literal(&items[0], TEXT("good"));
    ddwaf_object_set_string_literal(&items[1], TEXT("evil"));
    ddwaf_object_set_string_literal(&pair.key, TEXT("a"));
    pair.val.via.array.type = DDWAF_OBJ_ARRAY;
    pair.val.via.array.size = 2;
    pair.val.via.array.capacity = 2;
    pair.val.via.array.ptr = items;
    map.via.map.type = DDWAF_OBJ_MAP;
    map.via.map.size = 1;
    map.via.map.capacity = 1;
    map.via.map.ptr = &pair;
    ddwaf_object rules = parse(RULES, ddwaf_get_default_allocator());
    ddwaf_handle handle = ddwaf_init(&rules, NULL);
    ddwaf_object_destroy(&rules, ddwaf_get_default_allocator());
    ddwaf_context context = ddwaf_context_init(handle, ddwaf_get_default_allocator());
    CHECK(ddwaf_context_eval(context, &map, NULL, NULL, LONG_US) == DDWAF_MATCH);
    ddwaf_context_destroy(context);
    ddwaf_destroy(handle);

    ddwaf_object large;
    CHECK(ddwaf_object_set_array(&large, 70000, ddwaf_get_default_allocator()) == &large);
    CHECK(large.type == DDWAF_OBJ_LARGE_ARRAY && large.via.large_array._type == DDWAF_OBJ_LARGE_ARRAY);
    CHECK(large.via.large_array.capacity == 70000 && large.via.large_array.size == 0);
    CHECK(ddwaf_object_insert(&large, ddwaf_get_default_allocator()) == large.via.large_array.ptr);
    CHECK(large.via.large_array.size == 1 && ddwaf_object_get_size(&large) == 1);
    ddwaf_object_destroy(&large, ddwaf_get_default_allocator());
    CHECK(ddwaf_object_set_map(&large, 70000, ddwaf_get_default_allocator()) == &large);
    CHECK(large.via.large_map._type == DDWAF_OBJ_LARGE_MAP && large.via.large_map.capacity == 70000);
    ddwaf_object_destroy(&large, ddwaf_get_default_allocator());
}

static void setters_and_readers(void)
{
    ddwaf_allocator alloc = ddwaf_get_default_allocator();
    ddwaf_object o;
    size_t length = 99;

    CHECK(ddwaf_object_set_invalid(&o) == &o && ddwaf_object_is_invalid(&o));
    CHECK(ddwaf_object_set_null(&o) == &o && ddwaf_object_is_null(&o));
    CHECK(ddwaf_object_null(&o) == &o && ddwaf_object_get_type(&o) == DDWAF_OBJ_NULL);
    CHECK(ddwaf_object_set_bool(&o, true) == &o && ddwaf_object_is_bool(&o) && ddwaf_object_get_bool(&o));
    CHECK(ddwaf_object_set_signed(&o, INT64_MIN) == &o && ddwaf_object_is_signed(&o));
    CHECK(ddwaf_object_get_signed(&o) == INT64_MIN && ddwaf_object_get_unsigned(&o) == 0);
    CHECK(ddwaf_object_set_unsigned(&o, UINT64_MAX) == &o && ddwaf_object_is_unsigned(&o));
    CHECK(ddwaf_object_get_unsigned(&o) == UINT64_MAX);
    CHECK(ddwaf_object_set_float(&o, -1.5) == &o && ddwaf_object_is_float(&o));
    CHECK(ddwaf_object_get_float(&o) == -1.5);

    CHECK(ddwaf_object_set_string(&o, TEXT("short"), alloc) == &o && o.type == DDWAF_OBJ_SMALL_STRING);
    CHECK(ddwaf_object_is_string(&o) && ddwaf_object_get_length(&o) == 5);
    CHECK(memcmp(ddwaf_object_get_string(&o, &length), "short", 5) == 0 && length == 5);
    CHECK(ddwaf_object_set_string(&o, TEXT("longer than fourteen"), alloc) == &o && o.type == DDWAF_OBJ_STRING);
    CHECK(memcmp(o.via.str.ptr, "longer than fourteen", 20) == 0 && o.via.str.size == 20);
    ddwaf_object_destroy(&o, alloc);
    CHECK(ddwaf_object_set_string_literal(&o, TEXT("lit")) == &o && o.type == DDWAF_OBJ_LITERAL_STRING);
    char *own = (char *)malloc(3);
    memcpy(own, "own", 3);
    CHECK(ddwaf_object_set_string_nocopy(&o, own, 3) == &o && ddwaf_object_get_string(&o, NULL) == own);
    ddwaf_object_destroy(&o, alloc);
    own = (char *)malloc(1);
    CHECK(ddwaf_object_set_string_nocopy(&o, own, 0) == &o && ddwaf_object_get_length(&o) == 0);
    ddwaf_object_destroy(&o, alloc);

    CHECK(ddwaf_object_set_string(NULL, TEXT("x"), alloc) == NULL);
    CHECK(ddwaf_object_get_type(NULL) == DDWAF_OBJ_INVALID && !ddwaf_object_is_invalid(NULL));
    CHECK(ddwaf_object_get_string(NULL, &length) == NULL && length == 5);
    CHECK(ddwaf_object_get_size(NULL) == 0 && ddwaf_object_get_length(NULL) == 0);
}

static void containers(void)
{
    struct ledger ledger = {0, 0, 0};
    ddwaf_allocator alloc = ddwaf_user_allocator_init(ledger_alloc, ledger_free, &ledger, ledger_destroyed);
    ddwaf_object map, array, copy;

    CHECK(ddwaf_object_set_map(&map, 0, alloc) == &map && ddwaf_object_is_map(&map) && ledger.live == 0);
    ddwaf_object_set_unsigned(ddwaf_object_insert_key(&map, TEXT("copied"), alloc), 1);
    ddwaf_object_set_unsigned(ddwaf_object_insert_literal_key(&map, TEXT("a literal key, long"), alloc), 2);
    char *key = (char *)ddwaf_allocator_alloc(alloc, 4, 1);
    memcpy(key, "mine", 4);
    ddwaf_object_set_unsigned(ddwaf_object_insert_key_nocopy(&map, key, 4, alloc), 3);
    CHECK(ddwaf_object_get_size(&map) == 3 && map.via.map.capacity == 8);
    CHECK(ddwaf_object_get_unsigned(ddwaf_object_find(&map, "mine", 4)) == 3);
    CHECK(ddwaf_object_find(&map, "min", 3) == NULL);
    CHECK(ddwaf_object_get_length(ddwaf_object_at_key(&map, 1)) == 19);
    CHECK(ddwaf_object_get_unsigned(ddwaf_object_at_value(&map, 1)) == 2);
    CHECK(ddwaf_object_at_key(&map, 3) == NULL && ddwaf_object_at_value(&map, 3) == NULL);
    CHECK(ddwaf_object_insert(&map, alloc) == NULL);

    CHECK(ddwaf_object_set_array(&array, 1, alloc) == &array && ddwaf_object_is_array(&array));
    ddwaf_object *slot = ddwaf_object_insert(&array, alloc);
    CHECK(slot != NULL && ddwaf_object_is_invalid(slot));
    *slot = map;
    ddwaf_object_set_string(ddwaf_object_insert(&array, alloc), TEXT("a string of some length"), alloc);
    CHECK(ddwaf_object_clone(&array, &copy, alloc) == &copy);
    CHECK(copy.via.array.size == 2 && copy.via.array.capacity == 2);
    CHECK(copy.via.array.ptr[0].via.map.capacity == 3);
    CHECK(copy.via.array.ptr[0].via.map.ptr[1].key.type == DDWAF_OBJ_STRING);
    CHECK(ddwaf_object_insert_key(&array, TEXT("x"), alloc) == NULL);
    ddwaf_object_destroy(&array, alloc);
    ddwaf_object_destroy(&copy, alloc);
    CHECK(array.type == DDWAF_OBJ_INVALID && ledger.live == 0 && ledger.bytes == 0);

/* The functions of 2.0 are still there for who asks for them. */
#undef ddwaf_object_set_array
#undef ddwaf_object_set_map
    CHECK(ddwaf_object_set_array(&array, 9, alloc) == &array && array.via.array.capacity == 9);
    CHECK(ddwaf_object_set_map(&map, 9, alloc) == &map && map.via.map.capacity == 9);
    CHECK(ledger.live == 2 && ledger.bytes == 9 * 16 + 9 * 32);
    ddwaf_object_destroy(&array, alloc);
    ddwaf_object_destroy(&map, alloc);

    CHECK(!ddwaf_object_from_json(&map, TEXT("{\"a\":[1,2}"), alloc));
    CHECK(map.type == DDWAF_OBJ_INVALID && ledger.live == 0);
    ddwaf_allocator_destroy(alloc);
    CHECK(ledger.destroyed == 1);
}

static void allocators(void)
{
    ddwaf_allocator kinds[4];
    kinds[0] = ddwaf_get_default_allocator();
    kinds[1] = ddwaf_synchronized_pool_allocator_init();
    kinds[2] = ddwaf_unsynchronized_pool_allocator_init();
    kinds[3] = ddwaf_monotonic_allocator_init();
    for (int kind = 0; kind < 4; kind++) {
        ddwaf_allocator alloc = kinds[kind];
        void *memory = ddwaf_allocator_alloc(alloc, 1000, 64);
        CHECK(memory != NULL && (uintptr_t)memory % 64 == 0);
        memset(memory, 1, 1000);
        ddwaf_allocator_free(alloc, memory, 1000, 64);
        ddwaf_object object = parse("{\"a\":[\"a string of some length\",{\"b\":[[],{}]}]}", alloc);
        ddwaf_object_destroy(&object, alloc);
        ddwaf_allocator_destroy(alloc);
    }
    CHECK(ddwaf_get_default_allocator() == kinds[0]);
    CHECK(ddwaf_allocator_alloc(NULL, 1, 1) == NULL);
    CHECK(ddwaf_user_allocator_init(NULL, ledger_free, NULL, NULL) == NULL);
}

/* ------------------------------------------------------------------------------------------------ the life cycle */

static void instances(void)
{
    ddwaf_allocator alloc = ddwaf_get_default_allocator();
    ddwaf_object rules = parse(RULES, alloc), diagnostics;
    ddwaf_handle handle = ddwaf_init(&rules, &diagnostics);
    CHECK(handle != NULL);
    const ddwaf_object *section = ddwaf_object_find(&diagnostics, "rules", 5);
    CHECK(ddwaf_object_get_size(ddwaf_object_find(section, "loaded", 6)) == 2);
    ddwaf_object_destroy(&diagnostics, alloc);

    uint32_t count = 0;
    const char *const *names = ddwaf_known_addresses(handle, &count);
    CHECK(count == 2 && strcmp(names[0], "a") == 0 && strcmp(names[1], "b") == 0);
    names = ddwaf_known_actions(handle, &count);
    CHECK(count == 1 && strcmp(names[0], "block_request") == 0);
    CHECK(ddwaf_known_addresses(NULL, &count) == NULL && count == 0);
    ddwaf_destroy(handle);

    CHECK(ddwaf_init(NULL, NULL) == NULL);
    ddwaf_object empty;
    ddwaf_object_set_map(&empty, 0, alloc);
    CHECK(ddwaf_init(&empty, &diagnostics) == NULL && ddwaf_object_is_map(&diagnostics));
    ddwaf_object_destroy(&diagnostics, alloc);
    ddwaf_object_destroy(&rules, alloc);
    CHECK(strcmp(ddwaf_get_version(), "2.1.0") == 0);
}

static void builders(void)
{
    ddwaf_allocator alloc = ddwaf_get_default_allocator();
    ddwaf_object rules = parse(RULES, alloc), broken_rules = parse("{\"rules\":7}", alloc), diagnostics, paths;
    ddwaf_builder builder = ddwaf_builder_init();
    CHECK(ddwaf_builder_build_instance(builder) == NULL);
    CHECK(ddwaf_builder_add_or_update_config(builder, TEXT("a path to the rules"), &rules, NULL));
    CHECK(!ddwaf_builder_add_or_update_config(builder, TEXT("broken"), &broken_rules, &diagnostics));
    CHECK(ddwaf_object_find(ddwaf_object_find(&diagnostics, "rules", 5), "error", 5) != NULL);
    ddwaf_object_destroy(&diagnostics, alloc);
    CHECK(ddwaf_builder_get_config_paths(builder, NULL, TEXT("^b")) == 0);
    CHECK(ddwaf_builder_get_config_paths(builder, &paths, NULL, 0) == 1);
    CHECK(ddwaf_object_get_length(ddwaf_object_at_value(&paths, 0)) == 19);
    ddwaf_object_destroy(&paths, alloc);
    ddwaf_handle handle = ddwaf_builder_build_instance(builder);
    CHECK(handle != NULL);
    CHECK(ddwaf_builder_remove_config(builder, TEXT("a path to the rules")));
    CHECK(!ddwaf_builder_remove_config(builder, TEXT("a path to the rules")));
    ddwaf_builder_destroy(builder);
    ddwaf_destroy(handle);
    ddwaf_object_destroy(&rules, alloc);
    ddwaf_object_destroy(&broken_rules, alloc);
}

static void evaluation(void)
{
    ddwaf_allocator alloc = ddwaf_get_default_allocator();
    struct ledger ledger = {0, 0, 0};
    ddwaf_allocator output = ddwaf_user_allocator_init(ledger_alloc, ledger_free, &ledger, NULL);
    ddwaf_object rules = parse(RULES, alloc), data, lent, result;
    ddwaf_handle handle = ddwaf_init(&rules, NULL);
    ddwaf_object_destroy(&rules, alloc);

    ddwaf_context context = ddwaf_context_init(handle, output);
    CHECK(ddwaf_context_init(NULL, output) == NULL && ddwaf_context_init(handle, NULL) == NULL);
    data = parse("{\"a\":[\"something good, and long enough to be freed\"]}", alloc);
    CHECK(ddwaf_context_eval(context, &data, alloc, &result, LONG_US) == DDWAF_OK);
    CHECK(ddwaf_object_get_size(&result) == 7 && ledger.live > 0);
    ddwaf_object_destroy(&result, output);
    CHECK(ledger.live == 0);

    ddwaf_subcontext subcontext = ddwaf_subcontext_init(context);
    lent = parse("{\"b\":\"something evil, lent and not given\"}", alloc);
    CHECK(ddwaf_context_eval(context, &lent, NULL, &result, LONG_US) == DDWAF_MATCH);
    const ddwaf_object *actions = ddwaf_object_find(&result, "actions", 7);
    CHECK(ddwaf_object_find(actions, "block_request", 13) != NULL);
    ddwaf_object_destroy(&result, output);

    data = parse("[{\"a\":\"good\"},{\"a\":\"evil\"}]", alloc);
    CHECK(ddwaf_context_multieval(context, &data, alloc, &result, LONG_US) == DDWAF_MATCH);
    CHECK(ddwaf_object_get_unsigned(ddwaf_object_find(&result, "evaluated", 9)) == 2);
    ddwaf_object_destroy(&result, output);
    data = parse("[\"not a map, and taken over all the same\"]", alloc);
    CHECK(ddwaf_context_eval(context, &data, alloc, &result, LONG_US) == DDWAF_ERR_INVALID_OBJECT);
    CHECK(ddwaf_context_eval(NULL, &data, alloc, NULL, 0) == DDWAF_ERR_INVALID_ARGUMENT);
    ddwaf_destroy(handle);
    ddwaf_context_destroy(context);

    /* The subcontext knows what the context knew when it was made, and goes on without it. */
    data = parse("{\"a\":\"evil\"}", alloc);
    CHECK(ddwaf_subcontext_eval(subcontext, &data, alloc, NULL, LONG_US) == DDWAF_MATCH);
    data = parse("[{\"a\":\"evil\"},{\"b\":\"evil\"}]", alloc);
    CHECK(ddwaf_subcontext_multieval(subcontext, &data, alloc, NULL, LONG_US) == DDWAF_MATCH);
    ddwaf_subcontext_destroy(subcontext);
    ddwaf_object_destroy(&lent, alloc);
    CHECK(ledger.live == 0);
    ddwaf_allocator_destroy(output);
}

static int messages = 0;

static void on_message(DDWAF_LOG_LEVEL level, const char *function, const char *file, unsigned line,
    const char *message, uint64_t message_len)
{
    CHECK(level >= DDWAF_LOG_INFO && function != NULL && file != NULL && line > 0);
    CHECK(strlen(message) == message_len);
    messages++;
}

static void logging(void)
{
    CHECK(ddwaf_set_log_cb(on_message, DDWAF_LOG_INFO) && messages == 1);
    CHECK(ddwaf_user_allocator_init(NULL, NULL, NULL, NULL) == NULL && messages == 2);
    CHECK(ddwaf_set_log_cb(on_message, DDWAF_LOG_OFF) && messages == 2);
    CHECK(ddwaf_set_log_cb(NULL, DDWAF_LOG_TRACE));
    CHECK(ddwaf_user_allocator_init(NULL, NULL, NULL, NULL) == NULL && messages == 2);
}

int main(void)
{
    void (*tests[])(void) = {
        layout, setters_and_readers, containers, allocators, instances, builders, evaluation, logging};
    int passed = 0, failed = 0;
    for (size_t test = 0; test < sizeof tests / sizeof *tests; test++) {
        int before = broken;
        tests[test]();
        if (broken == before)
            passed++;
        else
            failed++;
    }
    printf("runner: {\"passed\":%d,\"failed\":%d}\n", passed, failed);
    return failed != 0;
}
