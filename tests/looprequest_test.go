package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// request asks a service until it answers: one that was killed does not. The error of an answer
// begins with its code.
func request[T any](l *loop, subject string, question any) (answer T, err error) {
	body := []byte{}
	if question != nil {
		if body, err = json.Marshal(question); err != nil {
			return answer, err
		}
	}
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for {
		ctx, cancel := context.WithTimeout(l.ctx, 2*time.Second)
		reply, err := l.bus.Conn().RequestWithContext(ctx, subject, body)
		cancel()
		if err == nil {
			switch code := reply.Header.Get("Nats-Service-Error-Code"); code {
			case "":
				err = json.Unmarshal(reply.Data, &answer)
				return answer, err
			case contracts.MicroUnavailable, contracts.MicroInternal: // it may be able to later
				err = errors.New(reply.Header.Get("Nats-Service-Error"))
			default:
				return answer, errors.New(code + " " + reply.Header.Get("Nats-Service-Error"))
			}
		}
		select {
		case <-l.ctx.Done():
			return answer, fmt.Errorf("ask %s: %w", subject, errors.Join(err, context.Cause(l.ctx)))
		case <-pace.C:
		}
	}
}
