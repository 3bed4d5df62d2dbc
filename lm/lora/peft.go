package lora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The files of an adapter folder. The first two are PEFT's; the third is ours.
const (
	ConfigFile   = "adapter_config.json"
	WeightsFile  = "adapter_model.safetensors"
	MetadataFile = "metadata.json"
)

// peftConfig is the part of PEFT's LoraConfig that we write (peft 0.21,
// tuners/lora/config.py). PEFT fills in what is missing and warns about what it
// does not know.
type peftConfig struct {
	PeftType           string             `json:"peft_type"`
	TaskType           string             `json:"task_type"`
	BaseModel          string             `json:"base_model_name_or_path"`
	Revision           *string            `json:"revision"`
	InferenceMode      bool               `json:"inference_mode"`
	Rank               int                `json:"r"`
	Alpha              float64            `json:"lora_alpha"`
	Dropout            float64            `json:"lora_dropout"`
	Bias               string             `json:"bias"`
	TargetModules      []string           `json:"target_modules"`
	FanInFanOut        bool               `json:"fan_in_fan_out"`
	UseRSLoRA          bool               `json:"use_rslora"`
	UseDoRA            bool               `json:"use_dora"`
	InitLoRAWeights    bool               `json:"init_lora_weights"`
	ModulesToSave      []string           `json:"modules_to_save"`
	LayersToTransform  []int              `json:"layers_to_transform"`
	LayersPattern      *string            `json:"layers_pattern"`
	RankPattern        map[string]int     `json:"rank_pattern"`
	AlphaPattern       map[string]float64 `json:"alpha_pattern"`
	LayerReplication   []int              `json:"layer_replication"`
	TrainableTokenInds []int              `json:"trainable_token_indices"`
}

// encodeConfig returns adapter_config.json for an adapter.
func encodeConfig(c Config, baseModel string) ([]byte, error) {
	p := peftConfig{
		PeftType:        "LORA",
		TaskType:        "CAUSAL_LM",
		BaseModel:       baseModel,
		InferenceMode:   true,
		Rank:            c.Rank,
		Alpha:           decimal(c.Alpha),
		Dropout:         decimal(c.Dropout),
		Bias:            "none",
		InitLoRAWeights: true,
		RankPattern:     map[string]int{},
		AlphaPattern:    map[string]float64{},
	}
	for _, m := range c.Targets {
		p.TargetModules = append(p.TargetModules, m.String())
	}
	slices.Sort(p.TargetModules)
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("lora: encode %s: %w", ConfigFile, err)
	}
	return append(b, '\n'), nil
}

// decimal is the float64 with x's shortest decimal form: 0.1, not 0.10000000149.
func decimal(x float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	if err != nil { // only for a number that no configuration allows
		return float64(x)
	}
	return d
}

// neutral lists the settings of PEFT that would change what an adapter computes in
// a way we do not follow, with the values under which they change nothing. A
// setting that is absent or null is neutral too.
func neutral() map[string]*regexp.Regexp {
	empty := regexp.MustCompile(`^(\[\]|\{\})$`)
	off := regexp.MustCompile(`^false$`)
	return map[string]*regexp.Regexp{
		"use_dora":                off,
		"use_qalora":              off,
		"lora_bias":               off,
		"fan_in_fan_out":          off,
		"bias":                    regexp.MustCompile(`^"none"$`),
		"rank_pattern":            empty,
		"alpha_pattern":           empty,
		"modules_to_save":         empty,
		"layer_replication":       empty,
		"target_parameters":       empty,
		"trainable_token_indices": empty,
		"alora_invocation_tokens": empty,
		"use_bdlora":              off,
		"kasa_config":             empty,
		"monteclora_config":       empty,
		"arrow_config":            empty,
		// PiSSA, OLoRA, CorDA and LoftQ subtract the start value from the base.
		"init_lora_weights": regexp.MustCompile(`^(true|false|"gaussian"|"eva"|"orthogonal")$`),
	}
}

// decodeConfig reads adapter_config.json, with rsLoRA's factor alpha/sqrt(rank)
// (Kalajdzievski 2023) folded into Alpha. Targets are left to the tensors, since
// PEFT also allows patterns there.
func decodeConfig(b []byte) (c Config, baseModel string, err error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &fields); err != nil {
		return Config{}, "", fmt.Errorf("%w: %s: %w", ErrInvalid, ConfigFile, err)
	}
	known := neutral()
	for name, raw := range fields {
		allowed, ok := known[name]
		var flat bytes.Buffer
		if !ok || json.Compact(&flat, raw) != nil || flat.String() == "null" {
			continue
		}
		if !allowed.Match(flat.Bytes()) {
			return Config{}, "", fmt.Errorf("%w: %s: %s is %s, which is not supported; export a plain LoRA adapter", ErrInvalid, ConfigFile, name, flat.String())
		}
	}
	var p struct {
		PeftType  string  `json:"peft_type"`
		BaseModel string  `json:"base_model_name_or_path"`
		Rank      int     `json:"r"`
		Alpha     float64 `json:"lora_alpha"`
		Dropout   float64 `json:"lora_dropout"`
		UseRSLoRA bool    `json:"use_rslora"`
	}
	p.Rank, p.Alpha = 8, 8 // PEFT's defaults
	if err := json.Unmarshal(b, &p); err != nil {
		return Config{}, "", fmt.Errorf("%w: %s: %w", ErrInvalid, ConfigFile, err)
	}
	if p.PeftType != "LORA" {
		return Config{}, "", fmt.Errorf("%w: %s: peft_type is %q, want \"LORA\"", ErrInvalid, ConfigFile, p.PeftType)
	}
	c = Config{Rank: p.Rank, Alpha: float32(p.Alpha), Dropout: float32(p.Dropout), Targets: AllModules()}
	if p.UseRSLoRA {
		c.Alpha = float32(p.Alpha * math.Sqrt(float64(p.Rank)))
	}
	if err := c.Validate(); err != nil {
		return Config{}, "", fmt.Errorf("%s: %w", ConfigFile, err)
	}
	return c, p.BaseModel, nil
}

// tensorPrefix is what PEFT puts before the base model's own parameter names.
const tensorPrefix = "base_model.model.model."

// tensorName is a parameter's name in adapter_model.safetensors.
func (p Param) tensorName() string { return tensorPrefix + p.String() + ".weight" }

// parseTensorName is the inverse of tensorName; it fills Layer, Module and Matrix.
func parseTensorName(name string) (Param, error) {
	bad := fmt.Errorf("%w: tensor %q adapts something other than the seven linear layers of a decoder block", ErrInvalid, name)
	rest, ok := strings.CutPrefix(name, tensorPrefix+"layers.")
	if !ok {
		return Param{}, bad
	}
	parts := strings.Split(rest, ".")
	if len(parts) != 5 {
		return Param{}, bad
	}
	layer, err := strconv.Atoi(parts[0])
	if err != nil || layer < 0 {
		return Param{}, bad
	}
	m, err := ParseModule(parts[2])
	if err != nil {
		return Param{}, bad
	}
	p := Param{Layer: layer, Module: m}
	if parts[3] == MatrixB.String() {
		p.Matrix = MatrixB
	}
	if p.tensorName() != name {
		return Param{}, bad
	}
	return p, nil
}
