package train

import "math"

// Schedule says how the learning rate falls after the warm-up.
type Schedule string

// The schedules. Cosine is Loshchilov and Hutter 2017 (SGDR) without restarts.
const (
	Cosine   Schedule = "cosine"
	Linear   Schedule = "linear"
	Constant Schedule = "constant"
)

// rate returns the learning rate of a step, counted from 0, in a run of that many.
func (o Options) rate(step, steps int) float64 {
	warmup := int(math.Ceil(o.Warmup * float64(steps)))
	if step < warmup {
		return o.LearningRate * float64(step+1) / float64(warmup)
	}
	done := float64(step-warmup) / float64(max(steps-warmup, 1)) // in [0, 1)
	fall := 1.0
	switch o.Schedule {
	case Cosine:
		fall = (1 + math.Cos(math.Pi*done)) / 2
	case Linear:
		fall = 1 - done
	case Constant:
	}
	return o.LearningRate * (o.FinalRate + (1-o.FinalRate)*fall)
}
