package lora_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// Folders that PEFT wrote (../golden/folders.py) are read with every element in its
// place, and written again as PEFT wrote them.
func TestAgainstPEFT(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder  string
		scale   float32
		dropout float32
		targets []lora.Module
	}{
		{"plain", 6.0 / 4, 0.125, []lora.Module{lora.Query, lora.Down}},
		{"rslora", 6 / float32(math.Sqrt(4)), 0, lora.AllModules()},
	} {
		theirs := filepath.Join("testdata", c.folder)
		a, meta, err := lora.Load(theirs, dims(), lora.Expect{})
		if err != nil {
			t.Fatal(err)
		}
		if a.Config.Scale() != c.scale || a.Config.Dropout != c.dropout || !slices.Equal(a.Config.Targets, c.targets) || meta.BaseModel != "some/base" {
			t.Errorf("%s: read %+v on %q", c.folder, a.Config, meta.BaseModel)
		}
		number := 0
		for p := range a.Params() {
			for i, x := range p.Data {
				if want := float32(1000*number+i) / 1024; x != want {
					t.Fatalf("%s: element %d of %v is %g, want %g", c.folder, i, p, x, want)
				}
			}
			number++
		}
		if want := 2 * 3 * len(c.targets); number != want {
			t.Errorf("%s: %d matrices, want %d", c.folder, number, want)
		}
		ours, _ := saved(t, a, lora.SaveOptions{Metadata: lora.Metadata{BaseModel: "some/base"}})
		compareTensors(t, filepath.Join(ours, lora.WeightsFile), filepath.Join(theirs, lora.WeightsFile))
		if c.folder == "plain" {
			compareConfig(t, filepath.Join(ours, lora.ConfigFile), filepath.Join(theirs, lora.ConfigFile))
		}
	}
}

func compareTensors(t *testing.T, ours, theirs string) {
	t.Helper()
	var tables [2][]safetensors.Tensor
	for i, path := range []string{ours, theirs} {
		f, err := safetensors.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		tables[i] = f.Tensors()
	}
	if !reflect.DeepEqual(tables[0], tables[1]) {
		t.Errorf("%s and %s hold other tensors", ours, theirs)
	}
}

// compareConfig checks that what we write has PEFT's keys and PEFT's values.
func compareConfig(t *testing.T, ours, theirs string) {
	t.Helper()
	var configs [2]map[string]any
	for i, path := range []string{ours, theirs} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &configs[i]); err != nil {
			t.Fatal(err)
		}
		targets, _ := configs[i]["target_modules"].([]any) // PEFT's is a set
		slices.SortFunc(targets, func(x, y any) int { return slices.Compare([]byte(x.(string)), []byte(y.(string))) })
	}
	for key, value := range configs[0] {
		want, known := configs[1][key]
		if !known || !reflect.DeepEqual(value, want) {
			t.Errorf("%s is %v, PEFT writes %v (known %v)", key, value, want, known)
		}
	}
}
