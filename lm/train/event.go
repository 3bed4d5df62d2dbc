package train

import "time"

// Event is something that happened in a run: Started, Stepped, Evaluated,
// Checkpointed or Skipped.
type Event interface{ event() }

// Started comes first.
type Started struct {
	Steps    int // optimiser steps in all
	Resumed  int // of these, done before by an interrupted run
	Examples int // for training, of all kinds
	Pairs    int // of these
	Rated    int // of these
	HeldOut  int // for evaluation, of all kinds
	Tokens   int // of one epoch, prompts included, a shared one for each completion
	Labels   int // of one epoch: the tokens that the loss is of
}

// Stepped comes after each optimiser step.
type Stepped struct {
	Step            int // done so far
	Steps           int
	Epoch           float64 // passes over the examples so far
	Loss            float64 // of this step, before the update: mean per label token, pair and rated completion
	LearningRate    float64
	GradNorm        float64 // Euclidean, before clipping
	Tokens          int     // of this step
	TokensPerSecond float64 // since this call began
	Left            time.Duration

	Preferences
}

// Evaluated comes after each measurement of the held-out loss.
type Evaluated struct {
	Step int
	Loss float64 // as in Stepped, without dropout
	Best bool    // the least so far

	Preferences
}

// Checkpointed comes after a checkpoint has reached the disk.
type Checkpointed struct {
	Step int
	Path string
}

// Skipped comes when a damaged checkpoint is passed over for an older one.
type Skipped struct {
	Path string
	Err  error
}

func (Started) event()      {}
func (Stepped) event()      {}
func (Evaluated) event()    {}
func (Checkpointed) event() {}
func (Skipped) event()      {}
