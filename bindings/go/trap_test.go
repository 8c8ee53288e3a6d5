package bartizan

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// A module that traps in requests with the header x-bartizan-panic; `cargo xtask test` builds it.
func panicking(t *testing.T) *Engine {
	t.Helper()
	folder := os.Getenv("BARTIZAN_FORCED_PANIC")
	if folder == "" {
		t.Skip("BARTIZAN_FORCED_PANIC does not say where a module is that can be made to trap")
	}
	wasm, err := os.ReadFile(filepath.Join(folder, "bartizan.wasm"))
	must(t, err)
	engine, err := Compile(t.Context(), wasm, "")
	must(t, err)
	t.Cleanup(func() { must(t, engine.Close(t.Context())) })
	return engine
}

func TestATrapCostsItsRequestOnly(t *testing.T) {
	engine := panicking(t)
	for mode, want := range map[string]int{"open": http.StatusOK, "closed": http.StatusServiceUnavailable} {
		p := protect(t, Settings{Rules: []string{rulesFile(t, shopRules())}, OnFailure: mode, Engine: engine, Machines: 1})
		handler := p.Handler(http.HandlerFunc(app))
		status := func(target string, panics bool) int {
			recorder := httptest.NewRecorder()
			request := httptest.NewRequest("GET", target, nil)
			if panics {
				request.Header.Set("X-Bartizan-Panic", "1")
			}
			handler.ServeHTTP(recorder, request)
			return recorder.Code
		}
		// In the same module instance, before and after.
		other := p.Begin()
		other.Start(t.Context(), map[string]any{"method": "POST", "target": "/", "headers": map[string]string{"content-type": "application/json"}})
		for range 3 {
			if got := status("/", true); got != want {
				t.Fatal(mode, got)
			}
			if status("/?q=evil", false) != 403 || status("/?q=fine", false) != 200 {
				t.Fatal(mode, "the requests after it")
			}
		}
		if other.Block() != nil {
			t.Fatal("the other request is lost too")
		}
		other.Body(t.Context(), []byte(`{"a":"evil"}`), true)
		if other.Block() == nil || other.Block().Status != 403 || other.Inspected() != "full" {
			t.Fatal(mode, "the other request did not go on")
		}
		other.Finish()
		if counts := p.Counts(); counts.Traps != 3 || counts.Failures != 3 {
			t.Fatalf("%+v", counts)
		}
	}
}
