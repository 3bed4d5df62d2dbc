package driver

// #include "driver.h"
import "C"

import (
	"errors"
	"unsafe"
)

// Context is one card in use. All calls are made on the OS thread that made it, which the caller has locked with
// runtime.LockOSThread, and are done by the card one after the other. None waits for the card but those that say so.
type Context struct {
	driver *Driver
	device Device
	stream unsafe.Pointer
	blas   unsafe.Pointer // made when it is first needed
	noBLAS error
}

// Context makes a card the calling thread's.
func (d *Driver) Context(index int) (*Context, error) {
	device, err := d.device(index)
	if err != nil {
		return nil, err
	}
	x := &Context{driver: d, device: device}
	if err := d.check(C.gpu_enter(d.c, C.int(index), &x.stream)); err != nil { //nolint:gocritic // cgo writes comparisons of its own
		return nil, err
	}

	return x, nil
}

// Device returns the card.
func (x *Context) Device() Device { return x.device }

// Bind lets the calling OS thread, which is locked as well, make calls too, one thread at a time.
func (x *Context) Bind() error { return x.driver.check(C.gpu_bind(x.driver.c, C.int(x.device.Index))) }

// Compiler returns the driver's compiler.
func (x *Context) Compiler() (*Compiler, error) { return x.driver.Compiler() }

// Close gives the context back; memory and modules have to be freed before it. It waits for the card.
func (x *Context) Close() error {
	err := x.Synchronize()
	if x.blas != nil {
		err = errors.Join(err, x.driver.checkBLAS(C.gpu_blas_close(x.driver.c, x.blas)))
		x.blas = nil
	}

	return errors.Join(err, x.driver.check(C.gpu_leave(x.driver.c, C.int(x.device.Index), x.stream)))
}

// Synchronize waits until the card has done all that it was told. Faults of what was launched before come out here.
func (x *Context) Synchronize() error { return x.driver.check(C.gpu_synchronize(x.driver.c, x.stream)) }

// Compile is Compiler.Compile for this card.
func (x *Context) Compile(source, name string, options ...string) ([]byte, error) {
	compiler, err := x.driver.Compiler()
	if err != nil {
		return nil, err
	}

	return compiler.Compile(source, name, x.device.Architecture, options...)
}
