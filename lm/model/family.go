package model

import "slices"

// family is what sets an architecture apart from the others: all are decoders with RMSNorm, grouped-query
// attention with rotary positions, and a SwiGLU feed-forward layer.
type family struct {
	// name is the general.architecture of GGUF files and the model_type of Hugging Face's folders.
	name string
	// permuted says that llama.cpp's converter reorders the rows of query and key weights, see unpermuted.
	permuted bool
	// biases says that queries, keys and values have biases.
	biases bool
	// headNorm says that each query and key head goes through RMSNorm before it is rotated (Yang et al.
	// 2025, "Qwen3 Technical Report").
	headNorm bool
	// windows says that GGUF files may limit attention in all layers to a sliding window.
	windows bool
}

// families lists what this package computes. llama.cpp calls Mistral's models "llama", and SmolLM2's are.
var families = [...]family{
	{name: "llama", permuted: true, windows: true},
	{name: "mistral", permuted: true, windows: true},
	{name: "qwen2", biases: true},
	{name: "qwen3", headNorm: true},
}

// familyOf returns the family of that name.
func familyOf(name string) (family, bool) {
	i := slices.IndexFunc(families[:], func(f family) bool { return f.name == name })
	if i < 0 {
		return family{}, false
	}

	return families[i], true
}

// familyNames returns the names for an error message.
func familyNames() []string {
	var names []string
	for _, f := range families {
		names = append(names, f.name)
	}

	return names
}
