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

// rate returns the learning rate of a step s, counted from 0, in a run of n steps. With
// w = ceil(Warmup*n) steps of warm-up and p = (s-w)/(n-w) it is LearningRate times
//
//	(s+1)/w                                     while s < w, and then
//	FinalRate + (1-FinalRate)*(1+cos(pi*p))/2   Cosine
//	FinalRate + (1-FinalRate)*(1-p)             Linear
//	1                                           Constant
//
// as in transformers, but that the first step of a warm-up there has rate 0.
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
