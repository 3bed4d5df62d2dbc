package gpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// mirror is an adapter's pair on the card for one run, during which its numbers do not change, with its gradients.
type mirror struct {
	factors

	gradA, gradB compute.Tensor // float32; zero where none are wanted

	adapter compute.LowRank
	memory  unsafe.Pointer
	size    int
}

// mirrors are those of a run, by the place of A in Go memory. Their memory is used again by the next run.
type mirrors struct {
	held  map[*float32]*mirror
	order []*mirror
	idle  map[int][]unsafe.Pointer // by size
}

func newMirrors() mirrors {
	return mirrors{held: make(map[*float32]*mirror), idle: make(map[int][]unsafe.Pointer)}
}

// of returns the mirror of an adapter, which is made when it is first needed, or nil after an error.
func (m *mirrors) of(o *ops, a compute.LowRank) *mirror {
	if o.err != nil {
		return nil
	}

	key := unsafe.SliceData(a.A)
	if held, ok := m.held[key]; ok {
		return held
	}

	inputs := len(a.A) / a.Rank
	first := roundUp(factorBytes(a.Rank, inputs, a.Out, o.element()), stride(1, 1))

	size := first
	if a.GradA != nil {
		size += factorBytes(a.Rank, inputs, a.Out, float)
	}

	memory, err := m.take(o, size)
	if err != nil {
		o.fail(err)

		return nil
	}

	made := &mirror{factors: o.place(a, memory), adapter: a, memory: memory, size: size}
	m.held[key] = made
	m.order = append(m.order, made)
	o.write(a, made.factors)

	if a.GradA != nil {
		made.gradA = matrix(unsafe.Add(memory, first), a.Rank, inputs, float)
		made.gradB = matrix(unsafe.Add(memory, first+a.Rank*made.gradA.Stride*float), a.Out, a.Rank, float)
		o.Zero(made.gradA)
		o.Zero(made.gradB)
	}

	return made
}

func (m *mirrors) take(o *ops, size int) (unsafe.Pointer, error) {
	if idle := m.idle[size]; len(idle) > 0 {
		m.idle[size] = idle[:len(idle)-1]

		return idle[len(idle)-1], nil
	}

	return o.memory.Map(size)
}

// collect adds the gradients to where the adapters want them.
func (m *mirrors) collect(o *ops) {
	for _, held := range m.order {
		if !held.gradA.IsZero() {
			o.addTo(held.adapter.GradA, held.gradA)
			o.addTo(held.adapter.GradB, held.gradB)
		}
	}
}

// addTo adds a matrix of the card to numbers in Go memory.
func (o *ops) addTo(dst []float32, src compute.Tensor) {
	if o.err != nil || o.counts {
		return
	}

	read := make([]float32, len(dst))
	o.Read(read, src)

	if o.err != nil {
		return
	}

	for i, x := range read {
		dst[i] += x
	}
}

// reset ends a run.
func (m *mirrors) reset() {
	for _, held := range m.order {
		m.idle[held.size] = append(m.idle[held.size], held.memory)
	}

	m.order = m.order[:0]
	clear(m.held)
}
