package simulation

import (
	"math"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// ZTest is the rule that must not be used: the two-sided z-test of the difference in mean stars at
// 5 %, looked at after every session with two or more ratings in each arm. It shows what looking costs, and that
// the simulation sees it.
type ZTest struct {
	share   float64
	n       [2]float64
	sum     [2]float64
	squares [2]float64
	outcome experiment.Outcome
}

// NewZTest returns the rule with a challenger's share that stays.
func NewZTest(share float64) *ZTest { return &ZTest{share: share, outcome: experiment.Hold} }

// Success is not looked at.
func (*ZTest) Success(experiment.Arm, float64, bool) {}

// Stars takes a rating.
func (z *ZTest) Stars(arm experiment.Arm, _ float64, stars int) {
	i := 0
	if arm == experiment.Challenger {
		i = 1
	}
	y := float64(stars)
	z.n[i]++
	z.sum[i] += y
	z.squares[i] += y * y
	if z.n[0] < 2 || z.n[1] < 2 {
		return
	}
	difference := z.sum[1]/z.n[1] - z.sum[0]/z.n[0]
	variance := z.variance(0)/z.n[0] + z.variance(1)/z.n[1]
	switch limit := 1.96 * math.Sqrt(variance); {
	case variance <= 0:
	case difference > limit:
		z.outcome = experiment.Promote
	case difference < -limit:
		z.outcome = experiment.Rollback
	}
}

// variance is the unbiased estimate for one rating of an arm.
func (z *ZTest) variance(i int) float64 {
	return (z.squares[i] - z.sum[i]*z.sum[i]/z.n[i]) / (z.n[i] - 1)
}

// Share implements Rule.
func (z *ZTest) Share() float64 { return z.share }

// Outcome implements Rule.
func (z *ZTest) Outcome() experiment.Outcome { return z.outcome }
