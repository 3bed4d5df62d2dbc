package bus

import (
	"context"
	"errors"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Handler works on one message. What it returns decides what becomes of it:
//
//	nil                 it is done and acknowledged
//	RetryAfter(d, err)  it is delivered again after d
//	Terminate(err)      it becomes a dead letter now
//	any other error     it is delivered again, after a pause that doubles
//
// A message that fails for the consumer's MaxDeliver-th time becomes a dead
// letter. ctx carries the message's trace and ends when the worker is to stop;
// the error that a stopped handler returns gives the message back at once.
// Handlers are idempotent: a crash between the work and the acknowledgement
// brings the message again.
type Handler func(ctx context.Context, m Message) error

// RetryAfter asks for another delivery after a pause.
func RetryAfter(pause time.Duration, err error) error {
	return &retryError{pause: pause, err: err}
}

type retryError struct {
	pause time.Duration
	err   error
}

func (e *retryError) Error() string { return e.err.Error() }
func (e *retryError) Unwrap() error { return e.err }

// Terminate says that trying again cannot help.
func Terminate(err error) error { return &terminateError{err: err} }

type terminateError struct {
	err error
}

func (e *terminateError) Error() string { return e.err.Error() }
func (e *terminateError) Unwrap() error { return e.err }

func terminated(err error) bool {
	_, ok := errors.AsType[*terminateError](err)
	return ok
}

// pause is how long a failed message waits before its next delivery: what
// RetryAfter said, else from 1/30 of the consumer's AckWait (1 s of 30 s)
// doubling up to AckWait.
func pause(err error, c contracts.Consumer, delivered uint64) time.Duration {
	if r, ok := errors.AsType[*retryError](err); ok {
		return r.pause
	}
	wait := c.AckWait / 30
	for n := uint64(1); n < delivered && wait < c.AckWait; n++ {
		wait *= 2
	}
	return min(wait, c.AckWait)
}
