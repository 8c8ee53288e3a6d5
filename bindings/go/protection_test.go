package bartizan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var quiet = slog.New(slog.DiscardHandler)

func shopRules(more ...string) []byte {
	scanner := `{"id":"scanner","name":"scanner","tags":{"type":"security_scanner"},"conditions":[{"operator":"match_regex","parameters":{
		"inputs":[{"address":"server.request.headers.no_cookies","key_path":["user-agent"]}],"regex":"dd-test-scanner-log"}}]}`
	return ruleset(append([]string{
		scanner, rule("query", "server.request.query", "evil", `,"on_match":["block"]`),
		rule("body", "server.request.body", "evil", `,"on_match":["block"]`),
		rule("user", "usr.id", "^mallory$", `,"on_match":["block"]`),
		rule("status", "server.response.status", "418", `,"on_match":["block"]`),
	}, more...)...)
}

func protect(t *testing.T, settings Settings) *Protection {
	t.Helper()
	if settings.Log == nil {
		settings.Log = quiet
	}
	settings.environment = func() []string { return nil }
	p, err := NewProtection(settings)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

func rulesFile(t *testing.T, rules []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.json")
	must(t, os.WriteFile(path, rules, 0o644))
	return path
}

func app(w http.ResponseWriter, r *http.Request) {
	if name := r.URL.Query().Get("user"); name != "" && SetUser(r.Context(), User{ID: name}) {
		return
	}
	switch r.URL.Path {
	case "/teapot":
		w.WriteHeader(http.StatusTeapot)
	case "/echo":
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
		return
	}
	fmt.Fprint(w, "welcome")
}

func TestRequestsAreAnsweredInTheApplicationsPlace(t *testing.T) {
	var lines []string
	p := protect(t, Settings{Rules: []string{rulesFile(t, shopRules())}, OnEvent: func(line json.RawMessage) { lines = append(lines, string(line)) }})
	server := httptest.NewServer(p.Handler(http.HandlerFunc(app)))
	defer server.Close()
	for _, c := range []struct {
		method, target, contentType, body, accept string
		status                                    int
		text                                      string
	}{
		{"GET", "/?q=fine", "", "", "", 200, "welcome"},
		{"GET", "/?q=evil", "", "", "application/json", 403, "security_response_id"},
		{"GET", "/?q=evil", "", "", "text/html", 403, "<html"},
		{"POST", "/echo", "application/json", `{"a":"fine"}`, "", 200, `{"a":"fine"}`},
		{"POST", "/echo", "application/json", `{"a":"evil"}`, "", 403, ""},
		{"POST", "/echo", "application/json", strings.Repeat(" ", 200_000) + `{"a":"fine"}`, "", 200, `{"a":"fine"}`},
		{"POST", "/echo", "application/octet-stream", "evil", "", 200, "evil"},
		{"GET", "/?user=alice", "", "", "", 200, "welcome"},
		{"GET", "/?user=mallory", "", "", "", 403, ""},
		{"GET", "/teapot", "", "", "", 403, ""},
	} {
		request, err := http.NewRequest(c.method, server.URL+c.target, strings.NewReader(c.body))
		must(t, err)
		request.Header.Set("Content-Type", c.contentType)
		request.Header.Set("Accept", c.accept)
		answer, err := http.DefaultClient.Do(request)
		must(t, err)
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		_ = answer.Body.Close()
		if answer.StatusCode != c.status || !bytes.Contains(bytes.ToLower(body), []byte(c.text)) || c.status == 403 && bytes.Contains(body, []byte("welcome")) {
			t.Fatalf("%s %s %.60s: %d %.200s", c.method, c.target, c.body, answer.StatusCode, body)
		}
	}
	counts := p.Counts()
	if counts.Requests != 10 || counts.Blocked != 5 || counts.Failures != 0 || len(lines) < 5 {
		t.Fatalf("%+v\n%s", counts, lines)
	}
	if !strings.Contains(strings.Join(lines, "\n"), `"inspected":"full"`) || !strings.Contains(lines[0], `"verdict":"block"`) {
		t.Fatal(lines)
	}
	if doctor, err := p.Doctor(); err != nil || len(doctor.Problems) > 0 || len(doctor.NeverSent) > 0 || len(doctor.Wanted) != 5 {
		t.Fatalf("%+v %v", doctor, err)
	}
}

func TestHandlersFlushAndHijack(t *testing.T) {
	p := protect(t, Settings{Rules: []string{rulesFile(t, shopRules())}})
	server := httptest.NewServer(p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/flush" {
			fmt.Fprint(w, "part")
			w.(http.Flusher).Flush()
			return
		}
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			fmt.Fprint(connection, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine")
			_ = connection.Close()
		}
	})))
	defer server.Close()
	for path, want := range map[string]string{"/flush": "part", "/hijack": "mine"} {
		answer, err := http.Get(server.URL + path)
		must(t, err)
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if string(text) != want {
			t.Fatalf("%s: %s", path, text)
		}
	}
}

