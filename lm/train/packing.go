package train

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Batch is several sequences laid end to end; none sees another, but for those that
// continue one.
type Batch struct {
	Tokens []int32
	Starts []int // where each sequence begins
	// Continues says which sequences go on after the last one before them that does
	// not: they share that beginning, which may be empty.
	Continues   []bool
	Labels      []int32 // the token that should follow each position, or -1
	DropoutSeed uint64
	NoDropout   bool // whatever the adapter says
	Recompute   bool // compute layers again on the way back instead of keeping them
}

// micro is a batch with the number of each sequence's completion; -1 for a
// beginning.
type micro struct {
	Batch

	ids []int
}

// group is completions of one prompt that are computed together. Several share the
// prompt but for its last token, after which each has its first label.
type group struct {
	prompt []int32
	ids    []int
	tokens int // in a batch
}

// groupTokens is the length of a group in a batch: each completion's last token is
// only a label.
func groupTokens(prompt []int32, completions ...Example) int {
	tokens := len(prompt) - 1
	for _, e := range completions {
		tokens += len(e.Completion)
	}
	return tokens
}

// pack lays sequences into as few batches of at most that many tokens as first-fit
// decreasing finds (Johnson 1973: at most 11/9 of the least, plus 4). The first
// sequences are pairs, each of one prompt, whose parts stay together; equal prompts
// are computed once, and where there is dropout with one mask. Equal sequences give
// equal batches.
func pack(sequences []Example, pairs, tokens int) []micro {
	groups := join(sequences, pairs, tokens)
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.tokens, a.tokens) })
	all := 0
	for _, g := range groups {
		all += g.tokens
	}
	var batches []micro
	for _, g := range groups {
		fits := func(m micro) bool { return len(m.Tokens)+g.tokens <= tokens }
		at := slices.IndexFunc(batches, fits)
		if at < 0 {
			at = len(batches)
			batches = append(batches, newMicro(min(tokens, all), len(sequences)))
		}
		batches[at].add(g, sequences)
	}
	return batches
}

// join makes groups of at most that many tokens, unless a pair has more.
func join(sequences []Example, pairs, tokens int) []group {
	var groups []group
	open := map[string]int{} // the group to which a prompt's next completions go
	for i, n := 0, 2; i < len(sequences); i += n {
		if i >= 2*pairs {
			n = 1
		}
		unit := sequences[i : i+n]
		prompt := unit[0].Prompt
		key := string(appendTokens(nil, prompt))
		at, found := open[key]
		more := groupTokens(prompt, unit...) - len(prompt) + 1
		if !found || groups[at].tokens+more > tokens {
			at = len(groups)
			open[key] = at
			groups = append(groups, group{prompt: prompt, tokens: groupTokens(prompt)})
		}
		groups[at].tokens += more
		for id := range n {
			groups[at].ids = append(groups[at].ids, i+id)
		}
	}
	return groups
}

// newMicro returns an empty batch with room for so much.
func newMicro(tokens, sequences int) micro {
	return micro{
		Batch: Batch{
			Tokens: make([]int32, 0, tokens), Labels: make([]int32, 0, tokens),
			Starts: make([]int, 0, sequences), Continues: make([]bool, 0, sequences),
		},
		ids: make([]int, 0, sequences),
	}
}

func (m *micro) add(g group, sequences []Example) {
	if len(g.ids) == 1 {
		m.sequence(g.ids[0], false, g.prompt, sequences[g.ids[0]].Completion)
		return
	}
	last := len(g.prompt) - 1
	m.sequence(-1, false, g.prompt[:last], nil)
	for _, id := range g.ids {
		m.sequence(id, true, g.prompt[last:], sequences[id].Completion)
	}
}

func (m *micro) sequence(id int, continues bool, prompt, completion []int32) {
	m.ids = append(m.ids, id)
	m.Starts = append(m.Starts, len(m.Tokens))
	m.Continues = append(m.Continues, continues)
	m.Tokens = append(m.Tokens, prompt...)
	unlabelled := len(prompt)
	if len(completion) > 0 {
		m.Tokens = append(m.Tokens, completion[:len(completion)-1]...)
		unlabelled--
	}
	for range unlabelled {
		m.Labels = append(m.Labels, -1)
	}
	m.Labels = append(m.Labels, completion...)
}

// order is the sequence in which items are used: one shuffle of all after another,
// each computed from the seed and its number.
type order struct {
	seed uint64
	n    int

	epoch int // of perm
	perm  []int
}

// at returns which item is used at a position, counted from the run's start.
func (o *order) at(position int) int {
	if epoch := position / o.n; o.perm == nil || epoch != o.epoch {
		o.epoch = epoch
		o.perm = rand.New(rand.NewPCG(o.seed, uint64(epoch))).Perm(o.n)
	}
	return o.perm[position%o.n]
}

// dropoutSeed is the seed of a micro-batch's dropout masks: the finaliser of
// splitmix64 (Steele et al. 2014) over the run's seed, the step and the micro-batch.
func dropoutSeed(seed uint64, step, micro int) uint64 {
	x := seed
	for _, n := range []uint64{uint64(step), uint64(micro)} {
		x += (n + 1) * 0x9E3779B97F4A7C15
		x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
		x = (x ^ x>>27) * 0x94D049BB133111EB
		x ^= x >> 31
	}
	return x
}
