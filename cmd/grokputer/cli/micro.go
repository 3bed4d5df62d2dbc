package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// answerTimeout is how long a micro service may take. Promoting waits for the bus to store it.
const answerTimeout = 10 * time.Second

// answerError is an error that a micro service answered with, in its words.
type answerError struct{ code, text string }

// Error implements error.
func (e *answerError) Error() string { return screen.Line(e.text) }

// isAnswer reports whether a micro service answered with that error code.
func isAnswer(err error, code string) bool {
	var answered *answerError
	return errors.As(err, &answered) && answered.code == code
}

// ask sends a request to a micro service, named for the person, and decodes its answer.
func ask[T any](ctx context.Context, b *bus.Bus, service, subject string, question any) (T, error) {
	var answer T
	body, err := json.Marshal(question)
	if err != nil {
		return answer, fmt.Errorf("ask the %s: %w", service, err)
	}
	waiting, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	reply, err := b.Conn().RequestWithContext(waiting, subject, body)
	switch {
	case ctx.Err() != nil:
		return answer, context.Cause(ctx)
	case errors.Is(err, nats.ErrNoResponders):
		return answer, fmt.Errorf("no %s answers: start one, for example with `grokputer up`", service)
	case errors.Is(err, context.DeadlineExceeded):
		return answer, fmt.Errorf("the %s did not answer within %v: try again, and look at its log", service, answerTimeout)
	case err != nil:
		return answer, fmt.Errorf("ask the %s: %w", service, err)
	}
	if code := reply.Header.Get(micro.ErrorCodeHeader); code != "" {
		return answer, &answerError{code: code, text: reply.Header.Get(micro.ErrorHeader)}
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return answer, fmt.Errorf("read the answer of the %s: %w", service, err)
	}
	return answer, nil
}

// askRegistry asks the registry about adapters: the planner's unless the query says otherwise.
func askRegistry[T any](ctx context.Context, b *bus.Bus, subject string, query contracts.AdapterQuery) (T, error) {
	return ask[T](ctx, b, "registry", subject, query)
}

// askTrainer asks the trainer about trainings of a role.
func askTrainer(ctx context.Context, b *bus.Bus, role ofRole, subject string) (contracts.TrainingStatus, error) {
	return ask[contracts.TrainingStatus](ctx, b, "trainer", subject, contracts.TrainingQuery{Role: role.Role})
}
