package observer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/unit"
)

const (
	// lookTimeout bounds one look, after the screen has settled.
	lookTimeout = 15 * time.Second
	// settleTimeout bounds the wait for a still screen when the request does not.
	settleTimeout = 5 * time.Second
	// stale is the age at which no one waits for an answer any more.
	stale = 2 * time.Minute
	// maxElements keeps an event below contracts.MaxEventBytes.
	maxElements = 1000
)

// Unit answers requests for observations on the bus. It is a unit.Unit.
type Unit struct {
	eyes    *Eyes
	options Options
}

// NewUnit returns a unit that looks with the given eyes.
func NewUnit(eyes *Eyes, o Options) (*Unit, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("observer: %w", err)
	}
	return &Unit{eyes: eyes, options: o.withDefaults()}, nil
}

// Name implements unit.Unit.
func (*Unit) Name() string { return "observer" }

// Run implements unit.Unit.
func (u *Unit) Run(ctx context.Context, env unit.Env) error {
	const gigabyte = 1e9
	w := &watch{
		Unit:   u,
		bus:    env.Bus,
		frames: NewFrames(env.Blobs, int64(u.options.MaxGB*gigabyte), env.Log),
		veil:   &veil{pictures: env.Blobs, secrets: u.options.Secrets},
		log:    env.Log,
	}
	consumer, err := requests()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	stop, err := w.serve(ctx, env.Bus.Conn())
	if err != nil {
		return err
	}
	group.Go(func() error {
		w.frames.Keep(ctx)
		return nil
	})
	// One at a time: a second look at the same screen would only slow the first.
	group.Go(func() error { return env.Bus.Work(ctx, consumer, 1, w.handle) })
	env.Ready()
	return errors.Join(group.Wait(), stop())
}

// requests is the consumer of the requests, from the contracts.
func requests() (contracts.Consumer, error) {
	for _, c := range contracts.Consumers() {
		if c.Durable == contracts.DurableObserverRequests {
			return c, nil
		}
	}
	return contracts.Consumer{}, fmt.Errorf("the contracts have no consumer %s", contracts.DurableObserverRequests)
}

// watch is a running unit.
type watch struct {
	*Unit
	bus    *bus.Bus
	frames *Frames
	veil   *veil
	log    *slog.Logger
}

// handle answers one request. A failure is an answer too: the asker does not
// wait for its time-out.
func (w *watch) handle(ctx context.Context, m bus.Message) error {
	request, err := bus.Decode[contracts.ObservationRequested](m)
	if err != nil {
		return bus.Terminate(err)
	}
	if !contracts.ValidToken(request.Desktop) || !contracts.ValidToken(request.ID) {
		return bus.Terminate(fmt.Errorf("request %q for desktop %q: not an id and a desktop's name", request.ID, request.Desktop))
	}
	if age := time.Since(m.Time); age > stale {
		w.log.Debug("nobody waits for this observation any more", "request", request.ID, "age", age)
		return nil
	}
	answer, err := w.observe(ctx, request)
	if err != nil {
		if ctx.Err() != nil {
			return err // stopping: someone else answers
		}
		if !m.Last && !errors.Is(err, ErrOtherDesktop) && !errors.Is(err, ErrCannotMask) {
			return err
		}
		w.log.Warn("cannot observe", "desktop", request.Desktop, "err", err)
		answer.Error = sentence(err)
	}
	return w.bus.Publish(ctx, contracts.SubjectObservationCaptured(request.Desktop), answer,
		bus.WithID("captured-"+request.ID), bus.WithTask(request.TaskID))
}

// observe looks at the screen and stores the frame.
func (w *watch) observe(ctx context.Context, r contracts.ObservationRequested) (contracts.ObservationCaptured, error) {
	answer := contracts.ObservationCaptured{RequestID: r.ID, Desktop: r.Desktop, TaskID: r.TaskID}
	if r.Desktop != w.options.Desktop {
		return answer, fmt.Errorf("%w: desktop %q, this is %q", ErrOtherDesktop, r.Desktop, w.options.Desktop)
	}
	var moving []image.Rectangle
	if r.StillMS > 0 {
		var err error
		if moving, err = w.settle(ctx, r); err != nil {
			return answer, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	began := time.Now()
	capture, windows, err := w.eyes.See(ctx)
	if err != nil {
		return answer, err
	}
	for _, m := range moving {
		answer.Moving = append(answer.Moving, boxOf(capture.Geometry().Desktop(m)))
	}
	answer.Windows = normal(windows)
	var pointer contracts.Blob
	var seen screen.Screen
	var took time.Duration
	understand := func(ctx context.Context) (err error) {
		seen, err = w.eyes.Understand(ctx, capture, windows)
		took = time.Since(began)
		return err
	}
	if w.veil.hides(r) { // then the picture is stored as it may be shown
		if err := understand(ctx); err != nil {
			return answer, err
		}
		seen.Elements = seen.Elements[:min(len(seen.Elements), maxElements)]
		if answer.Masked, err = w.veil.draw(ctx, &capture, &seen, r); err != nil {
			return answer, err
		}
		if pointer, err = w.frames.Put(ctx, capture.Image); err != nil {
			return answer, err
		}
		answer.Frame, answer.Screen = capture.Frame(pointer, took), seen
		return answer, nil
	}
	// To store a picture takes about as long as to find what has changed on it.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		pointer, err = w.frames.Put(ctx, capture.Image)
		return err
	})
	group.Go(func() error { return understand(ctx) })
	if err := group.Wait(); err != nil {
		return answer, err
	}
	seen.Elements = seen.Elements[:min(len(seen.Elements), maxElements)]
	answer.Frame, answer.Screen = capture.Frame(pointer, took), seen
	return answer, nil
}

func (w *watch) settle(ctx context.Context, r contracts.ObservationRequested) ([]image.Rectangle, error) {
	timeout := time.Duration(r.TimeoutMS) * time.Millisecond
	if timeout <= 0 {
		timeout = settleTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return w.eyes.Calm(ctx, time.Duration(r.StillMS)*time.Millisecond)
}

// sentence is an error as a person reads it.
func sentence(err error) string {
	if errors.Is(err, ErrNoScreen) {
		return "The screen cannot be seen: " + err.Error() + "."
	}
	return "The screen could not be observed: " + err.Error() + "."
}
