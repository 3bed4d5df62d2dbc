package job

import (
	"encoding/json"
	"fmt"

	"github.com/grokputer/grokputer/services/trainer"
)

// line is what the child says: one of these is set.
type line struct {
	Planned      *trainer.Planned      `json:"planned,omitempty"`
	Progressed   *trainer.Progressed   `json:"progressed,omitempty"`
	Checkpointed *trainer.Checkpointed `json:"checkpointed,omitempty"`
	Trained      *trainer.Trained      `json:"trained,omitempty"`
	Failed       *failure              `json:"failed,omitempty"`
}

// order is what the parent says after the assignment.
type order struct {
	Rest bool `json:"rest"`
}

// failure is why the child gives up. Final says that no repetition mends it.
type failure struct {
	Reason string `json:"reason"`
	Final  bool   `json:"final"`
}

func lineOf(u trainer.Update) line {
	switch u := u.(type) {
	case trainer.Planned:
		return line{Planned: &u}
	case trainer.Progressed:
		return line{Progressed: &u}
	case trainer.Checkpointed:
		return line{Checkpointed: &u}
	default:
		return line{}
	}
}

// update is what a line tells of a training under way; nil for its end.
func (l line) update() trainer.Update {
	switch {
	case l.Planned != nil:
		return *l.Planned
	case l.Progressed != nil:
		return *l.Progressed
	case l.Checkpointed != nil:
		return *l.Checkpointed
	default:
		return nil
	}
}

func decode(body []byte) (line, error) {
	var l line
	if err := json.Unmarshal(body, &l); err != nil {
		return line{}, fmt.Errorf("the training process said something unreadable: %w", err)
	}
	return l, nil
}
