package learning

import (
	"math/rand/v2"
	"slices"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
)

// Session is one that the agent learns from: a task with a seed below those of evaluations.
type Session struct {
	Task string
	Seed int64
}

// Deal returns the first n sessions that are drawn by a seed. The tasks come evenly: each
// once, in an order of its own, before any comes again. No seed comes twice. A longer
// schedule begins with a shorter one.
func Deal(seed uint64, tasks []string, n int) []Session {
	rng := rand.New(rand.NewPCG(seed, 0x5e5510))
	seen := map[int64]bool{}
	sessions := make([]Session, 0, n)
	var deck []string
	for len(sessions) < n {
		if len(deck) == 0 {
			deck = slices.Clone(tasks)
			rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		fresh := rng.Int64N(miniwob.FirstEvaluationSeed)
		for seen[fresh] {
			fresh = rng.Int64N(miniwob.FirstEvaluationSeed)
		}
		seen[fresh] = true
		sessions = append(sessions, Session{Task: deck[0], Seed: fresh})
		deck = deck[1:]
	}
	return sessions
}

// Draw puts the names of pages that are none of the tasks into an order that is drawn by a
// seed.
func Draw(seed uint64, names, tasks []string) []string {
	rng := rand.New(rand.NewPCG(seed, 0x07e5))
	others := slices.DeleteFunc(slices.Sorted(slices.Values(names)), func(name string) bool { return slices.Contains(tasks, name) })
	rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	return others
}

// Seeds are the first n seeds of evaluations.
func Seeds(n int) []int64 {
	seeds := make([]int64, n)
	for i := range seeds {
		seeds[i] = miniwob.FirstEvaluationSeed + int64(i)
	}
	return seeds
}
