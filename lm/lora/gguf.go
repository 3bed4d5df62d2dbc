package lora

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/lm/gguf"
)

// Keys of an adapter in a GGUF file (llama.cpp, llama-adapter.cpp), and one of ours
// that holds Metadata in JSON.
const (
	typeKey         = "general.type"
	architectureKey = "general.architecture"
	fileTypeKey     = "general.file_type"
	adapterTypeKey  = "adapter.type"
	alphaKey        = "adapter.lora.alpha"
	invocationKey   = "adapter.alora.invocation_tokens"
	metadataKey     = "grokputer.adapter.metadata"
)

// ggufNames are the modules' names in a GGUF file, by Module.
func ggufNames() [Modules]string {
	return [Modules]string{"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}
}

// ggufName is a parameter's name in a GGUF file, such as "blk.3.attn_q.weight.lora_a".
func (p Param) ggufName() string {
	half := "a"
	if p.Matrix == MatrixB {
		half = "b"
	}
	return fmt.Sprintf("blk.%d.%s.weight.lora_%s", p.Layer, ggufNames()[p.Module], half)
}

// parseGGUFName is the inverse of ggufName; it fills Layer, Module and Matrix.
func parseGGUFName(name string) (Param, error) {
	parts := strings.Split(name, ".")
	if len(parts) != 5 {
		return Param{}, foreign(name)
	}
	layer, err := strconv.Atoi(parts[1])
	if err != nil || layer < 0 {
		return Param{}, foreign(name)
	}
	for m, known := range ggufNames() {
		p := Param{Layer: layer, Module: Module(m)}
		if parts[4] == "lora_b" {
			p.Matrix = MatrixB
		}
		if known == parts[2] && p.ggufName() == name {
			return p, nil
		}
	}
	return Param{}, foreign(name)
}

// header is what a GGUF adapter says beside its matrices.
type header struct {
	alpha float32 // 0 means that the scale is 1
	meta  Metadata
}

// readHeader refuses a file that is no adapter for the family.
func readHeader(f *gguf.File, family Family) (h header, err error) {
	for _, want := range [][2]string{{typeKey, "adapter"}, {adapterTypeKey, "lora"}} {
		if got, err := f.String(want[0]); err != nil || got != want[1] {
			return header{}, fmt.Errorf("%w: %s is %q, want %q: this is no LoRA adapter", ErrInvalid, want[0], got, want[1])
		}
	}
	if got, err := f.String(architectureKey); err != nil || got != family.Architecture {
		return header{}, fmt.Errorf("%w: it is for architecture %q, the base at hand is %q", ErrMismatch, got, family.Architecture)
	}
	if _, ok := f.Value(invocationKey); ok {
		return header{}, fmt.Errorf("%w: %s: aLoRA, an adapter that only tokens after an invocation get, is not supported", ErrInvalid, invocationKey)
	}
	alpha, err := f.Float(alphaKey)
	if err != nil && !errors.Is(err, gguf.ErrMissing) {
		return header{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if h.alpha = float32(alpha); !(h.alpha >= 0) || !isFinite(h.alpha) {
		return header{}, fmt.Errorf("%w: %s is %g, want a positive number", ErrInvalid, alphaKey, alpha)
	}
	if text, err := f.String(metadataKey); err == nil {
		if err := json.Unmarshal([]byte(text), &h.meta); err != nil {
			return header{}, fmt.Errorf("%w: %s: %w", ErrInvalid, metadataKey, err)
		}
	}
	return h, nil
}

// scale is llama.cpp's: alpha over lora_b's inner size, in float32.
func (h header) scale(rank int) float32 {
	if h.alpha == 0 {
		return 1
	}
	return h.alpha / float32(rank)
}
