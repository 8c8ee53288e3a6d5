/*
 * Calls every function of bartizan.h. Compiles as C11 and as C++11. Prints what of it held; exits with 1 if something
 * did not.
 */
#include "bartizan.h"
#include "ddwaf.h"

#include <stdio.h>
#include <string.h>

static int broken = 0;

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            broken++;                                                       \
        }                                                                   \
    } while (0)

/* A string constant as bytes with their length. */
#define BYTES(literal) (const uint8_t *)(literal), (sizeof(literal) - 1)

#define RULES                                                                                      \
    "{\"version\":\"2.2\",\"rules\":[{\"id\":\"probe\",\"name\":\"p\",\"tags\":{\"type\":\"t\"},"  \
    "\"on_match\":[\"block\"],\"conditions\":[{\"operator\":\"match_regex\",\"parameters\":"       \
    "{\"regex\":\"^probe\",\"inputs\":[{\"address\":\"agent\"}]}}]}]}"

static int is(const bartizan_buffer *buffer, const char *text)
{
    return buffer->len == strlen(text) && memcmp(buffer->data, text, buffer->len) == 0;
}

static int starts(const bartizan_buffer *buffer, const char *text)
{
    return buffer->len >= strlen(text) && memcmp(buffer->data, text, strlen(text)) == 0;
}

static bartizan_instance *load(void)
{
    bartizan_builder *builder = bartizan_builder_new();
    CHECK(bartizan_builder_update(builder, BYTES("rules"), BYTES(RULES), 0, NULL) == 1);
    bartizan_instance *instance = bartizan_builder_build(builder);
    CHECK(instance != NULL);
    bartizan_builder_free(builder);
    return instance;
}

static void library(void)
{
    CHECK(bartizan_abi() == 1);
    CHECK(strlen(bartizan_version()) >= 5);
    void *memory = bartizan_alloc(1000);
    CHECK(memory != NULL && (uintptr_t)memory % 8 == 0);
    memset(memory, 1, 1000);
    bartizan_free(memory, 1000);
    bartizan_free(NULL, 0);
    CHECK(bartizan_alloc(SIZE_MAX) == NULL);
}

static void builder(void)
{
    bartizan_buffer out;
    bartizan_builder *builder = bartizan_builder_new();
    CHECK(bartizan_builder_build(builder) == NULL);
    CHECK(bartizan_builder_update(builder, BYTES("rules"), BYTES(RULES), 0, &out) == 1);
    CHECK(starts(&out, "{\"rules\":{\"loaded\":[\"probe\"],"));
    CHECK(bartizan_builder_update(builder, BYTES("rules"), BYTES("{"), 0, &out) == 0);
    CHECK(starts(&out, "{\"error\":\"configuration document cannot be read: "));
    CHECK(bartizan_builder_update(builder, BYTES("more"), BYTES("{}"), BARTIZAN_MESSAGE_PACK, &out) == 1);
    CHECK(out.len == 1 && out.data[0] == 0x80);
    CHECK(bartizan_builder_update(builder, BYTES(""), BYTES("{}"), 0, &out) == BARTIZAN_INVALID_ARGUMENT);
    CHECK(bartizan_builder_paths(builder, &out) == 1 && is(&out, "[\"rules\",\"more\"]"));
    CHECK(bartizan_builder_remove(builder, BYTES("more")) == 1);
    CHECK(bartizan_builder_remove(builder, BYTES("more")) == 0);
    CHECK(bartizan_builder_remove(NULL, BYTES("more")) == BARTIZAN_INVALID_ARGUMENT);
    bartizan_builder_free(builder);
    bartizan_builder_free(NULL);
}

