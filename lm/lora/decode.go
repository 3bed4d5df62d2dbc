package lora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// feature is a setting of PEFT that changes what an adapter computes in a way that we
// do not follow.
type feature struct {
	harmless *regexp.Regexp // values, as JSON, under which it changes nothing
	name     string
}

// features lists them by key. A setting that is absent or null changes nothing either.
func features() map[string]feature {
	off, empty := regexp.MustCompile(`^false$`), regexp.MustCompile(`^(\[\]|\{\})$`)
	return map[string]feature{
		"use_dora":                {off, "DoRA, a learned magnitude of each row (Liu et al. 2024)"},
		"use_qalora":              {off, "QALoRA, pooled inputs"},
		"use_bdlora":              {off, "BD-LoRA, block-diagonal matrices"},
		"lora_bias":               {off, "a bias of lora_B"},
		"fan_in_fan_out":          {off, "transposed weights"},
		"bias":                    {regexp.MustCompile(`^"none"$`), "trained biases"},
		"modules_to_save":         {empty, "modules that were trained whole"},
		"layer_replication":       {empty, "repeated layers"},
		"target_parameters":       {empty, "adapters of parameters outside of linear layers"},
		"trainable_token_indices": {empty, "trained embeddings"},
		"alora_invocation_tokens": {empty, "aLoRA, an adapter that only tokens after an invocation get"},
		"kasa_config":             {empty, "KaSA, learned singular values on a truncated base"},
		"monteclora_config":       {empty, "MonteCLoRA, sampled adapters"},
		"arrow_config":            {empty, "Arrow, routing between adapters"},
		// PiSSA, OLoRA, CorDA, LoRA-GA and LoftQ subtract the start value from the base.
		"init_lora_weights": {regexp.MustCompile(`^(true|false|"gaussian"|"eva"|"orthogonal")$`), "a start that changes the base's weights, as PiSSA's; save it with path_initial_model_for_weight_conversion"},
	}
}

// refuse returns an error that names the first feature in use.
func refuse(fields map[string]json.RawMessage) error {
	known := features()
	for name, raw := range fields {
		f, ok := known[name]
		var flat bytes.Buffer
		if !ok || json.Compact(&flat, raw) != nil || flat.String() == "null" {
			continue
		}
		if !f.harmless.Match(flat.Bytes()) {
			return fmt.Errorf("%w: %s: %s is %.60s: %s; export a plain LoRA adapter", ErrInvalid, ConfigFile, name, flat.String(), f.name)
		}
	}
	return nil
}

// unmarshalExact decodes keys as they are written: Go would take "R" for "r", which
// PEFT does not know.
func unmarshalExact(fields map[string]json.RawMessage, p *peftConfig) error {
	maps.DeleteFunc(fields, func(key string, _ json.RawMessage) bool {
		return strings.ContainsFunc(key, func(r rune) bool { return r > 'z' || r >= 'A' && r <= 'Z' })
	})
	b, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, p)
}

// decodeConfig reads adapter_config.json. Targets and Layers are left to the tensors,
// since PEFT also allows patterns there.
func decodeConfig(b []byte) (c Config, t targets, baseModel string, err error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &fields); err != nil {
		return Config{}, targets{}, "", fmt.Errorf("%w: %s: %w", ErrInvalid, ConfigFile, err)
	}
	if err := refuse(fields); err != nil {
		return Config{}, targets{}, "", err
	}
	p := peftConfig{Rank: 8, Alpha: 8} // PEFT's defaults
	if err := unmarshalExact(fields, &p); err != nil {
		return Config{}, targets{}, "", fmt.Errorf("%w: %s: %w", ErrInvalid, ConfigFile, err)
	}
	if p.PeftType != "LORA" {
		return Config{}, targets{}, "", fmt.Errorf("%w: %s: peft_type is %q, want \"LORA\"", ErrInvalid, ConfigFile, p.PeftType)
	}
	c = Config{
		Rank: p.Rank, Alpha: float32(p.Alpha), Dropout: float32(p.Dropout), Targets: AllModules(), RSLoRA: p.UseRSLoRA,
		RankPattern: p.RankPattern, AlphaPattern: p.AlphaPattern,
	}
	if err := c.Validate(); err != nil {
		return Config{}, targets{}, "", fmt.Errorf("%s: %w", ConfigFile, err)
	}
	t = targets{modules: p.TargetModules, layers: p.LayersToTransform}
	if p.ExcludeModules != nil {
		t.excluded = *p.ExcludeModules
	}
	if p.LayersPattern != nil {
		t.stacks = *p.LayersPattern
	}
	return c, t, p.BaseModel, nil
}
