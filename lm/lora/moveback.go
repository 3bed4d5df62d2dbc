package lora

import "fmt"

// MoveBack sets a's matrices to those on the straight line from the ones of from, at 0, to its own, at 1, for an adapter
// that was trained from there: a smaller part keeps more of what from did. It is between the factors A and B,
// so their product lies near that line, and the nearer the less training has changed them. Scales have to be equal.
//
// Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT), equation 1.
func (a *Adapter) MoveBack(from *Adapter, part float32) error {
	if err := a.sameShape(from); err != nil {
		return err
	}
	if !(part >= 0 && part <= 1) {
		return fmt.Errorf("%w: part %g of the way, want 0 to 1", ErrInvalid, part)
	}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p == nil {
				continue
			}
			q := from.Layers[i][m]
			if p.Scale != q.Scale {
				return fmt.Errorf("%w: %v has scale %g, the adapter to move back to %g", ErrMismatch, place{i, Module(m)}, p.Scale, q.Scale)
			}
			between(p.A, q.A, part)
			between(p.B, q.B, part)
		}
	}
	return nil
}

func between(to, from []float32, part float32) {
	for j, x := range from {
		to[j] = x + part*(to[j]-x)
	}
}
