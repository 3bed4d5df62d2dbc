package cpu

// #include "native.h"
import "C"

import (
	"errors"

	"github.com/grokputer/grokputer/lm/compute/arena"
	"github.com/grokputer/grokputer/lm/compute/worker"
)

var errNoEngine = errors.New("cpu: no memory for the engine")

// open makes the operations on the backend's thread, to which the engine's team and oneDNN's settings belong.
func (b *Backend) open() (worker.Session, error) {
	engine := C.native_open(b.isa.native(), C.int(b.threads))
	if engine == nil {
		return nil, errNoEngine
	}

	return &ops{backend: b, engine: engine, arena: arena.New(mapped{b})}, nil
}

// Begin forgets the last run's error.
func (o *ops) Begin() { o.err = nil }

// End returns the first error, and gives all scratch back.
func (o *ops) End(err error) error {
	if err == nil {
		err = o.Err()
	}

	o.arena.Reset()

	return err
}

// Close ends the engine's team and gives all memory back.
func (o *ops) Close() {
	C.native_close(o.engine)
	o.backend.release()
}
