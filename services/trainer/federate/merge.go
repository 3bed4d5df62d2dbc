package federate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/grokputer/grokputer/lm/lora"
)

// Part is one installation's adapter and its weight, more than 0, of which only the ratio to
// the others' counts: in federated averaging the number of examples that it was trained on.
type Part struct {
	Adapter *lora.Adapter
	Weight  float64
}

// Options are the settings of a merge; the zero value is the exact average.
type Options struct {
	// Rank is the merged adapter's; 0 keeps the ranks of all parts beside each other, which
	// loses nothing, and after noise, which has every rank, the largest one of the parts.
	Rank int
	// Clip is the largest L2 norm of one part (Norm); what has more is scaled down to it. 0
	// clips nothing.
	Clip float64
	// Noise is the standard deviation of the Gaussian noise on each weight that a part changes,
	// in units of what one part can change at most: Clip times the largest normalised weight.
	// 0 adds none; else Clip has to be set, and Random.
	Noise float64
	// Random draws the noise. Who knows its state can take the noise away again.
	Random *rand.Rand
	// Progress is told how many of the pairs are done; it may be nil.
	Progress func(done, of int)
}

// Merged is what came of a merge.
type Merged struct {
	Adapter *lora.Adapter
	// Weights are the parts' normalised weights, and Norms their norms before clipping.
	Weights, Norms []float64
	// Sigma is the standard deviation of the noise on each weight of the base.
	Sigma float64
	// Lost is the part of the average's squared norm that the rank did not hold, 0 to 1, noise
	// included.
	Lost float64
}

// Validate names the setting that is wrong, and its value.
func (o Options) Validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"clip", o.Clip}, {"noise", o.Noise}, {"rank", float64(o.Rank)}} {
		if !(f.value >= 0) || math.IsInf(f.value, 1) {
			return fmt.Errorf("%s is %g, want 0 or more", f.name, f.value)
		}
	}
	if o.Noise > 0 && o.Clip == 0 {
		return errors.New("noise hides a part only when its size is bounded: set clip, too")
	}
	return nil
}

// Merge averages adapters of one base: the sum over the parts of weight·scale·B·A. Parts for
// bases of other shapes give lora.ErrMismatch; that the bases are the same is for the caller to
// check. After ctx has ended it returns its error.
func Merge(ctx context.Context, parts []Part, o Options) (Merged, error) {
	var m Merged
	if err := o.Validate(); err != nil {
		return m, err
	}
	if o.Noise > 0 && o.Random == nil {
		return m, errors.New("noise needs a source that draws it")
	}
	stacked, err := m.stack(parts, o.Clip)
	if err != nil {
		return m, err
	}
	if o.Noise > 0 {
		m.Sigma = o.Noise * o.Clip * greatest(m.Weights)
	}
	m.Adapter = stacked
	rank := o.Rank
	if rank == 0 && m.Sigma > 0 {
		for _, p := range parts {
			rank = max(rank, largest(p.Adapter))
		}
	}
	if rank == 0 || m.Sigma == 0 && largest(stacked) <= rank {
		return m, nil // it holds the average as it is
	}
	return m, m.fit(ctx, rank, o)
}

// rounding is more than what float32 may add to the norm of a part that was scaled down.
const rounding = 1e-6

// stack puts the parts beside each other, weighted and clipped.
func (m *Merged) stack(parts []Part, clip float64) (*lora.Adapter, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: there is nothing to merge", lora.ErrInvalid)
	}
	total := 0.0
	for i, p := range parts {
		if p.Adapter == nil || !(p.Weight > 0) || math.IsInf(p.Weight, 1) {
			return nil, fmt.Errorf("%w: part %d has the weight %g, want more than 0", lora.ErrInvalid, i+1, p.Weight)
		}
		total += p.Weight
	}
	weighted := make([]lora.Weighted, len(parts))
	for i, p := range parts {
		norm, share := Norm(p.Adapter), p.Weight/total
		m.Weights, m.Norms = append(m.Weights, share), append(m.Norms, norm)
		if clip > 0 && norm > clip {
			share *= clip / norm * (1 - rounding)
		}
		weighted[i] = lora.Weighted{Adapter: p.Adapter, Weight: float32(share)}
	}
	return lora.Stack(weighted...)
}

// fit gives each pair the rank, after noise was added to its product.
func (m *Merged) fit(ctx context.Context, rank int, o Options) error {
	fitted := &lora.Adapter{Layers: make([]lora.Layer, len(m.Adapter.Layers))}
	done, all := 0, 0
	for i := range m.Adapter.Layers {
		for _, p := range m.Adapter.Layers[i] {
			if p != nil {
				all++
			}
		}
	}
	whole, kept := 0.0, 0.0
	for i := range m.Adapter.Layers {
		for module, p := range m.Adapter.Layers[i] {
			if p == nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			pair, size, err := m.pair(p, rank, o.Random)
			if err != nil {
				return fmt.Errorf("layer %d's %v: %w", i, lora.Module(module), err)
			}
			fitted.Layers[i][module] = pair
			whole, kept = whole+size, kept+squared(pair)
			if done++; o.Progress != nil {
				o.Progress(done, all)
			}
		}
	}
	if whole > 0 {
		m.Lost = max(0, 1-kept/whole)
	}
	fitted.Config = m.Adapter.Config
	// Every pair has the same rank and scale now.
	fitted.Config.Rank, fitted.Config.Alpha, fitted.Config.RSLoRA = rank, float32(rank), false
	fitted.Config.RankPattern, fitted.Config.AlphaPattern = nil, nil
	m.Adapter = fitted
	return nil
}

// pair is a pair of the rank, and the squared norm of what it stands for.
func (m *Merged) pair(p *lora.Pair, rank int, random *rand.Rand) (*lora.Pair, float64, error) {
	if m.Sigma == 0 {
		pair, err := reduced(p, rank)
		return pair, squared(p), err
	}
	var sum mat.Dense
	sum.Mul(dense(p.Out, p.Rank, p.B), dense(p.Rank, p.In, p.A))
	sum.Apply(func(_, _ int, x float64) float64 { return float64(p.Scale)*x + m.Sigma*random.NormFloat64() }, &sum)
	left, err := leftOf(&sum, rank)
	if err != nil {
		return nil, 0, err
	}
	norm := mat.Norm(&sum, 2)
	return factored(&sum, left, rank), norm * norm, nil
}

// squared is the squared Frobenius norm of a pair's product.
func squared(p *lora.Pair) float64 {
	a := lora.Adapter{Layers: make([]lora.Layer, 1)}
	a.Layers[0][0] = p
	norm := Norm(&a)
	return norm * norm
}

// largest is the largest rank of an adapter's pairs.
func largest(a *lora.Adapter) int {
	rank := 0
	for i := range a.Layers {
		for _, p := range a.Layers[i] {
			if p != nil {
				rank = max(rank, p.Rank)
			}
		}
	}
	return rank
}

func greatest(list []float64) float64 {
	most := 0.0
	for _, x := range list {
		most = max(most, x)
	}
	return most
}
