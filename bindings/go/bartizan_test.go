package bartizan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

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
	builder, err := NewBuilder()
	must(t, err)
	t.Cleanup(func() { must(t, builder.Close()) })
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
	t.Cleanup(func() { must(t, instance.Close()) })
	return instance
}

func newContextOf(t *testing.T, instance *Instance) *Context {
	t.Helper()
	c, err := instance.NewContext()
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
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
	must(t, instance.Close())
	if update, err = builder.Update("more", map[string]any{"version": "2.2", "rules": []any{}}); err != nil {
		t.Fatal(update, err)
	}
	if paths, err := builder.Paths(); err != nil || !slices.Equal(paths, []string{"rules"}) && !slices.Equal(paths, []string{"rules", "more"}) {
		t.Fatal(paths, err)
	}
	for _, want := range []bool{true, false} {
		if removed, err := builder.Remove("rules"); err != nil || removed != want {
			t.Fatal(removed, err)
		}
	}
	if _, err := builder.Build(); !errors.Is(err, ErrEmpty) {
		t.Fatal(err)
	}
	if _, err := builder.Update("", rules); !errors.Is(err, ErrArgument) {
		t.Fatal(err)
	}
	must(t, builder.Close())
	if _, err := builder.Update("rules", rules); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestAnInstanceTellsWhatItLooksAt(t *testing.T) {
	instance := load(t, rules)
	addresses, actions := instance.Addresses(), instance.Actions()
	slices.Sort(addresses)
	if !slices.Equal(addresses, []string{"a", "b"}) || !slices.Equal(actions, []string{"block_request"}) {
		t.Fatal(addresses, actions)
	}
}

func TestResultsAreTheEnginesOwn(t *testing.T) {
	instance := load(t, rules)
	options := Options{Now: 5, Entropy: 7}
	c := newContextOf(t, instance)
	if result, err := c.EvalWith(t.Context(), map[string]any{"a": "fine"}, options); result != nil || err != nil {
		t.Fatal(result, err)
	}
	evil := map[string]any{"a": map[string]any{"k": []string{"an evil <word>"}}}
	first, err := c.EvalWith(t.Context(), evil, options)
	must(t, err)
	event := first.Events[0]
	parameter := event.Matches[0].Parameters[0]
	if parameter.Value != "an evil <word>" || parameter.Highlight[0] != "evil" || len(parameter.KeyPath) != 2 {
		t.Fatalf("%+v", parameter)
	}
	if event.Rule.ID != "evil" || event.Rule.Tags["type"] != "evil" || event.SecurityResponseID == "" {
		t.Fatalf("%+v", event)
	}
	if !first.Blocks() || first.Actions["block_request"]["status_code"] != 403.0 || !first.Keep || first.Timeout {
		t.Fatalf("%+v", first)
	}
	again, err := newContextOf(t, instance).EvalWith(t.Context(), evil, options)
	must(t, err)
	if !bytes.Equal(first.JSON(), again.JSON()) {
		t.Fatalf("the same entropy gives other ids\n%s\n%s", first.JSON(), again.JSON())
	}
	other, err := newContextOf(t, instance).Eval(t.Context(), []byte(`{"a":"evil"}`))
	must(t, err)
	if other == nil || other.Events[0].SecurityResponseID == event.SecurityResponseID {
		t.Fatal("chance gives the same ids")
	}
}

func TestValuesThatMatchTogetherAreTold(t *testing.T) {
	config := []byte(`{"version":"2.2","rules":[{"id":"lfi","name":"lfi","tags":{"type":"lfi"},"conditions":[{"operator":"lfi_detector",
		"parameters":{"resource":[{"address":"file"}],"params":[{"address":"query"}]}}]}]}`)
	data := map[string]any{"file": "/srv/../../../etc/passwd", "query": map[string]any{"f": "../../../etc/passwd"}}
	result, err := newContextOf(t, load(t, config)).Eval(t.Context(), data)
	must(t, err)
	arguments := result.Events[0].Matches[0].Parameters[0].Arguments
	if arguments["resource"].Address != "file" || arguments["params"].Value != "../../../etc/passwd" {
		t.Fatalf("%+v", arguments)
	}
}

type named struct {
	Word string `json:"word"`
}

func TestEveryKindOfDocumentIsTaken(t *testing.T) {
	instance := load(t, rules)
	evil := "evil"
	for at, document := range []any{
		map[string]string{"a": "evil"}, `{"a":"evil"}`, []byte(`{"a":"evil"}`), Pairs{{"b", 1}, {"a", []byte("evil")}},
		json.RawMessage(`{"a":"evil"}`), []byte("\x81\xa1a\xa4evil"), map[string]string{"a": "evil\xff"},
		map[string][]string{"a": {"fine", "evil"}}, map[string]any{"a": named{"evil"}}, map[string]any{"a": &evil},
		map[string]any{"a": map[int]any{5: []any{nil, true, -7, uint64(1 << 63), 1.5, json.Number("12"), "evil"}}},
		map[string]any{"a": json.RawMessage(`{"x":["evil"]}`), "t": time.Now(), "f": float32(1), "i": int8(-100)},
		map[string]any{"a": strings.Repeat("x", 70_000) + "evil", "l": make([]int, 70_000)},
	} {
		if result, err := newContextOf(t, instance).Eval(t.Context(), document); result == nil || err != nil {
			t.Fatal(at, err)
		}
	}
	batches := []map[string]string{{"a": "fine"}, {"b": "x"}}
	result, err := newContextOf(t, instance).EvalWith(t.Context(), batches, Options{Batches: true})
	if err != nil || result.Evaluated != 2 {
		t.Fatal(result, err)
	}
	for _, document := range []any{batches, `"text"`, "{"} {
		_, err := newContextOf(t, instance).Eval(t.Context(), document)
		if !errors.Is(err, ErrDocument) || !strings.Contains(err.Error(), ": ") {
			t.Fatal(document, err)
		}
	}
	if _, err := newContextOf(t, instance).Eval(t.Context(), func() {}); err == nil {
		t.Fatal("a function is no document")
	}
	endless := map[string]any{}
	endless["a"] = endless
	if _, err := newContextOf(t, instance).Eval(t.Context(), endless); err != nil {
		t.Fatal(err)
	}
}

func TestDeadlinesAndBudgetsEnd(t *testing.T) {
	access := rule("acl", "a", "evil", "")
	access = strings.Replace(access, `"type":"acl"`, `"type":"acl","module":"network-acl"`, 1)
	instance := load(t, ruleset(access, rule("waf", "a", "evil", "")))
	long := map[string]string{"a": strings.Repeat("y", 1_000_000) + "evil"}
	soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for name, evaluate := range map[string]func(c *Context) (*Result, error){
		"a budget": func(c *Context) (*Result, error) { return c.EvalWith(t.Context(), long, Options{Budget: 1000}) },
		"none":     func(c *Context) (*Result, error) { return c.EvalWith(t.Context(), long, Options{NoBudget: true}) },
		"a deadline": func(c *Context) (*Result, error) {
			result, err := c.Eval(soon, long)
			if errors.Is(err, context.DeadlineExceeded) {
				return c.EvalWith(t.Context(), long, Options{NoBudget: true}) // a slow machine
			}
			return result, err
		},
	} {
		result, err := evaluate(newContextOf(t, instance))
		if err != nil || result == nil || !result.Timeout || len(result.Events) != 1 {
			t.Fatal(name, result, err)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newContextOf(t, instance).Eval(over, long); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestASubcontextKeepsWhatItFinds(t *testing.T) {
	parent := newContextOf(t, load(t, rules))
	eval := func(c *Context, document string) bool {
		result, err := c.Eval(t.Context(), document)
		must(t, err)
		return result != nil
	}
	eval(parent, `{"b":"x"}`)
	child, err := parent.Subcontext()
	must(t, err)
	defer child.Close()
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
	}
	grandchild, err := child.Subcontext()
	must(t, err)
	must(t, grandchild.Close())
	for range 2 {
		must(t, c.Close())
	}
	if result, err := child.Eval(t.Context(), `{"a":"evil"}`); result == nil || err != nil {
		t.Fatal(err)
	}
	if _, err := c.Eval(t.Context(), `{}`); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if _, err := c.Subcontext(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if _, err := instance.NewContext(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	must(t, child.Close())
	if stats := instance.Stats(); stats.Contexts != 0 || stats.Machines != 0 || stats.Memory != 0 {
		t.Fatalf("%+v", stats)
	}
}

func TestWhatIsForgottenIsClosed(t *testing.T) {
	instance := load(t, rules)
	for range 100 {
		_, err := instance.NewContext()
		must(t, err)
	}
	for range 100 {
		runtime.GC()
		if instance.Stats().Contexts == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%+v", instance.Stats())
}

func TestDocumentsOfAnySizePass(t *testing.T) {
	var many []string
	for i := range 2000 {
		many = append(many, rule(fmt.Sprintf("r%d", i), "a", fmt.Sprintf("word%dx", i), ""))
	}
	instance := load(t, ruleset(many...))
	for _, text := range []string{strings.Repeat("y", 1_000_000) + "word1999x", "word7x"} {
		result, err := newContextOf(t, instance).Eval(t.Context(), map[string]string{"a": text})
		if result == nil || err != nil {
			t.Fatal(len(text), err)
		}
	}
}

func TestManyGoroutinesShareAnInstance(t *testing.T) {
	builder := newBuilder(t)
	builder.Machines = 3
	_, err := builder.Update("rules", rules)
	must(t, err)
	instance, err := builder.Build()
	must(t, err)
	defer instance.Close()
	var group sync.WaitGroup
	failed := make(chan error, 16)
	for worker := range 16 {
		group.Go(func() {
			for round := range 50 {
				word := fmt.Sprintf("evil %d %d", worker, round)
				c, err := instance.NewContext()
				if err == nil {
					var result *Result
					if result, err = c.Eval(t.Context(), map[string]string{"a": word}); err == nil &&
						(result == nil || result.Events[0].Matches[0].Parameters[0].Value != word) {
						err = errors.New("another's result, or none")
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
	if stats := instance.Stats(); stats.Machines > 3 || stats.Contexts != 0 || stats.Traps != 0 {
		t.Fatalf("%+v", stats)
	}
}

func TestMemoryThatGrewIsGivenBack(t *testing.T) {
	builder := newBuilder(t)
	builder.Machines = 1
	_, err := builder.Update("rules", rules)
	must(t, err)
	instance, err := builder.Build()
	must(t, err)
	defer instance.Close()
	for range 3 {
		c, err := instance.NewContext()
		must(t, err)
		_, err = c.Eval(t.Context(), map[string]string{"a": strings.Repeat("y", 30<<20)})
		must(t, err)
		must(t, c.Close())
	}
	if stats := instance.Stats(); stats.Renewed != 3 || stats.Memory > 16<<20 {
		t.Fatalf("%+v", stats)
	}
}

func TestVersionIsTold(t *testing.T) {
	version, err := Version()
	if err != nil || strings.Count(version, ".") != 2 {
		t.Fatal(version, err)
	}
}

func TestWhatIsNoEngineIsRefused(t *testing.T) {
	for _, wasm := range []string{"not wasm", "\x00asm\x01\x00\x00\x00"} {
		if _, err := Compile(t.Context(), []byte(wasm), ""); err == nil {
			t.Fatalf("%q was taken for the engine", wasm)
		}
	}
}

func TestMachineCodeIsKeptWhereAsked(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		engine, err := CompileEmbedded(t.Context(), folder)
		must(t, err)
		must(t, engine.Close(t.Context()))
	}
	if _, err := CompileEmbedded(t.Context(), "/dev/null/x"); err == nil {
		t.Fatal("a folder that cannot be")
	}
}
