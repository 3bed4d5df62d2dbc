package lm_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// The current folder has what the examples open, and takes what they write.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(childVariable) != "" { // a training that a test kills
		goleak.VerifyTestMain(m)
		return
	}
	dir, err := os.MkdirTemp("", "lm-")
	if err == nil {
		err = furnish(dir)
	}
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}))
}

// furnish puts the base model and two adapters into a folder. Without the base model, or in a short run, the
// examples are skipped; tests that need it say that it is missing.
func furnish(dir string) error {
	const base = "SmolLM2-135M-Instruct.Q4_1.gguf"
	root, err := golden.Root()
	if err != nil {
		return err
	}
	file := filepath.Join(root, ".cache", "models", base)
	if _, err := os.Stat(file); err != nil || testing.Short() {
		return flag.Set("test.skip", "^Example")
	}
	adapters := filepath.Join(dir, "adapters")
	err = errors.Join(os.Mkdir(adapters, 0o700), os.Symlink(file, filepath.Join(dir, base)),
		os.Symlink(filepath.Join(root, "adapters", "starter"), filepath.Join(adapters, "starter")))
	if err != nil {
		return err
	}
	sizes := model.Config{Architecture: "llama", Layers: 30, Hidden: 576, FeedForward: 1536, Heads: 9, KVHeads: 3, HeadDim: 64}
	a, err := lora.New(lora.Config{Rank: 1, Alpha: 1, Targets: []lora.Module{lora.Query}}, sizes.Dims(), 1)
	if err != nil {
		return err
	}
	family := lora.Family{Architecture: sizes.Architecture, HeadDim: sizes.HeadDim}
	_, err = lora.SaveGGUF(filepath.Join(dir, "polite.gguf"), a, family, lora.SaveOptions{})
	return err
}
