package train

import (
	"fmt"
	"math"
)

// DPO is how pairs are learnt: direct preference optimisation (Rafailov et al.
// 2023). With r the log ratio of a completion, the log of its probability under the
// adapter less that under the reference, summed over its tokens, and h = r(chosen) -
// r(rejected), the loss of a pair is
//
//	-log sigmoid(Beta*h)
//
// and the mean is taken over the pairs. Defaults and variants are those of TRL 1.16.
type DPO struct {
	// Beta holds the adapter to the reference; more means less change.
	Beta float64 `json:"beta"`
	// LabelSmoothing, below 1/2, is the probability e that a pair is the wrong way
	// round (robust DPO, Chowdhury et al. 2024; TRL's "robust"); the loss is then
	// (-(1-e)*log sigmoid(Beta*h) + e*log sigmoid(-Beta*h)) / (1-2e).
	LabelSmoothing float64 `json:"label_smoothing"`
	// Average has r divided by the number of the completion's tokens (TRL's
	// "sigmoid_norm"; Meng et al. 2024, SimPO).
	Average bool `json:"average"`
	// Weight is that of pairs beside other examples in one run.
	Weight float64 `json:"weight"`
}

// KTO is how rated completions are learnt: Kahneman-Tversky optimisation
// (Ethayarajh et al. 2024, equation 7). With r as in DPO, the loss is
//
//	Desirable   * (1 - sigmoid(Beta*(r-z)))    of a desirable completion
//	Undesirable * (1 - sigmoid(Beta*(z-r)))    of another
//
// and the mean is taken over the completions. z is the mean of r over the step's
// prompts, each with the completion of the one before it, and at least 0; no
// gradient flows through it. Of a single completion z is 0: there is none to go
// with. Defaults are TRL's; its batch is our step.
type KTO struct {
	Beta        float64 `json:"beta"`
	Desirable   float64 `json:"desirable"`
	Undesirable float64 `json:"undesirable"`
	// APO leaves z at 0 and saves a pass: APO-zero without pairs (D'Oosterlinck
	// et al. 2024; TRL's "apo_zero_unpaired").
	APO bool `json:"apo"`
	// Weight is that of rated completions beside other examples in one run.
	Weight float64 `json:"weight"`
}

// loss returns the loss of a pair and its derivative by h.
func (o DPO) loss(h float64) (loss, slope float64) {
	e, x := o.LabelSmoothing, o.Beta*h
	loss = (1-e)*softplus(-x) - e*softplus(x)
	slope = -o.Beta * ((1-e)*sigmoid(-x) + e*sigmoid(x))
	return loss / (1 - 2*e), slope / (1 - 2*e)
}

// loss returns the loss of a completion with log ratio r, and its derivative by r.
func (o KTO) loss(r, z float64, desirable bool) (loss, slope float64) {
	weight, sign := o.Undesirable, -1.0
	if desirable {
		weight, sign = o.Desirable, 1
	}
	bad := sigmoid(-sign * o.Beta * (r - z))
	return weight * bad, -sign * weight * o.Beta * bad * (1 - bad)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus is log(1 + e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func (o DPO) validate() error {
	if !(o.LabelSmoothing >= 0 && o.LabelSmoothing < 0.5) {
		return fmt.Errorf("%w: DPO.LabelSmoothing is %v, want [0, 0.5)", ErrInvalid, o.LabelSmoothing)
	}
	return positive([]field{{"DPO.Beta", o.Beta}, {"DPO.Weight", o.Weight}})
}

func (o KTO) validate() error {
	return positive([]field{
		{"KTO.Beta", o.Beta}, {"KTO.Desirable", o.Desirable}, {"KTO.Undesirable", o.Undesirable}, {"KTO.Weight", o.Weight},
	})
}

type field struct {
	name  string
	value float64
}

func positive(fields []field) error {
	for _, f := range fields {
		if !(f.value > 0) || math.IsInf(f.value, 0) {
			return fmt.Errorf("%w: %s is %v, want more than 0", ErrInvalid, f.name, f.value)
		}
	}
	return nil
}
