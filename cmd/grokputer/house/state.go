package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/filelock"
)

var (
	// ErrNotUp means that no Grokputer is up on a data folder.
	ErrNotUp = errors.New("no Grokputer is up")
	// ErrUp means that one is up already.
	ErrUp = errors.New("a Grokputer is already up")
	// ErrStarting means that one is about to be up, and has not said yet where it is.
	ErrStarting = errors.New("a Grokputer is just starting or stopping: try again in a moment")
)

// State tells other processes where a house is to be found. It holds no
// secrets: those are in the credentials file beside it.
type State struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Desktop string    `json:"desktop"`
	// NATS and S3 are the servers; an embedded one takes the keys of the
	// credentials file.
	NATS         string `json:"nats"`
	NATSEmbedded bool   `json:"nats_embedded"`
	S3           string `json:"s3"`
	S3Embedded   bool   `json:"s3_embedded"`
	Bucket       string `json:"bucket"`
	// HTTP is the address of the feedback service with its pages, empty without one.
	HTTP string `json:"http,omitempty"`
	// Display and XAuthority are what an X program needs to join the desktop.
	Display    string `json:"display"`
	XAuthority string `json:"xauthority,omitempty"`
}

func statePath(data string) string { return filepath.Join(data, "up.json") }
func lockPath(data string) string  { return filepath.Join(data, "up.lock") }

// Find returns where the house of a data folder is. The error is ErrNotUp when
// there is none, whatever an earlier one that crashed has left behind.
func Find(data string) (State, error) {
	held, err := filelock.Held(lockPath(data))
	if err != nil {
		return State{}, err
	}
	if !held {
		return State{}, fmt.Errorf("%w on %s: start it with `grokputer up`", ErrNotUp, data)
	}
	body, err := os.ReadFile(statePath(data))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, ErrStarting
	}
	if err != nil {
		return State{}, fmt.Errorf("read where Grokputer is: %w", err)
	}
	var s State
	if err := json.Unmarshal(body, &s); err != nil {
		return State{}, fmt.Errorf("read where Grokputer is: %s: %w", statePath(data), err)
	}
	return s, nil
}

// claim makes this process the one house of a data folder. The state of an
// earlier one is removed: it says nothing any more.
func claim(data string) (*filelock.Lock, error) {
	lock, err := filelock.Take(lockPath(data))
	if errors.Is(err, filelock.ErrHeld) {
		if s, err := Find(data); err == nil {
			return nil, fmt.Errorf("%w on %s (process %d): use that one, end it, or choose another folder with --data", ErrUp, data, s.PID)
		}
		return nil, fmt.Errorf("%w on %s: end it, or choose another folder with --data", ErrUp, data)
	}
	if err != nil {
		return nil, err
	}
	if err := forget(data); err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	return lock, nil
}

// tell writes the state in one step, for its owner alone.
func tell(data string, s State) error {
	body, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write where Grokputer is: %w", err)
	}
	part := statePath(data) + ".part"
	if err := os.WriteFile(part, append(body, '\n'), 0o600); err != nil {
		return fmt.Errorf("write where Grokputer is: %w", err)
	}
	if err := os.Rename(part, statePath(data)); err != nil {
		return fmt.Errorf("write where Grokputer is: %w", err)
	}
	return nil
}

// forget removes the state; what ends then is not to be found any more.
func forget(data string) error {
	if err := os.Remove(statePath(data)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the state: %w", err)
	}
	return nil
}
