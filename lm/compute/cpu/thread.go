package cpu

// #include "native.h"
import "C"

import (
	"errors"
	"runtime"

	"github.com/grokputer/grokputer/lm/compute/arena"
)

var errNoEngine = errors.New("cpu: no memory for the engine")

// serve runs every call on one OS thread, which the engine's team and oneDNN's settings belong to. The
// thread is not unlocked, so that it ends when the backend is closed.
func (b *Backend) serve() {
	defer close(b.ended)
	runtime.LockOSThread()

	engine := C.native_open(b.isa.native(), C.int(b.threads))
	if engine == nil {
		b.result <- errNoEngine

		return
	}

	defer C.native_close(engine)

	o := &ops{backend: b, engine: engine, arena: arena.New(mapped{b})}

	b.result <- nil

	for f := range b.start {
		o.err = nil

		err := f(o)
		if err == nil {
			err = o.Err()
		}

		o.arena.Reset()
		b.result <- err
	}
}
