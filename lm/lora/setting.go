package lora

import (
	"fmt"
	"math"
)

// place is where a pair is: a block's module.
type place struct {
	layer  int
	module Module
}

// String returns the module's name without the model's prefix, such as
// "layers.3.self_attn.q_proj".
func (p place) String() string {
	return fmt.Sprintf("layers.%d.%s.%v", p.layer, p.module.block(), p.module)
}

// name is the module's whole name in a Hugging Face model, which PEFT's patterns are
// for.
func (p place) name() string { return "model." + p.String() }

// setting is what a configuration says of one pair.
type setting struct {
	rank  int
	alpha float64
}

func (s setting) scale(stabilised bool) float32 {
	if stabilised {
		return float32(s.alpha / math.Sqrt(float64(s.rank)))
	}
	return float32(s.alpha / float64(s.rank))
}

// alphaOf is the inverse of setting.scale: an alpha that gives that very scale. Of
// those it is a short one, else a float32, if there is one.
func alphaOf(scale float32, rank int, stabilised bool) float64 {
	divisor := float64(rank)
	if stabilised {
		divisor = math.Sqrt(divisor)
	}
	exact := float64(scale) * divisor
	for _, alpha := range []float64{math.Round(exact*64) / 64, float64(float32(exact))} {
		if (setting{rank, alpha}).scale(stabilised) == scale {
			return alpha
		}
	}
	return exact
}

// places lists what c adapts in a base of that many layers, in the order of Params.
func (c Config) places(layers int) []place {
	var list []place
	if len(c.Layers) > 0 {
		for _, i := range c.Layers {
			for _, m := range c.Targets {
				list = append(list, place{i, m})
			}
		}
		return list
	}
	for i := range layers {
		for _, m := range c.Targets {
			list = append(list, place{i, m})
		}
	}
	return list
}

// settings returns the rank and alpha of each place.
func (c Config) settings(places []place) ([]setting, error) {
	ranks, err := resolve(places, c.RankPattern, c.Rank)
	if err != nil {
		return nil, fmt.Errorf("rank pattern: %w", err)
	}
	alphas, err := resolve(places, c.AlphaPattern, float64(c.Alpha))
	if err != nil {
		return nil, fmt.Errorf("alpha pattern: %w", err)
	}
	list := make([]setting, len(places))
	for i := range list {
		list[i] = setting{ranks[i], alphas[i]}
	}
	return list, nil
}
