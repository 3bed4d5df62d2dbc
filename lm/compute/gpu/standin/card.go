//go:build linux

package standin

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>
#include "native/card.h"

typedef struct {
	void *library;
	char *(*compile)(const char *, const char *, char **);
	void *(*load)(const char *, char **);
	void (*unload)(void *);
	char *(*launch)(void *, const struct standin_launch_call *);
	void *(*allocate)(size_t);
	char *(*release)(void *);
} engine;

static int engine_open(engine *e, const char *path) {
	e->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!e->library) return 0;
	e->compile = dlsym(e->library, "standin_compile");
	e->load = dlsym(e->library, "standin_load");
	e->unload = dlsym(e->library, "standin_unload");
	e->launch = dlsym(e->library, "standin_launch");
	e->allocate = dlsym(e->library, "standin_allocate");
	e->release = dlsym(e->library, "standin_release");
	return 1;
}

static char *engine_compile(engine *e, const char *source, const char *options, char **log) { return e->compile(source, options, log); }
static void *engine_load(engine *e, const char *path, char **error) { return e->load(path, error); }
static void engine_unload(engine *e, void *module) { e->unload(module); }
static void *engine_allocate(engine *e, size_t bytes) { return e->allocate(bytes); }
static char *engine_release(engine *e, void *memory) { return e->release(memory); }

// The address of the arguments is a number here: they may hold pointers to Go's memory, which stays where it is during a call.
static char *engine_launch(engine *e, void *module, const char *kernel, const uint32_t *grid, uint32_t block, uint32_t shared,
                           uintptr_t args, size_t bytes, int wave, uint64_t seed, int threads, uint32_t most_shared) {
	struct standin_launch_call call = {kernel, {grid[0], grid[1], grid[2]}, block, shared, (const void *)args, bytes, wave, threads, seed, most_shared};
	return e->launch(module, &call);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"
)

// Options are how a Card differs from the usual: waves of 32 lanes, 65,536 bytes of shared memory, one thread, lanes and
// blocks in the order of their numbers.
type Options struct {
	Wave    int    // 32 or 64
	Seed    uint64 // another order of lanes, waves and blocks; results must be the same
	Threads int    // that blocks are dealt to
	Shared  int    // bytes of shared memory that a block may use
	Defines []string
}

// Card runs kernels in this process. It may be used from several goroutines.
type Card struct {
	engine  C.engine
	options Options
}

// Open loads the engine, which it builds if need be.
func Open(o Options) (*Card, error) {
	if o.Wave == 0 {
		o.Wave = 32
	}
	if o.Wave != 32 && o.Wave != 64 {
		return nil, fmt.Errorf("standin: a wave of %d lanes: 32 and 64 are possible", o.Wave)
	}
	if o.Threads == 0 {
		o.Threads = 1
	}
	if o.Shared == 0 {
		o.Shared = 65536
	}
	folder, err := compile(engine)
	if err != nil {
		return nil, err
	}
	path := C.CString(filepath.Join(folder, engine))
	defer C.free(unsafe.Pointer(path))
	c := &Card{options: o}
	if C.engine_open(&c.engine, path) == 0 { //nolint:gocritic // of what cgo makes of it
		return nil, fmt.Errorf("standin: load: %s", C.GoString(C.dlerror()))
	}

	return c, nil
}

// Alloc returns guarded memory that holds NaN, aligned to 256 bytes. Kernels that leave it at its end are stopped.
func (c *Card) Alloc(bytes int) (unsafe.Pointer, error) {
	p := C.engine_allocate(&c.engine, C.size_t(bytes)) //nolint:gocritic // of what cgo makes of it
	if p == nil {
		return nil, fmt.Errorf("standin: no memory for %d bytes", bytes)
	}

	return p, nil
}

// Free gives the memory of Alloc back and returns an error if something was written beside it.
func (c *Card) Free(p unsafe.Pointer) error {
	return take(C.engine_release(&c.engine, p)) //nolint:gocritic // of what cgo makes of it
}

// Program is compiled kernels.
type Program struct {
	card   *Card
	module unsafe.Pointer
}

// Compile compiles kernels for the card. The error has the compiler's messages.
func (c *Card) Compile(source string) (*Program, error) {
	options := []string{fmt.Sprintf("-DWAVE=%d", c.options.Wave)}
	for _, d := range c.options.Defines {
		options = append(options, "-D"+d)
	}
	text, list := C.CString(source), C.CString(strings.Join(options, "\n"))
	defer C.free(unsafe.Pointer(text))
	defer C.free(unsafe.Pointer(list))

	var log *C.char
	path := C.engine_compile(&c.engine, text, list, &log) //nolint:gocritic // of what cgo makes of it
	messages := take(log)
	if path == nil {
		return nil, fmt.Errorf("standin: compile: %w", messages)
	}
	defer C.free(unsafe.Pointer(path))
	var failed *C.char
	module := C.engine_load(&c.engine, path, &failed) //nolint:gocritic // of what cgo makes of it
	if err := take(failed); err != nil {
		return nil, fmt.Errorf("standin: load kernels: %w", err)
	}

	return &Program{card: c, module: module}, nil
}

// Close unloads the kernels. None may run.
func (p *Program) Close() {
	C.engine_unload(&p.card.engine, p.module) //nolint:gocritic // of what cgo makes of it
}

// Launch runs a kernel to its end. args points to its struct of size bytes; what that points to must be kept by the caller.
// The error says what the kernel did wrong in which block and lane.
func (p *Program) Launch(kernel string, grid [3]uint32, block, shared uint32, args unsafe.Pointer, size uintptr) error {
	name := C.CString(kernel)
	defer C.free(unsafe.Pointer(name))
	o := p.card.options
	dimensions := [3]C.uint32_t{C.uint32_t(grid[0]), C.uint32_t(grid[1]), C.uint32_t(grid[2])}
	text := C.engine_launch(&p.card.engine, p.module, name, &dimensions[0], C.uint32_t(block), C.uint32_t(shared),
		C.uintptr_t(uintptr(args)), C.size_t(size), C.int(o.Wave), C.uint64_t(o.Seed), C.int(o.Threads), C.uint32_t(o.Shared)) //nolint:gocritic // of what cgo makes of it
	runtime.KeepAlive(args)

	return take(text)
}

// take makes an error of a text of the engine.
func take(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))

	return errors.New("standin: " + C.GoString(text))
}
