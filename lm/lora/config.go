package lora

import (
	"fmt"
	"math"
	"slices"
)

// Config says how an adapter is shaped and trained.
type Config struct {
	Rank    int
	Alpha   float32
	Dropout float32 // probability that an input of A is zeroed while training
	Targets []Module
}

// DefaultConfig adapts all seven linear layers with rank 16 and alpha 16 and no
// dropout, the setting that the QLoRA authors found to match full fine-tuning
// (Dettmers et al. 2023, section 4: "adapters on all linear layers").
func DefaultConfig() Config {
	return Config{Rank: 16, Alpha: 16, Targets: AllModules()}
}

// Scale is the factor alpha/rank on the pair's product.
func (c Config) Scale() float32 { return c.Alpha / float32(c.Rank) }

// Validate returns an error that names the first field with an unusable value.
func (c Config) Validate() error {
	if c.Rank < 1 {
		return fmt.Errorf("%w: rank is %d, want at least 1", ErrInvalid, c.Rank)
	}
	if !(c.Alpha > 0) || math.IsInf(float64(c.Alpha), 0) {
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
	return nil
}
