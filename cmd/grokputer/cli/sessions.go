package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/cmd/grokputer/sessionlog"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

// sessionsCmd is `grokputer sessions`.
type sessionsCmd struct {
	List   sessionsListCmd   `cmd:"" default:"withargs" help:"List past tasks, the newest last."`
	Show   sessionsShowCmd   `cmd:"" help:"Show what the agent saw and did in one session."`
	Export sessionsExportCmd `cmd:"" help:"Write one session to a file or to the standard output."`
	Delete sessionsDeleteCmd `cmd:"" help:"Delete one session with its pictures."`
}

type sessionsListCmd struct {
	JSON bool `env:"-" help:"Print JSON for programs instead of a table."`
}

// summary is a session in a list.
type summary struct {
	SessionID string    `json:"session_id"`
	TaskID    string    `json:"task_id"`
	Task      string    `json:"task"`
	Start     time.Time `json:"start"`
	Seconds   float64   `json:"seconds"`
	Outcome   string    `json:"outcome"` // empty while it runs
	Steps     int       `json:"steps"`
	Rating    *int      `json:"user_rating"`
}

// Run lists the sessions. One that cannot be read does not hide the others.
func (cmd *sessionsListCmd) Run(_ context.Context, c *call) error {
	sessions, unread := sessionlog.In(c.data()).List()
	list := make([]summary, len(sessions))
	for i, s := range sessions {
		list[i] = summary{
			SessionID: s.SessionID, TaskID: s.TaskID, Task: s.Task, Start: s.Start,
			Outcome: string(s.Outcome), Steps: len(s.Steps), Rating: s.Metadata.UserRating,
		}
		if !s.End.IsZero() {
			list[i].Seconds = s.End.Sub(s.Start).Seconds()
		}
	}
	if cmd.JSON {
		return errors.Join(c.json(list), unread)
	}
	rows := make([][]string, len(list))
	for i, s := range list {
		rows[i] = s.row()
	}
	return errors.Join(c.table([]string{"SESSION", "START", "OUTCOME", "STEPS", "SECONDS", "STARS", "TASK"}, rows), unread)
}

func (s summary) row() []string {
	outcome, stars := s.Outcome, "-"
	if outcome == "" {
		outcome = "running"
	}
	if s.Rating != nil {
		stars = strconv.Itoa(*s.Rating)
	}
	return []string{
		s.SessionID, local(s.Start), outcome, strconv.Itoa(s.Steps),
		fmt.Sprintf("%.1f", s.Seconds), stars, short(s.Task),
	}
}

// short is a task's first words, on one line.
func short(task string) string {
	const most = 60
	runes := []rune(screen.Line(task))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}

type sessionsShowCmd struct {
	ID   string `arg:"" help:"The session, such as session_20251108_143052."`
	JSON bool   `env:"-" help:"Print session.json instead of text."`
}

// Run shows a session.
func (cmd *sessionsShowCmd) Run(_ context.Context, c *call) error {
	logs := sessionlog.In(c.data())
	if cmd.JSON {
		return logs.Export(c.out, cmd.ID, sessionlog.FormatJSON)
	}
	s, err := logs.Load(cmd.ID)
	if err != nil {
		return err
	}
	return show(c, s)
}

func show(c *call, s actor.Session) error {
	planner := follow.Planner(s.Planner, s.Model, s.Adapter)
	err := c.say("%s (task %s, on the desktop %s)\n%s\nbegan %s, planned by %s",
		s.SessionID, s.TaskID, s.Desktop, screen.Line(s.Task), local(s.Start), planner)
	for _, step := range s.Steps {
		err = errors.Join(err, c.say("%s", follow.Step(step)))
	}
	if s.Outcome == "" {
		return errors.Join(err, c.say("it has not ended"))
	}
	return errors.Join(err, c.say("%s", follow.Ended(s.Outcome, len(s.Steps), s.Reason, s.Answer)))
}

type sessionsExportCmd struct {
	ID     string            `arg:"" help:"The session."`
	Format sessionlog.Format `help:"json: the session as it stands; steps: one line of JSON for each step, with what the planner was told." enum:"json,steps" default:"json" placeholder:"FORMAT"`
	Output string            `short:"o" help:"File to write; the standard output when not given." type:"path" placeholder:"FILE"`
}

// Run exports a session.
func (cmd *sessionsExportCmd) Run(_ context.Context, c *call) error {
	logs := sessionlog.In(c.data())
	if cmd.Output == "" {
		return logs.Export(c.out, cmd.ID, cmd.Format)
	}
	// A session tells what was on the screen: it is for its owner alone.
	file, err := os.OpenFile(cmd.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name another file", cmd.Output)
	}
	if err != nil {
		return fmt.Errorf("export the session: %w", err)
	}
	err = errors.Join(logs.Export(io.Writer(file), cmd.ID, cmd.Format), file.Close())
	if err != nil {
		return errors.Join(err, os.Remove(cmd.Output))
	}
	return nil
}

type sessionsDeleteCmd struct {
	ID  string `arg:"" help:"The session."`
	Yes bool   `short:"y" env:"-" help:"Do not ask."`
}

// Run deletes a session.
func (cmd *sessionsDeleteCmd) Run(ctx context.Context, c *call) error {
	logs := sessionlog.In(c.data())
	s, err := logs.Load(cmd.ID)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Delete %s (%s) with its pictures?", s.SessionID, short(s.Task))
	if err := c.confirm(ctx, cmd.Yes, question); err != nil {
		return err
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	removed, err := logs.Delete(ctx, cmd.ID, store)
	if err = errors.Join(err, store.close(ctx)); err != nil {
		return err
	}
	return c.say("deleted %s and %d pictures that no other session shows", cmd.ID, removed)
}
