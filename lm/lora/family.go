package lora

import "fmt"

// Family is what a GGUF file says of a base model and an adapter in a GGUF file has to
// agree with, beyond the shapes.
type Family struct {
	Architecture string // general.architecture; "llama" for Mistral's models too
	HeadDim      int    // width of one attention head
}

// permuted reports whether files of the architecture hold the rows of query and key
// weights in pairs of rotation, (0, d/2, 1, d/2+1, ...), and not head by head as
// Hugging Face's do. For others than these we do not know.
func (f Family) permuted() (bool, error) {
	switch f.Architecture {
	case "llama":
		return true, nil
	case "qwen2", "qwen3":
		return false, nil
	default:
		return false, fmt.Errorf("%w: GGUF adapters for architecture %q; known are llama, qwen2 and qwen3", ErrInvalid, f.Architecture)
	}
}

// order returns, for each row of a module's B as Hugging Face has it, its row in a
// GGUF file; nil if they are the same. Row h·d + p·d/2 + j is row h·d + 2j + p there
// (llama.cpp, convert_hf_to_gguf.py, LlamaModel.permute). A stays as it is: it sees
// the layer's inputs.
func (f Family) order(m Module, rows int) ([]int, error) {
	moved, err := f.permuted()
	if err != nil || !moved || m != Query && m != Key {
		return nil, err
	}
	d := f.HeadDim
	if d < 2 || d%2 != 0 || rows%d != 0 {
		return nil, fmt.Errorf("%w: %d rows of %v are not whole heads of width %d", ErrMismatch, rows, m, d)
	}
	order := make([]int, rows)
	for i := range order {
		head, within := i/d, i%d
		order[i] = head*d + 2*(within%(d/2)) + within/(d/2)
	}
	return order, nil
}
