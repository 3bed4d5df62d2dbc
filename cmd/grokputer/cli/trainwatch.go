package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

const (
	// tickBuffer is how many ticks may wait to be shown; more are dropped by the connection.
	tickBuffer = 64
	// slowStart is how long a request may go unanswered before that is said.
	slowStart = 10 * time.Second
)

// errUnwatched is why a watch ends when nobody wants it any more.
var errUnwatched = errors.New("the watch is over")

// trainingWatch reads the events and the ticks of one training job.
type trainingWatch struct {
	job    string
	events <-chan bus.Message
	ended  <-chan error
	ticks  <-chan *nats.Msg
	stop   func()
}

// watchTraining watches a job that is about to be asked for.
func watchTraining(ctx context.Context, b *bus.Bus, job string) (*trainingWatch, error) {
	last, err := b.LastSequence(ctx, contracts.StreamTraining)
	if err != nil {
		return nil, err
	}
	ticks := make(chan *nats.Msg, tickBuffer)
	live, err := b.Conn().ChanSubscribe(contracts.SubjectLiveTraining(job), ticks)
	if err != nil {
		return nil, fmt.Errorf("watch the training: %w", err)
	}
	watching, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	events, ended, gone := make(chan bus.Message), make(chan error, 1), make(chan struct{})
	go func() {
		defer close(gone)
		filter := []string{contracts.SubjectTraining("*", job)}
		ended <- b.Watch(watching, contracts.StreamTraining, filter, bus.FromAfter(last), func(m bus.Message) error {
			select {
			case events <- m:
				return nil
			case <-watching.Done():
				return context.Cause(watching)
			}
		})
	}()
	return &trainingWatch{job: job, events: events, ended: ended, ticks: ticks, stop: func() {
		_ = live.Unsubscribe() // the connection closes next
		cancel(errUnwatched)
		<-gone
	}}, nil
}

// follow shows the job until it ends. The error is nil only if a version came of it.
func (w *trainingWatch) follow(ctx context.Context, c *call) error {
	slow := time.NewTimer(slowStart)
	defer slow.Stop()
	progress := newTicker(c.out)
	for {
		select {
		case m := <-w.events:
			slow.Stop()
			if over, err := w.event(c, progress, m); over || err != nil {
				return err
			}
		case m := <-w.ticks:
			slow.Stop()
			var p contracts.TrainingProgress
			if json.Unmarshal(m.Data, &p) == nil { // a tick that cannot be read is not missed
				progress.show(p)
			}
		case err := <-w.ended:
			progress.end()
			return err
		case <-slow.C:
			_ = c.note("the trainer puts the examples together, or is busy: `grokputer train status` says which")
		case <-ctx.Done():
			progress.end()
			_ = c.note("not watching any more; the training goes on: `grokputer train status` shows it, `grokputer train cancel` ends it")
			return context.Cause(ctx)
		}
	}
}

// event shows one event and reports whether it is the job's last.
func (w *trainingWatch) event(c *call, progress *ticker, m bus.Message) (over bool, err error) {
	verb, _, _ := strings.Cut(strings.TrimPrefix(m.Subject, "training."), ".")
	switch contracts.TrainingVerb(verb) {
	case contracts.TrainingVerbStarted:
		s, err := bus.Decode[contracts.TrainingStarted](m)
		if err != nil {
			return false, err
		}
		return false, c.say("%s", describeStart(s))
	case contracts.TrainingVerbCompleted, contracts.TrainingVerbFailed, contracts.TrainingVerbCancelled:
		progress.end()
		e, err := bus.Decode[contracts.TrainingEnded](m)
		if err != nil {
			return true, err
		}
		return true, sayTrained(c, contracts.TrainingVerb(verb), e)
	default: // a checkpoint is nothing to a person
		return false, nil
	}
}

