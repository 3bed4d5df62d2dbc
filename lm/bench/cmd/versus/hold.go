package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/bench/versus"
	"github.com/grokputer/grokputer/lm/compute/cpu"
)

// seed draws the workload.
const seed = 1

// hold holds the contest, prints the table and writes the files.
func (s settings) hold(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own program: %w", err)
	}
	if err := os.MkdirAll(s.state, 0o750); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	workload := filepath.Join(s.state, "workload.json")
	fmt.Fprintln(os.Stderr, "drawing the workload")
	if _, err := bench.BuildFile(ctx, s.model, s.size, seed, workload); err != nil {
		return err
	}
	key, err := s.fingerprint(program, workload)
	if err != nil {
		return err
	}
	contest := versus.Contest{
		Contestants: s.contestants(program), Rounds: s.rounds, Kinds: s.kinds,
		Assignment: bench.Assignment{Model: s.model, Threads: s.threads, ISA: s.isa, Workload: workload},
		State:      filepath.Join(s.state, key), Done: tell,
	}
	all, err := contest.Run(ctx)
	if err != nil {
		return err
	}
	result := versus.Judge(all, versus.ThisMachine(s.isa))
	result.Date, result.Commit = time.Now().UTC().Format(time.DateOnly), commit(ctx)
	result.Model, result.Threads, result.Rounds, result.Workload = filepath.Base(s.model), s.threads, s.rounds, s.size
	result.Versions["go"] = strings.TrimPrefix(runtime.Version(), "go")
	if err := result.Table(os.Stdout); err != nil {
		return err
	}
	if s.out != "" {
		if err := s.write(result); err != nil {
			return err
		}
	}
	// The next run measures anew.
	if err := os.RemoveAll(contest.State); err != nil {
		return fmt.Errorf("remove the finished rounds: %w", err)
	}
	return nil
}

// tell reports one measurement.
func tell(round int, k bench.Kind, contestant string, o bench.Outcome, before bool) {
	var values []string
	for _, m := range slices.Sorted(maps.Keys(o.Values)) {
		values = append(values, fmt.Sprintf("%s %.2f", m, o.Values[m]))
	}
	kept := ""
	if before {
		kept = "  (measured before)"
	}
	fmt.Fprintf(os.Stderr, "round %d  %-8s %-13s %s%s\n", round+1, k, contestant, strings.Join(values, "  "), kept)
}

// fingerprint names what is measured: rounds of other programs, settings or work do
// not belong to the same contest.
func (s settings) fingerprint(program, workload string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, s.threads, s.isa, s.model, s.peft, s.llama)
	scripts, err := filepath.Glob(filepath.Join(s.scripts, "*.py"))
	if err != nil {
		return "", fmt.Errorf("scripts: %w", err)
	}
	for _, path := range append([]string{program, workload}, scripts...) {
		f, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("tell this contest from others: %w", err)
		}
		_, err = io.Copy(h, f)
		_ = f.Close() // read only
		if err != nil {
			return "", fmt.Errorf("tell this contest from others: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// commit names the source that was measured; empty where git does not say.
func commit(ctx context.Context) string {
	git := func(args ...string) string {
		text, err := exec.CommandContext(ctx, "git", args...).Output()
		if err != nil {
			return ""
		}
		return string(bytes.TrimSpace(text))
	}
	name := git("rev-parse", "--short=12", "HEAD")
	if name != "" && git("status", "--porcelain", "--", ":/", ":(exclude,top)docs/benchmarks") != "" {
		name += "+changes"
	}
	return name
}

// write writes the files.
func (s settings) write(r versus.Result) error {
	name := "lm"
	if s.isa != cpu.Auto {
		name += "-" + s.isa.String()
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil { //nolint:gosec // documents for everybody
		return fmt.Errorf("write the result: %w", err)
	}
	for path, content := range map[string][]byte{name + ".json": append(text, '\n'), name + ".md": []byte(r.Markdown())} {
		if err := os.WriteFile(filepath.Join(s.out, path), content, 0o644); err != nil { //nolint:gosec // documents for everybody
			return fmt.Errorf("write the result: %w", err)
		}
	}
	return nil
}
