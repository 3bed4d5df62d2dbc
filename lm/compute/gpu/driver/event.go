package driver

// #include "driver.h"
import "C"

import (
	"time"
	"unsafe"
)

// Event is a moment in what the card does.
type Event struct{ handle unsafe.Pointer }

// Event returns a new one.
func (x *Context) Event() (*Event, error) {
	e := &Event{}
	if err := x.driver.check(C.gpu_event(x.driver.c, &e.handle)); err != nil { //nolint:gocritic // cgo writes comparisons of its own
		return nil, err
	}

	return e, nil
}

// FreeEvent gives an event back.
func (x *Context) FreeEvent(e *Event) error {
	return x.driver.check(C.gpu_free_event(x.driver.c, e.handle))
}

// Record notes when the card has done what it was told so far.
func (x *Context) Record(e *Event) error {
	return x.driver.check(C.gpu_record(x.driver.c, e.handle, x.stream))
}

// Elapsed returns the card's time between two recorded events. It waits for the second.
func (x *Context) Elapsed(from, to *Event) (time.Duration, error) {
	var milliseconds C.float
	err := x.driver.check(C.gpu_elapsed(x.driver.c, &milliseconds, from.handle, to.handle))

	return time.Duration(float64(milliseconds) * float64(time.Millisecond)), err
}
