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
	data    Dataset
	digest  string // of data
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
	if err := data.check(opts.MicroTokens); err != nil {
		return nil, err
	}
	if a.Size() == 0 {
		return nil, fmt.Errorf("%w: the adapter has nothing to train", ErrInvalid)
	}
	if opts.Patience > 0 && len(data.HeldOut) == 0 {
		return nil, fmt.Errorf("%w: Patience is %d, but there are no held-out examples", ErrInvalid, opts.Patience)
	}
	if opts.CheckpointDir != "" {
		opts.CheckpointDir = filepath.Clean(opts.CheckpointDir)
	}
	t := &trainer{
		model:   m,
		opts:    opts,
		data:    data,
		digest:  data.digest(),
		steps:   (len(data.Train)*opts.Epochs + opts.BatchExamples - 1) / opts.BatchExamples,
		order:   order{seed: opts.Seed, n: len(data.Train)},
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
	started := Started{Steps: t.steps, Resumed: t.Step, Examples: len(t.data.Train), HeldOut: len(t.data.HeldOut)}
	for _, e := range t.data.Train {
		started.Tokens += e.tokens()
		started.Labels += len(e.Completion)
	}
	t.emit(started)
}

// batches returns the micro-batches of the next step and how many tokens and labels
// they hold.
func (t *trainer) batches() (micro []Batch, tokens, labels int) {
	first := t.Step * t.opts.BatchExamples
	last := min(first+t.opts.BatchExamples, len(t.data.Train)*t.opts.Epochs)
	var examples []Example
	for i := first; i < last; i++ {
		e := t.data.Train[t.order.at(i)]
		examples = append(examples, e)
		tokens += e.tokens()
		labels += len(e.Completion)
	}
	micro = pack(examples, t.opts.MicroTokens)
	for i := range micro {
		micro[i].DropoutSeed = dropoutSeed(t.opts.Seed, t.Step, i)
	}
	return micro, tokens, labels
}

// step makes one optimiser step: the gradient of the mean loss per label token over
// all of its micro-batches. When it fails, the adapter is as before.
func (t *trainer) step(ctx context.Context) error {
	micro, tokens, labels := t.batches()
	t.grad.Zero()
	sum, counted := 0.0, 0
	for _, b := range micro {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("train: step %d: %w", t.Step+1, err)
		}
		loss, n, err := t.model.Gradients(ctx, b, t.adapter, t.grad)
		if err != nil {
			return fmt.Errorf("train: step %d: %w", t.Step+1, err)
		}
		sum, counted = sum+loss, counted+n
	}
	if counted != labels {
		return fmt.Errorf("train: step %d: the model counted %d labels, the examples have %d", t.Step+1, counted, labels)
	}
	mean := 1 / float64(labels)
	loss, size := sum*mean, norm(t.grad)*mean
	if math.IsNaN(loss+size) || math.IsInf(loss+size, 0) {
		return fmt.Errorf("%w: step %d has loss %v and gradient norm %v; try a lower LearningRate than %g", ErrDiverged, t.Step+1, loss, size, t.opts.LearningRate)
	}
	scale := mean
	if c := t.opts.ClipNorm; c > 0 && size > c {
		scale *= c / size
	}
	rate := t.opts.rate(t.Step, t.steps)
	t.adamW.update(t.adapter, t.grad, t.Step+1, rate, scale)
	t.Step++
	t.Loss = loss
	t.tokens += tokens
	t.report(Stepped{Loss: loss, LearningRate: rate, GradNorm: size, Tokens: tokens})
	return nil
}

// report completes and emits the event of a step.
func (t *trainer) report(s Stepped) {
	spent := time.Since(t.began)
	s.Step, s.Steps = t.Step, t.steps
	used := min(t.Step*t.opts.BatchExamples, len(t.data.Train)*t.opts.Epochs)
	s.Epoch = float64(used) / float64(len(t.data.Train))
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
	if !due || t.Evaluated == t.Step || len(t.data.HeldOut) == 0 {
		return nil
	}
	loss, err := Evaluate(ctx, t.model, t.adapter, t.data.HeldOut, t.opts.MicroTokens)
	if err != nil {
		return err
	}
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
	t.emit(Evaluated{Step: t.Step, Loss: loss, Best: better})
	return nil
}

// exhausted reports whether the patience is.
func (t *trainer) exhausted() bool {
	return t.opts.Patience > 0 && t.Worse >= t.opts.Patience
}
