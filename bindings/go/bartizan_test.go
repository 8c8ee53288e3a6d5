package bartizan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The module in dist/, or in the folder $BARTIZAN_DIST; compiled once.
var module = sync.OnceValues(func() (*Module, error) {
	dist := os.Getenv("BARTIZAN_DIST")
	if dist == "" {
		dist = filepath.Join("..", "..", "dist")
	}
	return Load(context.Background(), filepath.Join(dist, "bartizan.wasm"))
})

func rule(id, address, regex string, more string) string {
	return fmt.Sprintf(`{"id":%q,"name":%[1]q,"tags":{"type":%[1]q},"conditions":[{"operator":"match_regex",
		"parameters":{"inputs":[{"address":%q}],"regex":%q}}]%s}`, id, address, regex, more)
}

func ruleset(rules ...string) []byte {
	return []byte(`{"version":"2.2","rules":[` + strings.Join(rules, ",") + `]}`)
}

var rules = ruleset(rule("evil", "a", "ev.l", `,"on_match":["block"]`), rule("second", "b", "x", ""))

func newBuilder(t *testing.T) *Builder {
	t.Helper()
	m, err := module()
	must(t, err)
	engine, err := m.NewEngine(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, engine.Close()) })
	builder, err := engine.NewBuilder()
	must(t, err)
	return builder
}

func load(t *testing.T, config []byte) *Instance {
	t.Helper()
	builder := newBuilder(t)
	update, err := builder.Update("rules", config)
	must(t, err)
	if !update.Accepted {
		t.Fatalf("refused: %s", update.Diagnostics)
	}
	instance, err := builder.Build()
	must(t, err)
	must(t, builder.Close())
	return instance
}

