package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/cmd/grokputer/sessionlog"
	"github.com/grokputer/grokputer/contracts"
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
	Failed  bool `env:"-" help:"Only those that did not complete, or that you rated with 3 stars or less."`
	Unrated bool `env:"-" help:"Only those that have ended and that you have not rated."`
	Last    int  `env:"-" help:"Only so many of the newest." placeholder:"N"`
	JSON    bool `env:"-" help:"Print JSON for programs instead of a table."`
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
	Adapter   string    `json:"adapter,omitempty"`
	Rating    *int      `json:"user_rating"`
}

// Run lists the sessions, from their logs: it does so while nothing is up, too.
// One that cannot be read does not hide the others.
func (cmd *sessionsListCmd) Run(_ context.Context, c *call) error {
	if cmd.Last < 0 {
		return fmt.Errorf("last: %d is not a number of sessions from 1 up", cmd.Last)
	}
	sessions, unread := sessionlog.In(c.data()).List()
	list := []summary{}
	for _, s := range sessions {
		if one := summarise(s); cmd.selects(one) {
			list = append(list, one)
		}
	}
	if cmd.Last > 0 {
		list = list[max(0, len(list)-cmd.Last):]
	}
	if cmd.JSON {
		return errors.Join(c.json(list), unread)
	}
	rows := make([][]string, len(list))
	for i, s := range list {
		rows[i] = s.row()
	}
	err := c.table([]string{"SESSION", "START", "OUTCOME", "STEPS", "SECONDS", "STARS", "ADAPTER", "TASK"}, rows)
	return errors.Join(err, c.say("%s", averageOf(list)), unread)
}

func summarise(s actor.Session) summary {
	one := summary{
		SessionID: s.SessionID, TaskID: s.TaskID, Task: s.Task, Start: s.Start,
		Outcome: string(s.Outcome), Steps: len(s.Steps), Adapter: s.Adapter, Rating: s.Metadata.UserRating,
	}
	if !s.End.IsZero() {
		one.Seconds = s.End.Sub(s.Start).Seconds()
	}
	return one
}

// selects reports whether the flags ask for the session.
func (cmd *sessionsListCmd) selects(s summary) bool {
	if s.Outcome == "" && (cmd.Failed || cmd.Unrated) {
		return false // it runs: nothing can be said of it yet
	}
	low := s.Rating != nil && *s.Rating <= contracts.LowRating
	failed := s.Outcome != string(contracts.VerbCompleted) || low
	return (!cmd.Failed || failed) && (!cmd.Unrated || s.Rating == nil)
}

// averageOf says how the listed sessions were rated.
func averageOf(list []summary) string {
	sum, rated := 0, 0
	for _, s := range list {
		if s.Rating != nil {
			sum += *s.Rating
			rated++
		}
	}
	if rated == 0 {
		return counted(len(list), "session") + ", none of them rated"
	}
	return fmt.Sprintf("%s, %d of them rated: %.2f stars on average", counted(len(list), "session"), rated, float64(sum)/float64(rated))
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
		fmt.Sprintf("%.1f", s.Seconds), stars, orDash(s.Adapter), short(s.Task),
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
	err = errors.Join(err, c.say("%s", follow.Ended(s.Outcome, len(s.Steps), s.Reason, s.Answer)))
	if s.Metadata.UserRating == nil {
		return errors.Join(err, c.say("not rated: grokputer rate %s", s.SessionID))
	}
	return errors.Join(err, c.say("rated with %s", counted(*s.Metadata.UserRating, "star")))
}
