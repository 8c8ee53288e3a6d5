package bartizan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Protection stands before an application: rules that are looked at again while serving, a Handler, users and business
// events, and lines of what was found. One for each process.
type Protection struct {
	settings resolved
	document []byte // the settings, for the engine
	log      *slog.Logger
	onEvent  func(json.RawMessage)
	machines int
	current  atomic.Pointer[force]
	counts   counts
	sink     io.Writer
	lines    sync.Mutex
	told     sync.Map // warnings that were given

	changing sync.Mutex // everything below
	forge    *forge
	host     uint64
	rules    uint64
	saved    []byte
	sent     map[string]bool
	watcher  *watcher
}

// force is an instance in force, with what requests need.
type force struct {
	pool *pool
	open opening
}

type counts struct{ requests, events, blocked, failures, swaps, refused, traps atomic.Uint64 }

// Counts since the start.
type Counts struct {
	Requests, Events, Blocked uint64
	Failures                  uint64 // requests that could not be checked, all or in part
	Traps                     uint64 // module instances that were lost through a defect
	Swaps, Refused            uint64 // of rules
}

// NewProtection reads the settings and the rules, and checks itself; what it finds wrong is logged. An error is one of
// the settings or the engine. Without rules requests pass, and rules may still come.
func NewProtection(settings Settings) (*Protection, error) {
	p := &Protection{log: settings.Log, onEvent: settings.OnEvent, machines: settings.Machines, sent: map[string]bool{}}
	if p.log == nil {
		p.log = slog.Default()
	}
	if p.machines <= 0 {
		p.machines = runtime.GOMAXPROCS(0)
	}
	engine := settings.Engine
	var err error
	if engine == nil {
		if engine, err = Default(); err != nil {
			return nil, err
		}
	}
	if p.document, err = settings.document(); err != nil {
		return nil, err
	}
	p.forge = &forge{engine: engine}
	p.changing.Lock()
	err = p.start()
	p.changing.Unlock()
	if err != nil {
		return nil, err
	}
	for _, warning := range p.settings.Warnings {
		p.log.Warn("bartizan: " + warning)
	}
	if p.sink, err = sink(p.settings.Events); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if !p.settings.Enabled {
		return p, nil
	}
	p.watcher = newWatcher(p)
	p.watcher.first()
	if p.current.Load() == nil {
		p.log.Error("bartizan: there are no rules in force, so nothing is protected; name a file, a folder or a URL in BARTIZAN_RULES")
	}
	p.watcher.start()
	return p, nil
}

