package train_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

func resumable(t *testing.T) train.Options {
	t.Helper()
	o := options()
	o.EvalEvery, o.Patience = 4, 100
	o.CheckpointDir, o.CheckpointEvery = filepath.Join(t.TempDir(), "run"), 3
	return o
}

// unbroken is the run that the resumed ones are compared with.
func unbroken(t *testing.T, data train.Dataset) ([]float32, train.Result) {
	t.Helper()
	a, opts := adapter(t, 1), resumable(t)
	res, err := train.Run(t.Context(), &model{}, a, data, opts)
	if err != nil {
		t.Fatal(err)
	}
	return elements(a), res
}

func compare(t *testing.T, a *lora.Adapter, res train.Result, want []float32, wantRes train.Result) {
	t.Helper()
	if !slices.Equal(elements(a), want) {
		t.Error("the resumed run ends with another adapter")
	}
	res.Tokens, res.Duration, wantRes.Tokens, wantRes.Duration = 0, 0, 0, 0
	if res != wantRes {
		t.Errorf("the resumed run ends with %+v, the unbroken one with %+v", res, wantRes)
	}
}

// A run that is interrupted at every pass, one after another, ends with the bits of
// one that is not, whatever it learns from. Each resume starts from a fresh adapter of
// another seed.
func TestResumeIsExact(t *testing.T) {
	t.Parallel()
	for name, data := range datasets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resumeIsExact(t, data)
		})
	}
}

