package driver

// #include <stdlib.h>
// #include "driver.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// freeShared is how much dynamic shared memory a kernel of CUDA may have without being told.
const freeShared = 48 << 10

// Module is code on a card.
type Module struct {
	context *Context
	handle  unsafe.Pointer
}

// Kernel is a function of a module.
type Kernel struct {
	name   string
	handle unsafe.Pointer
	shared uint32 // the most that it was told of
}

// Load puts code of Compile onto the card.
func (x *Context) Load(code []byte) (*Module, error) {
	if len(code) == 0 {
		return nil, fmt.Errorf("driver: there is no code to load")
	}
	data := C.CBytes(code) // the vendors read on until the code's own end
	defer C.free(data)
	m := &Module{context: x}
	if err := x.driver.check(C.gpu_module(x.driver.c, &m.handle, data)); err != nil { //nolint:gocritic // cgo writes comparisons of its own
		return nil, err
	}

	return m, nil
}

// Kernel returns the function of this name.
func (m *Module) Kernel(name string) (*Kernel, error) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	k := &Kernel{name: name, shared: freeShared}
	d := m.context.driver
	if err := d.check(C.gpu_kernel(d.c, &k.handle, m.handle, text)); err != nil { //nolint:gocritic // cgo writes comparisons of its own
		return nil, fmt.Errorf("kernel %s: %w", name, err)
	}

	return k, nil
}

// Unload gives the module and its kernels back.
func (m *Module) Unload() error {
	return m.context.driver.check(C.gpu_unload(m.context.driver.c, m.handle))
}

// Launch tells the card to run a kernel: grid blocks of block lanes each, with so many bytes of dynamic shared memory. The kernel
// has one parameter, a struct by value, that args points to; it is copied before Launch returns. A grid without blocks is nothing to do.
func (x *Context) Launch(k *Kernel, grid [3]uint32, block, shared uint32, args unsafe.Pointer) error {
	if grid[0] == 0 || grid[1] == 0 || grid[2] == 0 {
		return nil
	}
	if shared > k.shared {
		if err := x.driver.check(C.gpu_allow_shared(x.driver.c, k.handle, C.int(shared))); err != nil {
			return fmt.Errorf("kernel %s: %w", k.name, err)
		}
		k.shared = shared
	}
	size := [3]C.uint32_t{C.uint32_t(grid[0]), C.uint32_t(grid[1]), C.uint32_t(grid[2])}
	if err := x.driver.check(C.gpu_launch(x.driver.c, k.handle, &size[0], C.uint32_t(block), C.uint32_t(shared), args, x.stream)); err != nil {
		return fmt.Errorf("kernel %s: %w", k.name, err)
	}

	return nil
}
