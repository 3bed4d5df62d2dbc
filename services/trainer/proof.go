package trainer

import (
	"context"
	"slices"

	"github.com/grokputer/grokputer/contracts"
)

// unproven is why the gate could only reject what a training made now, empty if it might not. It
// goes by corrected steps, whatever the method: right steps alone, or right and wrong ones, may
// teach, and nothing shows what. What the champion has learned from it says already. Where there
// are enough corrections to hold some out, these may show something.
func (s *service) unproven(ctx context.Context, status contracts.TrainingStatus) string {
	ratings, _ := s.ledger.ratings()
	corrected := slices.DeleteFunc(ratings, func(e entry) bool { return e.Corrected == 0 })
	through := uint64(0)
	if job := s.current.lastOf(status.Role); job != nil {
		through = job.Through
	}
	if status.Lessons >= s.config.Gate.Enough || slices.ContainsFunc(corrected, func(e entry) bool { return e.sequence > through }) {
		return ""
	}
	if len(corrected) > 0 { // by an earlier training, of which perhaps nothing came
		champion, err := s.champion(ctx, status.Role)
		if err != nil {
			s.log.Warn("what the version in use has learned from is not known", "err", err)
			return ""
		}
		if champion == nil || slices.ContainsFunc(corrected, func(e entry) bool { return !slices.Contains(champion.Sessions, e.SessionID) }) {
			return ""
		}
	}
	return "but none of them says what would have been right: no version could be shown to be better" + toCorrect(status.Uncorrected)
}
