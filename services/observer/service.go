package observer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// serviceVersion is the version of the service's endpoints.
const serviceVersion = "0.1.0"

// serve offers observer.look: an empty request is answered with a
// contracts.ObservationCaptured of this moment. It shows in `nats micro ls`.
func (w *watch) serve(ctx context.Context, conn *nats.Conn) (stop func() error, err error) {
	service, err := micro.AddService(conn, micro.Config{
		Name:        w.Name(),
		Version:     serviceVersion,
		Description: "The eyes: what is on the screen",
		Metadata:    map[string]string{"desktop": w.options.Desktop},
	})
	if err != nil {
		return nil, fmt.Errorf("offer the service %s: %w", w.Name(), err)
	}
	look := micro.HandlerFunc(func(r micro.Request) { w.look(ctx, r) })
	if err := service.AddGroup(w.Name()).AddEndpoint("look", look); err != nil {
		return nil, fmt.Errorf("offer %s.look: %w", w.Name(), errors.Join(err, service.Stop()))
	}
	return service.Stop, nil
}

// look answers one request on observer.look.
func (w *watch) look(ctx context.Context, r micro.Request) {
	request := contracts.ObservationRequested{ID: bus.NewID(), Desktop: w.options.Desktop}
	answer, err := w.observe(ctx, request)
	if err != nil {
		w.respond(r.Error("500", sentence(err), nil))
		return
	}
	body, err := json.Marshal(answer)
	if err != nil {
		w.respond(r.Error("500", err.Error(), nil))
		return
	}
	w.respond(r.Respond(body))
}

// respond notes an answer that could not be sent: the asker has its own time-out.
func (w *watch) respond(err error) {
	if err != nil {
		w.log.Warn("cannot answer on observer.look", "err", err)
	}
}
