package model

import (
	"fmt"
	"strings"
)

// part is the role of a tensor in a decoder.
type part int

// The parts; those from partAttentionNorm on are in every layer.
const (
	partEmbedding part = iota
	partNorm
	partHead
	partRotation
	partAttentionNorm
	partQuery
	partKey
	partValue
	partOutput
	partQueryBias
	partKeyBias
	partValueBias
	partQueryNorm
	partKeyNorm
	partFeedForwardNorm
	partGate
	partUp
	partDown
	parts = iota
)

// naming is how a kind of file calls the parts; %d is the layer.
type naming struct {
	names [parts]string
	// computed are endings of tensors that some files carry although they follow from the sizes.
	computed []string
}

// ggufNaming has the names of llama.cpp (gguf-py, constants.py).
var ggufNaming = naming{
	names: [parts]string{
		partEmbedding:       "token_embd.weight",
		partNorm:            "output_norm.weight",
		partHead:            "output.weight",
		partRotation:        "rope_freqs.weight",
		partAttentionNorm:   "blk.%d.attn_norm.weight",
		partQuery:           "blk.%d.attn_q.weight",
		partKey:             "blk.%d.attn_k.weight",
		partValue:           "blk.%d.attn_v.weight",
		partOutput:          "blk.%d.attn_output.weight",
		partQueryBias:       "blk.%d.attn_q.bias",
		partKeyBias:         "blk.%d.attn_k.bias",
		partValueBias:       "blk.%d.attn_v.bias",
		partQueryNorm:       "blk.%d.attn_q_norm.weight",
		partKeyNorm:         "blk.%d.attn_k_norm.weight",
		partFeedForwardNorm: "blk.%d.ffn_norm.weight",
		partGate:            "blk.%d.ffn_gate.weight",
		partUp:              "blk.%d.ffn_up.weight",
		partDown:            "blk.%d.ffn_down.weight",
	},
	computed: []string{".attn_rot_embd"},
}

// folderNaming has the names of transformers. A folder has its rotation's factors in config.json.
var folderNaming = naming{
	names: [parts]string{
		partEmbedding:       "model.embed_tokens.weight",
		partNorm:            "model.norm.weight",
		partHead:            "lm_head.weight",
		partAttentionNorm:   "model.layers.%d.input_layernorm.weight",
		partQuery:           "model.layers.%d.self_attn.q_proj.weight",
		partKey:             "model.layers.%d.self_attn.k_proj.weight",
		partValue:           "model.layers.%d.self_attn.v_proj.weight",
		partOutput:          "model.layers.%d.self_attn.o_proj.weight",
		partQueryBias:       "model.layers.%d.self_attn.q_proj.bias",
		partKeyBias:         "model.layers.%d.self_attn.k_proj.bias",
		partValueBias:       "model.layers.%d.self_attn.v_proj.bias",
		partQueryNorm:       "model.layers.%d.self_attn.q_norm.weight",
		partKeyNorm:         "model.layers.%d.self_attn.k_norm.weight",
		partFeedForwardNorm: "model.layers.%d.post_attention_layernorm.weight",
		partGate:            "model.layers.%d.mlp.gate_proj.weight",
		partUp:              "model.layers.%d.mlp.up_proj.weight",
		partDown:            "model.layers.%d.mlp.down_proj.weight",
	},
	computed: []string{".rotary_emb.inv_freq"},
}

// of returns a part's name in a layer.
func (n *naming) of(p part, layer int) string {
	if p < partAttentionNorm {
		return n.names[p]
	}

	return fmt.Sprintf(n.names[p], layer)
}

// follows reports whether a tensor's values follow from the sizes.
func (n *naming) follows(name string) bool {
	for _, ending := range n.computed {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}

	return false
}