func TestMonitoringBlocksNothing(t *testing.T) {
	p := protect(t, Settings{Mode: "monitor", Rules: []string{rulesFile(t, shopRules())}})
	recorder := httptest.NewRecorder()
	p.Handler(http.HandlerFunc(app)).ServeHTTP(recorder, httptest.NewRequest("GET", "/?q=evil&user=mallory", nil))
	if recorder.Code != 200 || p.Counts().Events != 1 {
		t.Fatal(recorder.Code, p.Counts())
	}
}

func TestUsersAndEventsDoNothingOutsideARequest(t *testing.T) {
	if SetUser(t.Context(), User{ID: "x"}) || IsUserBlocked(t.Context(), "x") || TrackCustomEvent(t.Context(), "x", nil, nil) {
		t.Fatal("blocked by nobody")
	}
}

func TestBusinessEventsAreEvaluatedAtOnce(t *testing.T) {
	rules := rulesFile(t, shopRules(rule("failed", "server.business_logic.users.login.failure", "", ""), rule("login", "usr.login", "^brute$", `,"on_match":["block"]`)))
	p := protect(t, Settings{Rules: []string{rules}})
	var blocked []bool
	handler := p.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		blocked = []bool{
			IsUserBlocked(ctx, "alice"), TrackUserSignup(ctx, "alice", nil, map[string]any{"plan": "free"}),
			TrackUserLoginSuccess(ctx, "alice", &User{ID: "1", Tags: map[string]any{"vip": true}}, nil),
			TrackCustomEvent(ctx, "payment.failure", map[string]any{"amount": 12.5}, nil),
			TrackUserLoginFailure(ctx, "brute", true, nil, nil), IsUserBlocked(ctx, "alice"),
		}
	}))
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
	if !slices.Equal(blocked, []bool{false, false, false, false, true, true}) || recorder.Code != 403 {
		t.Fatal(blocked, recorder.Code)
	}
}

func TestRulesChangeWhileServing(t *testing.T) {
	path := rulesFile(t, shopRules())
	var warned bytes.Buffer
	p := protect(t, Settings{Rules: []string{path}, Log: slog.New(slog.NewTextHandler(&warned, nil)), StateDir: t.TempDir()})
	blocks := func(q string) bool {
		recorder := httptest.NewRecorder()
		p.Handler(http.HandlerFunc(app)).ServeHTTP(recorder, httptest.NewRequest("GET", "/?q="+q, nil))
		return recorder.Code == 403
	}
	change := func(rules []byte) {
		must(t, os.WriteFile(path, rules, 0o644))
		must(t, os.Chtimes(path, time.Now(), time.Now().Add(time.Duration(len(rules))*time.Second)))
		p.Refresh()
	}
	if !blocks("evil") || blocks("worse") {
		t.Fatal("the first rules")
	}
	change(shopRules(rule("worse", "server.request.query", "worse", `,"on_match":["block"]`)))
	if !blocks("evil") || !blocks("worse") {
		t.Fatal("the second rules", warned.String())
	}
	for _, garbage := range [][]byte{[]byte("garbage"), shopRules()[:500], {}, bytes.Repeat([]byte(" "), sourceLimit+1)} {
		before := warned.Len()
		change(garbage)
		if !blocks("evil") || !blocks("worse") || !strings.Contains(warned.String()[before:], "the last good rules stay") {
			t.Fatal(len(garbage), warned.String())
		}
	}
	must(t, os.Remove(path))
	p.Refresh()
	if !blocks("worse") || p.Counts().Swaps != 2 {
		t.Fatal(p.Counts())
	}
	again := protect(t, Settings{Rules: []string{path}, StateDir: filepath.Dir(p.watcher.kept)})
	recorder := httptest.NewRecorder()
	again.Handler(http.HandlerFunc(app)).ServeHTTP(recorder, httptest.NewRequest("GET", "/?q=worse", nil))
	if recorder.Code != 403 {
		t.Fatal("what was last good is not there after a restart without the source")
	}
}

