// Package driver talks to graphics cards: AMD's through HIP, hipRTC and rocBLAS, NVIDIA's through CUDA's driver, NVRTC and
// cuBLAS. The libraries are loaded at run time, so that nothing of either vendor is needed to build this or to run it without a
// card. Both vendors' cards have one API: memory, compiling, launching, products of matrices.
//
// The vendors' libraries can end the process that uses them: rocBLAS aborts without its kernels for a card, hipRTC for an architecture that
// it does not know, and the kernel driver ends processes of AMD's cards at a bad address. So what cards there are is asked in a child
// process (package device), and trainings run in one.
package driver

// #cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra
// #cgo linux LDFLAGS: -ldl
// #include "driver.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
)

// Kind is whose cards a driver is for.
type Kind int

const (
	// HIP is AMD's.
	HIP Kind = iota
	// CUDA is NVIDIA's.
	CUDA
)

// String returns "hip" or "cuda".
func (k Kind) String() string {
	switch k {
	case HIP:
		return "hip"
	case CUDA:
		return "cuda"
	default:
		return fmt.Sprintf("Kind(%d)", int(k))
	}
}

// Options are the settings of Open; the zero value is the default.
type Options struct {
	// Search are folders that libraries are looked for in before all others: themselves and their lib, lib64 and bin.
	Search []string
	// Only looks nowhere else.
	Only bool
	// Loading, if not nil, is told the file before it is loaded, for a process that the load may end.
	Loading func(file string)
}

// Driver is a vendor's libraries, loaded. They stay loaded until the process ends. Its methods may be called from several goroutines.
type Driver struct {
	kind    Kind
	options Options
	c       *C.gpu
	empty   bool // there is no card
	version int  // of the runtime, in the vendor's numbers; 0 without one

	mu       sync.Mutex
	compiler part
	blas     part
}

// part is a library that is loaded when it is first needed.
type part struct {
	tried bool
	err   error
}

// Open loads the runtime and begins it; the compiler and the BLAS are loaded when they are first needed. If it is not there or lacks a function the error is a
// *MissingError.
func Open(kind Kind, options Options) (*Driver, error) {
	d, err := newDriver(kind, options)
	if err != nil {
		return nil, err
	}
	if err := d.load(runtimeLibrary, runtimeNames[kind]); err != nil {
		return nil, err
	}
	// Versions without a card say so here or when they are asked for the number of cards.
	err = d.check(C.gpu_init(d.c))
	d.empty = errors.Is(err, errNoDevice)
	if err != nil && !d.empty {
		return nil, err
	}
	var version C.int
	if err := d.check(C.gpu_version(d.c, &version)); err != nil {
		return nil, err
	}
	d.version = int(version)

	return d, nil
}

func newDriver(kind Kind, options Options) (*Driver, error) {
	if kind != HIP && kind != CUDA {
		return nil, fmt.Errorf("driver: there is no %v", kind)
	}
	c := C.gpu_new(C.int(kind)) // it lives as long as the libraries
	if c == nil {
		return nil, errors.New("driver: no memory for the table of functions")
	}

	return &Driver{kind: kind, options: options, c: c}, nil
}

// Kind returns whose cards the driver is for.
func (d *Driver) Kind() Kind { return d.kind }

// Version returns the runtime's version: HIP's, or the newest CUDA that NVIDIA's driver knows.
func (d *Driver) Version() string {
	if d.kind == CUDA {
		return fmt.Sprintf("%d.%d", d.version/1000, d.version%1000/10)
	}

	return fmt.Sprintf("%d.%d.%d", d.version/1e7, d.version/1e5%100, d.version%1e5)
}

// major returns the first number of Version.
func (d *Driver) major() int {
	if d.kind == CUDA {
		return d.version / 1000
	}

	return d.version / 1e7
}

// RuntimePath returns the file of the runtime.
func (d *Driver) RuntimePath() string { return d.path(runtimeLibrary) }
