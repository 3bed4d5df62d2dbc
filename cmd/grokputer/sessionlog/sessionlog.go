// Package sessionlog reads, and on request deletes, what the actor wrote down
// of past tasks: a folder for each session, with session.json and, line by
// line, what the planner was told.
package sessionlog

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/actor"
)

// ErrNone means that there is no such session.
var ErrNone = errors.New("there is no such session: `grokputer sessions` lists them")

// Logs is the folder that holds a folder for each session.
type Logs string

// In returns the logs of a data folder.
func In(data string) Logs { return Logs(actor.LogDir(data)) }

// Folder is where a session's files are. The error is ErrNone for a name that
// no session can have, so that no name leads out of the logs.
func (l Logs) Folder(id string) (string, error) {
	if !contracts.ValidToken(id) {
		return "", fmt.Errorf("%q: %w", id, ErrNone)
	}
	return filepath.Join(string(l), id), nil
}

// Load reads one session.
func (l Logs) Load(id string) (actor.Session, error) {
	body, err := l.read(id, actor.SessionFile)
	if err != nil {
		return actor.Session{}, err
	}
	var s actor.Session
	if err := json.Unmarshal(body, &s); err != nil {
		return actor.Session{}, fmt.Errorf("read the session %s: %w", id, err)
	}
	return s, nil
}

// List returns every session, the oldest first. A session that cannot be read
// is left out and reported in the error, which may come with sessions.
func (l Logs) List() ([]actor.Session, error) {
	folders, err := os.ReadDir(string(l))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	sessions := []actor.Session{}
	var unread error
	for _, f := range folders {
		s, err := l.Load(f.Name())
		switch {
		case errors.Is(err, ErrNone): // a folder of a task that was only just accepted
		case err != nil:
			unread = errors.Join(unread, err)
		default:
			sessions = append(sessions, s)
		}
	}
	slices.SortStableFunc(sessions, func(a, b actor.Session) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.SessionID, b.SessionID))
	})
	return sessions, unread
}

// Format is how a session is exported.
type Format string

// The formats.
const (
	FormatJSON  Format = "json"  // session.json as it stands
	FormatSteps Format = "steps" // a line of JSON for each step: what the planner was told and what it said
)

// Export writes a session to w.
func (l Logs) Export(w io.Writer, id string, format Format) error {
	name := actor.SessionFile
	if format == FormatSteps {
		name = actor.PromptsFile
	}
	body, err := l.read(id, name)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("export the session: %w", err)
	}
	return nil
}

func (l Logs) read(id, name string) ([]byte, error) {
	folder, err := l.Folder(id)
	if err != nil {
		return nil, err
	}
	body, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s: %w", id, name, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("read the session %s: %w", id, err)
	}
	return body, nil
}