func sink(where string) (io.Writer, error) {
	switch where {
	case "":
		return nil, nil
	case "stdout":
		return os.Stdout, nil
	case "stderr":
		return os.Stderr, nil
	}
	return os.OpenFile(where, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
}

// start makes host and rules in a fresh module instance. The lock is held.
func (p *Protection) start() error {
	f := p.forge
	if err := f.ready(); err != nil {
		return err
	}
	at, sizes, err := f.put(p.document)
	if err != nil {
		return err
	}
	if p.host, err = f.call(hostNew, at, sizes[0]); err != nil {
		return err
	}
	if p.host == 0 {
		return fmt.Errorf("%w: the settings", ErrDocument)
	}
	if _, err = f.code(hostSettings, p.host, uint64(f.module.arena.start)); err != nil {
		return err
	}
	if err := json.Unmarshal(f.module.document(), &p.settings); err != nil {
		return err
	}
	if p.rules, err = f.call(rulesNew); err != nil {
		return err
	}
	if p.saved == nil {
		return nil
	}
	_, _, err = p.given(rulesRestore, p.saved)
	return err
}

// Offered is what became of rules that were offered.
type Offered struct {
	State       string                     `json:"state"` // changed, unchanged or refused
	Source      string                     `json:"source"`
	Warnings    []string                   `json:"warnings"`
	Diagnostics map[string]json.RawMessage `json:"diagnostics"`
}

// RulesFile is a file of rules. The digest, where there is one, is that of HTTP's Repr-Digest, or SHA-256 in hex.
type RulesFile struct {
	Path   string `json:"path"`
	Text   []byte `json:"text"`
	Digest string `json:"digest,omitempty"`
}

// Offer puts rules in force, all of them or none. Requests in flight keep the former.
func (p *Protection) Offer(source string, files []RulesFile) (Offered, error) {
	list := []any{}
	offer := Pairs{{"source", source}}
	for _, file := range files {
		pairs := Pairs{{"path", file.Path}, {"text", file.Text}}
		if file.Digest != "" {
			pairs = append(pairs, Pair{"digest", file.Digest})
			if len(files) == 1 {
				offer = append(offer, Pair{"digest", file.Digest})
			}
		}
		list = append(list, pairs)
	}
	return p.offer(append(offer, Pair{"files", list}))
}

func (p *Protection) offer(offer Pairs) (Offered, error) {
	document, err := appendDocument(nil, offer)
	if err != nil {
		return Offered{}, err
	}
	return p.take(rulesOffer, document)
}

// take gives the rules a document, and puts in force what became of it.
func (p *Protection) take(f function, document []byte) (Offered, error) {
	p.changing.Lock()
	defer p.changing.Unlock()
	var told Offered
	code, text, err := p.given(f, document)
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil {
		p.counts.failures.Add(1)
		p.log.Error("bartizan: rules could not be taken; the last good rules stay", "error", err)
		return told, err
	}
	for _, warning := range told.Warnings {
		p.log.Warn("bartizan: " + warning)
	}
	switch code {
	case 0:
		p.counts.refused.Add(1)
	case 2:
		err = p.swap()
	}
	return told, err
}

// given calls a function of the rules. After a trap host and rules are made again. The lock is held.
func (p *Protection) given(f function, document []byte) (int32, []byte, error) {
	if p.forge.module == nil {
		if err := p.start(); err != nil {
			return 0, nil, err
		}
	}
	at, sizes, err := p.forge.put(document)
	if err != nil {
		return 0, nil, err
	}
	code, err := p.forge.code(f, p.rules, at, sizes[0], uint64(p.forge.module.arena.start))
	if err != nil {
		return 0, nil, err
	}
	return code, p.forge.module.document(), nil
}

// swap puts in force what the rules have. The lock is held.
func (p *Protection) swap() error {
	f := p.forge
	if code, err := f.code(rulesSave, p.rules, uint64(f.module.arena.start)); err != nil {
		return err
	} else if code == 1 {
		p.saved = f.module.document()
	}
	instance, err := f.call(rulesInstance, p.rules)
	if err != nil {
		return err
	}
	// The check warms what is made on first use, for all that start from the image.
	if _, err = f.code(hostSelfCheck, p.host, instance, uint64(time.Now().Unix()), uint64(f.module.arena.start)); err != nil {
		return err
	}
	var check struct{ Problems []string }
	if err := json.Unmarshal(f.module.document(), &check); err != nil {
		return err
	}
	for _, problem := range check.Problems {
		p.log.Error("bartizan: self-check: " + problem)
	}
	open := opening{requestNew, [4]uint64{p.host, instance}, requestFree, requestError}
	former := p.current.Swap(&force{newPool(f.engine, f.module.image(), p.machines), open})
	p.counts.swaps.Add(1)
	if former != nil {
		p.collect(former)
		p.counts.traps.Add(former.pool.traps.Load())
		former.pool.close()
	}
	if _, err = f.call(instanceFree, instance); err != nil {
		return err
	}
	// A forge whose memory grew is made again of what is in force.
	if f.module.memory.Size() > 4*slack {
		f.drop()
	}
	return nil
}

// Counts tells how the protection fares.
func (p *Protection) Counts() Counts {
	c := &p.counts
	traps := c.traps.Load()
	if now := p.current.Load(); now != nil {
		traps += now.pool.traps.Load()
	}
	return Counts{
		c.requests.Load(), c.events.Load(), c.blocked.Load(), c.failures.Load(), traps, c.swaps.Load(), c.refused.Load(),
	}
}

// Doctor tells what rules want and whether they get it.
type Doctor struct {
	Engine    string   `json:"engine"`
	Counts    Counts   `json:"counts"`
	Problems  []string `json:"problems"`   // of the self-check, made now
	Wanted    []string `json:"wanted"`     // addresses that rules look at
	NeverSent []string `json:"never_sent"` // those among them that no request has had
}

// Doctor checks the rules in force, and compares the addresses they want with those that were sent.
func (p *Protection) Doctor() (Doctor, error) {
	p.changing.Lock()
	defer p.changing.Unlock()
	d := Doctor{Engine: p.forge.engine.version, Counts: p.Counts(), Problems: []string{}, NeverSent: []string{}}
	now := p.current.Load()
	if now == nil {
		d.Problems = append(d.Problems, "there are no rules in force")
		return d, nil
	}
	p.collect(now)
	m, err := p.forge.engine.start(now.pool.image)
	if err != nil {
		return d, err
	}
	defer m.close()
	host, instance := now.open.arguments[0], now.open.arguments[1]
	var told struct{ Wanted, Problems []string }
	for _, call := range []struct {
		function  function
		arguments []uint64
	}{{hostSelfCheck, []uint64{host, instance, uint64(time.Now().Unix())}}, {hostDoctor, []uint64{host, instance}}} {
		if _, err := m.call(call.function, append(call.arguments, uint64(m.arena.start))...); err != nil {
			return d, trap(err)
		}
		if err := json.Unmarshal(m.document(), &told); err != nil {
			return d, err
		}
	}
	d.Problems, d.Wanted = append(d.Problems, told.Problems...), told.Wanted
	for _, address := range d.Wanted {
		if !p.sent[address] {
			d.NeverSent = append(d.NeverSent, address)
		}
	}
	return d, nil
}

// Sent are the addresses that requests have had.
func (p *Protection) Sent() []string {
	p.changing.Lock()
	defer p.changing.Unlock()
	if now := p.current.Load(); now != nil {
		p.collect(now)
	}
	return slices.Sorted(maps.Keys(p.sent))
}

// collect asks all module instances what they were sent: each has seen a share of the requests. The lock is held.
func (p *Protection) collect(f *force) {
	for i := range f.pool.machines {
		m := &f.pool.machines[i]
		m.lock <- struct{}{}
		if m.module != nil && f.pool.ready(m) == nil {
			var told struct{ Sent []string }
			host, instance := f.open.arguments[0], f.open.arguments[1]
			if _, err := m.module.call(hostDoctor, host, instance, uint64(m.module.arena.start)); err != nil {
				f.pool.trapped(m)
			} else if json.Unmarshal(m.module.document(), &told) == nil {
				for _, address := range told.Sent {
					p.sent[address] = true
				}
			}
		}
		m.release()
	}
}

// failed counts a request that cannot be checked, and gives what it is answered with, or nil when it passes.
func (p *Protection) failed(err error) *BlockResponse {
	p.counts.failures.Add(1)
	p.complain(fmt.Sprintf("bartizan: a request could not be checked: %v", err))
	if p.settings.OnFailure == "closed" {
		return &p.settings.FailureResponse
	}
	return nil
}

// complain warns, each text once.
func (p *Protection) complain(text string) {
	if _, before := p.told.LoadOrStore(text, true); !before {
		p.log.Warn(text)
	}
}

// line hands out what a request came to.
func (p *Protection) line(text []byte) {
	p.counts.events.Add(1)
	if p.sink != nil {
		p.lines.Lock()
		if _, err := p.sink.Write(append(text[:len(text):len(text)], '\n')); err != nil {
			p.complain("bartizan: events cannot be written: " + err.Error())
		}
		p.lines.Unlock()
	}
	if p.onEvent != nil {
		p.onEvent(text)
	}
}

// Refresh looks at the sources of rules now.
func (p *Protection) Refresh() {
	if p.watcher != nil {
		p.watcher.look()
	}
}

// Close stops looking for rules, and ends the engine with the last request.
func (p *Protection) Close() error {
	if p.watcher != nil {
		p.watcher.stop()
	}
	p.changing.Lock()
	defer p.changing.Unlock()
	if former := p.current.Swap(nil); former != nil {
		former.pool.close()
	}
	p.forge.close()
	if file, ok := p.sink.(*os.File); ok && file != os.Stdout && file != os.Stderr {
		return file.Close()
	}
	return nil
}