func newContextOf(t *testing.T, instance *Instance) *Context {
	t.Helper()
	c, err := instance.NewContext()
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestConfigurationIsAcceptedRefusedAndRemoved(t *testing.T) {
	builder := newBuilder(t)
	update, err := builder.Update("rules", rules)
	must(t, err)
	if !update.Accepted || !bytes.Contains(update.Diagnostics, []byte(`"loaded":["evil","second"]`)) {
		t.Fatalf("%+v", update)
	}
	update, err = builder.Update("rules", []byte(`{"version":"1.0","rules":[]}`))
	must(t, err)
	if update.Accepted || !bytes.Contains(update.Diagnostics, []byte("unsupported schema version")) {
		t.Fatalf("%+v", update)
	}
	instance, err := builder.Build()
	must(t, err)
	if instance == nil {
		t.Fatal("what was accepted before is no longer in force")
	}
	for _, want := range []bool{true, false} {
		if removed, err := builder.Remove("rules"); err != nil || removed != want {
			t.Fatal(removed, err)
		}
	}
	if instance, err := builder.Build(); instance != nil || err != nil {
		t.Fatal(instance, err)
	}
	if _, err := builder.Update("", rules); !errors.Is(err, ErrArgument) {
		t.Fatal(err)
	}
}

func TestAnInstanceTellsWhatItLooksAt(t *testing.T) {
	instance := load(t, rules)
	addresses, err := instance.Addresses()
	must(t, err)
	slices.Sort(addresses)
	actions, err := instance.Actions()
	must(t, err)
	if !slices.Equal(addresses, []string{"a", "b"}) || !slices.Equal(actions, []string{"block_request"}) {
		t.Fatal(addresses, actions)
	}
}

func TestResultsAreTheEnginesOwn(t *testing.T) {
	instance := load(t, rules)
	options := Options{Now: 5, Entropy: 7}
	c := newContextOf(t, instance)
	if result, err := c.Eval(map[string]any{"a": "fine"}, options); result != nil || err != nil {
		t.Fatal(string(result), err)
	}
	first, err := c.Eval(map[string]any{"a": map[string]any{"k": []string{"an evil <word>"}}}, options)
	must(t, err)
	var result struct {
		Events []struct {
			Matches []struct {
				Parameters []struct {
					Value     string
					KeyPath   []any `json:"key_path"`
					Highlight []string
				}
			} `json:"rule_matches"`
		}
		Actions map[string]map[string]any
	}
	must(t, json.Unmarshal(first, &result))
	parameter := result.Events[0].Matches[0].Parameters[0]
	if parameter.Value != "an evil <word>" || parameter.Highlight[0] != "evil" || len(parameter.KeyPath) != 2 {
		t.Fatalf("%+v", parameter)
	}
	if result.Actions["block_request"]["status_code"] != 403.0 {
		t.Fatalf("%+v", result.Actions)
	}
	again, err := newContextOf(t, instance).Eval(map[string]any{"a": map[string]any{"k": []string{"an evil <word>"}}}, options)
	must(t, err)
	if !bytes.Equal(first, again) {
		t.Fatalf("the same entropy gives other ids\n%s\n%s", first, again)
	}
	other, err := newContextOf(t, instance).Eval([]byte(`{"a":"evil"}`), Options{})
	must(t, err)
	if other == nil {
		t.Fatal("the zero options are no options")
	}
}

func TestEveryKindOfDocumentIsTaken(t *testing.T) {
	instance := load(t, rules)
	for _, document := range []any{
		map[string]string{"a": "evil"}, `{"a":"evil"}`, []byte(`{"a":"evil"}`),
		json.RawMessage(`{"a":"evil"}`), []byte("\x81\xa1a\xa4evil"), map[string]string{"a": "evil\xff"},
	} {
		if result, err := newContextOf(t, instance).Eval(document, Options{}); result == nil || err != nil {
			t.Fatal(document, err)
		}
	}
	batches := []map[string]string{{"a": "fine"}, {"b": "x"}}
	result, err := newContextOf(t, instance).Eval(batches, Options{Batches: true})
	if err != nil || !bytes.Contains(result, []byte(`"evaluated":2`)) {
		t.Fatal(string(result), err)
	}
	for _, document := range []any{batches, `"text"`, "{"} {
		if _, err := newContextOf(t, instance).Eval(document, Options{}); !errors.Is(err, ErrDocument) {
			t.Fatal(document, err)
		}
	}
	if _, err := newContextOf(t, instance).Eval(func() {}, Options{}); err == nil {
		t.Fatal("a function is no document")
	}
}

func TestASubcontextKeepsWhatItFinds(t *testing.T) {
	parent := newContextOf(t, load(t, rules))
	eval := func(c *Context, document string) bool {
		result, err := c.Eval(document, Options{})
		must(t, err)
		return result != nil
	}
	eval(parent, `{"b":"x"}`)
	child, err := parent.Subcontext()
	must(t, err)
	if eval(child, `{"b":"x"}`) || !eval(child, `{"a":"evil"}`) || !eval(parent, `{"a":"evil"}`) {
		t.Fatal("what the parent reported is known to the child; nothing flows back")
	}
}

func TestLifetimesDoNotDependOnEachOther(t *testing.T) {
	instance := load(t, rules)
	c := newContextOf(t, instance)
	child, err := c.Subcontext()
	must(t, err)
	for range 2 {
		must(t, instance.Close())
		must(t, c.Close())
	}
	if result, err := child.Eval(`{"a":"evil"}`, Options{}); result == nil || err != nil {
		t.Fatal(err)
	}
	if _, err := c.Eval(`{}`, Options{}); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if _, err := instance.NewContext(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	must(t, child.engine.Close())
	if _, err := child.Eval(`{}`, Options{}); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	must(t, child.Close())
}

func TestDocumentsOfAnySizePass(t *testing.T) {
	var many []string
	for i := range 2000 {
		many = append(many, rule(fmt.Sprintf("r%d", i), "a", fmt.Sprintf("word%dx", i), ""))
	}
	instance := load(t, ruleset(many...))
	for _, text := range []string{strings.Repeat("y", 1_000_000) + "word1999x", "word7x"} {
		result, err := newContextOf(t, instance).Eval(map[string]string{"a": text}, Options{})
		if result == nil || err != nil {
			t.Fatal(len(text), err)
		}
	}
}

func TestGoroutinesTakeTurns(t *testing.T) {
	instance := load(t, rules)
	var group sync.WaitGroup
	failed := make(chan error, 8)
	for range 8 {
		group.Go(func() {
			for range 50 {
				c, err := instance.NewContext()
				if err == nil {
					var result json.RawMessage
					if result, err = c.Eval(`{"a":"evil"}`, Options{}); err == nil && result == nil {
						err = errors.New("no match")
					}
					err = errors.Join(err, c.Close())
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failed)
	for err := range failed {
		t.Fatal(err)
	}
}

func TestVersionIsTold(t *testing.T) {
	version, err := newBuilder(t).engine.Version()
	if err != nil || strings.Count(version, ".") != 2 {
		t.Fatal(version, err)
	}
}

func TestWhatIsNoEngineIsRefused(t *testing.T) {
	if _, err := New(t.Context(), []byte("not wasm")); err == nil {
		t.Fatal("text was taken for a module")
	}
	empty, err := New(t.Context(), []byte("\x00asm\x01\x00\x00\x00"))
	must(t, err)
	if _, err := empty.NewEngine(t.Context()); err == nil {
		t.Fatal("a module without functions was taken for the engine")
	}
	must(t, empty.Close(t.Context()))
}
