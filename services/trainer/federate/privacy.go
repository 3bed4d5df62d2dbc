package federate

import (
	"fmt"
	"math"
)

// Delta is the least delta for which the Gaussian mechanism is (epsilon, delta)-differentially
// private; noise is its standard deviation in units of the L2 sensitivity, more than 0. It is
// exact (Balle and Wang 2018, "Improving the Gaussian Mechanism for Differential Privacy",
// theorem 8): with s = 1/noise, phi(s/2 - epsilon/s) - exp(epsilon) phi(-s/2 - epsilon/s).
func Delta(noise, epsilon float64) float64 {
	s := 1 / noise
	return max(0, math.Exp(logPhi(s/2-epsilon/s))-math.Exp(epsilon+logPhi(-s/2-epsilon/s)))
}

// Epsilon is the least epsilon for a delta between 0 and 1. The noise, more than 0, is as in
// Delta. An error says which of them cannot be.
func Epsilon(noise, delta float64) (float64, error) {
	if !(noise > 0) || math.IsInf(noise, 1) {
		return 0, fmt.Errorf("the noise is %g, want more than 0", noise)
	}
	if !(delta > 0 && delta < 1) {
		return 0, fmt.Errorf("delta is %g, want more than 0 and less than 1", delta)
	}
	if Delta(noise, 0) <= delta {
		return 0, nil
	}
	low, high := 0.0, 1.0
	for Delta(noise, high) > delta {
		low, high = high, 2*high
	}
	for range 200 { // halving leaves nothing between two float64
		middle := low + (high-low)/2
		if Delta(noise, middle) > delta {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// logPhi is the logarithm of the standard normal distribution function. Far to the left,
// where the function itself is 0 in float64, it is the asymptotic series (Abramowitz and Stegun
// 26.2.12).
func logPhi(x float64) float64 {
	const far = -30
	if x > far {
		return math.Log(math.Erfc(-x/math.Sqrt2) / 2)
	}
	q := 1 / (x * x)
	return -x*x/2 - math.Log(-x) - math.Log(2*math.Pi)/2 + math.Log1p(-q+3*q*q-15*q*q*q)
}
