package federate

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/grokputer/grokputer/lm/lora"
)

// errFactor means that an eigenvalue decomposition did not converge.
var errFactor = errors.New("federate: a matrix cannot be factored: is it finite?")

// factored is the pair of a rank that is nearest to M [out, in] in the Frobenius norm: with the
// left singular vectors U of the largest singular values S it is U·Uᵀ·M (Eckart and Young 1936),
// B being U·√S and A being √S⁻¹·Uᵀ·M. What M lacks in rank is zero.
func factored(m mat.Matrix, left *mat.Dense, rank int) *lora.Pair {
	out, in := m.Dims()
	p := lora.NewPair(lora.Shape{In: in, Out: out}, rank, 1)
	_, known := left.Dims()
	for k := range min(rank, known) {
		u := left.ColView(k)
		row := mat.NewVecDense(in, nil)
		row.MulVec(m.T(), u)
		s := mat.Norm(row, 2)
		if s == 0 {
			continue
		}
		for o := range out {
			p.B[o*rank+k] = float32(math.Sqrt(s) * u.AtVec(o))
		}
		for i := range in {
			p.A[k*in+i] = float32(row.AtVec(i) / math.Sqrt(s))
		}
	}
	return p
}

// leftOf returns the left singular vectors of M [out, in] of so many of the largest singular
// values, as columns: the eigenvectors of M·Mᵀ, or where M has fewer columns M·V/S with those
// of Mᵀ·M. Values that are nothing beside the largest have none.
func leftOf(m *mat.Dense, rank int) (*mat.Dense, error) {
	out, in := m.Dims()
	if out <= in {
		_, vectors, err := eigen(m, rank)
		return vectors, err
	}
	var t mat.Dense
	t.CloneFrom(m.T())
	values, right, err := eigen(&t, rank)
	if err != nil {
		return nil, err
	}
	return normalised(m, right, values), nil
}

// negligible is the part of the largest singular value below which one is rounding.
const negligible = 1e-7

// normalised is M·V with each column divided by its singular value.
func normalised(m, right *mat.Dense, values []float64) *mat.Dense {
	left := &mat.Dense{}
	left.Mul(m, right)
	for k, s := range values {
		for o := range left.RawMatrix().Rows {
			if s <= negligible*values[0] {
				left.Set(o, k, 0)
			} else {
				left.Set(o, k, left.At(o, k)/s)
			}
		}
	}
	return left
}

// eigen returns the square roots of the largest eigenvalues of M·Mᵀ, M being [n, m], the
// largest first, and their vectors as columns.
func eigen(m *mat.Dense, most int) ([]float64, *mat.Dense, error) {
	n, _ := m.Dims()
	var gram mat.SymDense
	gram.SymOuterK(1, m)
	var e mat.EigenSym
	if !e.Factorize(&gram, true) {
		return nil, nil, errFactor
	}
	ascending := e.Values(nil)
	var all mat.Dense
	e.VectorsTo(&all)
	most = min(most, n)
	values, vectors := make([]float64, most), mat.NewDense(n, most, nil)
	for k := range most {
		values[k] = math.Sqrt(max(0, ascending[n-1-k]))
		vectors.SetCol(k, mat.Col(nil, n-1-k, &all))
	}
	return values, vectors, nil
}

// reduced is the pair of a rank that is nearest to a pair of a larger one. B·A has the left
// singular vectors of C = B·V·√L, where V·L·Vᵀ = A·Aᵀ, and C has as many columns as the pair has
// ranks: no product of full size is factored.
func reduced(p *lora.Pair, rank int) (*lora.Pair, error) {
	a, b := dense(p.Rank, p.In, p.A), dense(p.Out, p.Rank, p.B)
	b.Scale(float64(p.Scale), b)
	roots, vectors, err := eigen(a, p.Rank)
	if err != nil {
		return nil, err
	}
	var c, m mat.Dense
	c.Mul(b, vectors)
	c.Apply(func(_, k int, x float64) float64 { return x * roots[k] }, &c)
	left, err := leftOf(&c, rank)
	if err != nil {
		return nil, err
	}
	m.Mul(b, a)
	return factored(&m, left, rank), nil
}
