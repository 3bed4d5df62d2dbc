package lora_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
)

func saved(t *testing.T, a *lora.Adapter, opts lora.SaveOptions) (string, lora.Metadata) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "adapters", "one")
	meta, err := lora.Save(dir, a, opts)
	if err != nil {
		t.Fatal(err)
	}
	return dir, meta
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	meta := lora.Metadata{
		BaseModel: "base", BaseSHA256: "abc", CreatedBy: "test",
		CreatedAt: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Notes: map[string]string{"steps": "9"},
	}
	for _, dtype := range []safetensors.DType{"", safetensors.F32, safetensors.BF16} {
		dir, written := saved(t, a, lora.SaveOptions{DType: dtype, Metadata: meta})
		b, read, err := lora.Load(dir, dims(), lora.Expect{SHA256: strings.ToUpper(written.AdapterSHA256), BaseSHA256: "ABC"})
		if err != nil {
			t.Fatal(err)
		}
		if read.AdapterSHA256 != written.AdapterSHA256 || read.BaseModel != "base" || !read.CreatedAt.Equal(meta.CreatedAt) || read.Notes["steps"] != "9" {
			t.Errorf("metadata read %+v, written %+v", read, written)
		}
		if digest, err := lora.Digest(dir); err != nil || digest != written.AdapterSHA256 {
			t.Errorf("digest %s, %v; want %s", digest, err, written.AdapterSHA256)
		}
		want := a.Config
		want.Targets = []lora.Module{lora.Query, lora.Value, lora.Down}
		if !slices.Equal(b.Config.Targets, want.Targets) || b.Config.Rank != want.Rank || b.Config.Alpha != want.Alpha || b.Config.Dropout != want.Dropout {
			t.Errorf("config %+v, want %+v", b.Config, want)
		}
		x, y := elements(a), elements(b)
		if dtype != safetensors.BF16 && !slices.Equal(x, y) {
			t.Errorf("%s: elements differ", dtype)
		}
		for i := range x {
			if rel := math.Abs(float64(x[i]-y[i])) / float64(x[i]); rel > 1.0/256 {
				t.Fatalf("%s: element %d is %g, was %g", dtype, i, y[i], x[i])
			}
		}
		names, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*"))
		if err != nil || len(names) != 0 {
			t.Errorf("left behind: %v, %v", names, err)
		}
	}
}

