package feedback

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

const (
	// stopTimeout is how long the first actor may take to say that it stopped.
	stopTimeout = 2 * time.Second
	// stopQuiet is how long others may take after it.
	stopQuiet = 300 * time.Millisecond
)

// Stop implements Desk. It asks the actors without a look at the projection: that
// may be behind.
func (s *Service) Stop(ctx context.Context, reason string) ([]contracts.StopAck, error) {
	answers, err := s.bus.Gather(ctx, contracts.SubjectControlStop(), contracts.ControlStop{Reason: reason}, stopTimeout, stopQuiet)
	if err != nil {
		return nil, fmt.Errorf("%w: no actor says that it has stopped: if input goes on, end it with Ctrl-C where `grokputer up` runs: %w", ErrUnavailable, err)
	}
	acks := make([]contracts.StopAck, len(answers))
	for i, answer := range answers {
		if err := json.Unmarshal(answer.Data, &acks[i]); err != nil {
			return nil, fmt.Errorf("read an actor's answer: %w", err)
		}
	}
	return acks, nil
}
