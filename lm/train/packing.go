package train

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Batch is several sequences laid end to end; none sees another.
type Batch struct {
	Tokens      []int32
	Starts      []int   // where each sequence begins
	Labels      []int32 // the token that should follow each position, or -1
	DropoutSeed uint64
}

// pack lays examples into as few batches of at most that many tokens as first-fit
// decreasing finds (Johnson 1973: at most 11/9 of the least, plus 4). Equal
// examples give equal batches.
func pack(examples []Example, tokens int) []Batch {
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(examples[j].tokens(), examples[i].tokens())
	})
	var batches []Batch
	for _, i := range order {
		e := examples[i]
		fits := func(b Batch) bool { return len(b.Tokens)+e.tokens() <= tokens }
		at := slices.IndexFunc(batches, fits)
		if at < 0 {
			at = len(batches)
			batches = append(batches, Batch{})
		}
		batches[at].add(e)
	}
	return batches
}

func (b *Batch) add(e Example) {
	b.Starts = append(b.Starts, len(b.Tokens))
	b.Tokens = append(append(b.Tokens, e.Prompt...), e.Completion[:len(e.Completion)-1]...)
	for range len(e.Prompt) - 1 {
		b.Labels = append(b.Labels, -1)
	}
	b.Labels = append(b.Labels, e.Completion...)
}

// order is the sequence in which examples are used: one shuffle of all after
// another, each computed from the seed and its number.
type order struct {
	seed uint64
	n    int

	epoch int // of perm
	perm  []int
}

// at returns which example is used at a position, counted from the run's start.
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
