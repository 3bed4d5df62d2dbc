package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/compute/cpu"
)

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := parse("versus", strings.Fields("-model m.gguf -state dir -only step,prefill -quick -rounds 7 -peft py -llama py"))
	if err != nil {
		t.Fatal(err)
	}
	if s.rounds != 7 || s.threads != 2 || s.size != bench.QuickSize() || !slices.Equal(s.kinds, []bench.Kind{bench.Step, bench.Prefill}) {
		t.Errorf("%+v", s)
	}
	var names []string
	for _, c := range s.contestants("self") {
		names = append(names, c.Name)
	}
	if want := []string{"ours", "peft-fp32", "peft-autocast", "peft-bf16", "llama.cpp"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	for _, c := range s.contestants("self") {
		if slices.Contains(c.Process.Env, "ONEDNN_MAX_CPU_ISA=AVX2") {
			t.Errorf("%s is limited without -isa", c.Name)
		}
	}
	s.isa = cpu.AVX2
	for _, c := range s.contestants("self") {
		if !slices.Contains(c.Process.Env, "ONEDNN_MAX_CPU_ISA=AVX2") {
			t.Errorf("%s is not limited: %q", c.Name, c.Process.Env)
		}
	}
	s.peft, s.llama = "", ""
	if n := len(s.contestants("self")); n != 1 {
		t.Errorf("%d contestants without peers", n)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"-state s":                     "model",
		"-model m":                     "state",
		"-model m -state s -rounds 0":  "rounds",
		"-model m -state s -threads 0": "threads",
		"-model m -state s -only fly":  `"fly"`,
		"-model m -state s extra":      `"extra"`,
		"-model m -state s -rounds x":  "rounds",
		"-model m -state s -isa sse":   "avx512-bf16",
	} {
		if _, err := parse("versus", strings.Fields(args)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", args, err, says)
		}
	}
}

// Another program, other scripts or other work make another contest.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	program, work := write("program", "1"), write("work", "1")
	write("peer.py", "1")
	s := settings{scripts: dir, threads: 2}
	seen := map[string]string{}
	try := func(what string) {
		key, err := s.fingerprint(program, work)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[key]; ok {
			t.Errorf("%s is as %s", what, before)
		}
		seen[key] = what
	}
	try("the first")
	for _, name := range []string{"program", "work", "peer.py"} {
		write(name, "2")
		try("another " + name)
	}
	s.isa = cpu.AVX2
	try("fewer instructions")
	s.threads = 3
	try("other threads")
	if again, err := s.fingerprint(program, work); err != nil || seen[again] != "other threads" {
		t.Errorf("the same contest is %q, %v", seen[again], err)
	}
	if _, err := s.fingerprint(filepath.Join(dir, "none"), work); err == nil {
		t.Error("a program that is not there")
	}
}
