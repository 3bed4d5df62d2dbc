package gguf

import (
	"encoding/binary"
	"fmt"
)

// reader walks over the file's bytes. The first failure sticks in err and every later read returns
// zero, so that a sequence of reads needs one check at its end.
type reader struct {
	data   []byte
	offset int // never larger than len(data)
	err    error
}

// remaining returns the number of bytes that were not read yet.
func (r *reader) remaining() uint64 { return uint64(len(r.data) - r.offset) }

// bytes returns the next n bytes as a view; what names them in the error.
func (r *reader) bytes(n uint64, what string) []byte {
	if r.err != nil {
		return nil
	}

	if n > r.remaining() {
		r.err = fmt.Errorf("%w: %s needs %d bytes at offset %d, %d are left",
			ErrTruncated, what, n, r.offset, r.remaining())

		return nil
	}

	view := r.data[r.offset : r.offset+int(n) : r.offset+int(n)]
	r.offset += int(n)

	return view
}

func (r *reader) uint32(what string) uint32 {
	view := r.bytes(4, what)
	if view == nil {
		return 0
	}

	return binary.LittleEndian.Uint32(view)
}

func (r *reader) uint64(what string) uint64 {
	view := r.bytes(8, what)
	if view == nil {
		return 0
	}

	return binary.LittleEndian.Uint64(view)
}

// text returns the next string: a 64-bit length and that many bytes.
func (r *reader) text(what string) string {
	return string(r.bytes(r.uint64(what), what))
}

// fits fails unless count items of at least size bytes each can still be in the file; it guards every
// allocation whose size the file decides.
func (r *reader) fits(count, size uint64, what string) bool {
	if r.err == nil && count > r.remaining()/size {
		r.err = fmt.Errorf("%w: %d %s cannot be in the %d bytes left at offset %d",
			ErrTruncated, count, what, r.remaining(), r.offset)
	}

	return r.err == nil
}
