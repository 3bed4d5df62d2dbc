package icon

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"fmt"
	"image"
	"math"
	"sync"
)

// Table is what icons are told by: how a shape becomes a few numbers, and those of the
// icons that are known. tools/icons makes it. It is safe for concurrent use, and not
// changed once it was asked.
type Table struct {
	// Mean is taken off a shape. Length ShapeLength.
	Mean []float32
	// Axes [axis][ShapeLength] are what a shape is projected on, each times Scales[axis].
	Axes   [][]int8
	Scales []float32
	// Names are those of the classes. The first is "", of icons that have none of them.
	Names []string
	// Templates of each class, of length 127.
	Templates [][][]int8
	// Alike is how much like a template an icon is at least, and Apart how much more
	// than like one of another class, of 1.
	Alike, Apart float32

	once  sync.Once
	tails [][]int32 // how long each template is behind its head
}

// head is how many axes, the most telling ones, are compared first.
const head = 16

// Pack writes a table for Unpack.
func (t *Table) Pack() ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack the table: %w", err)
	}
	if err := gob.NewEncoder(z).Encode(t); err != nil {
		return nil, fmt.Errorf("pack the table: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the table: %w", err)
	}
	return b.Bytes(), nil
}

// Unpack reads what Pack has written.
func Unpack(data []byte) (*Table, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack the table: %w", err)
	}
	t := new(Table)
	if err := gob.NewDecoder(z).Decode(t); err != nil {
		return nil, fmt.Errorf("unpack the table: %w", err)
	}
	return t, nil
}

// Name is what is drawn in a box, and how sure that is, 0 to 1; "" when it is like no
// class, or like several.
func (t *Table) Name(picture *image.RGBA, box image.Rectangle) (name string, confidence float64) {
	shape, ok := Shape(picture, box)
	if !ok {
		return "", 0
	}
	return t.Nearest(t.Project(shape))
}

// Project makes a shape what is compared: of length 1.
func (t *Table) Project(shape []float32) []float32 {
	out := make([]float32, len(t.Axes))
	centred := make([]float32, len(shape))
	for i, v := range shape {
		centred[i] = v - t.Mean[i]
	}
	for k, axis := range t.Axes {
		out[k] = product(centred, axis) * t.Scales[k]
	}
	return unit(out)
}

// Nearest is the class whose templates are nearest to a projected shape.
func (t *Table) Nearest(shape []float32) (name string, confidence float64) {
	class, best, second := t.Ranked(shape)
	if class == 0 || best < t.Alike || best-second < t.Apart {
		return "", 0
	}
	return t.Names[class], float64(best)
}

// Ranked is the nearest class, how near it is, and how near the next one. A template whose
// head shows that it cannot be one of these is not compared further.
func (t *Table) Ranked(shape []float32) (class int, best, second float32) {
	t.once.Do(t.measureTails)
	whole := make([]int32, len(shape))
	for i, v := range shape {
		whole[i] = int32(v * 127)
	}
	cut := min(head, len(whole))
	tail := lengthOf(whole[cut:])
	first, next := int32(math.MinInt32), int32(math.MinInt32)
	for c, templates := range t.Templates {
		most := int32(math.MinInt32)
		for i, template := range templates {
			near := product(whole[:cut], template[:cut])
			if near+tail*t.tails[c][i] > max(most, next) {
				most = max(most, near+product(whole[cut:], template[cut:]))
			}
		}
		switch {
		case most > first:
			class, first, next = c, most, first
		case most > next:
			next = most
		}
	}
	return class, float32(first) / (127 * 127), float32(next) / (127 * 127)
}

func (t *Table) measureTails() {
	t.tails = make([][]int32, len(t.Templates))
	for c, templates := range t.Templates {
		for _, template := range templates {
			whole := make([]int32, len(template))
			for i, v := range template {
				whole[i] = int32(v)
			}
			t.tails[c] = append(t.tails[c], lengthOf(whole[min(head, len(whole)):]))
		}
	}
}

// lengthOf a vector, rounded up.
func lengthOf(v []int32) int32 {
	var square int32
	for _, x := range v {
		square += x * x
	}
	return int32(math.Ceil(math.Sqrt(float64(square))))
}

// product is the inner product of two vectors of one length. Four sums at a time keep a
// processor's pipeline full.
func product[T int32 | float32](a []T, b []int8) T {
	var s0, s1, s2, s3 T
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * T(b[0])
		s1 += a[1] * T(b[1])
		s2 += a[2] * T(b[2])
		s3 += a[3] * T(b[3])
		a, b = a[4:], b[4:]
	}
	for i := range min(len(a), len(b)) {
		s0 += a[i] * T(b[i])
	}
	return s0 + s1 + s2 + s3
}
