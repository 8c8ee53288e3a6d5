package bartizan

import (
	"errors"
	"fmt"
)

// Error is what the engine refused with.
type Error int32

const (
	// ErrArgument says that an argument is invalid.
	ErrArgument Error = -1
	// ErrDocument says that a document cannot be read, or is not a map.
	ErrDocument Error = -2
	// ErrInternal says that a defect showed in the engine. The request it happened in is lost, and no other.
	ErrInternal Error = -3
)

func (e Error) Error() string {
	switch e {
	case ErrArgument:
		return "bartizan: an argument is invalid"
	case ErrDocument:
		return "bartizan: the document cannot be read, or is not a map"
	case ErrInternal:
		return "bartizan: a defect in the engine"
	}
	return fmt.Sprintf("bartizan: error %d", int32(e))
}

// ErrClosed is returned by everything that has been closed.
var ErrClosed = errors.New("bartizan: closed")
