package simulation

import (
	"math"
	"math/rand/v2"
)

// Stars is a distribution of ratings: the probabilities of 1 to 5 stars.
type Stars [5]float64

// Binary has ratings of 1 and 5 stars only, with a given mean from 1 to 5.
func Binary(mean float64) Stars {
	five := (mean - 1) / 4
	return Stars{1 - five, 0, 0, 0, five}
}

// U has most ratings at both ends: the weights 30, 10, 8, 12, 40, tilted exponentially
// to a given mean between 1 and 5.
func U(mean float64) Stars {
	weights := Stars{0.30, 0.10, 0.08, 0.12, 0.40}
	return family(mean, func(x float64) Stars {
		return normalised(func(stars float64) float64 { return weights[int(stars)-1] * math.Exp(x*stars) })
	})
}

// BellSD is the standard deviation of Bell, in stars.
const BellSD = 0.9

// Bell is a normal distribution on the five ratings, p(k) ~ exp(-w (k-x)^2), with x and
// w such that the mean is a given one, from 2 to 4.5, and the standard deviation BellSD: that
// of the ratings themselves, at each mean.
func Bell(mean float64) Stars {
	at := func(w float64) Stars {
		return family(mean, func(x float64) Stars {
			return normalised(func(stars float64) float64 { return math.Exp(-w * (stars - x) * (stars - x)) })
		})
	}
	return at(rising(0.05, 5, func(w float64) bool { return at(w).SD() < BellSD }))
}

// Mean is the expected number of stars.
func (s Stars) Mean() float64 {
	mean := 0.0
	for i, p := range s {
		mean += p * float64(i+1)
	}
	return mean
}

// SD is the standard deviation in stars.
func (s Stars) SD() float64 {
	mean, square := s.Mean(), 0.0
	for i, p := range s {
		square += p * (float64(i+1) - mean) * (float64(i+1) - mean)
	}
	return math.Sqrt(square)
}

// draw returns 1 to 5.
func (s Stars) draw(r *rand.Rand) int {
	u := r.Float64()
	for i, p := range s[:len(s)-1] {
		if u < p {
			return i + 1
		}
		u -= p
	}
	return len(s)
}

// family returns the member with a mean, of a family whose means rise with x.
func family(mean float64, member func(x float64) Stars) Stars {
	return member(rising(-30, 30, func(x float64) bool { return member(x).Mean() > mean }))
}

// rising returns by bisection where something that is false becomes true.
func rising(low, high float64, is func(x float64) bool) float64 {
	for range 60 {
		if mid := (low + high) / 2; is(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return (low + high) / 2
}

// normalised makes a distribution of weights.
func normalised(weight func(stars float64) float64) Stars {
	var s Stars
	sum := 0.0
	for i := range s {
		s[i] = weight(float64(i + 1))
		sum += s[i]
	}
	for i := range s {
		s[i] /= sum
	}
	return s
}
