package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/bench/versus"
	"github.com/grokputer/grokputer/lm/compute/cpu"
)

// settings are what the command line says.
type settings struct {
	model   string
	threads int
	rounds  int
	isa     cpu.ISA // that all are limited to
	kinds   []bench.Kind
	size    bench.Size

	state   string // folder of the finished rounds
	out     string // folder of lm.json and lm.md; empty writes none
	scripts string // folder of the peers' scripts
	peft    string // Python with transformers and PEFT; empty leaves it out
	llama   string // Python with llama-cpp-python; empty leaves it out
}

func parse(name string, args []string) (settings, error) {
	var s settings
	var only string
	var quick bool
	flags := flag.NewFlagSet(filepath.Base(name), flag.ContinueOnError)
	flags.StringVar(&s.model, "model", "", "base model `FILE` (GGUF)")
	flags.IntVar(&s.threads, "threads", 2, "threads for all")
	flags.TextVar(&s.isa, "isa", cpu.Auto, "instruction `SET` that all are limited to, such as avx2; -llama must have been built for it")
	flags.IntVar(&s.rounds, "rounds", 5, "how often each measurement is done")
	flags.StringVar(&only, "only", "", "only these measurements, such as `prefill,decode`")
	flags.BoolVar(&quick, "quick", false, "measure on less work: rough figures")
	flags.StringVar(&s.state, "state", "", "`FOLDER` of the finished rounds")
	flags.StringVar(&s.out, "out", "", "`FOLDER` for lm.json and lm.md, or with -isa for such as lm-avx2.json; none are written without it")
	flags.StringVar(&s.scripts, "scripts", "bench/peers", "`FOLDER` of the peers' scripts")
	flags.StringVar(&s.peft, "peft", "", "Python `PROGRAM` with transformers and PEFT")
	flags.StringVar(&s.llama, "llama", "", "Python `PROGRAM` with llama-cpp-python")
	if err := flags.Parse(args); err != nil {
		return s, fmt.Errorf("arguments: %w", err)
	}
	var names []string
	if only != "" {
		names = strings.Split(only, ",")
	}
	var err error
	if s.kinds, err = bench.ParseKinds(names); err != nil {
		return s, fmt.Errorf("only: %w", err)
	}
	if s.size = bench.FullSize(); quick {
		s.size = bench.QuickSize()
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("arguments: %q is none", flags.Arg(0))
	case s.model == "":
		return s, fmt.Errorf("model: it is missing, want a GGUF file")
	case s.state == "":
		return s, fmt.Errorf("state: it is missing, want a folder for the finished rounds")
	case s.rounds < 1:
		return s, fmt.Errorf("rounds: %d is not a number from 1 up", s.rounds)
	case s.threads < 1:
		return s, fmt.Errorf("threads: %d is not a number from 1 up", s.threads)
	}
	return s, nil
}

// contestants are ours, run by this program, and the peers that are there.
func (s settings) contestants(program string) []versus.Contestant {
	all := []versus.Contestant{{Name: versus.Ours, Kinds: bench.Kinds(), Process: bench.Process{Args: []string{program, child}, Env: s.env()}}}
	if s.peft != "" {
		for _, precision := range []string{"fp32", "autocast", "bf16"} {
			all = append(all, versus.Contestant{
				Name: "peft-" + precision, Kinds: []bench.Kind{bench.Train},
				Process: bench.Process{Args: []string{s.peft, filepath.Join(s.scripts, "peft_sft.py"), precision}, Env: s.env()},
			})
		}
	}
	if s.llama != "" {
		all = append(all, versus.Contestant{
			Name: "llama.cpp", Kinds: []bench.Kind{bench.Prefill, bench.Decode, bench.Step},
			Process:  bench.Process{Args: []string{s.llama, filepath.Join(s.scripts, "llama.py")}, Env: s.env()},
			Optional: []bench.Metric{bench.AdaptedSpeed, bench.AdapterCost},
		})
	}
	return all
}

// env has libraries take no more threads, and no better instructions, than others.
func (s settings) env() []string {
	env := []string{fmt.Sprintf("OMP_NUM_THREADS=%d", s.threads), "PYTHONDONTWRITEBYTECODE=1"}
	// PyTorch's own kernels, oneDNN, which we use as well, and MKL are told apart.
	switch s.isa {
	case cpu.AVX2:
		env = append(env, "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2")
	case cpu.AVX512:
		env = append(env, "ATEN_CPU_CAPABILITY=avx512", "ONEDNN_MAX_CPU_ISA=AVX512_CORE", "MKL_ENABLE_INSTRUCTIONS=AVX512")
	case cpu.AVX512BF16:
		env = append(env, "ATEN_CPU_CAPABILITY=avx512", "ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16", "MKL_ENABLE_INSTRUCTIONS=AVX512_E3")
	case cpu.Generic:
		env = append(env, "ATEN_CPU_CAPABILITY=default", "ONEDNN_MAX_CPU_ISA=SSE41", "MKL_ENABLE_INSTRUCTIONS=SSE4_2")
	case cpu.Auto, cpu.AMX:
	}
	return env
}
