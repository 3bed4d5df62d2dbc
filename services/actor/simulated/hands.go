package simulated

import (
	"context"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
)

// Hands returns the hands of a new process.
func (d *Desktop) Hands() *Hands { return &Hands{desktop: d} }

// Hands act on a Desktop.
type Hands struct{ desktop *Desktop }

// Ready implements actor.Hands.
func (h *Hands) Ready(ctx context.Context) error {
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return fmt.Errorf("%w: it is switched off", actor.ErrNoDisplay)
	}
	return ctx.Err()
}

// Monitors implements actor.Hands.
func (h *Hands) Monitors(ctx context.Context) ([]contracts.Monitor, error) {
	if err := h.Ready(ctx); err != nil {
		return nil, err
	}
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	return []contracts.Monitor{{Bounds: d.monitor}}, nil
}

// Pointer implements actor.Hands.
func (h *Hands) Pointer(ctx context.Context) (actor.Point, error) {
	if err := h.Ready(ctx); err != nil {
		return actor.Point{}, err
	}
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pointer, nil
}

// Move implements actor.Hands.
func (h *Hands) Move(ctx context.Context, p actor.Point) error {
	if err := h.Ready(ctx); err != nil {
		return err
	}
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	d.point(p)
	return nil
}

// point puts the pointer where sending it to p takes it. The caller holds the lock.
func (d *Desktop) point(p actor.Point) {
	d.pointer = actor.Point{X: p.X + d.drift.X, Y: p.Y + d.drift.Y}
}

// Sent implements actor.Hands.
func (h *Hands) Sent(ctx context.Context, mark string) (n int, known bool, err error) {
	if err := h.Ready(ctx); err != nil {
		return 0, false, err
	}
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.forgets:
		return 0, false, nil
	case d.mark == mark:
		return d.sent, true, nil
	default:
		return 0, true, nil
	}
}

// Release implements actor.Hands.
func (h *Hands) Release(ctx context.Context) error {
	if err := h.Ready(ctx); err != nil {
		return err
	}
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.held)
	return nil
}

// Do implements actor.Hands.
func (h *Hands) Do(ctx context.Context, in actor.Input, sent func(n int) error) error {
	if err := h.Ready(ctx); err != nil {
		return err
	}
	if in.From < 0 || in.From > in.Strokes() {
		return fmt.Errorf("input %s starts at stroke %d of %d", in.Mark, in.From, in.Strokes())
	}
	if err := h.begin(in); err != nil {
		return err
	}
	text := []rune(in.Text)
	for n := in.From; n < in.Strokes(); n++ {
		if err := h.Ready(ctx); err != nil {
			return err
		}
		if err := h.stroke(in, text, n); err != nil {
			return err
		}
		if err := sent(n + 1); err != nil {
			return err
		}
	}
	return nil
}

// begin checks what can be checked before the first stroke, and opens the ledger.
func (h *Hands) begin(in actor.Input) error {
	d := h.desktop
	d.mu.Lock()
	tell := d.onInput
	d.mu.Unlock()
	if tell != nil {
		tell(in)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch in.Verb {
	case action.Type:
		for _, r := range in.Text {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
				return fmt.Errorf("%w: %U", actor.ErrCannotType, r)
			}
		}
		if in.From > 0 && d.mark != in.Mark {
			return actor.ErrFocusMoved
		}
	case action.Click, action.DoubleClick, action.RightClick, action.Hover, action.Drag, action.Scroll, action.Key:
	default:
		return fmt.Errorf("%s is no input", in.Verb)
	}
	if (in.Verb == action.Type || in.Verb == action.Key) && d.focus < 0 {
		return actor.ErrNoFocus
	}
	d.mark, d.sent = in.Mark, in.From
	return nil
}

// stroke does stroke n, counted from 0.
func (h *Hands) stroke(in actor.Input, text []rune, n int) error {
	d := h.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	switch in.Verb {
	case action.Click, action.DoubleClick, action.RightClick, action.Hover, action.Scroll:
		d.point(in.At)
	case action.Drag:
		d.point(in.To)
	}
	switch in.Verb {
	case action.Click:
		d.click(in.At)
	case action.DoubleClick:
		d.click(in.At)
		d.click(in.At)
	case action.RightClick:
		d.state.Rights++
	case action.Scroll:
		if in.Down {
			d.state.Scrolled += in.N
		} else {
			d.state.Scrolled -= in.N
		}
	case action.Drag:
		if n == 0 {
			d.held["left"] = true
			break
		}
		delete(d.held, "left")
		d.state.Drags++
	case action.Type:
		if d.focus < 0 {
			return fmt.Errorf("after %d of %d characters: %w", n, len(text), actor.ErrNoFocus)
		}
		d.write(string(text[n]))
	case action.Key:
		d.press(in.Keys)
	}
	d.sent = n + 1
	return nil
}
