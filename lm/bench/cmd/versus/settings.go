package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/bench/versus"
)

// settings are what the command line says.
type settings struct {
	model   string
	threads int
	rounds  int
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
	flags.IntVar(&s.rounds, "rounds", 5, "how often each measurement is done")
	flags.StringVar(&only, "only", "", "only these measurements, such as `prefill,decode`")
	flags.BoolVar(&quick, "quick", false, "measure on less work: rough figures")
	flags.StringVar(&s.state, "state", "", "`FOLDER` of the finished rounds")
	flags.StringVar(&s.out, "out", "", "`FOLDER` for lm.json and lm.md; none are written without it")
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
	all := []versus.Contestant{{Name: versus.Ours, Kinds: bench.Kinds(), Process: bench.Process{Args: []string{program, child}}}}
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

// env has the peers' libraries take no more threads than the others.
func (s settings) env() []string {
	return []string{fmt.Sprintf("OMP_NUM_THREADS=%d", s.threads), "PYTHONDONTWRITEBYTECODE=1"}
}
