package eyes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/eyes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second // far more than any of these tests takes

// observer answers every request with what captured returns, until the test ends.
func observer(t *testing.T, b *bus.Bus, captured func(contracts.ObservationRequested) []contracts.ObservationCaptured) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- b.Watch(ctx, contracts.StreamObservations, []string{contracts.SubjectObservationRequested("*")}, bus.FromStart(),
			func(m bus.Message) error {
				request, err := bus.Decode[contracts.ObservationRequested](m)
				if err != nil {
					return err
				}
				for _, answer := range captured(request) {
					if err := b.Publish(ctx, contracts.SubjectObservationCaptured(request.Desktop), answer); err != nil {
						return err
					}
				}
				return nil
			})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the observer ended with %v", err)
		}
	})
}

func TestLook(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	asked := make(chan contracts.ObservationRequested, 1)
	observer(t, b, func(r contracts.ObservationRequested) []contracts.ObservationCaptured {
		asked <- r
		return []contracts.ObservationCaptured{
			{RequestID: "another", Desktop: r.Desktop, Screen: screen.Screen{Title: "wrong"}},
			{RequestID: r.ID, Desktop: r.Desktop, Screen: screen.Screen{Title: "right"}, Frame: contracts.Frame{Width: 7}},
		}
	})
	view, err := eyes.New(b, "main", patience).Look(t.Context(), actor.Look{TaskID: "t1", Still: 400 * time.Millisecond, Most: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if view.Screen.Title != "right" || view.Frame.Width != 7 {
		t.Errorf("saw %+v", view)
	}
	r := <-asked
	if r.Desktop != "main" || r.TaskID != "t1" || r.StillMS != 400 || r.TimeoutMS != 5000 || r.ID == "" {
		t.Errorf("asked for %+v", r)
	}
}

func TestLookFails(t *testing.T) {
	t.Parallel()
	t.Run("the observer says why", func(t *testing.T) {
		t.Parallel()
		b := kittest.NATS(t)
		observer(t, b, func(r contracts.ObservationRequested) []contracts.ObservationCaptured {
			return []contracts.ObservationCaptured{{RequestID: r.ID, Desktop: r.Desktop, Error: "there is no display"}}
		})
		_, err := eyes.New(b, "main", patience).Look(t.Context(), actor.Look{})
		if !errors.Is(err, actor.ErrBlind) || !strings.Contains(err.Error(), "there is no display") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no observer", func(t *testing.T) {
		t.Parallel()
		_, err := eyes.New(kittest.NATS(t), "main", 50*time.Millisecond).Look(t.Context(), actor.Look{})
		if !errors.Is(err, actor.ErrBlind) || !strings.Contains(err.Error(), "did not answer within 50ms") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		b := kittest.NATS(t)
		ctx, cancel := context.WithCancel(t.Context())
		observer(t, b, func(contracts.ObservationRequested) []contracts.ObservationCaptured {
			cancel()
			return nil
		})
		_, err := eyes.New(b, "main", patience).Look(ctx, actor.Look{})
		if !errors.Is(err, context.Canceled) || errors.Is(err, actor.ErrBlind) {
			t.Errorf("got %v", err)
		}
	})
}
