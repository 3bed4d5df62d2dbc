package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer/reading"
)

// errReader is why the reader's export is another.
var errReader = errors.New("the reader is no language model: it has no versions, and nothing here trains it; " +
	"what it misread is written by: grokputer train export --role reader --output FOLDER")

// readings writes what the reader misread in the rated sessions.
func (cmd *trainExportCmd) readings(ctx context.Context, c *call) (err error) {
	if cmd.Version != "" || cmd.Now || cmd.Output == "" {
		return errReader
	}
	rated, err := withBus(ctx, c, func(b *bus.Bus) ([]contracts.FeedbackSubmitted, error) { return ratedSince(ctx, b, time.Time{}) })
	if err != nil {
		return err
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.close(ctx)) }()
	sessions, err := bundles(ctx, store.Store, rated)
	if err != nil {
		return err
	}
	var all []reading.Misread
	for _, b := range sessions {
		all = append(all, reading.Of(b)...)
	}
	if len(all) == 0 {
		return fmt.Errorf("nothing was misread, as far as %s say: rate one with the issue %q, and correct what was said of a text or mark the wrong step",
			counted(len(rated), "rated session"), contracts.IssueOCR)
	}
	written, err := reading.Write(ctx, cmd.Output, all, func(ctx context.Context, f contracts.Frame) ([]byte, bool, error) {
		picture, err := store.Get(ctx, f.Image)
		if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt) {
			return nil, false, nil
		}
		return picture, err == nil, err
	})
	if err != nil {
		return err
	}
	left := ""
	if n := len(all) - written; n > 0 {
		left = fmt.Sprintf("; the pictures of %s are gone", counted(n, "other"))
	}
	return c.note("%s of what was misread, with %s%s; they show what was on the screen", counted(written, "picture"), reading.LinesFile, left)
}
