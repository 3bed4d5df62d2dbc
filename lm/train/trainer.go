package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
)

// trainer is a run under way.
type trainer struct {
	progress

	model   Model
	opts    Options
	data    set
	heldOut set
	digest  string // of both
	steps   int
	order   order
	adapter *lora.Adapter
	grad    *lora.Adapter
	adamW   adamW
	best    *lora.Adapter // with Patience

	tokens  int // computed in this call
	resumed int // the step at which this call began
	saved   int // the step of the last checkpoint
	began   time.Time
}

// progress is the part of a run's state, arrays aside, that a checkpoint holds.
type progress struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"`

	Evaluated   int     `json:"evaluated"` // the step of the last evaluation
	HeldOutLoss float64 `json:"held_out_loss"`
	BestLoss    float64 `json:"best_loss"`
	BestStep    int     `json:"best_step"` // 0: never evaluated
	Worse       int     `json:"worse"`     // evaluations since the best
}

func newTrainer(m Model, a *lora.Adapter, data Dataset, opts Options) (*trainer, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	items, heldOut := data.train(), data.heldOut()
	if items.len() == 0 {
		return nil, fmt.Errorf("%w: there are no training examples", ErrInvalid)
	}
	if err := items.check("training", opts); err != nil {
		return nil, err
	}
	if err := heldOut.check("held-out", opts); err != nil {
		return nil, err
	}
	if a.Size() == 0 {
		return nil, fmt.Errorf("%w: the adapter has nothing to train", ErrInvalid)
	}
	if opts.Reference == a {
		return nil, fmt.Errorf("%w: Reference is the adapter that is trained; give a clone", ErrInvalid)
	}
	if opts.Patience > 0 && heldOut.len() == 0 {
		return nil, fmt.Errorf("%w: Patience is %d, but there are no held-out examples", ErrInvalid, opts.Patience)
	}
	if opts.CheckpointDir != "" {
		opts.CheckpointDir = filepath.Clean(opts.CheckpointDir)
	}
	t := &trainer{
		model:   m,
		opts:    opts,
		data:    items,
		heldOut: heldOut,
		digest:  data.digest(),
		steps:   (items.len()*opts.Epochs + opts.BatchExamples - 1) / opts.BatchExamples,
		order:   order{seed: opts.Seed, n: items.len()},
		adapter: a,
		grad:    lora.ZerosLike(a),
		adamW: adamW{
			beta1: opts.Beta1, beta2: opts.Beta2, epsilon: opts.Epsilon, decay: opts.WeightDecay,
			m: lora.ZerosLike(a), v: lora.ZerosLike(a),
		},
	}
	if opts.MaxSteps > 0 {
		t.steps = min(t.steps, opts.MaxSteps)
	}
	if opts.Patience > 0 {
		t.best = lora.ZerosLike(a)
	}
	return t, nil
}

func (t *trainer) emit(e Event) {
	if t.opts.OnEvent != nil {
		t.opts.OnEvent(e)
	}
}

func (t *trainer) begin() {
	t.began, t.resumed = time.Now(), t.Step
	started := Started{
		Steps: t.steps, Resumed: t.Step,
		Examples: t.data.len(), Pairs: len(t.data.pairs), Rated: len(t.data.rated), HeldOut: t.heldOut.len(),
	}
	for _, sequences := range [][]Example{t.data.examples, t.data.preferences()} {
		tokens, labels := counts(sequences)
		started.Tokens += tokens
		started.Labels += labels
	}
	t.emit(started)
}

// items returns what the next step learns from.
func (t *trainer) items() set {
	first := t.Step * t.opts.BatchExamples
	last := min(first+t.opts.BatchExamples, t.data.len()*t.opts.Epochs)
	var s set
	for i := first; i < last; i++ {
		s = s.with(t.data, t.order.at(i))
	}
	return s
}

// step makes one optimiser step. When it fails, the adapter is as before.
func (t *trainer) step(ctx context.Context) error {
	t.grad.Zero()
	o := objective{model: t.model, adapter: t.adapter, opts: &t.opts, grad: t.grad, step: t.Step}
	got, err := o.of(ctx, t.items())
	if err != nil {
		return fmt.Errorf("train: step %d: %w", t.Step+1, err)
	}
	size, scale := norm(t.grad), 1.0
	if sum := got.loss + size; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fmt.Errorf("%w: step %d has loss %v and gradient norm %v; try a lower LearningRate than %g", ErrDiverged, t.Step+1, got.loss, size, t.opts.LearningRate)
	}
	if c := t.opts.ClipNorm; c > 0 && size > c {
		scale = c / size
	}
	rate := t.opts.rate(t.Step, t.steps)
	t.adamW.update(t.adapter, t.grad, t.Step+1, rate, scale)
	t.Step++
	t.Loss = got.loss
	t.tokens += got.tokens
	t.report(Stepped{Loss: got.loss, LearningRate: rate, GradNorm: size, Tokens: got.tokens, Preferences: got.Preferences})
	return nil
}

// report completes and emits the event of a step.
func (t *trainer) report(s Stepped) {
	spent := time.Since(t.began)
	s.Step, s.Steps = t.Step, t.steps
	used := min(t.Step*t.opts.BatchExamples, t.data.len()*t.opts.Epochs)
	s.Epoch = float64(used) / float64(t.data.len())
	if seconds := spent.Seconds(); seconds > 0 {
		s.TokensPerSecond = float64(t.tokens) / seconds
	}
	s.Left = spent / time.Duration(t.Step-t.resumed) * time.Duration(t.steps-t.Step)
	t.emit(s)
}

// evaluate measures the held-out loss after the last step and after every so many,
// unless that is done.
func (t *trainer) evaluate(ctx context.Context) error {
	every := t.opts.EvalEvery
	due := t.Step == t.steps || every > 0 && t.Step%every == 0
	if !due || t.Evaluated == t.Step || t.heldOut.len() == 0 {
		return nil
	}
	got, err := evaluate(ctx, t.model, t.adapter, t.heldOut, &t.opts)
	if err != nil {
		return err
	}
	loss := got.loss
	t.Evaluated, t.HeldOutLoss = t.Step, loss
	better := t.BestStep == 0 || loss < t.BestLoss
	if better {
		t.BestLoss, t.BestStep, t.Worse = loss, t.Step, 0
		if t.best != nil {
			if err := t.best.CopyFrom(t.adapter); err != nil {
				return fmt.Errorf("train: keep the best adapter: %w", err)
			}
		}
	} else {
		t.Worse++
	}
	t.emit(Evaluated{Step: t.Step, Loss: loss, Best: better, Preferences: got.Preferences})
	return nil
}

// exhausted reports whether the patience is.
func (t *trainer) exhausted() bool {
	return t.opts.Patience > 0 && t.Worse >= t.opts.Patience
}
