package bartizan

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"
)

// Instance evaluates. It never changes, and any number of goroutines may use it.
type Instance struct {
	pool      *pool
	pointer   uint64
	addresses []string
	actions   []string
	cleanup   runtime.Cleanup
}

// Addresses are those that rules look at: what is worth sending.
func (i *Instance) Addresses() []string { return slices.Clone(i.addresses) }

// Actions are the types of actions that can be asked for.
func (i *Instance) Actions() []string { return slices.Clone(i.actions) }

// NewContext gives a context for one request.
func (i *Instance) NewContext() (*Context, error) {
	open := opening{contextNew, [4]uint64{i.pointer}, contextFree, contextError}
	s, err := newSession(i.pool, open)
	if err != nil {
		return nil, err
	}
	return newContext(s), nil
}

// Close ends the instance with its last context. Closing again does nothing.
func (i *Instance) Close() error {
	i.cleanup.Stop()
	i.pool.close()
	return nil
}

// Stats tell how an instance fares.
type Stats struct {
	Machines int    // module instances that run
	Contexts int    // that are open
	Traps    uint64 // calls that were lost through a defect; each cost its request and a new module instance
	Renewed  uint64 // module instances that were replaced because their memory had grown
	Memory   uint64 // bytes of all module instances
}

// Stats waits for the calls that run.
func (i *Instance) Stats() Stats {
	p := i.pool
	stats := Stats{Contexts: int(p.sessions.Load()), Traps: p.traps.Load(), Renewed: p.renewed.Load()}
	for at := range p.machines {
		m := &p.machines[at]
		_ = m.acquire(context.Background())
		if m.module != nil {
			stats.Machines++
			stats.Memory += uint64(m.module.memory.Size())
		}
		m.release()
	}
	return stats
}

// Context is one request: what it has shown so far, and what has been reported of it. Calls take turns.
//
// When the module instance that it lives in is lost through another request's defect, it goes on in a new one.
type Context struct {
	session *session
	cleanup runtime.Cleanup
}

func newContext(s *session) *Context {
	c := &Context{session: s}
	c.cleanup = runtime.AddCleanup(c, (*session).end, s)
	return c
}

// Options come with an evaluation. The zero value takes the clock, chance and no limit.
type Options struct {
	Now      uint64 // seconds since 1970, for data that expires; 0: the clock
	Entropy  uint64 // random bits, for ids; 0: drawn
	Budget   uint64 // work units, about one for each byte looked at; 0: no limit
	NoBudget bool   // nothing but access lists is evaluated
	Batches  bool   // the data is a list of maps
}

// BudgetPerMicrosecond is how a deadline becomes a budget: there is no clock inside a module. A machine does about
// as many work units in a microsecond, or more.
const BudgetPerMicrosecond = 400

const (
	flagBatches = 2
	unlimited   = math.MaxUint64
)

// Eval evaluates addresses: a map from address to value, as Go values or a document as []byte. The result is nil when
// nothing matched. The deadline of ctx becomes a budget; when that is spent the result says Timeout.
func (c *Context) Eval(ctx context.Context, addresses any) (*Result, error) {
	return c.EvalWith(ctx, addresses, Options{})
}

// EvalWith is Eval with options.
func (c *Context) EvalWith(ctx context.Context, addresses any, o Options) (*Result, error) {
	budget, err := o.budget(ctx)
	if err != nil {
		return nil, err
	}
	if o.Now == 0 {
		o.Now = uint64(time.Now().Unix())
	}
	if o.Entropy == 0 {
		o.Entropy = entropy()
	}
	var flags uint64
	if o.Batches {
		flags = flagBatches
	}
	data := buffers.Get().(*[]byte)
	if *data, err = appendDocument((*data)[:0], addresses); err != nil {
		return nil, err
	}
	code, document, err := c.session.do(ctx, contextEval, data, 1, o.Now, o.Entropy, budget, flags)
	runtime.KeepAlive(c)
	if err != nil || code == 0 {
		return nil, err
	}
	return newResult(document)
}

func (o Options) budget(ctx context.Context) (uint64, error) {
	budget := uint64(unlimited)
	switch {
	case o.NoBudget:
		budget = 0
	case o.Budget > 0:
		budget = o.Budget
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return budget, ctx.Err()
	}
	left := time.Until(deadline)
	if left <= 0 {
		return 0, context.DeadlineExceeded
	}
	return min(budget, uint64(left.Microseconds()+1)*BudgetPerMicrosecond), ctx.Err()
}

func entropy() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// Subcontext gives a context that starts as a copy of this one; nothing flows back.
func (c *Context) Subcontext() (*Context, error) {
	s, err := c.session.fork()
	if err != nil {
		return nil, err
	}
	return newContext(s), nil
}

// fork opens a copy of the session in the same machine.
func (s *session) fork() (*session, error) {
	if !s.pool.enter() {
		// Contexts outlive their closed instance, and may have children still.
		s.pool.sessions.Add(1)
	}
	s.machine.live.Add(1)
	_ = s.machine.acquire(context.Background())
	child, err := s.forked()
	s.machine.release()
	if err != nil {
		s.pool.leave(s.machine, handle{generation: none})
		return nil, err
	}
	return child, nil
}

func (s *session) forked() (*session, error) {
	if s.fate != nil {
		return nil, s.fate
	}
	if err := s.here(); err != nil {
		return nil, err
	}
	pointer, err := s.machine.module.call(subcontextNew, s.handle.pointer)
	if err != nil {
		s.pool.trapped(s.machine)
		s.fate = trap(err)
		return nil, s.fate
	}
	if pointer == 0 {
		return nil, ErrInternal
	}
	s.shared = true
	return &session{
		pool: s.pool, machine: s.machine, open: s.open, carried: s.carried, shared: true,
		handle:  handle{pointer, s.open.free, s.machine.generation},
		journal: slices.Clone(s.journal),
	}, nil
}

// refusal is a negative code, with the reason that the engine gives. The machine is held.
func (s *session) refusal(code int32) error {
	m := s.machine.module
	if told, err := m.call(s.open.reason, s.handle.pointer, uint64(m.arena.start)); err == nil && told == 1 {
		return fmt.Errorf("%w: %s", Error(code), m.document())
	}
	return Error(code)
}

// Close gives the context's memory back. Closing again does nothing.
func (c *Context) Close() error {
	c.cleanup.Stop()
	c.session.end()
	return nil
}
