package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/cmd/grokputer/sessionlog"
	"github.com/grokputer/grokputer/services/feedback"
)

// errRatedElsewhere: what was rated is kept by the feedback service too.
var errRatedElsewhere = errors.New("it was rated, so more of it is kept than its log: start `grokputer up` first, then delete it")

type sessionsDeleteCmd struct {
	ID  string `arg:"" help:"The session."`
	Yes bool   `short:"y" env:"-" help:"Do not ask."`
}

// Run deletes a session. What the feedback service keeps goes first: the log
// that tells of the session goes last, so that a deletion that failed can be repeated.
func (cmd *sessionsDeleteCmd) Run(ctx context.Context, c *call) error {
	logs := sessionlog.In(c.data())
	s, err := logs.Load(cmd.ID)
	if err == nil && s.Outcome == "" {
		err = fmt.Errorf("%w: %s", sessionlog.ErrRuns, cmd.ID)
	}
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Delete %s (%s) with its pictures?", s.SessionID, short(s.Task))
	if err := c.confirm(ctx, cmd.Yes, question); err != nil {
		return err
	}
	gone, err := cmd.forget(ctx, c, s.Metadata.UserRating != nil)
	if err != nil {
		return fmt.Errorf("delete %s: %w", cmd.ID, err)
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	removed, err := logs.Delete(ctx, cmd.ID, store)
	if err = errors.Join(err, store.close(ctx)); err != nil {
		return err
	}
	if err := c.say("deleted %s and %d pictures that no other session shows", cmd.ID, removed); err != nil {
		return err
	}
	if len(gone.Adapters) == 0 {
		return nil
	}
	return c.say("these adapters were trained on it and still know of it: %s (grokputer adapters rollback, or promote another)",
		strings.Join(gone.Adapters, ", "))
}

// forget has the feedback service delete what it keeps of the session, if there
// is one. It may have heard of a rating that the log does not know yet.
func (cmd *sessionsDeleteCmd) forget(ctx context.Context, c *call, rated bool) (feedback.Deleted, error) {
	client, err := c.desk()
	nobody := errors.Is(err, house.ErrNotUp) || errors.Is(err, errNoDesk)
	switch {
	case nobody && rated:
		return feedback.Deleted{}, errRatedElsewhere
	case nobody:
		return feedback.Deleted{}, nil
	case err != nil:
		return feedback.Deleted{}, err
	}
	gone, err := client.Delete(ctx, cmd.ID)
	if errors.Is(err, feedback.ErrNotFound) {
		err = nil // it was deleted there before, or never known
	}
	return gone, err
}
