package tests

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// greeting is a task that touches nothing.
const greeting = "greet"

// victim is a program that is killed and started again, on a screen that
// outlives it.
type victim struct {
	home

	running *program
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	h := newHome(t, scripted(t, func(s seen) string {
		if s.task == greeting {
			return `answer "hello"`
		}
		return work(s)
	})...).withScreen()
	return &victim{home: h, running: h.up()}
}

// crash kills the program.
func (v *victim) crash() {
	v.t.Helper()
	if !v.running.alive() {
		v.t.Fatalf("it has ended by itself:\n%s", v.running.output.text())
	}
	v.running.kill()
}

// recover starts the program again.
func (v *victim) recover() { v.running = v.up() }

// ask publishes a task and returns its id when the server has stored it.
func (v *victim) ask(nc *nats.Conn, task string) string {
	v.t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	stored, err := js.Publish(ctx, contracts.SubjectTaskRequested(), []byte(task))
	if err != nil {
		v.t.Fatal(err)
	}
	return fmt.Sprintf("task-%d", stored.Sequence)
}

// judge says what is wrong after a chore, by what the programs hold, what is
// stored, and what is written down.
func (v *victim) judge(c chore, events []bus.Message) error {
	v.t.Helper()
	var wrong error
	say := func(format string, a ...any) { wrong = errors.Join(wrong, fmt.Errorf(format, a...)) }
	if text := v.desk().text(); text != c.text {
		say("the editor holds\n%q, not\n%q", text, c.text)
	}
	if digits := v.desk().shown(); digits != c.digits {
		say("the calculator was clicked %s, not %s", digits, c.digits)
	}
	v.desk().released()
	var verbs []string
	steps := 0
	for _, e := range events {
		verbs = append(verbs, string(verb(e.Subject)))
		if verb(e.Subject) != contracts.VerbStep {
			continue
		}
		if steps++; decode[contracts.TaskStep](v.t, e.Data).Step != steps {
			say("the event of step %d tells of another: %s", steps, e.Data)
		}
	}
	if want := "accepted started" + strings.Repeat(" step", steps) + " completed"; strings.Join(verbs, " ") != want {
		say("the events were %q, not %q", verbs, want)
	}
	end := decode[contracts.TaskEnded](v.t, events[len(events)-1].Data)
	session := v.session(end.SessionID)
	if session.Outcome != contracts.VerbCompleted || len(session.Steps) != steps || end.Steps != steps {
		say("session.json has %d steps and outcome %s, the event %d steps, there were %d", len(session.Steps), session.Outcome, end.Steps, steps)
	}
	if wrong != nil {
		say("the task ended with %q %s after the steps", end.Code, end.Reason)
		for _, s := range session.Steps {
			say("%d. %s: %s %s", s.Step, s.Action, s.Outcome, s.Result)
		}
	}
	return wrong
}
