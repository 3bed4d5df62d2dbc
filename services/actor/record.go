package actor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Names of the files in a session's folder.
const (
	SessionFile = "session.json" // a Session
	PromptsFile = "steps.jsonl"  // a Prompted a line
)

// Session is the log of one task, as session.json holds it.
type Session struct {
	SessionID string `json:"session_id"`
	TaskID    string `json:"task_id"`
	Desktop   string `json:"desktop"`
	Task      string `json:"task"`

	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
	// Outcome is the verb of the task's last event, empty while it runs.
	Outcome contracts.Verb   `json:"outcome"`
	Code    contracts.Reason `json:"code,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	Answer  string           `json:"answer,omitempty"`

	Planner string `json:"planner"`
	Model   string `json:"model,omitempty"`
	Adapter string `json:"adapter,omitempty"`

	Steps []contracts.TaskStep `json:"steps"`
	// Audit is what the policy decided, in order.
	Audit []contracts.AuditEntry `json:"audit,omitempty"`
	// Hidden are the areas in which a secret stood last, in the pointer's coordinates.
	Hidden []screen.Box `json:"hidden,omitempty"`
	// LastFrame is the last picture of the screen.
	LastFrame *contracts.Frame `json:"last_frame,omitempty"`
	Metadata  Metadata         `json:"metadata"`
}

// Metadata is what is said about a session after it has ended.
type Metadata struct {
	// UserRating is 1 to 5 stars, null until the user rates the session.
	UserRating *int `json:"user_rating"`
	// RatingID is the id of that rating, RatedAt when it was given.
	RatingID string    `json:"rating_id,omitempty"`
	RatedAt  time.Time `json:"rated_at,omitzero"`
}

// Prompted is what the planner was told before a step and what it said: training
// learns from these.
type Prompted struct {
	Step       int             `json:"step"`
	State      prompt.State    `json:"state"`
	Action     string          `json:"action"`
	Text       string          `json:"text,omitempty"` // the answer as the planner wrote it
	Confidence float64         `json:"confidence"`
	Planner    string          `json:"planner"`
	Model      string          `json:"model,omitempty"`
	Adapter    string          `json:"adapter,omitempty"`
	Frame      contracts.Frame `json:"frame"`
	// Moving and Windows are what else was seen, as View has it.
	Moving  []screen.Box `json:"moving,omitempty"`
	Windows int          `json:"windows,omitempty"`
	Time    time.Time    `json:"time"`
}

// view is what was seen before the step.
func (p Prompted) view() View {
	return View{Frame: p.Frame, Screen: p.State.Screen, Moving: p.Moving, Windows: p.Windows}
}

// record writes a session's folder.
type record struct {
	dir     string
	session Session
	prompts []Prompted
}

// openRecord reads what an earlier process wrote, or begins anew.
func openRecord(logs string, state contracts.TaskState) (*record, error) {
	r := &record{dir: filepath.Join(logs, state.SessionID)}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the session's folder: %w", err)
	}
	body, err := os.ReadFile(filepath.Join(r.dir, SessionFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.session.Steps = []contracts.TaskStep{}
	case err != nil:
		return nil, fmt.Errorf("read the session's log: %w", err)
	default:
		if err := json.Unmarshal(body, &r.session); err != nil {
			return nil, fmt.Errorf("read the session's log %s: %w", r.dir, err)
		}
	}
	r.session.SessionID, r.session.TaskID = state.SessionID, state.TaskID
	r.session.Desktop, r.session.Task, r.session.Start = state.Desktop, state.Task, state.Started
	return r, r.readPrompts()
}

// readPrompts reads the lines of PromptsFile. A last line that a crash cut off
// is left out.
func (r *record) readPrompts() error {
	body, err := os.ReadFile(filepath.Join(r.dir, PromptsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the session's prompts: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, len(body)+1)
	for lines.Scan() {
		var p Prompted
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			break
		}
		r.prompts = append(r.prompts, p)
	}
	return lines.Err()
}

// start notes who plans.
func (r *record) start(state contracts.TaskState, who Identity) {
	r.session.Start = state.Started
	r.session.Planner, r.session.Model, r.session.Adapter = who.Planner, who.Model, who.Adapter
}

// prompted notes what the planner was told before a step. What an earlier
// process noted about the same step, before a crash, is replaced.
func (r *record) prompted(p Prompted) error {
	for len(r.prompts) > 0 && r.prompts[len(r.prompts)-1].Step >= p.Step {
		r.prompts = r.prompts[:len(r.prompts)-1]
	}
	r.prompts = append(r.prompts, p)
	var body bytes.Buffer
	for _, p := range r.prompts {
		line, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("write the session's prompts: %w", err)
		}
		body.Write(line)
		body.WriteByte('\n')
	}
	return replaceFile(filepath.Join(r.dir, PromptsFile), body.Bytes())
}

// prompt returns what was noted before a step.
func (r *record) prompt(step int) (Prompted, bool) {
	for _, p := range r.prompts {
		if p.Step == step {
			return p, true
		}
	}
	return Prompted{}, false
}

func (r *record) ended() bool { return r.session.Outcome.Ends() }

// end notes how the task ended.
func (r *record) end(e ending, steps []contracts.TaskStep, last *View, now time.Time) {
	r.session.End, r.session.Outcome = now.UTC(), e.Verb
	r.session.Code, r.session.Reason, r.session.Answer = e.Code, e.Reason, e.Answer
	r.session.Steps = append([]contracts.TaskStep{}, steps...)
	if last != nil {
		frame := last.Frame
		r.session.LastFrame = &frame
	}
}

// event is the task's last event, as the record has it.
func (r *record) event(state contracts.TaskState) contracts.TaskEnded {
	adapters := make([][]contracts.RoleVersion, len(r.session.Steps))
	for i, step := range r.session.Steps {
		adapters[i] = step.Adapters
	}
	return contracts.TaskEnded{
		TaskID: state.TaskID, SessionID: state.SessionID, Task: state.Task,
		Code: r.session.Code, Reason: r.session.Reason, Answer: r.session.Answer,
		Steps: len(r.session.Steps), Adapters: contracts.Asked(adapters...), Frame: r.session.LastFrame, Time: r.session.End,
	}
}

// save writes session.json.
func (r *record) save() error {
	body, err := json.MarshalIndent(r.session, "", "  ")
	if err != nil {
		return fmt.Errorf("write the session's log: %w", err)
	}
	return replaceFile(filepath.Join(r.dir, SessionFile), append(body, '\n'))
}

// replaceFile writes a file whole or not at all, and so that it lasts.
func replaceFile(name string, body []byte) (err error) {
	part, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", filepath.Base(name), err), os.Remove(part.Name()))
		}
	}()
	if _, err := part.Write(body); err != nil {
		return errors.Join(err, part.Close())
	}
	if err := part.Sync(); err != nil {
		return errors.Join(err, part.Close())
	}
	if err := part.Close(); err != nil {
		return err
	}
	return os.Rename(part.Name(), name)
}
