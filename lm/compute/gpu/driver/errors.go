package driver

// #include "driver.h"
import "C"

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	// ErrMemory says that the card, or for Context.AllocHost the computer, has not enough free memory.
	ErrMemory = errors.New("driver: out of memory")
	// ErrDevice is a fault: a bad address, a failed launch, memory with uncorrected errors. Nothing more can be done with the context, and with
	// some vendors' versions not with the process.
	ErrDevice = errors.New("driver: the card had a fault")
	// ErrUnsupported says that a library refuses what is asked of it for this card, such as bfloat16 products with float32 results.
	ErrUnsupported = errors.New("driver: not supported")
	// ErrNoBLAS says that products cannot be the vendor's library's: it is not there, or has no kernels for the card.
	ErrNoBLAS = errors.New("driver: no BLAS for this card")

	errNoDevice = errors.New("driver: no card")
)

// CallError is a vendor's function that failed. errors.Is tells it for ErrMemory, ErrDevice and ErrUnsupported.
type CallError struct {
	Call string // the function, such as hipMalloc
	Code int
	Name string // the vendor's name of the code
	Text string // the vendor's sentence
	Hint string // what to do, where that is known
	is   error
}

// Error returns one sentence.
func (e *CallError) Error() string {
	text := fmt.Sprintf("driver: %s: %s (%d)", e.Call, e.Name, e.Code)
	if e.Text != "" && e.Text != e.Name {
		text += ": " + e.Text
	}
	if e.Hint != "" {
		text += ". " + e.Hint
	}

	return text
}

// Unwrap returns the sentinel that the code stands for, or nil.
func (e *CallError) Unwrap() error { return e.is }

// MissingError is a library that is not there, cannot be loaded, or is of a version that lacks a function.
type MissingError struct {
	Kind     Kind
	Library  string   // what it is called
	Names    []string // the files that would do
	Looked   []string // where they were looked for
	Reasons  []string // why those that are there could not be loaded
	Function string   // what the last one that was loaded lacks
	Install  string   // what to do
}

// Error returns what is missing, where it was looked for, and what to do.
func (e *MissingError) Error() string {
	text := fmt.Sprintf("driver: %s is missing (%s; looked in %s)", e.Library, strings.Join(e.Names, ", "), strings.Join(e.Looked, ", "))
	if len(e.Reasons) > 0 {
		text = fmt.Sprintf("driver: %s cannot be used: %s", e.Library, strings.Join(e.Reasons, "; "))
	}

	return text + ". " + e.Install
}

// faults are the codes after which a context is of no use, see hipError_t and CUresult: uncorrected memory and link errors, bad
// addresses, launches that ended badly, and what no reason is known of.
var faults = []int{214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 999}

// hints are what to do about a code; the vendors number these alike.
var hints = map[int]string{
	2:   "Other programs may hold memory of the card; a shorter sequence or a smaller batch takes less.",
	35:  "The installed driver is older than the library: update the driver.",
	209: "The code was made for another architecture than the card's; for gfx1101, gfx1102 and gfx1103 HSA_OVERRIDE_GFX_VERSION=11.0.0 may help, for gfx103x 10.3.0.",
	218: "The driver does not know this version of PTX: update NVIDIA's driver, or use an older NVRTC.",
	803: "NVIDIA's driver was updated while it was running: start the computer anew.",
}

// check makes an error of a code of the runtime.
func (d *Driver) check(s C.gpu_status) error {
	if s.code == 0 {
		return nil
	}
	var name, text *C.char
	C.gpu_describe(d.c, s.code, &name, &text) //nolint:gocritic // cgo writes comparisons of its own
	code := int(s.code)
	e := &CallError{Call: C.GoString(s.call), Code: code, Name: C.GoString(name), Text: C.GoString(text), Hint: hints[code]}
	if e.Name == "" {
		e.Name = "unknown error"
	}
	switch {
	case code == 2:
		e.is = ErrMemory
	case code == 100, code == 101:
		e.is = errNoDevice
	case code == 801:
		e.is = ErrUnsupported
	case slices.Contains(faults, code):
		e.is = ErrDevice
		e.Hint = "The process has to be started anew; if this happens again, look at dmesg."
	}

	return e
}