func resumeIsExact(t *testing.T, data train.Dataset) {
	t.Helper()
	want, wantRes := unbroken(t, data)
	opts := resumable(t)
	interrupted := 0
	for {
		ctx, cancel := context.WithCancel(t.Context())
		a := adapter(t, uint64(interrupted+2))
		if interrupted == 0 {
			a = adapter(t, 1)
		}
		m := &model{fail: func(pass int) error {
			if pass > 14+interrupted%3 {
				cancel()
			}
			return nil
		}}
		res, err := train.Run(ctx, m, a, data, opts)
		cancel()
		if err == nil {
			compare(t, a, res, want, wantRes)
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if interrupted++; interrupted > 100 {
			t.Fatal("the run does not get on")
		}
	}
	if interrupted < 4 {
		t.Errorf("only %d interruptions", interrupted)
	}
	names, err := filepath.Glob(filepath.Join(opts.CheckpointDir, "*"))
	if err != nil || len(names) != 2 {
		t.Errorf("the folder holds %v, %v; want two checkpoints", names, err)
	}
}

// crash runs into a model error, as a kill would: without a last checkpoint.
func crash(t *testing.T, opts train.Options, passes int) {
	t.Helper()
	m := &model{fail: func(pass int) error {
		if pass > passes {
			return errBroken
		}
		return nil
	}}
	if _, err := train.Run(t.Context(), m, adapter(t, 1), dataset(40), opts); !errors.Is(err, errBroken) {
		t.Fatalf("got %v, want the crash", err)
	}
}

func TestResumeAfterCrash(t *testing.T) {
	t.Parallel()
	want, wantRes := unbroken(t, dataset(40))
	for _, c := range []struct {
		name    string
		damage  func(t *testing.T, names []string)
		skipped int
		resumed int
	}{
		{"clean", func(*testing.T, []string) {}, 0, 18},
		{"half written", func(t *testing.T, names []string) {
			if err := os.WriteFile(filepath.Join(filepath.Dir(names[0]), ".ckpt-123"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 0, 18},
		{"newest torn", func(t *testing.T, names []string) { tear(t, names[1], -7) }, 1, 15},
		{"newest empty", func(t *testing.T, names []string) { tear(t, names[1], 0) }, 1, 15},
		{"newest flipped", func(t *testing.T, names []string) { flip(t, names[1]) }, 1, 15},
		{"both torn", func(t *testing.T, names []string) { tear(t, names[0], 50); tear(t, names[1], 3) }, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opts := resumable(t)
			crash(t, opts, 45)
			names, err := filepath.Glob(filepath.Join(opts.CheckpointDir, "step-*"))
			if err != nil || len(names) != 2 {
				t.Fatalf("checkpoints %v, %v", names, err)
			}
			c.damage(t, names)
			skipped, resumed := 0, -1
			opts.OnEvent = func(e train.Event) {
				switch e := e.(type) {
				case train.Skipped:
					skipped++
					if !errors.Is(e.Err, train.ErrTorn) {
						t.Errorf("skipped for %v", e.Err)
					}
				case train.Started:
					resumed = e.Resumed
				}
			}
			a := adapter(t, 1)
			res, err := train.Run(t.Context(), &model{}, a, dataset(40), opts)
			if err != nil {
				t.Fatal(err)
			}
			if skipped != c.skipped || resumed != c.resumed {
				t.Errorf("skipped %d and resumed at %d, want %d and %d", skipped, resumed, c.skipped, c.resumed)
			}
			compare(t, a, res, want, wantRes)
			left, err := filepath.Glob(filepath.Join(opts.CheckpointDir, ".*"))
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// tear cuts a file to its first n bytes, or by -n.
func tear(t *testing.T, path string, n int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if n < 0 {
		n += info.Size()
	}
	if err := os.Truncate(path, n); err != nil {
		t.Fatal(err)
	}
}

func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A finished run is not run again.
func TestFinishedRun(t *testing.T) {
	t.Parallel()
	want, wantRes := unbroken(t, dataset(40))
	opts := resumable(t)
	for i := range 2 {
		a, m := adapter(t, 1), &model{}
		res, err := train.Run(t.Context(), m, a, dataset(40), opts)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, a, res, want, wantRes)
		if i == 1 && m.passes != 0 {
			t.Errorf("%d passes on a finished run", m.passes)
		}
	}
}

func TestCheckpointOfAnotherRun(t *testing.T) {
	t.Parallel()
	opts := resumable(t)
	crash(t, opts, 30)
	for name, run := range map[string]func(o train.Options) error{
		"option": func(o train.Options) error {
			o.LearningRate *= 2
			_, err := train.Run(t.Context(), &model{}, adapter(t, 1), dataset(40), o)
			return err
		},
		"base": func(o train.Options) error {
			o.Base = "other"
			_, err := train.Run(t.Context(), &model{}, adapter(t, 1), dataset(40), o)
			return err
		},
		"examples": func(o train.Options) error {
			data := dataset(40)
			data.Train[3].Completion[0]++
			_, err := train.Run(t.Context(), &model{}, adapter(t, 1), data, o)
			return err
		},
		"alpha": func(o train.Options) error {
			a := adapter(t, 1)
			a.Config.Alpha++
			_, err := train.Run(t.Context(), &model{}, a, dataset(40), o)
			return err
		},
		"kind of examples": func(o train.Options) error {
			data := dataset(40)
			for _, e := range data.Train {
				data.Rated = append(data.Rated, train.Rated{Example: e, Desirable: true})
			}
			data.Train = nil
			_, err := train.Run(t.Context(), &model{}, adapter(t, 1), data, o)
			return err
		},
		"matrices": func(o train.Options) error {
			a := adapter(t, 1)
			a.Layers = a.Layers[:1]
			_, err := train.Run(t.Context(), &model{}, a, dataset(40), o)
			return err
		},
	} {
		if err := run(opts); !errors.Is(err, train.ErrOtherRun) {
			t.Errorf("other %s: got %v, want ErrOtherRun", name, err)
		}
	}
}

// Settings of preferences belong to a run that has some, and only to such a run.
func TestCheckpointOfPreferences(t *testing.T) {
	t.Parallel()
	all := datasets()
	for name, change := range map[string]func(o *train.Options){
		"dpo":       func(o *train.Options) { o.DPO.Beta *= 2 },
		"kto":       func(o *train.Options) { o.KTO.APO = true },
		"reference": func(o *train.Options) { o.Reference = adapter(t, 8) },
	} {
		for kind, refused := range map[string]bool{
			"examples": false, "mixed": true, "pairs": name != "kto", "rated": name != "dpo",
		} {
			opts := resumable(t)
			opts.MaxSteps = 3
			if _, err := train.Run(t.Context(), &model{}, adapter(t, 1), all[kind], opts); err != nil {
				t.Fatal(err)
			}
			change(&opts)
			_, err := train.Run(t.Context(), &model{}, adapter(t, 1), all[kind], opts)
			if errors.Is(err, train.ErrOtherRun) != refused || !refused && err != nil {
				t.Errorf("%s changed in a run on %s: %v", name, kind, err)
			}
		}
	}
}

func TestCheckpointEvents(t *testing.T) {
	t.Parallel()
	opts := resumable(t)
	var steps []int
	opts.OnEvent = func(e train.Event) {
		if e, ok := e.(train.Checkpointed); ok {
			steps = append(steps, e.Step)
			if _, err := os.Stat(e.Path); err != nil || filepath.Base(e.Path) != fmt.Sprintf("step-%09d.ckpt", e.Step) {
				t.Errorf("%s: %v", e.Path, err)
			}
		}
	}
	if _, err := train.Run(t.Context(), &model{}, adapter(t, 1), dataset(40), opts); err != nil {
		t.Fatal(err)
	}
	if want := []int{3, 6, 9, 12, 15, 18, 21, 24, 27}; !slices.Equal(steps, want) {
		t.Errorf("checkpoints after %v, want %v", steps, want)
	}
	opts.CheckpointDir = filepath.Join(opts.CheckpointDir, "step-000000027.ckpt") // a file
	if _, err := train.Run(t.Context(), &model{}, adapter(t, 1), dataset(40), opts); err == nil {
		t.Error("a file as checkpoint folder: no error")
	}
}
