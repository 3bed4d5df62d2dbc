package lora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// The files of an adapter folder. The first two are PEFT's; the third is ours.
const (
	ConfigFile   = "adapter_config.json"
	WeightsFile  = "adapter_model.safetensors"
	MetadataFile = "metadata.json"
)

// peftConfig is the part of PEFT's LoraConfig that we read and write (peft 0.21,
// tuners/lora/config.py). PEFT fills in what is missing and warns about what it
// does not know.
type peftConfig struct {
	PeftType           string           `json:"peft_type"`
	TaskType           string           `json:"task_type"`
	BaseModel          string           `json:"base_model_name_or_path"`
	Revision           *string          `json:"revision"`
	InferenceMode      bool             `json:"inference_mode"`
	Rank               int              `json:"r"`
	Alpha              float64          `json:"lora_alpha"`
	Dropout            float64          `json:"lora_dropout"`
	Bias               string           `json:"bias"`
	TargetModules      names            `json:"target_modules"`
	FanInFanOut        bool             `json:"fan_in_fan_out"`
	UseRSLoRA          bool             `json:"use_rslora"`
	UseDoRA            bool             `json:"use_dora"`
	InitLoRAWeights    any              `json:"init_lora_weights"`
	ModulesToSave      []string         `json:"modules_to_save"`
	LayersToTransform  numbers          `json:"layers_to_transform"`
	LayersPattern      *names           `json:"layers_pattern"`
	RankPattern        ordered[int]     `json:"rank_pattern"`
	AlphaPattern       ordered[float64] `json:"alpha_pattern"`
	LayerReplication   []int            `json:"layer_replication"`
	TrainableTokenInds any              `json:"trainable_token_indices"`
	ExcludeModules     *names           `json:"exclude_modules,omitempty"`
}

// encodeConfig returns adapter_config.json for an adapter.
func encodeConfig(a *Adapter, baseModel string) ([]byte, error) {
	c, err := described(a)
	if err != nil {
		return nil, err
	}
	p := peftConfig{
		PeftType:        "LORA",
		TaskType:        "CAUSAL_LM",
		BaseModel:       baseModel,
		InferenceMode:   true,
		Rank:            c.Rank,
		Alpha:           decimal(c.Alpha),
		Dropout:         decimal(c.Dropout),
		Bias:            "none",
		UseRSLoRA:       c.RSLoRA,
		InitLoRAWeights: true,
		RankPattern:     c.RankPattern,
		AlphaPattern:    c.AlphaPattern,
	}
	p.TargetModules.list, p.LayersToTransform = coverage(a)
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("lora: encode %s: %w", ConfigFile, err)
	}
	return append(b, '\n'), nil
}

// coverage returns the target_modules and layers_to_transform that name a's pairs and
// no other. Blocks of different modules cannot be told so; then each pair is named.
func coverage(a *Adapter) (targets []string, layers []int) {
	var first *Layer
	regular := true
	for i := range a.Layers {
		if !a.Layers[i].adapted() {
			continue
		}
		if first == nil {
			first = &a.Layers[i]
		}
		layers = append(layers, i)
		for m, p := range a.Layers[i] {
			if p != nil {
				targets = append(targets, place{i, Module(m)}.String())
			}
			regular = regular && (p == nil) == (first[m] == nil)
		}
	}
	if !regular || first == nil {
		return targets, nil
	}
	targets = nil
	for m, p := range first {
		if p != nil {
			targets = append(targets, Module(m).String())
		}
	}
	slices.Sort(targets)
	if len(layers) == len(a.Layers) {
		layers = nil
	}
	return targets, layers
}

// decimal is the float64 with x's shortest decimal form: 0.1, not 0.10000000149.
func decimal(x float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	if err != nil { // only for a number that no configuration allows
		return float64(x)
	}
	return d
}

// names is what PEFT lets be a list of names or a regular expression.
type names struct {
	list    []string
	pattern *string
}

func (n names) MarshalJSON() ([]byte, error) {
	if n.pattern != nil {
		return json.Marshal(*n.pattern)
	}
	return json.Marshal(n.list)
}

func (n *names) UnmarshalJSON(b []byte) error {
	*n = names{}
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, &n.pattern)
	}
	return json.Unmarshal(b, &n.list)
}

// numbers is what PEFT lets be a list of numbers or one.
type numbers []int

func (n *numbers) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte(`[`)) && string(b) != "null" {
		*n = make(numbers, 1)
		return json.Unmarshal(b, &(*n)[0])
	}
	return json.Unmarshal(b, (*[]int)(n))
}

// ordered is a JSON object whose order counts.
type ordered[T int | float64] []Pattern[T]

func (o ordered[T]) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, p := range o {
		key, err := json.Marshal(p.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.Value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON keeps, for a key that comes twice, the first place and the last value,
// as Python does.
func (o *ordered[T]) UnmarshalJSON(b []byte) error {
	*o = nil
	if string(b) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("%w: %.20s is not an object", ErrInvalid, b)
	}
	seen := map[string]int{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		p := Pattern[T]{}
		p.Key, _ = token.(string) // a key of an object is one
		if err := d.Decode(&p.Value); err != nil {
			return fmt.Errorf("%q: %w", p.Key, err)
		}
		if i, twice := seen[p.Key]; twice {
			(*o)[i].Value = p.Value
			continue
		}
		if len(*o) == maxPatterns {
			return fmt.Errorf("%w: more than %d patterns", ErrInvalid, maxPatterns)
		}
		seen[p.Key] = len(*o)
		*o = append(*o, p)
	}
	return nil
}
