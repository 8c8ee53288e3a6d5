// Command corpus runs the shared corpus through this package: `go run ./internal/corpus [-json] BUNDLE`.
//
// It prints a line of JSON for each case. Values go in as Go values, or with -json as JSON documents.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"reflect"
	"slices"

	"example.invalid/bartizan"
)

type bundle struct {
	Format int
	Cases  []spec
}

type spec struct {
	ID    string
	Needs []string
	Skip  map[string]string
	Steps []step
}

type step struct {
	Do       string
	Path     string
	Config   ordered
	Document *ordered
	Context  string
	Of       string
	Data     ordered
	Batches  bool
	Now      *uint64 `json:"now_s"`
	Budget   *uint64
	Want     *ordered
}

type line struct {
	ID     string `json:"id"`
	Result string `json:"result"`
	Why    string `json:"why,omitempty"`
}

// As the corpus says, any time will do where a step has none.
const someTime = 1_700_000_000

func main() {
	log.SetFlags(0)
	asJSON := flag.Bool("json", false, "send JSON documents instead of Go values")
	flag.Parse()
	text, err := os.ReadFile(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	var all bundle
	if err := json.Unmarshal(text, &all); err != nil || all.Format != 1 {
		log.Fatalf("%s: not a bundle of format 1: %v", flag.Arg(0), err)
	}
	failed := false
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, one := range all.Cases {
		ran := run(one, *asJSON)
		failed = failed || ran.Result == "failed"
		if err := out.Encode(ran); err != nil {
			log.Fatal(err)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func run(one spec, asJSON bool) line {
	door := "wire-msgpack"
	if asJSON {
		door = "wasm"
	}
	if why := one.Skip[door]; why != "" {
		return line{one.ID, "skipped", why}
	}
	for _, need := range one.Needs {
		switch {
		case need == "invalid":
			return line{one.ID, "skipped", "documents have no invalid objects"}
		case need == "any float" && asJSON:
			return line{one.ID, "skipped", "JSON has neither infinities nor NaN"}
		}
	}
	builder, err := bartizan.NewBuilder()
	if err != nil {
		return line{one.ID, "failed", err.Error()}
	}
	defer builder.Close()
	builder.Machines = 1
	s := session{builder: builder, contexts: map[string]*bartizan.Context{}, asJSON: asJSON}
	defer s.close()
	for at, step := range one.Steps {
		answer, err := s.do(step)
		if err == nil && step.Want != nil {
			err = judge(answer, step.Want.plain())
		}
		if err != nil {
			return line{one.ID, "failed", fmt.Sprintf("step %d: %v", at+1, err)}
		}
	}
	return line{one.ID, "passed", ""}
}

type session struct {
	builder  *bartizan.Builder
	instance *bartizan.Instance
	contexts map[string]*bartizan.Context
	asJSON   bool
}

func (s *session) close() {
	for _, c := range s.contexts {
		c.Close()
	}
	if s.instance != nil {
		s.instance.Close()
	}
}

func (s *session) document(given *ordered, value ordered) any {
	switch {
	case given != nil:
		return given.bytes()
	case s.asJSON:
		return value.appendJSON(nil)
	}
	if text, ok := value.value.(string); ok {
		// A Go string is a document as it is; this one is to be a value.
		return append([]byte{0xa0 | byte(len(text))}, text...)
	}
	return value.native()
}

func (s *session) do(step step) (any, error) {
	switch step.Do {
	case "update":
		update, err := s.builder.Update(step.Path, s.document(step.Document, step.Config))
		if err != nil {
			return nil, err
		}
		var diagnostics any
		err = json.Unmarshal(update.Diagnostics, &diagnostics)
		return map[string]any{"accepted": update.Accepted, "diagnostics": diagnostics}, err
	case "remove":
		return s.builder.Remove(step.Path)
	case "build":
		return s.build()
	case "open":
		return nil, s.keep(step.Context, s.instance.NewContext)
	case "subcontext":
		return nil, s.keep(step.Context, s.contexts[step.Of].Subcontext)
	case "eval":
		return s.eval(step)
	}
	return nil, fmt.Errorf("unknown: %s", step.Do)
}

func (s *session) build() (any, error) {
	instance, err := s.builder.Build()
	if errors.Is(err, bartizan.ErrEmpty) {
		return map[string]any{"built": false}, nil
	}
	if err != nil {
		return nil, err
	}
	if s.instance != nil {
		s.instance.Close()
	}
	s.instance = instance
	return map[string]any{"built": true, "addresses": sorted(instance.Addresses()), "actions": sorted(instance.Actions())}, nil
}

func sorted(names []string) []any {
	slices.Sort(names)
	list := []any{}
	for _, name := range names {
		list = append(list, name)
	}
	return list
}

func (s *session) keep(name string, make func() (*bartizan.Context, error)) error {
	c, err := make()
	if err != nil {
		return err
	}
	if former := s.contexts[name]; former != nil {
		former.Close()
	}
	s.contexts[name] = c
	return nil
}

func (s *session) eval(step step) (any, error) {
	options := bartizan.Options{Now: someTime, Entropy: 1, Batches: step.Batches}
	if step.Now != nil {
		options.Now = *step.Now
	}
	if step.Budget != nil {
		options.Budget, options.NoBudget = *step.Budget, *step.Budget == 0
	}
	result, err := s.contexts[step.Context].EvalWith(context.Background(), s.document(step.Document, step.Data), options)
	switch {
	case errors.Is(err, bartizan.ErrDocument):
		return map[string]any{"code": "malformed"}, nil
	case err != nil:
		return nil, err
	case result == nil:
		return map[string]any{"code": "ok"}, nil
	}
	var document map[string]any
	if err := json.Unmarshal(result.JSON(), &document); err != nil {
		return nil, err
	}
	return map[string]any{"code": "match", "result": document}, masked(document)
}

// judge holds what was answered against what is wanted, where it is wanted.
func judge(answer, want any) error {
	got, ok := answer.(map[string]any)
	wanted, both := want.(map[string]any)
	if ok && both {
		if got["code"] == "ok" {
			delete(wanted, "result")
		}
		for key := range got {
			if _, asked := wanted[key]; !asked {
				delete(got, key)
			}
		}
	}
	if reflect.DeepEqual(answer, want) {
		return nil
	}
	told, _ := json.Marshal(answer)
	asked, _ := json.Marshal(want)
	return fmt.Errorf("\n  wanted %s\n  got    %s", asked, told)
}