// The files have the names, keys and shapes that PEFT reads.
func TestLayoutIsPEFTs(t *testing.T) {
	t.Parallel()
	dir, _ := saved(t, filled(t, config()), lora.SaveOptions{Metadata: lora.Metadata{BaseModel: "HuggingFaceTB/SmolLM2-135M-Instruct"}})
	f, err := safetensors.Open(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if f.Metadata()["format"] != "pt" {
		t.Errorf("format is %q, transformers wants pt", f.Metadata()["format"])
	}
	for name, shape := range map[string][]int{
		"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": {4, 12},
		"base_model.model.model.layers.2.self_attn.v_proj.lora_B.weight": {4, 4},
		"base_model.model.model.layers.1.mlp.down_proj.lora_A.weight":    {4, 20},
		"base_model.model.model.layers.1.mlp.down_proj.lora_B.weight":    {12, 4},
	} {
		if tensor, ok := f.Tensor(name); !ok || !slices.Equal(tensor.Shape, shape) || tensor.DType != safetensors.F32 {
			t.Errorf("%s: %v %v %v, want F32 %v", name, ok, tensor.DType, tensor.Shape, shape)
		}
	}
	if n := len(f.Names()); n != 18 {
		t.Errorf("%d tensors, want 18", n)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "HuggingFaceTB/SmolLM2-135M-Instruct",
		"r": 4.0, "lora_alpha": 8.0, "lora_dropout": 0.1, "bias": "none", "use_rslora": false, "modules_to_save": nil,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
	if targets, ok := got["target_modules"].([]any); !ok || !slices.Equal(targets, []any{"down_proj", "q_proj", "v_proj"}) {
		t.Errorf("target_modules is %v", got["target_modules"])
	}
}

func TestSaveIsRepeatable(t *testing.T) {
	t.Parallel()
	one, x := saved(t, filled(t, config()), lora.SaveOptions{})
	_, y := saved(t, filled(t, config()), lora.SaveOptions{})
	if x.AdapterSHA256 != y.AdapterSHA256 {
		t.Error("equal adapters make different files")
	}
	a := filled(t, config())
	a.Rescale(a.Config.Alpha + 1)
	if _, z := saved(t, a, lora.SaveOptions{}); x.AdapterSHA256 == z.AdapterSHA256 {
		t.Error("another alpha makes the same digest")
	}
	if _, err := lora.Save(one, a, lora.SaveOptions{}); !errors.Is(err, lora.ErrExists) {
		t.Errorf("a taken folder: got %v, want ErrExists", err)
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	nan := filled(t, config())
	nan.At(1, lora.Value).B[3] = float32(math.NaN())
	short := filled(t, config())
	short.At(0, lora.Query).A = short.At(0, lora.Query).A[1:]
	empty := &lora.Adapter{Config: config()}
	for name, c := range map[string]struct {
		a    *lora.Adapter
		opts lora.SaveOptions
		want string
	}{
		"not a number": {nan, lora.SaveOptions{}, "element 3 of layers.1.self_attn.v_proj.lora_B is NaN"},
		"short matrix": {short, lora.SaveOptions{}, "layers.0.self_attn.q_proj.lora_A has 47 elements"},
		"empty":        {empty, lora.SaveOptions{}, "no matrices"},
		"dtype":        {filled(t, config()), lora.SaveOptions{DType: "I8"}, `dtype is "I8"`},
		"config":       {&lora.Adapter{}, lora.SaveOptions{}, "rank is 0"},
	} {
		parent := t.TempDir()
		_, err := lora.Save(filepath.Join(parent, "x"), c.a, c.opts)
		if !errors.Is(err, lora.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind %v, %v", name, left, err)
		}
	}
}

func TestLoadRefusesAnotherBase(t *testing.T) {
	t.Parallel()
	dir, meta := saved(t, filled(t, config()), lora.SaveOptions{Metadata: lora.Metadata{BaseModel: "b", BaseSHA256: "aa"}})
	wider := dims()
	wider.Shapes[lora.Down].In++
	shorter := dims()
	shorter.Layers = 2
	for name, c := range map[string]struct {
		dims lora.Dims
		want lora.Expect
		err  error
		says string
	}{
		"width":  {wider, lora.Expect{}, lora.ErrMismatch, `"base_model.model.model.layers.0.mlp.down_proj.lora_A.weight" is [4 20], rank 4 on the base's [12, 21] layer needs [4 21]`},
		"depth":  {shorter, lora.Expect{}, lora.ErrMismatch, "for layer 2, the base has 2 layers"},
		"base":   {dims(), lora.Expect{BaseSHA256: "bb"}, lora.ErrMismatch, `trained on "b" with sha256 aa, the base at hand has bb`},
		"digest": {dims(), lora.Expect{SHA256: "cc"}, lora.ErrDigest, meta.AdapterSHA256},
		"dims":   {lora.Dims{}, lora.Expect{}, lora.ErrInvalid, "0 layers"},
	} {
		if _, _, err := lora.Load(dir, c.dims, c.want); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %v with %q", name, err, c.err, c.says)
		}
	}
}

func TestLoadRefusesChangedFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   string
		change func([]byte) []byte
		err    error
	}{
		"config": {lora.ConfigFile, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"lora_alpha": 8`, `"lora_alpha": 80`, 1))
		}, lora.ErrDigest},
		"weights":          {lora.WeightsFile, func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, lora.ErrDigest},
		"torn weights":     {lora.WeightsFile, func(b []byte) []byte { return b[:len(b)/2] }, lora.ErrDigest},
		"no weights":       {lora.WeightsFile, nil, fs.ErrNotExist},
		"no config":        {lora.ConfigFile, nil, fs.ErrNotExist},
		"metadata no JSON": {lora.MetadataFile, func([]byte) []byte { return []byte("{") }, lora.ErrInvalid},
		"huge config":      {lora.ConfigFile, func([]byte) []byte { return make([]byte, 1<<21) }, lora.ErrInvalid},
	} {
		dir, _ := saved(t, filled(t, config()), lora.SaveOptions{})
		path := filepath.Join(dir, c.file)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			if err := os.WriteFile(path, c.change(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := lora.Load(dir, dims(), lora.Expect{}); !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
		}
	}
}

// foreign writes an adapter folder as another program would.
func foreign(t *testing.T, config map[string]any, tensors []safetensors.Tensor) string {
	t.Helper()
	dir := t.TempDir()
	b, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, lora.ConfigFile), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := safetensors.Write(filepath.Join(dir, lora.WeightsFile), tensors, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

func queryPair() []safetensors.Tensor {
	return []safetensors.Tensor{
		safetensors.NewF32("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight", []int{4, 12}, make([]float32, 48)),
		safetensors.NewBF16("base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight", []int{12, 4}, make([]float32, 48)),
	}
}

func TestLoadForeign(t *testing.T) {
	t.Parallel()
	plain := map[string]any{"peft_type": "LORA", "r": 4, "lora_alpha": 6, "base_model_name_or_path": "x", "target_modules": "all-linear", "use_dora": false, "bias": "none", "rank_pattern": map[string]int{}, "modules_to_save": nil, "unknown": 1}
	a, meta, err := lora.Load(foreign(t, plain, queryPair()), dims(), lora.Expect{BaseSHA256: "aa"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Config.Scale() != 1.5 || !slices.Equal(a.Config.Targets, []lora.Module{lora.Query}) || a.At(1, lora.Query) == nil || a.At(0, lora.Query) != nil {
		t.Errorf("read %+v", a.Config)
	}
	if meta.BaseModel != "x" || meta.AdapterSHA256 == "" {
		t.Errorf("metadata %+v", meta)
	}
	stabilised := maps.Clone(plain)
	stabilised["use_rslora"] = true
	if a, _, err = lora.Load(foreign(t, stabilised, queryPair()), dims(), lora.Expect{}); err != nil || a.Config.Scale() != 3 {
		t.Errorf("rsLoRA: %v, scale %v, want alpha/sqrt(r) = 3", err, a.Config.Scale())
	}
	for name, value := range map[string]any{
		"use_dora": true, "bias": "all", "rank_pattern": map[string]int{"q_proj": 0}, "alpha_pattern": map[string]int{"q_proj": -2},
		"modules_to_save": []string{"lm_head"}, "fan_in_fan_out": true, "lora_bias": true, "init_lora_weights": "pissa_niter_4",
		"target_parameters": []string{"x"}, "peft_type": "IA3", "r": 0, "lora_alpha": "much",
	} {
		bad := maps.Clone(plain)
		bad[name] = value
		if _, _, err := lora.Load(foreign(t, bad, queryPair()), dims(), lora.Expect{}); !errors.Is(err, lora.ErrInvalid) {
			t.Errorf("%s = %v: got %v, want ErrInvalid", name, value, err)
		}
	}
	infinite := queryPair()
	infinite[0] = safetensors.NewF32(infinite[0].Name, infinite[0].Shape, append(make([]float32, 47), float32(math.Inf(1))))
	for name, tensors := range map[string][]safetensors.Tensor{
		"half a pair": queryPair()[:1],
		"none":        {},
		"infinite":    infinite,
		"head":        append(queryPair(), safetensors.NewF32("base_model.model.lm_head.lora_A.weight", []int{4, 12}, make([]float32, 48))),
		"norm":        append(queryPair(), safetensors.NewF32("base_model.model.model.layers.1.self_attn.q_norm.lora_A.weight", []int{4, 12}, make([]float32, 48))),
		"magnitude":   append(queryPair(), safetensors.NewF32("base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector", []int{12}, make([]float32, 12))),
		"wrong block": append(queryPair(), safetensors.NewF32("base_model.model.model.layers.1.mlp.q_proj.lora_A.weight", []int{4, 12}, make([]float32, 48))),
	} {
		if _, _, err := lora.Load(foreign(t, plain, tensors), dims(), lora.Expect{}); !errors.Is(err, lora.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}
