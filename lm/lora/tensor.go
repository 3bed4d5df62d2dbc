package lora

import (
	"fmt"
	"strconv"
	"strings"
)

// tensorPrefix is what PEFT puts before the base model's own parameter names.
const tensorPrefix = "base_model.model.model."

// tensorName is a parameter's name in adapter_model.safetensors.
func (p Param) tensorName() string { return tensorPrefix + p.String() + ".weight" }

// parseTensorName is the inverse of tensorName; it fills Layer, Module and Matrix.
func parseTensorName(name string) (Param, error) {
	rest, ok := strings.CutPrefix(name, tensorPrefix+"layers.")
	if !ok {
		return Param{}, foreign(name)
	}
	parts := strings.Split(rest, ".")
	if len(parts) != 5 {
		return Param{}, foreign(name)
	}
	layer, err := strconv.Atoi(parts[0])
	if err != nil || layer < 0 {
		return Param{}, foreign(name)
	}
	m, err := ParseModule(parts[2])
	if err != nil {
		return Param{}, foreign(name)
	}
	p := Param{Layer: layer, Module: m}
	if parts[3] == MatrixB.String() {
		p.Matrix = MatrixB
	}
	if p.tensorName() != name {
		return Param{}, foreign(name)
	}
	return p, nil
}

// foreign is the error for a tensor that is no matrix of a decoder block's linear
// layer; it says what the tensor is, if PEFT has a name for it.
func foreign(name string) error {
	what := "something other than the seven linear layers of a decoder block"
	for _, known := range [][2]string{
		{"lora_magnitude_vector", "the magnitudes of DoRA"},
		{"lora_embedding_", "the embeddings"},
		{"embed_tokens", "the embeddings"},
		{"token_embd", "the embeddings"},
		{"lm_head", "the output head"},
		{"output.weight.", "the output head"},
		{"norm", "a norm"},
		{".bias", "a bias"},
	} {
		if strings.Contains(name, known[0]) {
			what = known[1]
			break
		}
	}
	return fmt.Errorf("%w: tensor %.200q adapts %s, which is not supported; train with the linear layers q, k, v, o, gate, up and down as targets", ErrInvalid, name, what)
}
