package train

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

// The losses against their formulas, the slopes against differences.
func TestPreferenceLosses(t *testing.T) {
	t.Parallel()
	sig := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, x := range []float64{-300, -20, -1, -0.1, 0, 0.3, 2, 40, 500} {
		for _, o := range []DPO{{Beta: 0.1}, {Beta: 2}, {Beta: 0.5, LabelSmoothing: 0.2}} {
			loss, slope := o.loss(x)
			e := o.LabelSmoothing
			if math.Abs(o.Beta*x) < 30 { // elsewhere the formula loses its digits
				want := (-(1-e)*math.Log(sig(o.Beta*x)) + e*math.Log(sig(-o.Beta*x))) / (1 - 2*e)
				if math.Abs(loss-want) > 1e-9 {
					t.Errorf("%+v at %g: loss %g, want %g", o, x, loss, want)
				}
			}
			up, _ := o.loss(x + 1e-4)
			down, _ := o.loss(x - 1e-4)
			if want := (up - down) / 2e-4; math.Abs(slope-want) > 1e-6 || math.IsNaN(loss) {
				t.Errorf("%+v at %g: slope %g, want %g", o, x, slope, want)
			}
		}
		for _, desirable := range []bool{true, false} {
			o := KTO{Beta: 0.3, Desirable: 1.5, Undesirable: 0.5}
			const z = 0.7
			loss, slope := o.loss(x, z, desirable)
			want := 1.5 * (1 - sig(0.3*(x-z)))
			if !desirable {
				want = 0.5 * (1 - sig(0.3*(z-x)))
			}
			up, _ := o.loss(x+1e-4, z, desirable)
			down, _ := o.loss(x-1e-4, z, desirable)
			if math.Abs(loss-want) > 1e-12 || math.Abs(slope-(up-down)/2e-4) > 1e-6 {
				t.Errorf("KTO at %g, %v: loss %g, want %g; slope %g, want %g", x, desirable, loss, want, slope, (up-down)/2e-4)
			}
		}
	}
}

// linear is a model whose log probability of a label is a product of the adapter's
// elements with numbers that depend on the label, its place and what came before.
type linear struct{ t *testing.T }

func feature(before []int32, label int32, i int) float64 {
	sum := float64(len(before))
	for _, b := range before {
		sum = sum*1.7 + float64(b)
	}
	return math.Sin(sum + 5*float64(label) + 0.9*float64(i))
}

// each visits the labels of a batch with all that came before them.
func (linear) each(b Batch, visit func(sequence int, before []int32, label int32)) {
	var beginning []int32
	for s, start := range b.Starts {
		end := len(b.Tokens)
		if s+1 < len(b.Starts) {
			end = b.Starts[s+1]
		}
		before := slices.Clone(b.Tokens[start:start])
		if b.Continues[s] {
			before = slices.Clone(beginning)
		}
		for i := start; i < end; i++ {
			before = append(before, b.Tokens[i])
			if b.Labels[i] >= 0 {
				visit(s, before, b.Labels[i])
			}
		}
		if !b.Continues[s] {
			beginning = before
		}
	}
}

func (l linear) LogProbs(_ context.Context, b Batch, a *lora.Adapter, dst []float64) error {
	l.each(b, func(s int, before []int32, label int32) { dst[s] += logProb(before, label, a) })
	return nil
}

func logProb(before []int32, label int32, a *lora.Adapter) (sum float64) {
	if a == nil {
		return feature(before, label, 99) / 10
	}
	i := 0
	for p := range a.Params() {
		for _, x := range p.Data {
			sum += float64(x) * feature(before, label, i)
			i++
		}
	}
	return sum
}

func (l linear) Weighted(ctx context.Context, b Batch, a, grad *lora.Adapter, weigh func(int, []float64, []float64)) error {
	if len(b.Tokens) > 60 {
		l.t.Errorf("a batch of %d tokens", len(b.Tokens))
	}
	logProbs, weights := make([]float64, len(b.Starts)), make([]float64, len(b.Starts))
	if err := l.LogProbs(ctx, b, a, logProbs); err != nil {
		return err
	}
	weigh(0, logProbs, weights)
	l.each(b, func(s int, before []int32, label int32) {
		i := 0
		for _, g := range arrays(grad) {
			for j := range g {
				g[j] += float32(weights[s] * feature(before, label, i))
				i++
			}
		}
	})
	return nil
}

// plain is the log probability of one completion.
func plain(prompt, completion []int32, a *lora.Adapter) (sum float64) {
	before := slices.Clone(prompt)
	for _, label := range completion {
		sum += logProb(before, label, a)
		before = append(before, label)
	}
	return sum
}

func smallAdapter(t *testing.T, seed uint64) *lora.Adapter {
	t.Helper()
	d := lora.Dims{Layers: 1}
	for m := range d.Shapes {
		d.Shapes[m] = lora.Shape{In: 3, Out: 2}
	}
	a, err := lora.New(lora.Config{Rank: 1, Alpha: 1, Targets: []lora.Module{lora.Query}}, d, seed)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	for _, x := range arrays(a) {
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
	}
	return a
}

