package actor

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// ErrForbidden means that the policy lets no input go there. The message is a
// sentence for the planner and for the person.
var ErrForbidden = errors.New("it is forbidden")

// Windows are Hands that know the windows of the desktop. Where they do not, the
// only window that is known is the one of the view.
type Windows interface {
	Hands
	// Windows returns the windows that can be seen, the topmost first.
	Windows(ctx context.Context) ([]Window, error)
}

// Window is a window of the desktop.
type Window struct {
	// Titles are its own and those of the windows that it belongs to, such as the
	// one that a dialog stands before.
	Titles []string
	// Area is the window with its frame, in the pointer's coordinates.
	Area    image.Rectangle
	Focused bool
}

// forbidden returns an ErrForbidden if the policy keeps a step's input from being
// sent, and notes that.
func (t *task) forbidden(ctx context.Context, entry contracts.JournalEntry, in Input) error {
	windows, err := t.windows(ctx, entry)
	if err != nil {
		return err
	}
	err = t.config.Policy.forbids(in, windows)
	if err != nil {
		err = errors.Join(err, t.audit(ctx, entry, contracts.PolicyForbidden, contracts.ByPolicy, err.Error()))
	}
	return err
}

// windows are those that can be seen now. Hands that do not know them leave the
// one that the step was planned on, which may be anywhere.
func (t *task) windows(ctx context.Context, entry contracts.JournalEntry) ([]Window, error) {
	if hands, ok := t.ports.Hands.(Windows); ok {
		return hands.Windows(ctx)
	}
	title := ""
	switch {
	case t.view != nil:
		title = t.view.Screen.Title
	case entry.Event != nil:
		title = entry.Event.Title
	}
	everywhere := image.Rect(-1<<30, -1<<30, 1<<30, 1<<30)
	return []Window{{Titles: []string{title}, Area: everywhere, Focused: true}}, nil
}

// forbids says what keeps an input from being sent: a region or a window that the
// pointer would touch, or a window that the keys would go to.
func (p Policy) forbids(in Input, windows []Window) error {
	if in.Verb == action.Type || in.Verb == action.Key {
		for _, w := range windows {
			if title, pattern, fits := p.window(w); w.Focused && fits {
				return fmt.Errorf("%w: keys would go to the window %q (pattern %q)", ErrForbidden, title, pattern)
			}
		}
		return nil
	}
	for _, at := range in.path() {
		for _, r := range p.Regions {
			if at.In(r.Area) {
				return fmt.Errorf("%w: the pointer would touch the region %q at %d,%d", ErrForbidden, r.Name, at.X, at.Y)
			}
		}
		top := slices.IndexFunc(windows, func(w Window) bool { return at.In(w.Area) })
		if top < 0 {
			continue
		}
		if title, pattern, fits := p.window(windows[top]); fits {
			return fmt.Errorf("%w: the pointer would touch the window %q (pattern %q)", ErrForbidden, title, pattern)
		}
	}
	return nil
}

// window returns which title of a window fits which pattern.
func (p Policy) window(w Window) (title string, pattern WindowPattern, fits bool) {
	for _, title := range w.Titles {
		for _, pattern := range append([]WindowPattern{OwnPages}, p.Windows...) {
			if pattern.Fits(title) {
				return title, pattern, true
			}
		}
	}
	return "", "", false
}

// path is every place at which the pointer is during an input, one pixel apart.
func (in Input) path() []image.Point {
	from, to := image.Pt(in.At.X, in.At.Y), image.Pt(in.To.X, in.To.Y)
	if in.Verb != action.Drag {
		return []image.Point{from}
	}
	way := to.Sub(from)
	n := max(way.X, -way.X, way.Y, -way.Y)
	path := []image.Point{from}
	for i := 1; i <= n; i++ {
		path = append(path, from.Add(way.Mul(i).Div(n)))
	}
	return path
}
