package bartizan

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
)

// Memory that requests leave behind in a module instance is kept for the next ones, up to this much.
const slack = 16 << 20

// pool is a fixed number of machines that start from one image. A context belongs to one machine, and holds it
// during its calls only.
type pool struct {
	engine   *Engine
	image    *image
	machines []machine
	closed   atomic.Bool
	sessions atomic.Int64
	traps    atomic.Uint64
	renewed  atomic.Uint64
}

// machine is a place for a module instance. Whoever put something into lock is alone.
type machine struct {
	lock   chan struct{}
	module *module // nil: to be started when it is needed
	// generation counts the module instances that were here: what was made in a former one is gone.
	generation uint64
	live       atomic.Int64

	leaving sync.Mutex
	left    []handle // to be freed by the next one who is alone
}

// handle is something in a module instance that must be given back.
type handle struct {
	pointer    uint64
	free       function
	generation uint64
}

// none is the generation of a handle that there is not.
const none = math.MaxUint64

func newPool(engine *Engine, image *image, size int) *pool {
	p := &pool{engine: engine, image: image, machines: make([]machine, size)}
	for i := range p.machines {
		p.machines[i].lock = make(chan struct{}, 1)
	}
	return p
}

// pick gives the machine with the fewest contexts.
func (p *pool) pick() *machine {
	best := &p.machines[0]
	fewest := best.live.Load()
	for i := 1; i < len(p.machines) && fewest > 0; i++ {
		if live := p.machines[i].live.Load(); live < fewest {
			best, fewest = &p.machines[i], live
		}
	}
	return best
}

func (m *machine) acquire(ctx context.Context) error {
	select {
	case m.lock <- struct{}{}:
		return nil
	default:
	}
	select {
	case m.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *machine) release() { <-m.lock }

// ready starts the module instance if there is none, and frees what was left.
func (p *pool) ready(m *machine) error {
	if m.module == nil {
		started, err := p.engine.start(p.image)
		if err != nil {
			return err
		}
		m.module = started
	}
	m.leaving.Lock()
	left := m.left
	m.left = nil
	m.leaving.Unlock()
	for _, h := range left {
		if h.generation != m.generation {
			continue
		}
		if _, err := m.module.call(h.free, h.pointer); err != nil {
			p.trapped(m)
			return p.ready(m)
		}
	}
	return nil
}

// drop gives the module instance up; the next call starts another.
func (m *machine) drop() {
	if m.module != nil {
		// What cannot be closed is garbage all the same.
		_ = m.module.close()
		m.module = nil
		m.generation++
	}
}

func (p *pool) trapped(m *machine) {
	p.traps.Add(1)
	m.drop()
}

// leave gives a handle back, at once when nobody holds the machine.
func (p *pool) leave(m *machine, h handle) {
	m.leaving.Lock()
	m.left = append(m.left, h)
	m.leaving.Unlock()
	rest := m.live.Add(-1)
	select {
	case m.lock <- struct{}{}:
		if m.module != nil && p.ready(m) == nil && rest == 0 && m.module.memory.Size() > uint32(len(p.image.memory))+slack {
			p.renewed.Add(1)
			m.drop()
		}
		m.release()
	default:
	}
	if p.sessions.Add(-1) == 0 && p.closed.Load() {
		p.shut()
	}
}

// enter counts a context in; false when the pool is closed.
func (p *pool) enter() bool {
	p.sessions.Add(1)
	if !p.closed.Load() {
		return true
	}
	if p.sessions.Add(-1) == 0 {
		p.shut()
	}
	return false
}

// close lets no more contexts in, and ends the module instances with the last one.
func (p *pool) close() {
	if !p.closed.Swap(true) && p.sessions.Load() == 0 {
		p.shut()
	}
}

func (p *pool) shut() {
	for i := range p.machines {
		m := &p.machines[i]
		m.lock <- struct{}{}
		m.drop()
		m.release()
	}
}

// trap is how a defect is told.
func trap(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%w (%s)", ErrInternal, line)
}