// someItems have prompts that several share, one of a single token.
func someItems() set {
	rng := rand.New(rand.NewPCG(4, 4))
	some := func(n int) []int32 {
		ids := make([]int32, n)
		for i := range ids {
			ids[i] = rng.Int32N(9)
		}
		return ids
	}
	prompts := [][]int32{some(12), some(1), some(7), some(20)}
	var s set
	for i := range 7 {
		s.examples = append(s.examples, Example{prompts[i%4], some(1 + i%3)})
	}
	for i := range 6 {
		s.pairs = append(s.pairs, Pair{prompts[i%3], some(1 + i%4), some(2 + i%3)})
	}
	for i := range 5 {
		s.rated = append(s.rated, Rated{Example{prompts[i%4], some(1 + i)}, i%2 == 0})
	}
	return s
}

// The objective's loss and gradient against the formulas on sequences by themselves,
// for each kind alone and for mixtures.
func TestObjective(t *testing.T) {
	t.Parallel()
	all := someItems()
	opts := DefaultOptions()
	opts.MicroTokens = 60
	opts.DPO, opts.KTO = DPO{Beta: 0.4, Weight: 0.7}, KTO{Beta: 0.3, Desirable: 1.2, Undesirable: 0.6, Weight: 2}
	held := opts
	held.Reference = smallAdapter(t, 9)
	held.DPO.Average, held.DPO.LabelSmoothing = true, 0.1
	apo := opts
	apo.KTO.APO = true
	for _, c := range []struct {
		name string
		set  set
		opts Options
	}{
		{"examples", set{examples: all.examples}, opts},
		{"pairs", set{pairs: all.pairs}, opts},
		{"rated", set{rated: all.rated}, opts},
		{"one rated", set{rated: all.rated[:1]}, opts},
		{"rated, APO", set{rated: all.rated}, apo},
		{"all", all, opts},
		{"all, to another adapter", all, held},
	} {
		a := smallAdapter(t, 1)
		grad := lora.ZerosLike(a)
		o := objective{model: linear{t}, adapter: a, opts: &c.opts, grad: grad}
		got, err := o.of(t.Context(), c.set)
		if err != nil {
			t.Fatal(err)
		}
		z := divergence(c.set, c.opts, a)
		want := plainLoss(c.set, c.opts, a, z)
		if math.Abs(got.loss-want) > 1e-6 || math.Abs(got.KL-z) > 1e-6 {
			t.Errorf("%s: loss %.8f, want %.8f; z %g, want %g", c.name, got.loss, want, got.KL, z)
		}
		for i, x := range arrays(a) {
			for j := range x {
				was := x[j]
				x[j] = was + 1.0/256
				up := plainLoss(c.set, c.opts, a, z)
				x[j] = was - 1.0/256
				down := plainLoss(c.set, c.opts, a, z)
				x[j] = was
				if want := (up - down) * 128; math.Abs(float64(arrays(grad)[i][j])-want) > 2e-4*max(1, math.Abs(want)) {
					t.Errorf("%s: gradient of matrix %d, element %d is %g, want %g", c.name, i, j, arrays(grad)[i][j], want)
				}
			}
		}
		o.grad = nil
		if evaluated, err := o.of(t.Context(), c.set); err != nil || math.Abs(evaluated.loss-got.loss) > 1e-12 {
			t.Errorf("%s: evaluated %g (%v), trained on %g", c.name, evaluated.loss, err, got.loss)
		}
	}
}

func divergence(s set, o Options, a *lora.Adapter) float64 {
	if o.KTO.APO || len(s.rated) < 2 {
		return 0
	}
	sum := 0.0
	for i, r := range s.rated {
		other := s.rated[(i+len(s.rated)-1)%len(s.rated)].Completion
		sum += plain(r.Prompt, other, a) - plain(r.Prompt, other, o.Reference)
	}
	return max(0, sum/float64(len(s.rated)))
}

func plainLoss(s set, o Options, a *lora.Adapter, z float64) float64 {
	loss, items := 0.0, float64(s.len())
	labels, cross := 0, 0.0
	for _, e := range s.examples {
		cross -= plain(e.Prompt, e.Completion, a)
		labels += len(e.Completion)
	}
	if labels > 0 {
		loss += cross / float64(labels) * float64(len(s.examples)) / items
	}
	ratio := func(prompt, completion []int32) float64 {
		return plain(prompt, completion, a) - plain(prompt, completion, o.Reference)
	}
	for _, p := range s.pairs {
		chosen, rejected := ratio(p.Prompt, p.Chosen), ratio(p.Prompt, p.Rejected)
		if o.DPO.Average {
			chosen, rejected = chosen/float64(len(p.Chosen)), rejected/float64(len(p.Rejected))
		}
		l, _ := o.DPO.loss(chosen - rejected)
		loss += o.DPO.Weight * l / items
	}
	for _, r := range s.rated {
		l, _ := o.KTO.loss(ratio(r.Prompt, r.Completion), z, r.Desirable)
		loss += o.KTO.Weight * l / items
	}
	return loss
}

