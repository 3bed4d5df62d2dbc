package miniwob

import "math"

// quantile is that of the normal distribution for a two-sided 95 % interval.
const quantile = 1.959963984540054

// Wilson is the 95 % interval of a probability that was met by some of n trials:
// (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) (Wilson 1927). It is 0 to 1
// without trials.
func Wilson(met, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	p, trials, z2 := float64(met)/float64(n), float64(n), quantile*quantile
	middle := (p + z2/(2*trials)) / (1 + z2/trials)
	half := quantile * math.Sqrt(p*(1-p)/trials+z2/(4*trials*trials)) / (1 + z2/trials)
	return max(0, middle-half), min(1, middle+half)
}