static void instance(void)
{
    bartizan_buffer out;
    bartizan_instance *instance = load();
    CHECK(bartizan_instance_addresses(instance, &out) == 1 && is(&out, "[\"agent\"]"));
    CHECK(bartizan_instance_actions(instance, &out) == 1 && is(&out, "[\"block_request\"]"));
    CHECK(bartizan_instance_actions(NULL, &out) == BARTIZAN_INVALID_ARGUMENT);
    CHECK(bartizan_instance_keep(instance, "shop", 4, "1", 1) == 1);
    CHECK(bartizan_instance_keep(NULL, "shop", 4, "1", 1) == BARTIZAN_INVALID_ARGUMENT);
    bartizan_instance_free(instance);
    bartizan_instance_free(NULL);
    CHECK(bartizan_instance_kept("shop", 4, "2", 1) == NULL && bartizan_instance_kept("else", 4, "1", 1) == NULL);
    instance = bartizan_instance_kept("shop", 4, "1", 1);
    CHECK(bartizan_instance_actions(instance, &out) == 1 && is(&out, "[\"block_request\"]"));
    bartizan_instance_free(instance);
}

static void contexts(void)
{
    bartizan_buffer out;
    bartizan_instance *instance = load();
    bartizan_context *context = bartizan_context_new(instance);
    bartizan_context *subcontext = bartizan_subcontext_new(context);
    bartizan_instance_free(instance);
    CHECK(bartizan_context_new(NULL) == NULL && bartizan_subcontext_new(NULL) == NULL);

    CHECK(bartizan_context_set_timeout(context, 1000000) == 1);
    CHECK(bartizan_context_set_timeout(NULL, 1) == BARTIZAN_INVALID_ARGUMENT);
    CHECK(bartizan_context_eval(context, BYTES("{\"agent\":\"x\"}"), 0, 0, BARTIZAN_UNLIMITED, 0, NULL) == 0);
    CHECK(bartizan_context_error(context, &out) == 0);
    CHECK(bartizan_context_eval(context, BYTES("{\"agent\":\"probe\"}"), 0, 0, BARTIZAN_UNLIMITED, 0, &out) == 1);
    CHECK(starts(&out, "{\"events\":[{\"rule\":{\"id\":\"probe\","));
    CHECK(bartizan_context_eval(context, BYTES("[]"), 0, 0, BARTIZAN_UNLIMITED, 0, &out) == BARTIZAN_MALFORMED);
    CHECK(bartizan_context_error(context, &out) == 1);
    CHECK(is(&out, "request data is not a map from address to value"));
    CHECK(bartizan_context_error(NULL, &out) == BARTIZAN_INVALID_ARGUMENT);
    bartizan_context_free(context);

    /* Two batches as MessagePack: [{}, {"agent": "probe"}]. */
    CHECK(bartizan_context_eval(subcontext, BYTES("\x92\x80\x81\xa5" "agent" "\xa5" "probe"), 5, 6, BARTIZAN_UNLIMITED,
              BARTIZAN_BATCHES | BARTIZAN_MESSAGE_PACK, &out) == 1);
    CHECK(starts(&out, "\x87\xa6" "events\x91"));
    bartizan_context_free(subcontext);
    bartizan_context_free(NULL);
}

#define AGENT_RULES                                                                                \
    "{\"version\":\"2.2\",\"rules\":[{\"id\":\"probe\",\"name\":\"p\",\"tags\":{\"type\":\"t\"},"  \
    "\"on_match\":[\"block\"],\"conditions\":[{\"operator\":\"match_regex\",\"parameters\":"       \
    "{\"regex\":\"^probe\",\"inputs\":[{\"address\":\"server.request.headers.no_cookies\"},"       \
    "{\"address\":\"server.request.body\"},{\"address\":\"usr.id\"},"                              \
    "{\"address\":\"server.response.body\"}]}}]}]}"

#define QUOTED "{\\\"version\\\":\\\"2.2\\\",\\\"rules\\\":[{\\\"id\\\":\\\"r\\\",\\\"name\\\":\\\"r\\\"," \
    "\\\"tags\\\":{\\\"type\\\":\\\"t\\\"},\\\"conditions\\\":[{\\\"operator\\\":\\\"exists\\\"," \
    "\\\"parameters\\\":{\\\"inputs\\\":[{\\\"address\\\":\\\"a\\\"}]}}]}]}"

