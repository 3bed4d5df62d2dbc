package driver

// #include <stdlib.h>
// #include "driver.h"
import "C"

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"
)

// CompileError is source that the compiler refuses.
type CompileError struct {
	Name string // the source's
	Text string // the compiler's sentence
	Log  string // what it says about each place
}

// Error returns the name, the sentence and the log.
func (e *CompileError) Error() string {
	return fmt.Sprintf("driver: %s: %s\n%s", e.Name, e.Text, strings.TrimSpace(e.Log))
}

// Compiler makes code for cards at run time. It needs no card. Its methods may be called from several goroutines.
type Compiler struct{ driver *Driver }

// OpenCompiler loads a compiler for machines where there may be no card. AMD's needs the runtime, NVIDIA's does not need the driver. The
// error is as that of Open.
func OpenCompiler(kind Kind, options Options) (*Compiler, error) {
	if kind == HIP {
		d, err := Open(kind, options)
		if err != nil {
			return nil, err
		}

		return d.Compiler()
	}
	d, err := newDriver(kind, options)
	if err != nil {
		return nil, err
	}

	return d.Compiler()
}

// Compiler loads the compiler, if that was not done before. Without one the error is a *MissingError.
func (d *Driver) Compiler() (*Compiler, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.compiler.tried {
		d.compiler = part{tried: true, err: d.loadCompiler()}
	}
	if d.compiler.err != nil {
		return nil, d.compiler.err
	}

	return &Compiler{driver: d}, nil
}

// loadCompiler takes hipRTC out of the runtime of versions before 7 that have it there and no library of its own.
func (d *Driver) loadCompiler() error {
	err := d.load(compilerLibrary, d.compilerNames())
	if err == nil || d.kind != HIP || d.major() > 6 {
		return err
	}
	var message [1024]C.char
	if C.gpu_share(d.c, C.GPU_COMPILER, C.GPU_RUNTIME, &message[0], C.int(len(message))) != 0 {
		return err
	}

	return nil
}

// Path returns the file that the compiler was loaded from.
func (c *Compiler) Path() string { return c.driver.path(compilerLibrary) }

// Version returns the compiler's.
func (c *Compiler) Version() (string, error) {
	var major, minor C.int
	if err := c.driver.checkCompiler(C.gpu_compiler_version(c.driver.c, &major, &minor)); err != nil {
		return "", err
	}

	return fmt.Sprintf("%d.%d", major, minor), nil
}

// Compile makes code for a card of an architecture: a code object of AMD's, or NVIDIA's machine code, or PTX if the architecture
// begins with "compute_" or is newer than the compiler. Source that does not compile is a *CompileError.
func (c *Compiler) Compile(source, name, architecture string, options ...string) ([]byte, error) {
	given := append([]string{"--gpu-architecture=" + c.target(architecture)}, options...)
	list := (**C.char)(C.calloc(C.size_t(len(given)), C.size_t(unsafe.Sizeof(uintptr(0)))))
	defer C.free(unsafe.Pointer(list))
	strs := unsafe.Slice(list, len(given))
	for i, option := range given {
		strs[i] = C.CString(option)
		defer C.free(unsafe.Pointer(strs[i]))
	}
	text, called := C.CString(source), C.CString(name)
	defer C.free(unsafe.Pointer(text))
	defer C.free(unsafe.Pointer(called))

	var code, log *C.char
	var size C.size_t
	status := C.gpu_compile(c.driver.c, text, called, list, C.int(len(given)), &code, &size, &log) //nolint:gocritic // cgo writes comparisons of its own
	defer C.free(unsafe.Pointer(code))
	defer C.free(unsafe.Pointer(log))
	// 5 is an option that the compiler does not know, 6 source that it does not take.
	if status.code == 5 || status.code == 6 {
		return nil, &CompileError{Name: name, Text: c.driver.compilerText(status.code), Log: C.GoString(log)}
	}
	if err := c.driver.checkCompiler(status); err != nil {
		return nil, err
	}

	return C.GoBytes(unsafe.Pointer(code), C.int(size)), nil
}

// target returns what the compiler is told for an architecture. For one that is newer than the compiler it is PTX of the newest that it knows, which the
// driver makes machine code of.
func (c *Compiler) target(architecture string) string {
	number, ok := strings.CutPrefix(architecture, "sm_")
	wanted, err := strconv.Atoi(number)
	if !ok || err != nil {
		return architecture
	}
	newest := int(C.gpu_newest(c.driver.c, C.int(wanted)))
	if newest == 0 || newest == wanted {
		return architecture
	}

	return fmt.Sprintf("compute_%d", newest)
}

func (d *Driver) compilerText(code C.int) string {
	return C.GoString(C.gpu_describe_compiler(d.c, code))
}

// checkCompiler makes an error of a code of the compiler.
func (d *Driver) checkCompiler(s C.gpu_status) error {
	if s.code == 0 {
		return nil
	}
	e := &CallError{Call: C.GoString(s.call), Code: int(s.code), Name: d.compilerText(s.code)}
	if s.code == 1 {
		e.is = ErrMemory
	}
	if s.code == 7 {
		e.Hint = "The compiler's built-in functions are of another version or missing: install the compiler anew."
	}

	return e
}
