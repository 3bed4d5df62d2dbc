package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/lm/lora"
)

// kept is how many checkpoints stay: the newest, and one before it in case the
// newest is damaged.
const kept = 2

// checkpointName sorts by step.
func checkpointName(step int) string { return fmt.Sprintf("step-%09d.ckpt", step) }

// header is what a checkpoint says of its run. Run and Arrays have to be equal for
// a checkpoint to be taken up.
type header struct {
	Run      map[string]any `json:"run"`
	Arrays   []string       `json:"arrays"` // the adapter's matrices and their shapes
	Progress progress       `json:"progress"`
}

func (t *trainer) header() (header, error) {
	run, err := fields(t.opts)
	if err != nil {
		return header{}, err
	}
	run["examples"] = t.digest
	t.data.objectives(run)
	if r := t.opts.Reference; r != nil && t.data.preferred() {
		run["reference"] = digest(r)
	}
	config, err := fields(t.adapter.Config)
	if err != nil {
		return header{}, err
	}
	for name, value := range config {
		run["adapter "+strings.ToLower(name)] = value
	}
	h := header{Run: run, Progress: t.progress}
	for p := range t.adapter.Params() {
		h.Arrays = append(h.Arrays, fmt.Sprintf("%v [%d, %d]", p, p.Rows, p.Cols))
	}
	return h, nil
}

// preferred reports whether there are pairs or rated completions.
func (s set) preferred() bool { return len(s.pairs)+len(s.rated) > 0 }

// objectives has run name what the set is trained by, and takes out the settings that
// it is not.
func (s set) objectives(run map[string]any) {
	var names []string
	if len(s.examples) > 0 {
		names = append(names, "sft")
	}
	if len(s.pairs) > 0 {
		names = append(names, "dpo")
	} else {
		delete(run, "dpo")
	}
	if len(s.rated) > 0 {
		names = append(names, "kto")
	} else {
		delete(run, "kto")
	}
	run["objective"] = strings.Join(names, "+")
}

// digest identifies an adapter's elements.
func digest(a *lora.Adapter) string {
	h := sha256.New()
	for p := range a.Params() {
		var b []byte
		for _, x := range p.Data {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		_, _ = fmt.Fprintf(h, "%v %d %d", p, p.Rows, p.Cols) // a hash never fails
		_, _ = h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sections are the arrays of a checkpoint in order.
func (t *trainer) sections() []*lora.Adapter {
	s := []*lora.Adapter{t.adapter, t.adamW.m, t.adamW.v}
	if t.best != nil {
		s = append(s, t.best)
	}
	return s
}

// checkpoint saves the run if it has moved on since the last time.
func (t *trainer) checkpoint() error {
	dir := t.opts.CheckpointDir
	if dir == "" || t.saved == t.Step {
		return nil
	}
	h, err := t.header()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, checkpointName(t.Step))
	if err := writeCheckpoint(path, h, t.sections()); err != nil {
		return fmt.Errorf("train: save checkpoint: %w", err)
	}
	t.saved = t.Step
	old, err := checkpoints(dir)
	if err != nil {
		return err
	}
	for _, name := range old[min(kept, len(old)):] {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("train: remove old checkpoint: %w", err)
		}
	}
	t.emit(Checkpointed{Step: t.Step, Path: path})
	return nil
}

// resume takes up the newest sound checkpoint, if there is one.
func (t *trainer) resume() error {
	dir := t.opts.CheckpointDir
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("train: checkpoint folder: %w", err)
	}
	if err := removeTemporary(dir); err != nil {
		return err
	}
	names, err := checkpoints(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		err := t.restore(path)
		if err == nil {
			t.saved = t.Step
			return nil
		}
		if !errors.Is(err, ErrTorn) {
			return fmt.Errorf("train: resume from %s: %w", path, err)
		}
		t.emit(Skipped{Path: path, Err: err})
	}
	return nil
}

// restore reads a checkpoint of this very run. On an error nothing has changed.
func (t *trainer) restore(path string) error {
	got, arrays, err := readCheckpoint(path)
	if err != nil {
		return err
	}
	want, err := t.header()
	if err != nil {
		return err
	}
	for name, value := range want.Run {
		if fmt.Sprint(got.Run[name]) != fmt.Sprint(value) {
			return fmt.Errorf("%w: %s is %v there and %v now; use an empty checkpoint folder for a new run", ErrOtherRun, name, got.Run[name], value)
		}
	}
	if !slices.Equal(got.Arrays, want.Arrays) {
		return fmt.Errorf("%w: its adapter has other matrices; use an empty checkpoint folder for a new run", ErrOtherRun)
	}
	if err := arrays.fill(t.sections()); err != nil {
		return err
	}
	t.progress = got.Progress
	return nil
}

// checkpoints returns the names in dir, the newest first.
func checkpoints(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("train: checkpoint folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if ok, _ := filepath.Match("step-*.ckpt", e.Name()); ok && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}

// removeTemporary removes what a killed run left half written.
func removeTemporary(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, temporaryPattern))
	if err != nil {
		return fmt.Errorf("train: checkpoint folder: %w", err)
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("train: checkpoint folder: %w", err)
		}
	}
	return nil
}
