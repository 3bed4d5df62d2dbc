package generate

import "math"

// negligible is how far below the greatest a logit adds nothing to a sum of
// probabilities that anyone would notice: e^-40 is 4e-18.
const negligible = 40

// expSteps is how many steps of the second table make one of the first.
const expSteps = 64

// expTable holds e^-i and e^(-i/expSteps).
var expTable = func() (t struct {
	whole [negligible + 1]float64
	part  [expSteps]float64
},
) {
	for i := range t.whole {
		t.whole[i] = math.Exp(-float64(i))
	}
	for i := range t.part {
		t.part[i] = math.Exp(-float64(i) / expSteps)
	}
	return t
}()

// sumExp returns the sum of exp(logit - top), top being the greatest, within a
// relative error of 1e-8: a wide choice has tens of thousands of them. e^x is looked
// up for -x in steps of 1/64, and for the rest r its series up to r³/6, the next term
// being below 2.5e-9.
func sumExp(logits []float32, top float32) float64 {
	sum := 0.0
	for _, l := range logits {
		x := float64(l - top)
		if !(x > -negligible) {
			continue
		}
		i := int(x * -expSteps)
		r := x + float64(i)*(1.0/expSteps)
		sum += expTable.whole[i/expSteps] * expTable.part[i%expSteps] * (1 + r*(1+r*(0.5+r*(1.0/6))))
	}
	return sum
}
