package lora

import (
	"fmt"
	"math"
	"slices"
)

// Config says how an adapter is shaped and trained. Its fields mean what PEFT's
// LoraConfig means by them.
type Config struct {
	Rank    int
	Alpha   float32
	Dropout float32 // probability that an input of A is zeroed while training
	Targets []Module
	// RSLoRA makes the scale alpha/sqrt(rank) (Kalajdzievski 2023, "A Rank
	// Stabilization Scaling Factor for Fine-Tuning with LoRA").
	RSLoRA bool
	// Layers are the blocks that are adapted; none means all.
	Layers []int
	// RankPattern and AlphaPattern give some modules a rank or an alpha of their own.
	// The first pattern that matches counts.
	RankPattern  []Pattern[int]
	AlphaPattern []Pattern[float64]
}

// DefaultConfig adapts all seven linear layers with rank 16 and alpha 16 and no
// dropout, the setting that the QLoRA authors found to match full fine-tuning
// (Dettmers et al. 2023, section 4: "adapters on all linear layers").
func DefaultConfig() Config {
	return Config{Rank: 16, Alpha: 16, Targets: AllModules()}
}

// Scale is the factor on the product of a pair that no pattern is for: alpha/rank, or
// alpha/sqrt(rank) with RSLoRA.
func (c Config) Scale() float32 {
	return setting{c.Rank, float64(c.Alpha)}.scale(c.RSLoRA)
}

// Validate returns an error that names the first field with an unusable value.
func (c Config) Validate() error {
	if c.Rank < 1 {
		return fmt.Errorf("%w: rank is %d, want at least 1", ErrInvalid, c.Rank)
	}
	if !(c.Alpha > 0) || !isFinite(c.Alpha) {
		return fmt.Errorf("%w: alpha is %g, want a positive number", ErrInvalid, c.Alpha)
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("%w: dropout is %g, want 0 <= dropout < 1", ErrInvalid, c.Dropout)
	}
	if len(c.Targets) == 0 {
		return fmt.Errorf("%w: targets is empty, want at least one of %v", ErrInvalid, AllModules())
	}
	for i, m := range c.Targets {
		if int(m) >= Modules {
			return fmt.Errorf("%w: targets[%d] is %v, want one of %v", ErrInvalid, i, m, AllModules())
		}
		if slices.Contains(c.Targets[:i], m) {
			return fmt.Errorf("%w: targets names %v twice", ErrInvalid, m)
		}
	}
	return c.validatePatterns()
}

func (c Config) validatePatterns() error {
	for i, n := range c.Layers {
		if n < 0 || slices.Contains(c.Layers[:i], n) {
			return fmt.Errorf("%w: layers[%d] is %d, want different numbers from 0", ErrInvalid, i, n)
		}
	}
	if n := max(len(c.RankPattern), len(c.AlphaPattern)); n > maxPatterns {
		return fmt.Errorf("%w: %d patterns for ranks or alphas, at most %d are read", ErrInvalid, n, maxPatterns)
	}
	for _, p := range c.RankPattern {
		if p.Value < 1 {
			return fmt.Errorf("%w: rank pattern %q gives %d, want at least 1", ErrInvalid, p.Key, p.Value)
		}
	}
	for _, p := range c.AlphaPattern {
		if !(p.Value > 0) || !isFinite(float32(p.Value)) {
			return fmt.Errorf("%w: alpha pattern %q gives %g, want a positive number", ErrInvalid, p.Key, p.Value)
		}
	}
	return nil
}

// clone returns a copy that shares no memory with c.
func (c Config) clone() Config {
	c.Targets, c.Layers = slices.Clone(c.Targets), slices.Clone(c.Layers)
	c.RankPattern, c.AlphaPattern = slices.Clone(c.RankPattern), slices.Clone(c.AlphaPattern)
	return c
}

func isFinite(x float32) bool {
	f := float64(x)
	return !math.IsNaN(f) && !math.IsInf(f, 0)
}
