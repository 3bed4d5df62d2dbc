package model

import "github.com/grokputer/grokputer/lm/compute"

// Foresee returns the memory that the calls which f makes on its argument would take on this model's backend,
// once they have all been made, without the files that weights are mapped from. The argument is a model of the
// same sizes that computes nothing: what it returns means nothing. f makes caches on it as on any model. What
// this model already holds is counted as well if the calls need it, and so are the weights of which it holds copies. It may be called while the model computes;
// f's error is returned. With onTheFly the memory is that of a model opened with Options.DequantizeOnTheFly.
func (m *Model) Foresee(onTheFly bool, f func(*Model) error) (compute.Memory, error) {
	meter := m.backend.Meter(onTheFly)

	sizes := &Model{
		config: m.config, batchTokens: m.batchTokens, source: m.source, backend: meter, weights: m.weights,
		rotations: rotations{frequencies: m.rotations.frequencies, context: m.config.Context},
	}
	sizes.pass.model, sizes.pass.dims = sizes, m.config.Dims()
	sizes.pass.states = make([]state, m.config.Layers)

	err := f(sizes)

	need := meter.Memory()
	need.Weights += m.copied

	return need, err
}
