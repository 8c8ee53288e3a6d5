package bartizan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// The cases that all packages share, as a host's requests.
func TestTheSharedCasesOfHosts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "bindings", "host", "cases.json"))
	must(t, err)
	var all struct {
		Rulesets map[string]json.RawMessage
		Cases    []struct {
			ID, Rules string
			Settings  json.RawMessage
			Steps     []map[string]json.RawMessage
			Want      []struct {
				Code     int32
				Document map[string]any
			}
		}
	}
	must(t, json.Unmarshal(text, &all))
	if len(all.Cases) < 20 {
		t.Fatal("where are the cases?")
	}
	for _, one := range all.Cases {
		t.Run(one.ID, func(t *testing.T) {
			p := &Protection{log: quiet, machines: 1, sent: map[string]bool{}, document: one.Settings}
			engine, err := Default()
			must(t, err)
			p.forge = &forge{engine: engine}
			must(t, p.start())
			defer p.Close()
			told, err := p.Offer("case", []RulesFile{{Path: "rules", Text: all.Rulesets[one.Rules]}})
			if err != nil || told.State != "changed" {
				t.Fatal(told, err)
			}
			now := p.current.Load()
			open := now.open
			open.arguments[2], open.arguments[3] = 1_800_000_000, 1
			s, err := newSession(now.pool, open)
			must(t, err)
			defer s.end()
			for at, step := range one.Steps {
				code, document := takeStep(t, s, step)
				want := one.Want[at]
				delete(document, "duration")
				if code != want.Code || !reflect.DeepEqual(document, want.Document) {
					told, _ := json.Marshal(document)
					asked, _ := json.Marshal(want.Document)
					t.Fatalf("step %d: wanted %d %s\ngot %d %s", at+1, want.Code, asked, code, told)
				}
			}
		})
	}
}

func takeStep(t *testing.T, s *session, step map[string]json.RawMessage) (int32, map[string]any) {
	complete := !bytes.Equal(step["complete"], []byte("false"))
	flat := func(raw json.RawMessage) []byte {
		var list []string
		must(t, json.Unmarshal(raw, &list))
		f := newFields(nil)
		for _, field := range list {
			f.add(field)
		}
		return f.done()
	}
	plain := func(raw json.RawMessage) []byte {
		var text string
		must(t, json.Unmarshal(raw, &text))
		return []byte(text)
	}
	for name, raw := range step {
		var f function
		data := []byte(raw)
		var numbers []uint64
		switch name {
		case "start":
			f = requestStart
		case "flat":
			f, data = requestStart, flat(raw)
		case "body":
			f, data, numbers = requestBody, plain(raw), []uint64{flag(complete)}
		case "body_base64":
			var err error
			data, err = base64.StdEncoding.DecodeString(string(plain(raw)))
			must(t, err)
			f, numbers = requestBody, []uint64{flag(complete)}
		case "event":
			f = requestEvent
		case "eval":
			f, numbers = requestEval, []uint64{4 * flag(bytes.Equal(step["subcontext"], []byte("true")))}
		case "response":
			f = requestResponse
		case "response_flat":
			f, data = requestResponse, flat(raw)
		case "response_body":
			f, data, numbers = requestResponseBody, plain(raw), []uint64{flag(complete)}
		case "finish":
			document, err := s.finish(flag(bytes.Equal(raw, []byte("true"))))
			must(t, err)
			if document == nil {
				return 0, nil
			}
			return 1, parsed(t, document)
		default:
			continue
		}
		code, document, err := s.do(t.Context(), f, &data, 3, numbers...)
		if code < 0 {
			return code, nil
		}
		must(t, err)
		if document == nil {
			return code, nil
		}
		return code, parsed(t, document)
	}
	t.Fatal("no step")
	return 0, nil
}

func parsed(t *testing.T, document []byte) map[string]any {
	t.Helper()
	var fields map[string]any
	must(t, json.Unmarshal(document, &fields))
	return fields
}
