package trainer

import (
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// maxNamed is how many sessions a status names.
const maxNamed = 20

// judge says whether a training is due by the ratings, of which the last job
// knew those up to the sequence through.
func (r Rules) judge(ratings []entry, through uint64) contracts.TrainingStatus {
	var s contracts.TrainingStatus
	sum, good, corrected := 0, 0, 0
	for i, e := range ratings {
		s.Lessons += e.Corrected
		if i >= len(ratings)-r.Window {
			s.Window++
			sum += e.Rating
		}
		if e.sequence <= through {
			continue
		}
		s.Rated++
		corrected += e.Corrected
		if e.Rating >= contracts.GoodRating && e.Steps > 0 {
			good++
		}
		if e.Rating <= contracts.LowRating {
			s.Failures++
			if e.Corrected == 0 && e.Steps > 0 {
				s.Uncorrected = append(s.Uncorrected, e.SessionID)
			}
		}
	}
	if s.Window > 0 {
		s.Average = float64(sum) / float64(s.Window)
	}
	s.Uncorrected = s.Uncorrected[max(0, len(s.Uncorrected)-maxNamed):]
	s.Due, s.Trigger, s.Why = r.decide(s)
	if s.Due && corrected == 0 && good == 0 {
		s.Due = false
		s.Why += ", but nothing teaches: no step of the new sessions is corrected and none was rated well" + toCorrect(s.Uncorrected)
	}
	return s
}

// decide applies the two rules to the counters.
func (r Rules) decide(s contracts.TrainingStatus) (due bool, trigger contracts.Trigger, why string) {
	low := s.Window > 0 && s.Average < r.Below
	average := fmt.Sprintf("the average of the last %s is %.2f stars", plural(s.Window, "rated session"), s.Average)
	switch {
	case s.Rated == 0:
		return false, "", "no session was rated since the last training"
	case s.Rated >= r.Volume:
		return true, contracts.TriggerVolume, fmt.Sprintf("%s were rated since the last training", plural(s.Rated, "session"))
	case low && s.Failures >= r.Failures:
		return true, contracts.TriggerQuality, fmt.Sprintf("%s, below %.2f, and %s since the last training had %d stars or less",
			average, r.Below, plural(s.Failures, "session"), contracts.LowRating)
	case low:
		return false, "", fmt.Sprintf("%s, below %.2f, but only %d of the %s that it takes had %d stars or less since the last training",
			average, r.Below, s.Failures, plural(r.Failures, "session"), contracts.LowRating)
	default:
		return false, "", fmt.Sprintf("%s, which is not below %.2f, and %d of %d sessions were rated since the last training",
			average, r.Below, s.Rated, r.Volume)
	}
}

// maxTold is how many sessions a sentence names.
const maxTold = 5

// toCorrect says which sessions would give something to learn.
func toCorrect(sessions []string) string {
	if len(sessions) == 0 {
		return ""
	}
	newest := sessions[max(0, len(sessions)-maxTold):]
	others := ""
	if n := len(sessions) - len(newest); n > 0 {
		others = " or " + plural(n, "other")
	}
	return "; say what would have been right in " + strings.Join(newest, ", ") + others + " (grokputer rate SESSION)"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
