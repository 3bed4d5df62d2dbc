package trainer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
)

// askTimeout bounds the wait for a micro service's answer.
const askTimeout = 3 * time.Second

// Headers of a micro service's error (nats.go, package micro).
const (
	headerError     = micro.ErrorHeader
	headerErrorCode = micro.ErrorCodeHeader
)

// answerError is an error that a micro service answered with.
type answerError struct{ code, text string }

func (e *answerError) Error() string { return e.text + " (" + e.code + ")" }

// errCancelled is the cause of a job's context that a person ended.
var errCancelled = errors.New("cancelled by a person")

// answer offers the trainer as a NATS micro service.
func (s *service) answer(ctx context.Context) (micro.Service, error) {
	service, err := micro.AddService(s.bus.Conn(), micro.Config{
		Name: "trainer", Version: s.config.Version, Description: "Trains adapters on rated sessions",
	})
	if err != nil {
		return nil, fmt.Errorf("offer the micro service: %w", err)
	}
	for name, endpoint := range map[string]struct {
		subject string
		handle  func(micro.Request)
	}{
		"status":  {contracts.SubjectTrainerStatus, func(r micro.Request) { s.respondStatus(ctx, r) }},
		"dataset": {contracts.SubjectTrainerDataset, func(r micro.Request) { s.respondDataset(ctx, r) }},
		"explain": {contracts.SubjectTrainerExplain, func(r micro.Request) { s.respondExplained(ctx, r) }},
		"cancel": {contracts.SubjectTrainerCancel, func(r micro.Request) {
			if !s.current.stop(errCancelled) {
				if err := r.Error(contracts.MicroConflict, "no training runs", nil); err != nil {
					s.log.Warn("a request was not answered", "err", err)
				}
				return
			}
			s.respondStatus(ctx, r)
		}},
	} {
		if err := service.AddEndpoint(name, micro.HandlerFunc(endpoint.handle), micro.WithEndpointSubject(endpoint.subject)); err != nil {
			return nil, errors.Join(fmt.Errorf("offer the micro service: %w", err), service.Stop())
		}
	}
	context.AfterFunc(ctx, func() { _ = service.Stop() })
	return service, nil
}

func (s *service) respondStatus(ctx context.Context, r micro.Request) {
	role, err := roleAsked(r.Data())
	if err != nil {
		if err := r.Error(contracts.MicroBadRequest, err.Error(), nil); err != nil {
			s.log.Warn("a request was not answered", "err", err)
		}
		return
	}
	status, _ := s.judge(ctx, role)
	if running := s.current.running(); running != nil {
		status.Due, status.Why = false, fmt.Sprintf("%s is being trained (%s): %s", running.Version, running.Phase, running.Why)
		status.Held, status.Until = s.current.rests(), time.Time{}
	}
	ratings, _ := s.ledger.ratings()
	status.Weeks, status.Unread = s.faults.weeks(ratings, time.Now())
	if err := r.RespondJSON(status); err != nil {
		s.log.Warn("a request was not answered", "err", err)
	}
}
