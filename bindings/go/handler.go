package bartizan

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Handler puts protection before another handler.
func (p *Protection) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := p.Begin()
		if request == nil {
			next.ServeHTTP(w, r)
			return
		}
		ctx := context.WithValue(r.Context(), requestKey{}, request)
		r = r.WithContext(ctx)
		reply := &reply{ResponseWriter: w, request: request, http: r, limit: p.settings.BodyLimit, look: p.settings.ResponseBody}
		defer request.Finish()
		request.head(ctx, r)
		if request.Block() == nil {
			request.body(ctx, r, p.settings.BodyLimit)
		}
		if request.Block() == nil {
			next.ServeHTTP(reply, r)
		}
		reply.end()
	})
}

type requestKey struct{}

// FromContext gives the request that a handler serves; nil where there is no protection.
func FromContext(ctx context.Context) *Request {
	request, _ := ctx.Value(requestKey{}).(*Request)
	return request
}

func (r *Request) head(ctx context.Context, h *http.Request) {
	peer, _, err := net.SplitHostPort(h.RemoteAddr)
	if err != nil {
		peer = h.RemoteAddr
	}
	scheme := "http"
	if h.TLS != nil {
		scheme = "https"
	}
	target := h.RequestURI
	if target == "" {
		target = h.URL.RequestURI()
	}
	data := buffers.Get().(*[]byte)
	f := newFields((*data)[:0])
	for _, field := range [...]string{h.Method, target, peer, scheme, "", ""} {
		f.add(field)
	}
	if h.Host != "" {
		f.add("host")
		f.add(h.Host)
	}
	f.headers(h.Header)
	*data = f.done()
	if f.flat {
		r.call(ctx, requestStart, data)
		return
	}
	recycle(data)
	headers := Pairs{}
	for name, values := range h.Header {
		headers = append(headers, Pair{name, values})
	}
	r.Start(ctx, Pairs{
		{"method", h.Method}, {"target", target}, {"peer", peer}, {"scheme", scheme},
		{"headers", append(headers, Pair{"host", h.Host})},
	})
}

func (f *fields) headers(headers http.Header) {
	for name, values := range headers {
		for _, value := range values {
			f.add(name)
			f.add(value)
		}
	}
}

// body looks at the body, up to the limit; the application reads all of it.
func (r *Request) body(ctx context.Context, h *http.Request, limit int) {
	if h.Body == nil || h.Body == http.NoBody || !telling(h.Header.Get("Content-Type")) {
		return
	}
	data := buffers.Get().(*[]byte)
	beginning := bytes.NewBuffer((*data)[:0])
	_, err := io.Copy(beginning, io.LimitReader(h.Body, int64(limit)+1))
	// The application's own, as the request keeps what it was given.
	own := bytes.Clone(beginning.Bytes())
	rest := io.Reader(h.Body)
	if err != nil {
		rest = failing{err}
	}
	h.Body = &rejoined{io.MultiReader(bytes.NewReader(own), rest), h.Body}
	complete := err == nil && len(own) <= limit
	*data = beginning.Bytes()[:min(len(own), limit)]
	if len(*data) == 0 {
		recycle(data)
		return
	}
	r.call(ctx, requestBody, data, flag(complete))
}

// telling says of a content type whether anything is looked at in such a body, so that it is worth waiting for.
func telling(contentType string) bool {
	contentType = strings.ToLower(contentType)
	for _, part := range [...]string{"json", "x-www-form-urlencoded", "multipart", "graphql", "xml", "text/"} {
		if strings.Contains(contentType, part) {
			return true
		}
	}
	return false
}

type rejoined struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// reply becomes another response when the request is blocked before its head is sent.
type reply struct {
	http.ResponseWriter
	request  *Request
	http     *http.Request
	decided  bool
	replaced bool
	look     bool
	limit    int
	seen     []byte
}

// Unwrap is for http.ResponseController.
func (w *reply) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *reply) WriteHeader(status int) {
	if w.decided {
		if !w.replaced {
			w.ResponseWriter.WriteHeader(status)
		}
		return
	}
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.decide(status) {
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// decide evaluates the response's head, and says whether another takes its place.
func (w *reply) decide(status int) bool {
	w.decided = true
	if w.request.Block() == nil {
		data := buffers.Get().(*[]byte)
		f := newFields((*data)[:0])
		f.add(strconv.Itoa(status))
		f.add("")
		f.headers(w.Header())
		*data = f.done()
		if f.flat {
			w.request.call(w.http.Context(), requestResponse, data)
		} else {
			recycle(data)
			w.request.Response(w.http.Context(), Pairs{{"status", status}, {"headers", w.Header()}})
		}
	}
	block := w.request.Block()
	if block == nil {
		return false
	}
	w.replace(block)
	return true
}

func (w *reply) replace(block *BlockResponse) {
	w.replaced = true
	headers := w.Header()
	clear(headers)
	for _, header := range block.Headers {
		headers.Add(header[0], header[1])
	}
	headers.Set("Content-Length", strconv.Itoa(len(block.Body)))
	w.ResponseWriter.WriteHeader(block.Status)
	if w.http.Method != http.MethodHead {
		// Nobody is left to tell when the client is gone.
		_, _ = io.WriteString(w.ResponseWriter, block.Body)
	}
}

func (w *reply) Write(part []byte) (int, error) {
	if !w.decided {
		w.WriteHeader(http.StatusOK)
	}
	if w.replaced {
		return len(part), nil
	}
	if w.look && len(w.seen) <= w.limit {
		w.seen = append(w.seen, part[:min(len(part), w.limit+1-len(w.seen))]...)
	}
	return w.ResponseWriter.Write(part)
}

// Flush is for handlers that ask for http.Flusher.
func (w *reply) Flush() {
	if !w.decided {
		w.WriteHeader(http.StatusOK)
	}
	if !w.replaced {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
	}
}

// Hijack is for handlers that ask for http.Hijacker, such as those of web sockets.
func (w *reply) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.decided = true
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *reply) end() {
	if !w.decided {
		w.decide(http.StatusOK)
	}
	if w.look && !w.replaced && len(w.seen) > 0 {
		w.request.ResponseBody(w.http.Context(), w.seen[:min(len(w.seen), w.limit)], len(w.seen) <= w.limit)
	}
}
