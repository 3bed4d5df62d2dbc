package observer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// running is a unit that serves a simulated desktop.
type running struct {
	bus     *bus.Bus
	blobs   *blob.Store
	desktop *sim.Desktop
}

func run(t *testing.T) running {
	t.Helper()
	return runWith(t, observer.Options{})
}

func runWith(t *testing.T, o observer.Options) running {
	t.Helper()
	c := dialog("one")
	r := running{bus: kittest.NATS(t), blobs: kittest.Blobs(t), desktop: sim.NewDesktop(c.RGBA, whole(c))}
	u, err := observer.NewUnit(observer.NewEyes(r.desktop, r.desktop, layout.New(), sim.Reader{}), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		err := u.Run(ctx, unit.Env{
			Bus: r.bus, Blobs: r.blobs, Log: slog.New(slog.DiscardHandler), Ready: func() { close(ready) },
		})
		if err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	select {
	case <-ready:
	case <-ended:
		t.FailNow()
	}
	return r
}

// ask sends a request and waits for its answer.
func (r running) ask(t *testing.T, request contracts.ObservationRequested) contracts.ObservationCaptured {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.bus.Publish(ctx, contracts.SubjectObservationRequested(request.Desktop), request); err != nil {
		t.Fatal(err)
	}
	var answer contracts.ObservationCaptured
	filter := []string{contracts.SubjectObservationCaptured(request.Desktop)}
	err := r.bus.Watch(ctx, contracts.StreamObservations, filter, bus.FromStart(), func(m bus.Message) error {
		var err error
		if answer, err = bus.Decode[contracts.ObservationCaptured](m); err != nil {
			return err
		}
		if answer.RequestID != request.ID {
			return nil
		}
		return bus.ErrStop
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func dialogScreen() screen.Screen {
	return screen.Screen{Title: "Dialog", Elements: []screen.Element{
		{Kind: screen.Text, Text: "Name:", Box: screen.Box{X: 20, Y: 29, W: 33, H: 10}, Confidence: 1},
		{Kind: screen.Field, Text: "one", Box: screen.Box{X: 80, Y: 20, W: 220, H: 30}, Confidence: 1, Caption: "Name:"},
		{Kind: screen.Button, Text: "Save", Box: screen.Box{X: 80, Y: 80, W: 80, H: 34}, Confidence: 1},
	}}
}

func TestUnitAnswers(t *testing.T) {
	t.Parallel()
	r := run(t)
	answer := r.ask(t, contracts.ObservationRequested{ID: "r1", Desktop: "main", TaskID: "t1", StillMS: 50, TimeoutMS: 2000})
	if answer.Error != "" || answer.TaskID != "t1" || answer.Desktop != "main" || answer.Windows != 1 || len(answer.Moving) > 0 {
		t.Fatalf("got %+v", answer)
	}
	if diff := cmp.Diff(dialogScreen(), answer.Screen); diff != "" {
		t.Errorf("screen differs (- want, + got):\n%s", diff)
	}
	f := answer.Frame
	if f.Width != 400 || f.Height != 200 || f.Scale != 1 || f.Time.IsZero() {
		t.Errorf("got the frame %+v", f)
	}
	data, err := r.blobs.Get(t.Context(), f.Image)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if picture.Bounds() != dialog("one").Rect {
		t.Errorf("the stored picture has %v", picture.Bounds())
	}
}

func TestUnitAnswersWhenItCannotSee(t *testing.T) {
	t.Parallel()
	r := run(t)
	answer := r.ask(t, contracts.ObservationRequested{ID: "r1", Desktop: "attic"})
	if !strings.Contains(answer.Error, `"attic"`) {
		t.Errorf("got the error %q for another desktop", answer.Error)
	}
	r.desktop.Fail(fmt.Errorf("%w: unplugged", observer.ErrNoScreen))
	answer = r.ask(t, contracts.ObservationRequested{ID: "r2", Desktop: "main"})
	if !strings.Contains(answer.Error, "The screen cannot be seen") || !strings.Contains(answer.Error, "unplugged") {
		t.Errorf("got the error %q without a screen", answer.Error)
	}
	r.desktop.Fail(nil)
	if answer = r.ask(t, contracts.ObservationRequested{ID: "r3", Desktop: "main"}); answer.Error != "" {
		t.Errorf("got the error %q with a screen again", answer.Error)
	}
}

func TestUnitRefusesNonsense(t *testing.T) {
	t.Parallel()
	r := run(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	bodies := []string{`{"id": 7}`, `{"id": "a.b", "desktop": "main"}`, `{"id": "a", "desktop": "*"}`}
	for _, body := range bodies {
		if err := r.bus.Publish(ctx, contracts.SubjectObservationRequested("main"), json.RawMessage(body)); err != nil {
			t.Fatal(err)
		}
	}
	dead := 0
	filter := []string{contracts.SubjectDeadLetter(contracts.StreamObservations, contracts.DurableObserverRequests)}
	err := r.bus.Watch(ctx, contracts.StreamDeadLetters, filter, bus.FromStart(), func(bus.Message) error {
		if dead++; dead < len(bodies) {
			return nil
		}
		return bus.ErrStop
	})
	if err != nil {
		t.Fatalf("%d dead letters of %d: %v", dead, len(bodies), err)
	}
	if answer := r.ask(t, contracts.ObservationRequested{ID: "r1", Desktop: "main"}); answer.Error != "" {
		t.Errorf("got the error %q after nonsense", answer.Error)
	}
}

func TestService(t *testing.T) {
	t.Parallel()
	r := run(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	reply, err := r.bus.Conn().RequestWithContext(ctx, "observer.look", nil)
	if err != nil {
		t.Fatal(err)
	}
	var answer contracts.ObservationCaptured
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dialogScreen(), answer.Screen); diff != "" {
		t.Errorf("screen differs (- want, + got):\n%s", diff)
	}
	r.desktop.Fail(observer.ErrNoScreen)
	if reply, err = r.bus.Conn().RequestWithContext(ctx, "observer.look", nil); err != nil {
		t.Fatal(err)
	}
	if reply.Header.Get(micro.ErrorHeader) == "" {
		t.Errorf("got no error without a screen, but %q", reply.Data)
	}
	// What `nats micro ls` asks.
	if reply, err = r.bus.Conn().RequestWithContext(ctx, "$SRV.PING.observer", nil); err != nil {
		t.Fatal(err)
	}
	var ping micro.Ping
	if err := json.Unmarshal(reply.Data, &ping); err != nil || ping.Name != "observer" {
		t.Errorf("got %s, %v", reply.Data, err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]observer.Options{
		"":                  {},
		`desktop "a b"`:     {Desktop: "a b"},
		"storage.max_gb -1": {MaxGB: -1},
	} {
		err := o.Validate()
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && !strings.Contains(got, want) {
			t.Errorf("got %q for %+v, want %q", got, o, want)
		}
	}
}