static void hosts(void)
{
    bartizan_buffer out;
    CHECK(bartizan_host_new(BYTES("[]")) == NULL);
    bartizan_host *host = bartizan_host_new(BYTES("{\"canary\":\"probe\"}"));
    CHECK(bartizan_host_settings(host, &out) == 1 && starts(&out, "{\"enabled\":true,\"mode\":\"block\","));
    bartizan_builder *builder = bartizan_builder_new();
    CHECK(bartizan_builder_update(builder, BYTES("rules"), BYTES(AGENT_RULES), 0, NULL) == 1);
    bartizan_instance *instance = bartizan_builder_build(builder);
    bartizan_builder_free(builder);
    CHECK(bartizan_host_self_check(host, instance, 0, &out) == 1 && is(&out, "{\"ok\":true,\"problems\":[]}"));

    bartizan_request *request = bartizan_request_new(host, instance, 0, 0);
    bartizan_host_free(host);
    bartizan_instance_free(instance);
    CHECK(bartizan_request_new(NULL, NULL, 0, 0) == NULL);
    CHECK(bartizan_request_start(request, BYTES("5\0GET\0/"), &out) == BARTIZAN_MALFORMED);
    CHECK(bartizan_request_error(request, &out) == 1 && starts(&out, "flat data of 3 fields"));
    CHECK(bartizan_request_start(request, BYTES("9\0GET\0/\0\0\0\0cgi\0CONTENT_TYPE\0text/plain"), &out) == 0);
    CHECK(bartizan_request_error(request, &out) == 0);
    CHECK(bartizan_request_body(request, BYTES("calm"), 1, &out) == (3 << 4));
    CHECK(bartizan_request_body(request, BYTES("calm"), 0, &out) == (2 << 4));
    CHECK(bartizan_request_event(request, BYTES("{\"event\":\"set_user\",\"user\":\"ann\"}"), &out) == 1);
    CHECK(starts(&out, "{\"verdict\":\"none\",\"tags\":{\"usr.id\":\"ann\""));
    CHECK(bartizan_request_response(request, BYTES("5\000200\0\0content-type\0application/json"), &out) == 0);
    CHECK(bartizan_request_response_body(request, BYTES("[1]"), 1, &out) == (3 << 4));
    CHECK(bartizan_request_eval(request, BYTES("{\"usr.id\":\"probe\"}"), BARTIZAN_SUBCONTEXT, &out) == 2);
    CHECK(bartizan_request_finish(request, 0, &out) == 1 && starts(&out, "{\"time\":"));
    CHECK(bartizan_request_finish(NULL, BARTIZAN_ALWAYS, &out) == BARTIZAN_INVALID_ARGUMENT);
    bartizan_request_free(request);
    bartizan_request_free(NULL);
}

static void live_rules(void)
{
    bartizan_buffer out;
    bartizan_rules *rules = bartizan_rules_new();
    CHECK(bartizan_rules_instance(rules) == NULL && bartizan_rules_save(rules, &out) == 0);
    CHECK(bartizan_rules_offer(rules, BYTES("{\"error\":\"gone\"}"), &out) == 0 && starts(&out, "{\"state\":\"refused\""));
    CHECK(bartizan_rules_offer(rules, BYTES("{\"files\":[{\"path\":\"r\",\"text\":\"" QUOTED "\"}]}"), &out) == 2);
    bartizan_instance *instance = bartizan_rules_instance(rules);
    CHECK(instance != NULL && bartizan_instance_addresses(instance, &out) == 1 && is(&out, "[\"a\"]"));
    bartizan_host *host = bartizan_host_new(BYTES("{}"));
    CHECK(bartizan_host_doctor(host, instance, &out) == 1);
    CHECK(is(&out, "{\"wanted\":[\"a\"],\"sent\":[],\"never_sent\":[\"a\"]}"));
    bartizan_host_free(host);
    bartizan_instance_free(instance);
    CHECK(bartizan_rules_save(rules, &out) == 1);
    bartizan_rules *others = bartizan_rules_new();
    CHECK(bartizan_rules_restore(others, out.data, out.len, &out) == 2);
    CHECK(bartizan_rules_restore(others, BYTES("{}"), &out) == 0);
    bartizan_rules_free(others);
    bartizan_rules_free(rules);
}

int main(void)
{
    void (*tests[])(void) = {library, builder, instance, contexts, hosts, live_rules};
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
