package bartizan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// Request is one request under protection. Calls take turns.
type Request struct {
	protection *Protection
	session    *session
	cleanup    runtime.Cleanup
	lock       sync.Mutex
	block      *BlockResponse
	inspected  string
	finished   bool
	failed     bool // it cannot be checked any more, and passes
}

// Answer is what one step of a request came to.
type Answer struct {
	Verdict    string                    `json:"verdict"` // none, monitor or block
	Events     []Event                   `json:"events"`
	Actions    map[string]map[string]any `json:"actions"`
	Attributes map[string]any            `json:"attributes"`
	Tags       map[string]string         `json:"tags"`
	Keep       bool                      `json:"keep"`
	Timeout    bool                      `json:"timeout"`
	Blocked    bool                      `json:"blocked"`
	Response   *BlockResponse            `json:"response"`
	Warnings   []string                  `json:"warnings"`
}

// Begin gives a request, or nil where nothing is protected. Handler does this; other servers may.
func (p *Protection) Begin() *Request {
	now := p.current.Load()
	if now == nil {
		return nil
	}
	p.counts.requests.Add(1)
	open := now.open
	open.arguments[2], open.arguments[3] = uint64(time.Now().Unix()), entropy()
	r := &Request{protection: p, inspected: "none"}
	s, err := newSession(now.pool, open)
	if errors.Is(err, ErrClosed) {
		// The rules changed between two lines.
		if now = p.current.Load(); now != nil {
			open.arguments[0], open.arguments[1] = now.open.arguments[0], now.open.arguments[1]
			s, err = newSession(now.pool, open)
		}
	}
	if err != nil {
		r.block = p.failed(err)
		return r
	}
	r.session = s
	r.cleanup = runtime.AddCleanup(r, (*session).end, s)
	return r
}

// Block is what the request is to be answered with; nil while it may go on.
func (r *Request) Block() *BlockResponse {
	if r == nil {
		return nil
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.block
}

// Inspected is how much of the body was looked at: full, partial or none.
func (r *Request) Inspected() string { return r.inspected }

// fields are a flat document: their number, and they themselves, between NULs. False when one has a NUL in it.
type fields struct {
	text  []byte
	count int
	flat  bool
}

func newFields(b []byte) fields { return fields{text: append(b, "00000"...), count: 1, flat: true} }

func (f *fields) add(text string) {
	f.flat = f.flat && bytes.IndexByte([]byte(text), 0) < 0
	f.text = append(append(f.text, 0), text...)
	f.count++
}

func (f *fields) done() []byte {
	digits := strconv.Itoa(f.count)
	copy(f.text[5-len(digits):], digits)
	return f.text
}

// call makes a call with data that is the request's from now on.
func (r *Request) call(ctx context.Context, f function, data *[]byte, numbers ...uint64) *Answer {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.session == nil || r.block != nil || r.finished || r.failed {
		recycle(data)
		return nil
	}
	code, document, err := r.session.do(ctx, f, data, 3, numbers...)
	runtime.KeepAlive(r)
	var answer *Answer
	if err == nil && document != nil {
		answer = &Answer{}
		err = json.Unmarshal(document, answer)
	}
	if err != nil {
		r.failed = true
		r.block = r.protection.failed(err)
		return nil
	}
	if code>>4&3 > 0 && f == requestBody {
		r.inspected = [...]string{"", "none", "partial", "full"}[code>>4&3]
	}
	if answer == nil {
		return nil
	}
	for _, warning := range answer.Warnings {
		r.protection.complain("bartizan: " + warning)
	}
	if code&3 == 2 {
		r.block = answer.Response
		r.protection.counts.blocked.Add(1)
	}
	return answer
}

func (r *Request) with(ctx context.Context, f function, document any, numbers ...uint64) *Answer {
	data := buffers.Get().(*[]byte)
	var err error
	if *data, err = appendDocument((*data)[:0], document); err != nil {
		r.protection.complain("bartizan: " + err.Error())
		return nil
	}
	return r.call(ctx, f, data, numbers...)
}

// Start evaluates the first line, headers and peer: a map, as Handler sends it or any other server could.
func (r *Request) Start(ctx context.Context, document any) *Answer {
	return r.with(ctx, requestStart, document)
}

// Body evaluates the body, or its beginning.
func (r *Request) Body(ctx context.Context, body []byte, complete bool) *Answer {
	return r.with(ctx, requestBody, body, flag(complete))
}

// Eval evaluates addresses that only the application knows. With alone set nothing of it is remembered.
func (r *Request) Eval(ctx context.Context, addresses map[string]any, alone bool) *Answer {
	return r.with(ctx, requestEval, addresses, 4*flag(alone))
}

// Response evaluates status and headers: a map.
func (r *Request) Response(ctx context.Context, document any) *Answer {
	return r.with(ctx, requestResponse, document)
}

// ResponseBody evaluates the body of the response, or its beginning.
func (r *Request) ResponseBody(ctx context.Context, body []byte, complete bool) *Answer {
	return r.with(ctx, requestResponseBody, body, flag(complete))
}

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

// Finish hands out what the request came to, and gives its memory back.
func (r *Request) Finish() {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.finished || r.session == nil {
		return
	}
	r.finished = true
	if line, err := r.session.finish(0); err == nil && line != nil {
		r.protection.line(line)
	}
	r.cleanup.Stop()
	r.session.end()
}

// finish has no data to carry.
func (s *session) finish(always uint64) ([]byte, error) {
	if err := s.machine.acquire(context.Background()); err != nil {
		return nil, err
	}
	defer s.machine.release()
	if s.fate != nil {
		return nil, s.fate
	}
	if err := s.here(); err != nil {
		return nil, err
	}
	m := s.machine.module
	code, err := m.call(requestFinish, s.handle.pointer, always, uint64(m.arena.start))
	if err != nil {
		s.pool.trapped(s.machine)
		s.fate = trap(err)
		return nil, s.fate
	}
	if int32(uint32(code)) <= 0 {
		return nil, nil
	}
	return m.document(), nil
}