// describeStart says what a job will do.
func describeStart(s contracts.TrainingStarted) string {
	from := "the base model"
	if s.Parent != "" {
		from = s.Parent
	}
	text := fmt.Sprintf("training %s from %s: %s\n  examples: %d from corrected steps (%d of them variants), %d right, %d wrong, %d of the starter's; %d held out\n"+
		"  %d trainable parameters, %s, %d tokens an epoch", s.Version, from, screen.Line(s.Why),
		s.Lessons, s.Varied, s.Good, s.Bad, s.Replay, s.HeldOut, s.Parameters, counted(s.Steps, "step"), s.Tokens)
	if s.Pairs+s.Judged > 0 {
		text += fmt.Sprintf("\n  method %s: %d examples of what is right, %d pairs, %d right and wrong answers", s.Method, s.Supervised, s.Pairs, s.Judged)
	}
	if s.ExpectedSeconds > 0 {
		text += ", expected to take " + span(s.ExpectedSeconds)
	}
	return text
}

// sayTrained says how a job ended.
func sayTrained(c *call, verb contracts.TrainingVerb, e contracts.TrainingEnded) error {
	if verb != contracts.TrainingVerbCompleted {
		reason := e.Reason
		if reason == "" {
			reason = "no reason was given"
		}
		return fmt.Errorf("no version came of the training (%s): %s", verb, screen.Line(reason))
	}
	text := fmt.Sprintf("trained %s in %s: %s, loss %.4f", e.Version, span(e.Seconds), counted(e.Steps, "step"), e.Loss)
	if e.HeldOutLoss > 0 {
		text += fmt.Sprintf(", %.4f on examples that it was not trained on", e.HeldOutLoss)
	}
	return c.say("%s\n`grokputer train explain %s` says what it learned from", text, e.Version)
}

// progressLine is a tick for a person.
func progressLine(p contracts.TrainingProgress) string {
	line := fmt.Sprintf("step %d of %d", p.Step, p.Steps)
	switch {
	case p.Doing != "" && p.Steps == 0:
		line = screen.Line(p.Doing)
	case p.Doing != "":
		line = screen.Line(p.Doing) + ": " + line
	}
	if p.Loss > 0 {
		line += fmt.Sprintf(", loss %.4f", p.Loss)
	}
	if p.HeldOutLoss > 0 {
		line += fmt.Sprintf(" (held out %.4f)", p.HeldOutLoss)
	}
	if p.TokensPerSecond > 0 {
		line += fmt.Sprintf(", %.0f tokens/s", p.TokensPerSecond)
	}
	if p.LeftSeconds > 0 {
		line += ", " + span(p.LeftSeconds) + " left"
	}
	if p.Rests != "" {
		line += "; rests: " + screen.Line(p.Rests)
	}
	return line
}

// ticker shows how far a training is: one line that is written over on a
// terminal, and a line for each tenth elsewhere.
type ticker struct {
	out   io.Writer
	live  bool
	tenth int
	doing string
	width int // of the line that stands there
}

func newTicker(out io.Writer) *ticker {
	return &ticker{out: out, live: isTerminal(out), tenth: -1}
}

// show shows a tick. Nothing depends on whether the terminal takes it.
func (t *ticker) show(p contracts.TrainingProgress) {
	line := progressLine(p)
	tenth := 10 * p.Step / max(p.Steps, 1)
	if !t.live {
		if tenth != t.tenth || p.Doing != t.doing {
			_, _ = fmt.Fprintln(t.out, line)
		}
		t.tenth, t.doing = tenth, p.Doing
		return
	}
	cells := min(barWidth, barWidth*p.Step/max(p.Steps, 1))
	line = fmt.Sprintf("[%s%s] %s", strings.Repeat("#", cells), strings.Repeat(".", barWidth-cells), line)
	_, _ = fmt.Fprintf(t.out, "\r%-*s", t.width, line)
	t.width = len(line)
}

// end finishes the line that stands there.
func (t *ticker) end() {
	if t.live && t.width > 0 {
		_, _ = fmt.Fprintln(t.out)
	}
	t.width = 0
}
