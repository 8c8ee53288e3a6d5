package bartizan

import (
	"context"
	"sync"
)

// A context whose calls carried more than this is not moved to another module instance when its own is lost.
const journalLimit = 4 << 20

// session is something of one request in one machine. Its calls are written down, so that it can go on in another
// module instance when its own is lost through somebody else's trap.
type session struct {
	pool    *pool
	machine *machine
	// Everything below belongs to whoever holds the machine.
	handle  handle
	open    opening
	journal []entry
	carried int
	shared  bool // some of the journal's bytes are another session's too
	fate    error
}

// opening is how a session's handle is made in a fresh module instance.
type opening struct {
	function  function
	arguments [4]uint64
	free      function
	reason    function // tells why a call was refused
}

// entry is a call that was made: the data, and the numbers between it and the place for a document.
type entry struct {
	function function
	data     *[]byte
	numbers  [4]uint64
	count    int
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func newSession(p *pool, open opening) (*session, error) {
	if !p.enter() {
		return nil, ErrClosed
	}
	s := &session{pool: p, machine: p.pick(), open: open, handle: handle{generation: none}}
	s.machine.live.Add(1)
	// Waiting takes no longer than an evaluation.
	_ = s.machine.acquire(context.Background())
	err := s.renew()
	s.machine.release()
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// renew opens the session in the machine as it is now, and makes its former calls again. The machine is held.
func (s *session) renew() error {
	if err := s.pool.ready(s.machine); err != nil {
		return err
	}
	m := s.machine.module
	pointer, err := m.call(s.open.function, s.open.arguments[:]...)
	if err != nil {
		s.pool.trapped(s.machine)
		return trap(err)
	}
	if pointer == 0 {
		return ErrInternal
	}
	s.handle = handle{pointer, s.open.free, s.machine.generation}
	for _, e := range s.journal {
		if _, err := s.invoke(e); err != nil {
			return err
		}
	}
	return nil
}

// invoke makes a call in the machine, which is held and ready.
func (s *session) invoke(e entry) (int32, error) {
	m := s.machine.module
	data := *e.data
	if err := m.room(len(data)); err != nil {
		if err != errMemory && err != ErrArgument {
			s.pool.trapped(s.machine)
			err = trap(err)
		}
		return 0, err
	}
	at := m.arena.start + 8
	m.memory.Write(at, data)
	m.memory.WriteUint64Le(m.arena.start, 0)
	arguments := [10]uint64{s.handle.pointer, uint64(at), uint64(len(data))}
	n := 3 + copy(arguments[3:], e.numbers[:e.count])
	arguments[n] = uint64(m.arena.start)
	code, err := m.call(e.function, arguments[:n+1]...)
	if err != nil {
		s.pool.trapped(s.machine)
		return 0, trap(err)
	}
	return int32(uint32(code)), nil
}

// do makes a call, and copies the document of a code whose mask is not 0. The data is the session's from then on.
func (s *session) do(ctx context.Context, f function, data *[]byte, mask int32, numbers ...uint64) (int32, []byte, error) {
	if err := s.machine.acquire(ctx); err != nil {
		return 0, nil, err
	}
	defer s.machine.release()
	if s.fate != nil {
		return 0, nil, s.fate
	}
	if err := s.here(); err != nil {
		s.fate = err
		return 0, nil, err
	}
	e := entry{function: f, data: data, count: len(numbers)}
	copy(e.numbers[:], numbers)
	code, err := s.invoke(e)
	if err != nil {
		s.fate = err
		return 0, nil, err
	}
	if code < 0 {
		return code, nil, s.refusal(code)
	}
	s.carried += len(*data)
	s.journal = append(s.journal, e)
	if code&mask == 0 {
		return code, nil, nil
	}
	return code, s.machine.module.document(), nil
}

// here sees to it that the session lives in the machine's module instance of now.
func (s *session) here() error {
	if err := s.pool.ready(s.machine); err != nil {
		return err
	}
	if s.handle.generation == s.machine.generation {
		return nil
	}
	if s.carried > journalLimit {
		return ErrInternal
	}
	return s.renew()
}

// end gives the session back. Calling it again does nothing.
func (s *session) end() {
	// The fate says whether it was; it belongs to whoever holds the machine.
	_ = s.machine.acquire(context.Background())
	over := s.fate == ErrClosed
	s.fate = ErrClosed
	journal := s.journal
	s.journal = nil
	s.machine.release()
	if over {
		return
	}
	if !s.shared {
		for _, e := range journal {
			recycle(e.data)
		}
	}
	s.pool.leave(s.machine, s.handle)
}

func recycle(b *[]byte) {
	if cap(*b) <= 1<<20 {
		buffers.Put(b)
	}
}
