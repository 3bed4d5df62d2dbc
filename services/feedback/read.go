package feedback

import (
	"context"

	"github.com/grokputer/grokputer/contracts"
)

// List implements Desk.
func (s *Service) List(ctx context.Context, f Filter) ([]Summary, error) {
	s.fresh(ctx)
	return s.store.List(ctx, f)
}

// Session implements Desk.
func (s *Service) Session(ctx context.Context, id string) (Session, error) {
	s.fresh(ctx)
	r, steps, err := s.find(ctx, id)
	if err != nil {
		return Session{}, err
	}
	return Session{Summary: r.Summary, Steps: steps, LastFrame: r.LastFrame}, nil
}

// Ended is how many sessions have ended, by how.
func (s *Service) Ended(ctx context.Context) (map[contracts.Verb]int, error) {
	return s.store.Ended(ctx)
}

// Standing is Stats without asking the trainer.
func (s *Service) Standing(ctx context.Context) (Stats, error) {
	stats := Stats{Issues: map[contracts.Issue]int{}}
	for _, issue := range contracts.Issues() {
		stats.Issues[issue] = 0
	}
	ended, err := s.store.Ended(ctx)
	if err != nil {
		return Stats{}, err
	}
	for _, n := range ended {
		stats.Sessions += n
	}
	if stats.Rated, err = s.store.RatedCount(ctx); err != nil {
		return Stats{}, err
	}
	window, err := s.store.Rated(ctx, s.options.Window)
	if err != nil {
		return Stats{}, err
	}
	sum := 0
	for _, session := range window {
		r := session.Rating
		stats.Window++
		sum += r.Stars
		stats.Stars[r.Stars-contracts.MinRating]++
		if r.Stars <= contracts.LowRating {
			stats.Failures++
		}
		for _, issue := range r.Issues {
			stats.Issues[issue]++
		}
	}
	if stats.Window > 0 {
		stats.Average = float64(sum) / float64(stats.Window)
	}
	return stats, nil
}

// Stats implements Desk.
func (s *Service) Stats(ctx context.Context) (Stats, error) {
	s.fresh(ctx)
	stats, err := s.Standing(ctx)
	if err != nil {
		return Stats{}, err
	}
	training, err := ask[contracts.TrainingStatus](ctx, s.bus, contracts.SubjectTrainerStatus, nil)
	if err != nil {
		stats.TrainingError = err.Error()
		return stats, nil //nolint:nilerr // it is told
	}
	stats.Training = &training
	return stats, nil
}
