package xtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/clipboard"
	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

// Options say which display to act on.
type Options struct {
	// Display is the X display, such as :7; $DISPLAY when empty.
	Display string
	// Authority is the file with the display's cookie; $XAUTHORITY, else
	// ~/.Xauthority, when empty.
	Authority string
	// Typing is how text gets to a program; TypingAuto when empty.
	Typing Typing
	// Patience is how long the server may take to answer; 5 s when 0.
	Patience time.Duration
}

// Typing is how text gets to a program.
type Typing string

const (
	// TypingAuto presses keys, and pastes a text with more different characters that
	// have no key than can be lent one. A program that does not paste gets keys all
	// the same.
	TypingAuto Typing = "auto"
	// TypingKeys only presses keys.
	TypingKeys Typing = "keys"
	// TypingClipboard pastes all text but line ends and tabs, for programs that do
	// not follow when the keyboard changes.
	TypingClipboard Typing = "clipboard"
)

// Hands act on an X display. They connect when they are first used and again
// after the server went away. They are safe for concurrent use, one input at a time.
type Hands struct {
	options Options

	mu        sync.Mutex
	display   *display
	clipboard *clipboard.Clipboard
	clicks    repeat.Clicks
}

func (o Options) withDefaults() Options {
	if o.Display == "" {
		o.Display = os.Getenv("DISPLAY")
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	return o
}

// New returns hands for a display, which need not be there yet.
func New(o Options) *Hands { return &Hands{options: o.withDefaults()} }

// Close ends the connection. What was held stays held: Release comes first.
func (h *Hands) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop()
}

func (h *Hands) drop() {
	if h.clipboard != nil {
		h.clipboard.Close()
		h.clipboard = nil
	}
	if h.display != nil {
		h.display.close()
		h.display = nil
	}
}

// lendClipboard opens the clipboard, which stays open: what was on it before a
// text was pasted is served from then on.
func (h *Hands) lendClipboard(ctx context.Context) (*clipboard.Clipboard, error) {
	if h.clipboard != nil && !h.clipboard.Alive() {
		h.clipboard.Close()
		h.clipboard = nil
	}
	if h.clipboard == nil {
		c, err := clipboard.Open(ctx, h.options.Display, h.options.Authority)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", actor.ErrNoDisplay, err)
		}
		h.clipboard = c
	}
	return h.clipboard, nil
}

// connected returns the display, connecting first where needed.
func (h *Hands) connected(ctx context.Context) (*display, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if h.display != nil && !h.display.alive() {
		h.drop()
	}
	if h.display == nil {
		d, err := open(ctx, h.options)
		if err != nil {
			return nil, err
		}
		h.display = d
	}
	return h.display, nil
}

// use runs f on the display. A display that was lost meanwhile is let go.
func (h *Hands) use(ctx context.Context, f func(*display) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	d, err := h.connected(ctx)
	if err != nil {
		return err
	}
	err = f(d)
	if errors.Is(err, actor.ErrNoDisplay) {
		h.drop()
	}
	return err
}

// Ready implements actor.Hands.
func (h *Hands) Ready(ctx context.Context) error {
	return h.use(ctx, (*display).sync)
}

// Sent implements actor.Hands. Other hands that made the last input are cut off, so
// that nothing more comes of them.
func (h *Hands) Sent(ctx context.Context, mark string) (n int, known bool, err error) {
	err = h.use(ctx, func(d *display) error {
		if err := d.takeOver(); err != nil {
			return err
		}
		e, err := d.read()
		if err != nil {
			return err
		}
		if e.mark == mark {
			n, known = e.n, !e.doubt
			return nil
		}
		// The ledger holds the last input. If it was kept since before this
		// input, none of its strokes was sent.
		known = !d.fresh
		return nil
	})
	return n, known, err
}

// Do implements actor.Hands.
func (h *Hands) Do(ctx context.Context, in actor.Input, sent func(n int) error) error {
	if in.From < 0 || in.From > in.Strokes() {
		return fmt.Errorf("input %s starts at stroke %d of %d", in.Mark, in.From, in.Strokes())
	}
	return h.use(ctx, func(d *display) error {
		return (&doing{
			display: d, in: in, sent: sent, typing: h.options.Typing, clicks: &h.clicks, pace: pace{},
			clip: func() (*clipboard.Clipboard, error) { return h.lendClipboard(ctx) },
		}).run(ctx)
	})
}

// Release implements actor.Hands.
func (h *Hands) Release(ctx context.Context) error {
	return h.use(ctx, (*display).release)
}
