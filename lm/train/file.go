package train

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/lm/lora"
)

// A checkpoint file is: the magic, the header's length as uint32, the header in
// JSON, the elements of each section's matrices as float32, and the sha256 of all
// that. Numbers are little-endian.
const (
	magic            = "GKTRAIN1"
	temporaryPattern = ".ckpt-*"
)

// writeCheckpoint makes path hold the checkpoint, on the disk, whole or not at all.
func writeCheckpoint(path string, h header, sections []*lora.Adapter) (err error) {
	head, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode header: %w", err)
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, temporaryPattern)
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<16)
	b := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[len(magic):], uint32(len(head)))
	_, _ = w.Write(append(b, head...)) // Flush returns the first error of all
	for _, s := range sections {
		for p := range s.Params() {
			b = b[:0]
			for _, x := range p.Data {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
			_, _ = w.Write(b)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if _, err := f.Write(sum.Sum(nil)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// elements are the sections of a checkpoint that has been read.
type elements []byte

// fill copies the elements into adapters of the shapes that were written.
func (e elements) fill(sections []*lora.Adapter) error {
	size := 0
	for _, s := range sections {
		size += 4 * s.Size()
	}
	if len(e) != size {
		return fmt.Errorf("%w: %d bytes of elements, want %d", ErrTorn, len(e), size)
	}
	for _, s := range sections {
		for p := range s.Params() {
			for i := range p.Data {
				p.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(e[4*i:]))
			}
			e = e[4*len(p.Data):]
		}
	}
	return nil
}

// readCheckpoint returns ErrTorn for anything but the bytes that were written.
func readCheckpoint(path string) (header, elements, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return header{}, nil, fmt.Errorf("read: %w", err)
	}
	fixed := len(magic) + 4
	if len(b) < fixed+sha256.Size {
		return header{}, nil, fmt.Errorf("%w: only %d bytes", ErrTorn, len(b))
	}
	b, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if digest := sha256.Sum256(b); !bytes.Equal(digest[:], sum) {
		return header{}, nil, fmt.Errorf("%w: its sha256 differs", ErrTorn)
	}
	if !bytes.HasPrefix(b, []byte(magic)) {
		return header{}, nil, fmt.Errorf("%w: it is of another format or version", ErrOtherRun)
	}
	n := int(binary.LittleEndian.Uint32(b[len(magic):]))
	if n > len(b)-fixed {
		return header{}, nil, fmt.Errorf("%w: a header of %d bytes", ErrTorn, n)
	}
	var h header
	if err := json.Unmarshal(b[fixed:fixed+n], &h); err != nil {
		return header{}, nil, fmt.Errorf("%w: header: %w", ErrTorn, err)
	}
	return h, elements(b[fixed+n:]), nil
}

// fields returns a struct's exported fields by name, as JSON has them.
func fields(v any) (map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("train: encode: %w", err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("train: decode: %w", err)
	}
	return m, nil
}
