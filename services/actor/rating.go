package actor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// rated notes a rating in the session's log. A session whose log is not here was
// another desktop's, or is deleted.
func (s *service) rated(_ context.Context, m bus.Message) error {
	f, err := bus.Decode[contracts.FeedbackSubmitted](m)
	if err != nil {
		return bus.Terminate(err)
	}
	if !contracts.ValidToken(f.SessionID) {
		return bus.Terminate(fmt.Errorf("the session's id %q is not of letters, digits, - and _", f.SessionID))
	}
	path := filepath.Join(LogDir(s.dataDir), f.SessionID, SessionFile)
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var session Session
	if err == nil {
		err = json.Unmarshal(body, &session)
	}
	if err != nil {
		return fmt.Errorf("read the session's log: %w", err)
	}
	if session.TaskID != f.TaskID || session.Metadata.RatedAt.After(f.Time) {
		return nil // another session of that name, or a newer rating is noted
	}
	session.Metadata = Metadata{UserRating: &f.Rating, RatingID: f.ID, RatedAt: f.Time}
	if body, err = json.MarshalIndent(session, "", "  "); err != nil {
		return fmt.Errorf("write the session's log: %w", err)
	}
	return replaceFile(path, append(body, '\n'))
}
