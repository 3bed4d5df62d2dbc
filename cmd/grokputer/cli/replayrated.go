package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// ratedSince returns the newest rating of each session that was not deleted, of those given
// since a time, the newest first.
func ratedSince(ctx context.Context, b *bus.Bus, from time.Time) ([]contracts.FeedbackSubmitted, error) {
	newest := map[string]contracts.FeedbackSubmitted{}
	filter := []string{contracts.SubjectFeedbackSubmitted("*"), contracts.SubjectFeedbackDeleted("*")}
	err := b.Read(ctx, contracts.StreamFeedback, filter, bus.FromStart(), func(m bus.Message) error {
		if contracts.MatchSubject(contracts.SubjectFeedbackDeleted("*"), m.Subject) {
			var gone contracts.FeedbackDeleted
			if err := json.Unmarshal(m.Data, &gone); err != nil {
				return fmt.Errorf("read a deletion: %w", err)
			}
			delete(newest, gone.TaskID)
			return nil
		}
		var f contracts.FeedbackSubmitted
		if err := json.Unmarshal(m.Data, &f); err != nil {
			return fmt.Errorf("read a rating: %w", err)
		}
		newest[f.TaskID] = f
		return nil
	})
	list := slices.Collect(maps.Values(newest))
	list = slices.DeleteFunc(list, func(f contracts.FeedbackSubmitted) bool { return f.Time.Before(from) || f.Steps == 0 })
	slices.SortFunc(list, func(a, b contracts.FeedbackSubmitted) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// bundles fetches rated sessions, without those of which the bundle is gone or damaged.
func bundles(ctx context.Context, store *blob.Store, rated []contracts.FeedbackSubmitted) ([]contracts.Bundle, error) {
	var list []contracts.Bundle
	for _, f := range rated {
		body, err := store.Get(ctx, f.Bundle)
		switch {
		case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrCorrupt):
			continue
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			return nil, fmt.Errorf("fetch the session %s: %w", f.SessionID, err)
		}
		var b contracts.Bundle
		if json.Unmarshal(body, &b) == nil {
			list = append(list, b)
		}
	}
	return list, nil
}
