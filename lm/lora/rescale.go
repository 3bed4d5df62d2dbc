package lora

// Rescale gives an adapter another alpha without changing what it does: each pair's
// scale becomes alpha/rank, or alpha/sqrt(rank) with Config.RSLoRA, and B is divided
// by what the scale grew. How fast an adapter learns depends on its scale.
func (a *Adapter) Rescale(alpha float32) {
	a.Config.Alpha, a.Config.AlphaPattern = alpha, nil
	for i := range a.Layers {
		for _, p := range a.Layers[i] {
			if p == nil {
				continue
			}
			before := p.Scale
			p.Scale = setting{p.Rank, float64(alpha)}.scale(a.Config.RSLoRA)
			factor := before / p.Scale
			for j := range p.B {
				p.B[j] *= factor
			}
		}
	}
}
