package learning

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// stateFile has the state in the folder of the results.
const stateFile = "state.json"

// Settings are what one curve is made with. Another one has a folder of its own.
type Settings struct {
	// Seed draws the tasks' order, the sessions' seeds and the other pages.
	Seed  uint64   `json:"seed"`
	Tasks []string `json:"tasks"`
	// Sessions are rated in each round.
	Sessions int `json:"sessions"`
	// EvaluationSeeds are played of each task after each round.
	EvaluationSeeds int  `json:"evaluation_seeds"`
	Corrections     bool `json:"corrections"`
	// Others is how many pages are drawn that nobody works on, and OtherSeeds how many seeds of each.
	Others     int    `json:"others"`
	OtherSeeds int    `json:"other_seeds"`
	Rollout    string `json:"rollout"`
	// Played is what else the episodes are played with: scale, screen and limits.
	Played string `json:"played"`
	// Rules, CoolDown and Idle say when a training begins, Recipe how it is done and Gate what a
	// version has to show. They are zero where nothing trains.
	Rules    trainer.Rules  `json:"rules"`
	CoolDown string         `json:"cool_down"`
	Idle     string         `json:"idle"`
	Recipe   trainer.Recipe `json:"recipe"`
	Gate     gate.Rules     `json:"gate"`
}

// State is how far a curve has come. The sessions, ratings and evaluations are in logs of
// their own.
type State struct {
	Settings Settings `json:"settings"`
	// Others are the other pages that were drawn, once they are.
	Others []string `json:"others,omitempty"`
	// Rounds begin with what was there before the first, which is number 0.
	Rounds []Round `json:"rounds"`
	// Versions are the adapters that were evaluated or are to be: the beginning of the sha256 by
	// the name.
	Versions map[string]string `json:"versions"`
	// Final are the costs of what is measured after the last round.
	Final Cost `json:"final"`

	folder string
}

// Round is a number of rated sessions and what came of them.
type Round struct {
	N int `json:"n"`
	// Programs are the builds that worked on it.
	Programs []string  `json:"programs"`
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended,omitzero"`
	// Training is nil until it is known what came of it.
	Training *Training `json:"training,omitempty"`
	// Champion is in use at the end, and Evaluated is what the round is judged by: the version
	// that it made, or else the champion.
	Champion  string `json:"champion"`
	Evaluated string `json:"evaluated"`

	Playing  Cost `json:"playing"`    // of the sessions
	Learning Cost `json:"learning"`   // of training and gate
	Judging  Cost `json:"evaluating"` // of the evaluation
}

// Training is what came of a round's ratings.
type Training struct {
	// Version is empty when none came of it. Let says whether it was let through by the gate and
	// the registry.
	Version string `json:"version,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Parent  string `json:"parent,omitempty"`
	Let     bool   `json:"let"`
	Gate    string `json:"gate,omitempty"`
	// State is where the version stood once it was decided about, and Why the reason for that,
	// or for there being none.
	State string `json:"state"`
	Why   string `json:"why"`

	Trigger     string  `json:"trigger,omitempty"`
	Steps       int     `json:"steps,omitempty"`
	Loss        float64 `json:"loss,omitempty"`
	HeldOutLoss float64 `json:"held_out_loss,omitempty"`
	ParentLoss  float64 `json:"parent_loss,omitempty"`
	Seconds     float64 `json:"seconds,omitempty"`
}

// OpenState reads the state in a folder, or begins one there. Its error says which settings
// differ from those that the folder's curve was begun with.
func OpenState(folder string, s Settings) (*State, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep the curve: %w", err)
	}
	state := &State{Settings: s, Versions: map[string]string{}, folder: folder}
	body, err := os.ReadFile(filepath.Join(folder, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the curve: %w", err)
	}
	var kept State
	if err := json.Unmarshal(body, &kept); err != nil {
		return nil, fmt.Errorf("read the curve in %s: %w: name another folder with --results", folder, err)
	}
	if list := differences(reflect.ValueOf(kept.Settings), reflect.ValueOf(s)); len(list) > 0 {
		return nil, fmt.Errorf("the curve in %s was begun with other settings: %s: set them as before, or name another folder with --results",
			folder, strings.Join(list, "; "))
	}
	kept.folder = folder
	return &kept, nil
}

// differences names the settings that differ, each with both values. Those of a part have its
// name before their own.
func differences(before, now reflect.Value) []string {
	var found []string
	for i := range before.NumField() {
		was, is := before.Field(i), now.Field(i)
		name := before.Type().Field(i).Tag.Get("json")
		switch {
		case reflect.DeepEqual(was.Interface(), is.Interface()):
		case was.Kind() == reflect.Struct:
			for _, inner := range differences(was, is) {
				found = append(found, name+"."+inner)
			}
		default:
			found = append(found, fmt.Sprintf("%s was %v and is %v", name, was, is))
		}
	}
	return found
}

// Save writes the state in one step.
func (s *State) Save() error {
	body, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the curve: %w", err)
	}
	path := filepath.Join(s.folder, stateFile)
	if err := os.WriteFile(path+".part", append(body, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the curve: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("keep the curve: %w", err)
	}
	return nil
}

// Begin returns the round of a number, which begins now with a program if it has not before.
// Rounds begin one after the other.
func (s *State) Begin(n int, program string) *Round {
	if n == len(s.Rounds) {
		s.Rounds = append(s.Rounds, Round{N: n, Began: time.Now().UTC()})
	}
	r := &s.Rounds[n]
	if r.Ended.IsZero() && (len(r.Programs) == 0 || r.Programs[len(r.Programs)-1] != program) {
		r.Programs = append(r.Programs, program)
	}
	return r
}

// SessionsOf are the sessions of a round, from 1.
func (s *State) SessionsOf(round int) []Session {
	all := Deal(s.Settings.Seed, s.Settings.Tasks, round*s.Settings.Sessions)
	return all[(round-1)*s.Settings.Sessions:]
}
