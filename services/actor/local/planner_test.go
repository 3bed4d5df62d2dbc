package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/actortest"
	"github.com/grokputer/grokputer/services/actor/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// baseModel is the path of the base model below the repository's root.
func baseModel(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it needs the base model")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("there is no go.work above this package")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, ".cache", "models", "SmolLM2-135M-Instruct.Q4_1.gguf")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run make model", err)
	}
	return path
}

func open(t *testing.T, o local.Options) *local.Planner {
	t.Helper()
	p, err := local.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestPlanner(t *testing.T) {
	t.Parallel()
	model := baseModel(t)
	actortest.Planner(t, func(t *testing.T, _ []string) actor.Planner {
		return open(t, local.Options{Model: model, MaxTokens: 48, Engine: lm.Options{Context: 1024}})
	})
}

// A screen that is longer than the context is cut, not refused.
func TestLongScreen(t *testing.T) {
	t.Parallel()
	p := open(t, local.Options{Model: baseModel(t), MaxTokens: 32, Engine: lm.Options{Context: 256}})
	state := prompt.State{Task: "press the first button"}
	for i := range 60 {
		state.Screen.Elements = append(state.Screen.Elements, screen.Element{
			Kind: screen.Button, Text: strings.Repeat("word ", 5) + string(rune('a'+i%26)),
		})
	}
	d, err := p.Plan(t.Context(), state, actor.Constraint{})
	if err != nil && !strings.Contains(err.Error(), "come to an end") {
		t.Fatal(err)
	}
	if err == nil && actor.Constraint.Check(actor.Constraint{}, state, d.Action) != nil {
		t.Errorf("planned %s", d.Action)
	}
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.gguf")
	if err := os.WriteFile(broken, []byte("GGUF and no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"missing": filepath.Join(t.TempDir(), "none.gguf"), "truncated": broken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, local.Options{Model: path})
			if err := p.Ready(t.Context()); !errors.Is(err, actor.ErrNoModel) || !strings.Contains(err.Error(), "models pull") {
				t.Errorf("Ready is %v", err)
			}
			if _, err := p.Plan(t.Context(), prompt.State{}, actor.Constraint{}); !errors.Is(err, actor.ErrNoModel) {
				t.Errorf("Plan gave %v", err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := open(t, local.Options{Model: broken}).Ready(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Ready is %v", err)
		}
	})
	t.Run("hash", func(t *testing.T) {
		t.Parallel()
		p := open(t, local.Options{Model: baseModel(t), SHA256: strings.Repeat("0", 64)})
		if err := p.Ready(t.Context()); !errors.Is(err, actor.ErrNoModel) {
			t.Errorf("a model with another hash gave %v", err)
		}
	})
	t.Run("adapter", func(t *testing.T) {
		t.Parallel()
		p := open(t, local.Options{Model: baseModel(t), Adapter: local.Adapter{Name: "none there", Dir: t.TempDir()}})
		if err := p.Ready(t.Context()); !errors.Is(err, actor.ErrNoModel) || !strings.Contains(err.Error(), "none there") {
			t.Errorf("a missing adapter gave %v", err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []local.Options{{}, {Model: "m", Adapter: local.Adapter{Name: "a"}}} {
		if _, err := local.New(o); err == nil {
			t.Errorf("New(%+v) was accepted", o)
		}
	}
}
