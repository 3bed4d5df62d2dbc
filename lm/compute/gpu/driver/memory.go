package driver

// #include "driver.h"
import "C"

import "unsafe"

// Alloc returns memory of the card, with what was there before. Not enough of it is ErrMemory.
func (x *Context) Alloc(bytes int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	err := x.driver.check(C.gpu_alloc(x.driver.c, &p, C.size_t(bytes))) //nolint:gocritic // cgo writes comparisons of its own

	return p, err
}

// Free gives memory of Alloc back. It waits for the card.
func (x *Context) Free(p unsafe.Pointer) error { return x.driver.check(C.gpu_free(x.driver.c, p)) }

// AllocHost returns memory of the computer that the card reads and writes by itself.
func (x *Context) AllocHost(bytes int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	err := x.driver.check(C.gpu_alloc_host(x.driver.c, &p, C.size_t(bytes))) //nolint:gocritic // cgo writes comparisons of its own

	return p, err
}

// FreeHost gives memory of AllocHost back.
func (x *Context) FreeHost(p unsafe.Pointer) error {
	return x.driver.check(C.gpu_free_host(x.driver.c, p))
}

// Memory returns the card's free memory and all of it, in bytes. Other programs may take what is free.
func (x *Context) Memory() (free, total uint64, err error) {
	var unused, all C.size_t
	err = x.driver.check(C.gpu_memory(x.driver.c, &unused, &all))

	return uint64(unused), uint64(all), err
}

// Upload copies bytes from the computer's memory to the card's. It waits for the card, so that src may be Go's.
func (x *Context) Upload(dst, src unsafe.Pointer, bytes int) error {
	if err := x.UploadPinned(dst, src, bytes); err != nil {
		return err
	}

	return x.Synchronize()
}

// UploadPinned is Upload from memory of AllocHost, which must not change before Synchronize. It does not wait.
func (x *Context) UploadPinned(dst, src unsafe.Pointer, bytes int) error {
	return x.driver.check(C.gpu_upload(x.driver.c, dst, src, C.size_t(bytes), x.stream))
}

// Download copies bytes from the card's memory to the computer's. It waits for the card.
func (x *Context) Download(dst, src unsafe.Pointer, bytes int) error {
	if err := x.driver.check(C.gpu_download(x.driver.c, dst, src, C.size_t(bytes), x.stream)); err != nil {
		return err
	}

	return x.Synchronize()
}

// Copy copies bytes within the card.
func (x *Context) Copy(dst, src unsafe.Pointer, bytes int) error {
	return x.driver.check(C.gpu_copy(x.driver.c, dst, src, C.size_t(bytes), x.stream))
}

// Fill sets bytes of the card's memory.
func (x *Context) Fill(dst unsafe.Pointer, value byte, bytes int) error {
	return x.driver.check(C.gpu_fill(x.driver.c, dst, C.int(value), C.size_t(bytes), x.stream))
}
