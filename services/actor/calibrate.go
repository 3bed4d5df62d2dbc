package actor

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts"
)

const (
	// calibrationInset keeps the pointer off a monitor's outermost pixels while it
	// is tried out: desktops have actions of their own in the corners.
	calibrationInset = 8
	// calibrationTries is how often a place is tried: a person may be moving the
	// pointer, too.
	calibrationTries = 3
)

// aligned checks that the places of a frame are still what they were when it was
// taken: its geometry holds, and the pointer arrives where it is sent, which is
// tried out once on each set of monitors. Without a frame only that is done. The
// error is a contracts.ErrGeometry, an ErrMisaligned or an ErrNoDisplay.
func (s *service) aligned(ctx context.Context, frame contracts.Frame) error {
	s.inputs.Lock()
	defer s.inputs.Unlock()
	monitors, err := s.ports.Hands.Monitors(ctx)
	if err != nil {
		return err
	}
	if frame != (contracts.Frame{}) {
		if err := frame.Geometry().Check(monitors); err != nil {
			return err
		}
	}
	if slices.Equal(monitors, s.calibrated) {
		return nil
	}
	if err := calibrate(ctx, s.ports.Hands, monitors); err != nil {
		return err
	}
	s.calibrated = monitors
	return nil
}

// misaligned is the outcome of input whose frame does not lie on the desktop any
// more: the planner is shown the screen as it is now. With a pointer that goes
// astray the task ends.
func (t *task) misaligned(ctx context.Context, err error) (outcome, error) {
	if !errors.Is(err, contracts.ErrGeometry) {
		return outcome{}, err
	}
	if err := t.look(ctx, t.afterwards()); err != nil {
		return outcome{}, err
	}
	return outcome{what: contracts.OutcomeError, result: err.Error() + "; the screen was looked at again"}, nil
}

// calibrate moves the pointer to the middle and the corners of each monitor,
// reads its place back, and puts it where it was. The error is an ErrMisaligned.
func calibrate(ctx context.Context, hands Pointing, monitors []contracts.Monitor) (err error) {
	before, err := hands.Pointer(ctx)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, hands.Move(context.WithoutCancel(ctx), before))
	}()
	for _, m := range monitors {
		for _, p := range calibrationPlaces(m.Bounds) {
			if err := arrives(ctx, hands, p, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrives moves the pointer to p and reports whether it gets there.
func arrives(ctx context.Context, hands Pointing, p Point, m contracts.Monitor) error {
	var found Point
	for range calibrationTries {
		if err := hands.Move(ctx, p); err != nil {
			return err
		}
		var err error
		if found, err = hands.Pointer(ctx); err != nil || found == p {
			return err
		}
	}
	return fmt.Errorf("%w: on %s it was sent to %d,%d and is at %d,%d: no input is sent before these agree (does a program hold the pointer, or is the display scaled?)",
		ErrMisaligned, m, p.X, p.Y, found.X, found.Y)
}

// calibrationPlaces are the middle and the corners.
func calibrationPlaces(r image.Rectangle) []Point {
	in := r
	if r.Dx() > 2*calibrationInset && r.Dy() > 2*calibrationInset {
		in = r.Inset(calibrationInset)
	}
	return []Point{
		{(r.Min.X + r.Max.X) / 2, (r.Min.Y + r.Max.Y) / 2},
		{in.Min.X, in.Min.Y},
		{in.Max.X - 1, in.Min.Y},
		{in.Min.X, in.Max.Y - 1},
		{in.Max.X - 1, in.Max.Y - 1},
	}
}
