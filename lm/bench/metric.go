package bench

import "slices"

// Metric is the name of a measured number; it ends with the unit.
type Metric string

// The numbers.
const (
	TrainSpeed   Metric = "train_tok_s"        // prompt and completion tokens, over whole optimiser steps
	TrainMemory  Metric = "train_peak_rss_mb"  // greatest resident memory of the training process, 10^6 bytes
	PrefillSpeed Metric = "prefill_tok_s"      // prompt tokens
	DecodeSpeed  Metric = "decode_tok_s"       // without an adapter
	AdaptedSpeed Metric = "decode_lora_tok_s"  // with a rank-16 adapter on all linear layers
	AdapterCost  Metric = "adapter_cost_pct"   // how much longer a token takes with it
	StepTime     Metric = "step_ms"            // grammar, prompt and action
	SwapWarm     Metric = "swap_warm_ms"       //nolint:gosec // no secret: adapter in memory; a difference, so noise can make it negative
	SwapCold     Metric = "swap_cold_ms"       // adapter on disk, in the page cache
	LoadTime     Metric = "load_ms"            // open the model
	FirstTime    Metric = "first_token_ms"     // open the model, short prompt, one token
	TrainingPeak Metric = "train_phase_rss_mb" // as TrainMemory, without what loading the model took
)

// Metrics returns the numbers of a measurement.
func (k Kind) Metrics() []Metric {
	switch k {
	case Train:
		return []Metric{TrainSpeed, TrainMemory, TrainingPeak}
	case Prefill:
		return []Metric{PrefillSpeed}
	case Decode:
		return []Metric{DecodeSpeed, AdaptedSpeed, AdapterCost}
	case Step:
		return []Metric{StepTime}
	case Swap:
		return []Metric{SwapWarm, SwapCold}
	case First:
		return []Metric{LoadTime, FirstTime}
	}
	return nil
}

// Spread sums up the values of several rounds.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// SpreadOf returns the spread of at least one value. Of an even number the median
// is the mean of the middle two.
func SpreadOf(values ...float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return Spread{}
	}
	return Spread{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Least: sorted[0], Most: sorted[n-1]}
}

// median returns the middle of at least one value.
func median(values []float64) float64 { return SpreadOf(values...).Median }
