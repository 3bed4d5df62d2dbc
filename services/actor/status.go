package actor

import (
	"fmt"

	"github.com/nats-io/nats.go/micro"
)

// StatusSubject answers requests with a Status.
const StatusSubject = "actor.status"

// Status is what the actor is doing.
type Status struct {
	Desktop string `json:"desktop"`
	Planner string `json:"planner"`
	Model   string `json:"model,omitempty"`
	Adapter string `json:"adapter,omitempty"`
	// TaskID is the task that has the desktop, empty when none has.
	TaskID string `json:"task_id,omitempty"`
	// Waiting is how many tasks wait for their turn.
	Waiting int `json:"waiting"`
}

// answerStatus offers the actor as a NATS micro service.
func (s *service) answerStatus() (micro.Service, error) {
	service, err := micro.AddService(s.bus.Conn(), micro.Config{
		Name:        "actor",
		Version:     s.config.Version,
		Description: "Carries out tasks on the desktop " + s.config.Desktop,
		Metadata:    map[string]string{"desktop": s.config.Desktop},
	})
	if err != nil {
		return nil, fmt.Errorf("offer the micro service: %w", err)
	}
	err = service.AddEndpoint("status", micro.HandlerFunc(func(r micro.Request) {
		if err := r.RespondJSON(s.status()); err != nil {
			s.log.Warn("a request for the status was not answered", "err", err)
		}
	}), micro.WithEndpointSubject(StatusSubject))
	if err != nil {
		return nil, fmt.Errorf("offer the micro service: %w", err)
	}
	return service, nil
}

func (s *service) status() Status {
	who := s.ports.Planner.Identity()
	status := Status{
		Desktop: s.config.Desktop, Planner: who.Planner, Model: who.Model, Adapter: who.Adapter,
		TaskID: s.current.task(), Waiting: s.queue.len(),
	}
	if status.TaskID != "" {
		status.Waiting = max(0, status.Waiting-1)
	}
	return status
}