func TestRulesComeFromAServer(t *testing.T) {
	var asked, unchanged atomic.Int32
	rules := atomic.Pointer[[]byte]{}
	first := shopRules()
	rules.Store(&first)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		text := *rules.Load()
		tag := fmt.Sprintf(`"%d"`, len(text))
		if r.Header.Get("If-None-Match") == tag {
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		_, _ = w.Write(text)
	}))
	defer server.Close()
	p := protect(t, Settings{Rules: []string{server.URL}})
	p.Refresh()
	second := shopRules(rule("worse", "server.request.query", "worse", `,"on_match":["block"]`))
	rules.Store(&second)
	p.Refresh()
	broken := second[:len(second)-9]
	rules.Store(&broken)
	p.Refresh()
	server.Close()
	p.Refresh()
	if counts := p.Counts(); counts.Swaps != 2 || counts.Refused != 2 || unchanged.Load() != 1 {
		t.Fatalf("%+v, asked %d, unchanged %d", counts, asked.Load(), unchanged.Load())
	}
}

// Requests from 8 goroutines while rules are swapped: each gets the verdict of one set of rules or the other, once, in
// flat memory. BARTIZAN_SOAK=1 makes it a million requests and a thousand swaps.
func TestNothingIsLostWhileRulesAreSwapped(t *testing.T) {
	requests, swaps := 4000, 25
	if os.Getenv("BARTIZAN_SOAK") != "" {
		requests, swaps = 1_000_000, 1000
	}
	var early, late runtime.MemStats
	var lines atomic.Int64
	p := protect(t, Settings{Rules: []string{rulesFile(t, shopRules())}, OnEvent: func(json.RawMessage) { lines.Add(1) }})
	handler := p.Handler(http.HandlerFunc(app))
	var blocked, wrong atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range requests / 8 {
				target, want := "/?q=fine", 200
				if i%2 == 0 {
					target, want = "/?q=evil", 403
				}
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, httptest.NewRequest("GET", target, nil))
				if recorder.Code != want {
					wrong.Add(1)
				}
				if recorder.Code == 403 {
					blocked.Add(1)
				}
			}
		})
	}
	for i := range swaps {
		if i == swaps/4 {
			runtime.GC()
			runtime.ReadMemStats(&early)
		}
		told, err := p.Offer("swap", []RulesFile{{Path: "rules", Text: shopRules(rule(fmt.Sprint("n", i), "z", "z", ""))}})
		if err != nil || told.State != "changed" {
			t.Fatal(told, err)
		}
	}
	group.Wait()
	counts := p.Counts()
	if wrong.Load() != 0 || counts.Failures != 0 || int(counts.Requests) != requests || blocked.Load() != int64(requests/2) ||
		int64(counts.Blocked) != blocked.Load() || lines.Load() != blocked.Load() || counts.Swaps != uint64(swaps)+1 {
		t.Fatalf("wrong %d, blocked %d, lines %d, %+v", wrong.Load(), blocked.Load(), lines.Load(), counts)
	}
	runtime.GC()
	runtime.ReadMemStats(&late)
	if late.HeapAlloc > early.HeapAlloc+64<<20 {
		t.Fatalf("the heap grew from %d to %d bytes", early.HeapAlloc, late.HeapAlloc)
	}
	t.Logf("%d requests, %d swaps, heap %d and then %d bytes", requests, swaps, early.HeapAlloc, late.HeapAlloc)
	if now := p.current.Load().pool; now.sessions.Load() != 0 {
		t.Fatal("requests are left open")
	}
}
