package xtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/clipboard"
)

const (
	// pasteMost is how long a program may take to fetch a text that it is to paste.
	pasteMost = 5 * time.Second
	// pasteTry is how long it may take where keys are tried after it.
	pasteTry = 2 * time.Second
)

// pasteText pastes a text from where it was begun. Line ends and tabs are keys: as
// text they would do something else in a form.
func (o *doing) pasteText(ctx context.Context, text []rune) error {
	for i := o.in.From; i < len(text); {
		to := i
		for to < len(text) && text[to] != '\n' && text[to] != '\t' {
			to++
		}
		var err error
		if to > i {
			if err = o.paste(ctx, text, i, to); errors.Is(err, clipboard.ErrNotTaken) && o.typing != TypingClipboard {
				return o.typeRunes(ctx, text, i, len(text)) // a terminal, for instance
			}
		} else {
			to++
			err = o.typeRunes(ctx, text, i, to)
		}
		if err != nil {
			return err
		}
		i = to
	}
	return nil
}

// paste has the program fetch a part of a text from the clipboard. While it does,
// the ledger says that it is not known how far the text has come.
func (o *doing) paste(ctx context.Context, text []rune, from, to int) error {
	if err := o.sameFocus(from, len(text)); err != nil {
		return err
	}
	codes, err := o.combination(ctx, []string{"ctrl", "v"})
	if err != nil {
		return err
	}
	clip, err := o.clip()
	if err != nil {
		return err
	}
	most := pasteTry
	if o.typing == TypingClipboard {
		most = pasteMost
	}
	err = clip.Paste(ctx, string(text[from:to]), most, func() error {
		err := o.display.wire.Burst(func() {
			o.display.write(entry{mark: o.in.Mark, n: from, focus: o.focus, doubt: true})
			o.display.chord(codes)
		})
		if err != nil {
			return o.display.lost(err)
		}
		return o.display.sync()
	})
	if errors.Is(err, clipboard.ErrNotTaken) {
		return fmt.Errorf("after %d of %d characters: %w: %w", from, len(text), actor.ErrCannotType, err)
	}
	if err != nil {
		return err
	}
	return o.stroke(ctx, to, func() {})
}
