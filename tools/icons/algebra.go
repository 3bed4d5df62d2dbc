package main

import (
	"math"
	"math/rand/v2"
)

// matrices here are square and symmetric, but for triangular ones.
type squareMatrix [][]float64

func newSquare(n int) squareMatrix {
	m := make(squareMatrix, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// discriminants returns the k axes a, longest first, with the largest a'Ba among those
// with a'Wa = 1: with W = LL', the eigenvectors of inv(L) B inv(L'), by subspace iteration.
func discriminants(within, between squareMatrix, k int) [][]float64 {
	n := len(within)
	l := cholesky(within)
	apply := func(v []float64) []float64 { // inv(L) B inv(L') v
		x := backward(l, v)
		y := make([]float64, n)
		for i := range n {
			for j, b := range between[i] {
				y[i] += b * x[j]
			}
		}
		return forward(l, y)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	basis := make([][]float64, k)
	for i := range basis {
		basis[i] = make([]float64, n)
		for j := range basis[i] {
			basis[i][j] = rng.NormFloat64()
		}
	}
	const rounds = 25
	for range rounds {
		parallel(k, func(i int) { basis[i] = apply(basis[i]) })
		orthonormal(basis)
	}
	out := make([][]float64, k)
	for i, v := range basis {
		// An axis counts by the root of how well it parts the classes.
		value := 0.0
		for j, x := range apply(v) {
			value += x * v[j]
		}
		out[i] = backward(l, v)
		weight := math.Pow(value/(1+value), 0.5)
		for j := range out[i] {
			out[i][j] *= weight
		}
	}
	return out
}

// cholesky returns L with LL' = m.
func cholesky(m squareMatrix) squareMatrix {
	l := newSquare(len(m))
	for i := range m {
		for j := range i + 1 {
			sum := m[i][j]
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(sum)
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
	}
	return l
}

// forward solves Lx = v, backward L'x = v.
func forward(l squareMatrix, v []float64) []float64 {
	x := make([]float64, len(v))
	for i := range x {
		sum := v[i]
		for k := range i {
			sum -= l[i][k] * x[k]
		}
		x[i] = sum / l[i][i]
	}
	return x
}

func backward(l squareMatrix, v []float64) []float64 {
	x := append([]float64(nil), v...)
	for i := len(x) - 1; i >= 0; i-- {
		x[i] /= l[i][i]
		for k := range i {
			x[k] -= l[i][k] * x[i]
		}
	}
	return x
}

// orthonormal makes vectors so, one after the other (modified Gram and Schmidt).
func orthonormal(vectors [][]float64) {
	for i, v := range vectors {
		for range 2 {
			for _, u := range vectors[:i] {
				d := 0.0
				for j := range v {
					d += u[j] * v[j]
				}
				for j := range v {
					v[j] -= d * u[j]
				}
			}
		}
		length := 0.0
		for _, x := range v {
			length += x * x
		}
		for j := range v {
			v[j] /= math.Sqrt(length)
		}
	}
}
