package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/console"
	"github.com/grokputer/grokputer/cmd/grokputer/desk"
	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/cmd/grokputer/rating"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/feedback"
)

// settling is how long the feedback service may take to hear of a task's end.
const settling = 5 * time.Second

// errRuns: a rating is of a whole session.
var errRuns = errors.New("it has not ended: rate it when it has")

// rateFlag is what the commands that rate afterwards have.
type rateFlag struct {
	Rate bool `help:"Ask for a rating afterwards, on a terminal." default:"true" negatable:""`
}

type rateCmd struct {
	ID      string   `arg:"" help:"The session, such as session_20251108_143052, or its task."`
	Stars   stars    `env:"-" help:"1 to 5 stars; without any of these flags, the questions are asked." placeholder:"N"`
	Comment string   `env:"-" help:"What you want to say of it." placeholder:"TEXT"`
	Issue   []string `env:"-" help:"What went wrong: ocr, wrong_action, timeout, coordination or other." placeholder:"NAME,..."`
	Step    []int    `env:"-" help:"A step that was wrong; can be given several times." placeholder:"N"`
	Action  []string `env:"-" help:"What would have been right at that step, in the action language, such as 'click button \"OK\"'; as often as --step, in the same order." sep:"none" placeholder:"TEXT"`
	JSON    bool     `env:"-" help:"Print JSON for programs instead of text."`
}

// stars are a number from 1 to 5.
type stars int

// UnmarshalText reads the number.
func (s *stars) UnmarshalText(text []byte) error {
	n, err := rating.ParseStars(string(text))
	if err == nil && n == 0 {
		err = errors.New("say how many stars, from 1 to 5")
	}
	*s = stars(n)
	return err
}

// stored is what a rating came to, for programs.
type stored struct {
	contracts.Feedback

	Stats *feedback.Stats `json:"stats,omitempty"`
}

// Run rates a session: by the flags, or by asking.
func (cmd *rateCmd) Run(ctx context.Context, c *call) error {
	client, err := c.desk()
	if err != nil {
		return err
	}
	session, err := client.Session(ctx, cmd.ID)
	if err == nil && session.Outcome == "" {
		err = errRuns
	}
	if err != nil {
		return fmt.Errorf("rate %s: %w", cmd.ID, err)
	}
	f, err := cmd.feedback(ctx, c, session)
	if err != nil {
		return err
	}
	f.SessionID = session.SessionID
	if err := client.Rate(ctx, f, bus.NewID()); err != nil {
		return fmt.Errorf("rate %s: %w", cmd.ID, err)
	}
	stats, err := client.Stats(ctx)
	if cmd.JSON {
		result := stored{Feedback: f}
		if err == nil {
			result.Stats = &stats
		}
		return c.json(result)
	}
	return errors.Join(c.say("%s", describeRating(f)), err, sayStats(c, stats))
}

// feedback is what the flags say, or else what the person answers.
func (cmd *rateCmd) feedback(ctx context.Context, c *call, session feedback.Session) (contracts.Feedback, error) {
	if cmd.Stars == 0 && cmd.Comment == "" && len(cmd.Issue)+len(cmd.Step)+len(cmd.Action) == 0 {
		if cmd.JSON {
			return contracts.Feedback{}, errors.New("json: say with --stars how many, since nothing is asked then")
		}
		f, err := askRating(ctx, c, func(context.Context) (feedback.Session, error) { return session, nil })
		if errors.Is(err, rating.ErrSkipped) && !c.interactive() {
			err = fmt.Errorf("%w: there was no answer; say with --stars how many", err)
		}
		return f, err
	}
	f := contracts.Feedback{Rating: int(cmd.Stars)}
	if f.Rating == 0 {
		return f, errors.New("stars: say with --stars how many, from 1 to 5")
	}
	if len(cmd.Action) > 0 && len(cmd.Action) != len(cmd.Step) {
		return f, fmt.Errorf("action: each --action needs its --step: there are %d and %d", len(cmd.Action), len(cmd.Step))
	}
	var err error
	if f.Comment, err = rating.ParseComment(cmd.Comment); err != nil {
		return f, fmt.Errorf("comment: %w", err)
	}
	if f.Issues, err = rating.ParseIssues(strings.Join(cmd.Issue, ",")); err != nil {
		return f, fmt.Errorf("issue: %w", err)
	}
	for i, step := range cmd.Step {
		right := ""
		if len(cmd.Action) > 0 {
			right = cmd.Action[i]
		}
		said, err := rating.Correct(session, step, right)
		if err != nil {
			return f, err
		}
		f.Steps = append(f.Steps, said)
	}
	return f, nil
}

// askRating holds the dialogue on the streams of the command.
func askRating(ctx context.Context, c *call, session rating.Sessions) (f contracts.Feedback, err error) {
	dialogue, err := console.Open(c.in, c.out)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, dialogue.Close()) }()
	return rating.Ask(ctx, dialogue, session)
}

// rate asks for a rating of a task that has just ended, on a terminal. What
// goes wrong is told and does not change how the command ends: that is about
// the task.
func (cmd rateFlag) rate(ctx context.Context, c *call, d *desktop, end follow.Ending) {
	address := c.shared.HTTP.URL
	if address == "" {
		address = d.state.HTTP
	}
	if !cmd.Rate || !c.interactive() || end.SessionID == "" || end.Verb == contracts.VerbRejected || address == "" {
		return
	}
	later := fmt.Sprintf("`grokputer rate %s` does it later", end.SessionID)
	if interrupted(ctx) {
		_ = c.note("not rated; %s", later)
		return
	}
	err := rateNow(ctx, c, desk.New(address, c.shared.HTTP.Token), end.SessionID)
	switch {
	case errors.Is(err, rating.ErrSkipped):
		_ = c.note("not rated; %s", later)
	case err != nil:
		_ = c.note("the rating was not stored: %v; %s", err, later)
	}
}

func rateNow(ctx context.Context, c *call, client *desk.Client, id string) error {
	settled := func(ctx context.Context) (feedback.Session, error) { return client.Ended(ctx, id, settling) }
	f, err := askRating(ctx, c, settled)
	if err != nil {
		return err
	}
	if _, err := settled(ctx); err != nil { // a session that runs cannot be rated
		return err
	}
	f.SessionID = id
	if err := client.Rate(ctx, f, bus.NewID()); err != nil {
		return err
	}
	if err := c.say("%s", describeRating(f)); err != nil {
		return err
	}
	stats, err := client.Stats(ctx)
	if err != nil {
		return c.note("how the agent does is not known: %v", err) // the rating is stored
	}
	return sayStats(c, stats)
}
