package gguf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// smallestTensor is the least that a tensor's entry takes in the table: name length, one byte of name,
// dimension count, one dimension, type, offset.
const smallestTensor = 8 + 1 + 4 + 8 + 4 + 8

// Tensor is one entry of the tensor table.
type Tensor struct {
	Name string
	Type Type
	// Shape has the outermost dimension first: a weight of a linear layer is [outputs, inputs],
	// row-major. (The file and ggml count the other way round.)
	Shape []int
	// Data is a read-only view of the mapped file, valid until File.Close.
	Data []byte
}

// Rows returns the product of all dimensions but the innermost: 1 for a vector.
func (t Tensor) Rows() int {
	rows := 1
	for _, n := range t.Shape[:max(len(t.Shape)-1, 0)] {
		rows *= n
	}

	return rows
}

// Cols returns the innermost dimension, the length of a row.
func (t Tensor) Cols() int {
	if len(t.Shape) == 0 {
		return 0
	}

	return t.Shape[len(t.Shape)-1]
}

// RowBytes returns the bytes of one row; 0 if the type is unknown or does not divide the row.
func (t Tensor) RowBytes() int {
	block := t.Type.BlockSize()
	if block == 0 || t.Cols()%block != 0 {
		return 0
	}

	return t.Cols() / block * t.Type.BlockBytes()
}

// Row returns the stored bytes of one row, a view.
func (t Tensor) Row(row int) ([]byte, error) {
	size := t.RowBytes()
	if row < 0 || row >= t.Rows() || (row+1)*size > len(t.Data) {
		return nil, fmt.Errorf("%w: tensor %q has %d rows, no row %d", ErrFormat, t.Name, t.Rows(), row)
	}

	return t.Data[row*size : (row+1)*size], nil
}

// fileSize is byteSize of tensors in files.
func fileSize(typ Type, shape []int) (uint64, error) {
	if typ == NF4 {
		return 0, fmt.Errorf("%w: %s in a file", ErrUnsupported, typ)
	}

	return byteSize(typ, shape)
}

// byteSize returns the bytes of a tensor of that type and shape, and an error that says why there is
// no such tensor.
func byteSize(typ Type, shape []int) (uint64, error) {
	l, known := typ.layout()
	if !known {
		return 0, fmt.Errorf("%w: %s", ErrUnsupported, typ)
	}

	if len(shape) == 0 || len(shape) > maxDimensions {
		return 0, fmt.Errorf("%w: %d dimensions, 1 to %d are possible", ErrFormat, len(shape), maxDimensions)
	}

	elements := uint64(1)

	for _, n := range shape {
		if n <= 0 || elements > math.MaxInt64/8/uint64(n) {
			return 0, fmt.Errorf("%w: impossible shape %v", ErrFormat, shape)
		}

		elements *= uint64(n)
	}

	if cols := shape[len(shape)-1]; cols%l.block != 0 {
		return 0, fmt.Errorf("%w: rows of %d elements are not whole blocks of %d (%s)", ErrFormat, cols, l.block, typ)
	}

	size := elements / uint64(l.block) * uint64(l.blockBytes)
	if typ == NF4 {
		size += uint64(nf4StateBytes(int(elements) / l.block))
	}

	return size, nil
}

// span is where a tensor's data lies in the data section.
type span struct {
	tensor       int
	offset, size uint64
}

func (f *File) parseTensors(r *reader, count, alignment uint64) error {
	if !r.fits(count, smallestTensor, "tensors") {
		return r.err
	}

	f.tensors = make([]Tensor, 0, count)
	f.index = make(map[string]int, count)
	spans := make([]span, 0, count)

	for range count {
		tensor, place, err := parseTensor(r)
		if err != nil {
			return err
		}

		if _, twice := f.index[tensor.Name]; twice {
			return fmt.Errorf("%w: tensor %q a second time", ErrFormat, tensor.Name)
		}

		if place.offset%alignment != 0 {
			return fmt.Errorf("%w: tensor %q: offset %d is not a multiple of the alignment %d",
				ErrFormat, tensor.Name, place.offset, alignment)
		}

		place.tensor = len(f.tensors)
		f.index[tensor.Name] = place.tensor
		f.tensors = append(f.tensors, tensor)
		spans = append(spans, place)
	}

	return f.attachData(r, spans, alignment)
}

func parseTensor(r *reader) (Tensor, span, error) {
	at := r.offset
	name := r.text("tensor name")
	dimensions := r.uint32("number of dimensions")

	if r.err != nil {
		return Tensor{}, span{}, r.err
	}

	if name == "" || dimensions == 0 || dimensions > maxDimensions {
		return Tensor{}, span{}, fmt.Errorf("%w: tensor %q at offset %d has %d dimensions",
			ErrFormat, name, at, dimensions)
	}

	shape := make([]int, dimensions)
	for i := range shape {
		n := r.uint64("dimension")
		if n > math.MaxInt32 {
			return Tensor{}, span{}, fmt.Errorf("%w: tensor %q: dimension of %d", ErrFormat, name, n)
		}

		shape[len(shape)-1-i] = int(n)
	}

	tensor := Tensor{Name: name, Type: Type(r.uint32("tensor type")), Shape: shape}
	place := span{offset: r.uint64("tensor offset")}

	if r.err != nil {
		return Tensor{}, span{}, fmt.Errorf("tensor %q: %w", name, r.err)
	}

	size, err := fileSize(tensor.Type, shape)
	if err != nil {
		return Tensor{}, span{}, fmt.Errorf("tensor %q: %w", name, err)
	}

	place.size = size

	return tensor, place, nil
}

// attachData checks that every tensor's data lies inside the file and overlaps no other, and sets the views.
func (f *File) attachData(r *reader, spans []span, alignment uint64) error {
	start := padded(uint64(r.offset), alignment)
	length := uint64(len(r.data))

	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.offset, b.offset) })

	for i, s := range spans {
		tensor := &f.tensors[s.tensor]

		if start > length || s.offset > length-start || s.size > length-start-s.offset {
			return fmt.Errorf("%w: tensor %q needs %d bytes at offset %d of the data that begins at %d, the file has %d bytes",
				ErrTruncated, tensor.Name, s.size, s.offset, start, length)
		}

		if i > 0 && spans[i-1].offset+spans[i-1].size > s.offset {
			return fmt.Errorf("%w: tensors %q and %q overlap at offset %d",
				ErrFormat, f.tensors[spans[i-1].tensor].Name, tensor.Name, s.offset)
		}

		tensor.Data = r.data[start+s.offset : start+s.offset+s.size : start+s.offset+s.size]
	}

	return nil
}

// padded rounds n up to a multiple of alignment, a power of two.
func padded(n, alignment uint64) uint64 {
	return (n + alignment - 1) &^ (alignment - 1)
}
