package train

import (
	"math"
	"runtime"
	"sync"

	"github.com/grokputer/grokputer/lm/lora"
)

// adamW is the optimiser of Loshchilov and Hutter 2019 ("Decoupled Weight Decay
// Regularization", algorithm 2), in PyTorch's form. For step t (from 1), gradient g
// and parameter x:
//
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g^2
//	x = x - rate*decay*x - rate * (m/(1-beta1^t)) / (sqrt(v/(1-beta2^t)) + epsilon)
type adamW struct {
	beta1, beta2, epsilon, decay float64
	m, v                         *lora.Adapter
}

// update applies step t to x with the gradient g times scale.
func (o *adamW) update(x, g *lora.Adapter, t int, rate, scale float64) {
	xs, gs, ms, vs := arrays(x), arrays(g), arrays(o.m), arrays(o.v)
	b1, b2 := float32(o.beta1), float32(o.beta2)
	c1, c2 := float32(1-o.beta1), float32(1-o.beta2)
	size := float32(rate / (1 - math.Pow(o.beta1, float64(t))))
	root := float32(1 / (1 - math.Pow(o.beta2, float64(t))))
	keep, eps, factor := float32(1-rate*o.decay), float32(o.epsilon), float32(scale)
	each(len(xs), func(i int) {
		x := xs[i]
		g, m, v := gs[i][:len(x)], ms[i][:len(x)], vs[i][:len(x)]
		for j := range x {
			d := g[j] * factor
			m[j] = b1*m[j] + c1*d
			v[j] = b2*v[j] + c2*d*d
			x[j] = keep*x[j] - size*m[j]/(float32(math.Sqrt(float64(v[j]*root)))+eps)
		}
	})
}

// norm returns the Euclidean norm over all elements. Each matrix is summed by
// itself and the sums in order, so the value does not depend on the threads.
func norm(g *lora.Adapter) float64 {
	gs := arrays(g)
	sums := make([]float64, len(gs))
	each(len(gs), func(i int) {
		for _, x := range gs[i] {
			sums[i] += float64(x) * float64(x)
		}
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return math.Sqrt(total)
}

func arrays(a *lora.Adapter) [][]float32 {
	all := make([][]float32, 0, 2*lora.Modules*len(a.Layers))
	for p := range a.Params() {
		all = append(all, p.Data)
	}
	return all
}

// each calls do for 0 to n-1, on all processors.
func each(n int, do func(int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}