// What the events say of preferences.
func TestPreferencesOfAStep(t *testing.T) {
	t.Parallel()
	all := someItems()
	opts := DefaultOptions()
	a := smallAdapter(t, 1)
	o := objective{model: linear{t}, adapter: a, opts: &opts}
	got, err := o.of(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var good, bad, right []float64
	reward := func(prompt, completion []int32) float64 {
		return 0.1 * (plain(prompt, completion, a) - plain(prompt, completion, nil))
	}
	for _, p := range all.pairs {
		c, r := reward(p.Prompt, p.Chosen), reward(p.Prompt, p.Rejected)
		good, bad = append(good, c), append(bad, r)
		if c > r {
			right = append(right, 1)
		} else {
			right = append(right, 0)
		}
	}
	for _, r := range all.rated {
		if r.Desirable {
			good = append(good, reward(r.Prompt, r.Completion))
		} else {
			bad = append(bad, reward(r.Prompt, r.Completion))
		}
	}
	average := func(x []float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum / float64(len(x))
	}
	want := Preferences{Chosen: average(good), Rejected: average(bad), Margin: average(good) - average(bad), Accuracy: average(right), KL: got.KL}
	for _, d := range []float64{got.Chosen - want.Chosen, got.Rejected - want.Rejected, got.Margin - want.Margin, got.Accuracy - want.Accuracy} {
		if math.Abs(d) > 1e-9 {
			t.Errorf("got %+v, want %+v", got.Preferences, want)
		}
	}
	if want.Accuracy == 0 || want.Accuracy == 1 {
		t.Errorf("accuracy %g: the test is blind to it", want.Accuracy)
	}
}

// A completion that does not fit behind another prompt is cut.
func TestMismatchedIsCut(t *testing.T) {
	t.Parallel()
	long := func(n int) []int32 { return make([]int32, n) }
	s := set{rated: []Rated{{Example{long(30), long(2)}, true}, {Example{long(2), long(30)}, false}}}
	opts := DefaultOptions()
	for _, c := range []struct{ micro, context, want int }{{40, 0, 40}, {1000, 40, 40}, {31, 0, 31}, {70, 0, 59}} {
		opts.MicroTokens, opts.Context = c.micro, c.context
		longest := 0
		o := objective{model: watched{linear{t}, &longest}, adapter: smallAdapter(t, 1), opts: &opts}
		if _, err := o.of(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if longest != c.want {
			t.Errorf("%+v: the longest sequence has %d tokens", c, longest)
		}
	}
}

type watched struct {
	linear

	longest *int
}

func (w watched) LogProbs(ctx context.Context, b Batch, a *lora.Adapter, dst []float64) error {
	for s, start := range b.Starts {
		end := len(b.Tokens)
		if s+1 < len(b.Starts) {
			end = b.Starts[s+1]
		}
		*w.longest = max(*w.longest, end-start)
	}
	return w.linear.LogProbs(ctx, b, a, dst)
}

func TestPackShares(t *testing.T) {
	t.Parallel()
	all := someItems()
	sequences := all.preferences()
	for _, limit := range []int{40, 60, 1000} {
		seen := map[int]int{}
		tokens := 0
		for at, m := range pack(sequences, len(all.pairs), limit) {
			tokens += len(m.Tokens)
			if len(m.Tokens) > limit || len(m.ids) != len(m.Starts) || len(m.Labels) != len(m.Tokens) {
				t.Errorf("limit %d: batch %+v", limit, m)
			}
			for _, id := range m.ids {
				if id >= 0 {
					seen[id] = at
				}
			}
		}
		if len(seen) != len(sequences) {
			t.Errorf("limit %d: %d of %d sequences", limit, len(seen), len(sequences))
		}
		for i := range all.pairs {
			if seen[2*i] != seen[2*i+1] {
				t.Errorf("limit %d: pair %d lies in two batches", limit, i)
			}
		}
		apart, _ := counts(sequences)
		if tokens > apart*3/4 {
			t.Errorf("limit %d: %d tokens, %d without sharing", limit, tokens, apart)
		}
	}
}

func TestPreferenceOptions(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Options){
		"DPO.Beta is 0":              func(o *Options) { o.DPO.Beta = 0 },
		"DPO.Weight is -1":           func(o *Options) { o.DPO.Weight = -1 },
		"DPO.LabelSmoothing is 0.5":  func(o *Options) { o.DPO.LabelSmoothing = 0.5 },
		"DPO.LabelSmoothing is -0.1": func(o *Options) { o.DPO.LabelSmoothing = -0.1 },
		"KTO.Beta is NaN":            func(o *Options) { o.KTO.Beta = math.NaN() },
		"KTO.Desirable is +Inf":      func(o *Options) { o.KTO.Desirable = math.Inf(1) },
		"KTO.Undesirable is 0":       func(o *Options) { o.KTO.Undesirable = 0 },
		"KTO.Weight is 0":            func(o *Options) { o.KTO.Weight = 0 },
	} {
		o := DefaultOptions()
		change(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
