package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// Recorder has drawn sessions carried out on real programs by the moves that
// are known to be right, and keeps what the planner would have been shown. Its
// Next is the planner of the house that it works with.
type Recorder struct {
	Bus   *bus.Bus
	Place Place
	// Seed draws the sessions: the same seed gives the same ones.
	Seed uint64
	// Apps are the names that open takes.
	Apps []string
	// Log keeps what was tried, so that an interrupted recording goes on.
	Log *RecordLog
	// Done is told of each session that was tried; may be nil.
	Done func(t Try, before bool)

	mu  sync.Mutex
	now *script
}

// Try is a session that was tried.
type Try struct {
	Kind string `json:"kind"`
	N    int    `json:"n"` // which of its kind
	Task string `json:"task"`
	// Dropped says why the session is no example; empty for one that is.
	Dropped  string            `json:"dropped,omitempty"`
	Detail   string            `json:"detail,omitempty"`
	Seconds  float64           `json:"seconds"`
	Examples []trainer.Example `json:"examples,omitempty"`
}

// Next says the next action of the session at hand.
func (r *Recorder) Next(state prompt.State) (action.Action, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		return action.Action{}, errScriptEnd
	}
	return r.now.next(state)
}

// Record carries out sessions of each kind until n of them are kept, and
// returns their steps. A kind of which most are dropped ends with fewer.
func (r *Recorder) Record(ctx context.Context, kinds []string, n int) ([]trainer.Example, error) {
	var all []trainer.Example
	for _, kind := range kinds {
		kept := 0
		for i, tried := 0, 0; kept < n && tried < 2*n+5; i++ {
			s, err := starter.DrawSession(kind, r.Seed, i)
			if err != nil {
				return nil, err
			}
			if !r.doable(s) {
				if i > 100*(n+1) {
					return nil, fmt.Errorf("record %s: what its sessions need is not there (install the programs that tools/deps names)", kind)
				}
				continue
			}
			tried++
			t, before := r.Log.Find(s, i)
			if !before {
				if t, err = r.try(ctx, s, i); err != nil {
					return nil, err
				}
				if err := r.Log.Add(t); err != nil {
					return nil, err
				}
			}
			if t.Dropped == "" {
				kept++
				all = append(all, t.Examples...)
			}
			if r.Done != nil {
				r.Done(t, before)
			}
		}
	}
	return all, nil
}

// doable reports whether the programs and folders are there that a session needs.
func (r *Recorder) doable(s starter.Session) bool {
	if s.Program != nil {
		if _, err := exec.LookPath(s.Program[0]); err != nil {
			return false
		}
	}
	return !slices.ContainsFunc(s.Moves, func(m starter.Move) bool {
		switch m.Do.Verb {
		case action.Open:
			return !slices.Contains(r.Apps, m.Do.Text)
		case action.Find, action.Screenshot:
			folder, _, _ := strings.Cut(m.Do.Text, "/")
			_, ok := r.Place.Folders[folder]
			return !ok || path.Ext(m.Do.Text) == ""
		default:
			return false
		}
	})
}

// try carries out one session. An error means that no further one can be carried out.
func (r *Recorder) try(ctx context.Context, s starter.Session, n int) (Try, error) {
	t := Try{Kind: s.Kind, N: n, Task: s.Task}
	if err := r.Place.Clear(ctx); err != nil {
		return t.drop(ctx, "windows did not close", err)
	}
	if err := errors.Join(r.Place.furnish(s.Files), r.Place.fill(s.Vault)); err != nil {
		return t, err
	}
	var opened *program
	if s.Program != nil {
		var err error
		if opened, err = r.Place.start(ctx, s.Program); err != nil {
			return t.drop(ctx, "its program did not open", err)
		}
		defer opened.end()
	}
	now := &script{moves: s.Moves}
	r.mu.Lock()
	r.now = now
	r.mu.Unlock()
	began := time.Now()
	ending, err := r.carryOut(ctx, s.Task)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx) // it was cancelled by the person at the terminal: the session is tried again
	}
	if err != nil {
		return t, fmt.Errorf("record %q: %w", s.Task, err)
	}
	t.Seconds = time.Since(began).Seconds()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = nil
	if ending.Verb == contracts.VerbRejected {
		return t, fmt.Errorf("record %q: the task was rejected: %s", s.Task, ending.Reason)
	}
	switch {
	case now.dropped != "":
		t.Dropped, t.Detail = now.dropped, now.detail
		return t, nil
	case ending.Verb != contracts.VerbCompleted:
		t.Dropped, t.Detail = "the task failed", ending.Reason
		return t, nil
	case !borneOut(now.recorded):
		t.Dropped = "the answer was not read"
		return t, nil
	}
	for _, e := range s.Effects {
		ok, seen, err := r.Place.has(ctx, e, opened, now.recorded)
		if err != nil {
			return t.drop(ctx, "not checked: "+string(e.What), err)
		}
		if !ok {
			t.Dropped, t.Detail = string("no effect: "+e.What), fmt.Sprintf("%s %q, not %q", e.Name, seen, e.Want)
			return t, nil
		}
	}
	for i := range now.recorded {
		now.recorded[i].Kind = s.Kind
	}
	t.Examples = now.recorded
	return t, nil
}

// drop is a try that failed by itself: the next session may well succeed. The
// end of the recording is an error.
func (t Try) drop(ctx context.Context, reason string, err error) (Try, error) {
	if ctx.Err() != nil {
		return t, context.Cause(ctx)
	}
	t.Dropped, t.Detail = reason, err.Error()
	return t, nil
}

// carryOut has the agent do a task. What the policy asks for is granted: the
// task says it, and it is done on programs of our own.
func (r *Recorder) carryOut(ctx context.Context, task string) (follow.Ending, error) {
	return follow.Task(ctx, r.Bus, contracts.TaskRequested{Task: task}, follow.Observer{
		Event: func(e follow.Event) error {
			if e.Verb != contracts.VerbApproval {
				return nil
			}
			var asked contracts.TaskApproval
			if err := json.Unmarshal(e.Body, &asked); err != nil {
				return fmt.Errorf("read an approval: %w", err)
			}
			return follow.Grant(ctx, r.Bus, asked, "the session says so")
		},
		Quiet: func() {}, Cancelling: func() {},
	})
}

// borneOut reports whether an answer stands on the screen or in a result: one
// that does not was misread, and would teach to make things up.
func borneOut(examples []trainer.Example) bool {
	if len(examples) == 0 {
		return false
	}
	last := examples[len(examples)-1]
	if last.Right.Verb != action.Answer {
		return true
	}
	return slices.ContainsFunc(last.State.Screen.Elements, func(e screen.Element) bool {
		return slices.Contains(strings.Split(e.Text, "\n"), last.Right.Text)
	}) || slices.ContainsFunc(last.State.Done, func(d prompt.Done) bool { return strings.HasPrefix(d.Result, last.Right.Text+" ") })
}
