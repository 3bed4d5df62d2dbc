package figures

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/grokputer/grokputer/contracts"
)

// Stars counts ratings: how many have 1, 2, 3, 4 and 5 stars.
type Stars [contracts.MaxRating]int

// N is how many ratings there are.
func (s Stars) N() (n int) {
	for _, k := range s {
		n += k
	}
	return n
}

// moments are the sample's size, mean and variance of the mean (s^2/n).
func (s Stars) moments() (n, mean, variance float64) {
	sum, squares := 0.0, 0.0
	for i, k := range s {
		stars := float64(i + contracts.MinRating)
		n += float64(k)
		sum += stars * float64(k)
		squares += stars * stars * float64(k)
	}
	mean = sum / n
	return n, mean, max(0, squares-n*mean*mean) / (n - 1) / n
}

// padded has one rating of each end added. Without them ratings that agree would have no
// variance at all: three times 5 stars do not show that every session deserves them. Agresti
// and Caffo (2000, The American Statistician 54) add one success and one failure so.
func (s Stars) padded() Stars {
	s[0]++
	s[len(s)-1]++
	return s
}

// Mean is the mean of the ratings with Student's t interval of the padded ones.
func (s Stars) Mean() contracts.Estimate {
	if s.N() == 0 {
		return contracts.Estimate{}
	}
	n, mean, variance := s.padded().moments()
	half := t975(n-1) * math.Sqrt(variance)
	return contracts.Estimate{
		N: s.N(), Value: s.value(),
		Low: max(contracts.MinRating, mean-half), High: min(contracts.MaxRating, mean+half),
	}
}

func (s Stars) value() float64 {
	sum := 0
	for i, k := range s {
		sum += (i + contracts.MinRating) * k
	}
	return float64(sum) / float64(s.N())
}

// Gain is the mean of the ratings less that of others, with Welch's t interval (1947, Biometrika 34)
// of both padded; the degrees of freedom are Satterthwaite's.
func (s Stars) Gain(others Stars) contracts.Estimate {
	if s.N() == 0 || others.N() == 0 {
		return contracts.Estimate{}
	}
	n, mean, variance := s.padded().moments()
	m, otherMean, otherVariance := others.padded().moments()
	sum := variance + otherVariance
	freedom := sum * sum / (variance*variance/(n-1) + otherVariance*otherVariance/(m-1))
	half, d := t975(freedom)*math.Sqrt(sum), mean-otherMean
	const span = contracts.MaxRating - contracts.MinRating
	return contracts.Estimate{
		N: min(s.N(), others.N()), Value: s.value() - others.value(), Low: max(-span, d-half), High: min(span, d+half),
	}
}

// t975 is the quantile of 97.5 % of Student's distribution.
func t975(freedom float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom, Src: nil}.Quantile(0.975)
}
