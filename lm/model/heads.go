package model

// normHeads applies RMSNorm to the heads of queries and keys in families that have it.
func (p *pass) normHeads(i int) {
	o, c, w, s := p.ops, p.model.config, &p.model.weights.blocks[i], &p.states[i]
	if w.queryNorm.IsZero() {
		return
	}

	if !s.unscaled.IsZero() {
		o.Copy(s.unscaled, p.turned(s.qkv))
	}

	q, k, _ := p.split(s.qkv)
	o.NormHeads(q, q, w.queryNorm, c.NormEpsilon)
	o.NormHeads(k, k, w.keyNorm, c.NormEpsilon)
}
