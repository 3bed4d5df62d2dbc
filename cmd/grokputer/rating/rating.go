// Package rating is the dialogue in which a person rates what the agent did:
// stars, a comment, what went wrong and, for a low rating, which steps and what
// would have been right. Every answer is checked at once against what the
// session shows; what cannot be taken is told and asked again.
package rating

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/console"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// The questions.
const (
	askStars   = "Rate this task (1-5 stars, or press Enter to skip)"
	askComment = "Any feedback? (optional)"
	askIssues  = "What went wrong? (comma-separated, such as 1,3)"
)

// ErrSkipped means that the person does not want to rate.
var ErrSkipped = errors.New("not rated")

// Console is where the questions are asked; *console.Console is one.
type Console interface {
	Say(format string, a ...any) error
	Ask(ctx context.Context, prompt string, complete console.Complete) (string, error)
}

// Sessions returns the session that is rated, with what its screens showed. It
// is called only for a low rating.
type Sessions func(ctx context.Context) (feedback.Session, error)

// Ask holds the dialogue about one session, and returns what the person said.
// The error is ErrSkipped when they skip the rating or end the input in between.
func Ask(ctx context.Context, c Console, session Sessions) (contracts.Feedback, error) {
	f, err := ask(ctx, c, session)
	if errors.Is(err, console.ErrEnd) {
		err = ErrSkipped
	}
	return f, err
}

func ask(ctx context.Context, c Console, session Sessions) (f contracts.Feedback, err error) {
	f.Rating, err = again(ctx, c, askStars, ParseStars)
	if err != nil {
		return f, err
	}
	if f.Rating == 0 {
		return f, ErrSkipped
	}
	if f.Comment, err = again(ctx, c, askComment, ParseComment); err != nil || f.Rating > contracts.LowRating {
		return f, err
	}
	for i, issue := range contracts.Issues() {
		if err := c.Say("  %d  %s", i+1, issue.Describe()); err != nil {
			return f, err
		}
	}
	if f.Issues, err = again(ctx, c, askIssues, ParseIssues); err != nil {
		return f, err
	}
	s, err := session(ctx)
	if err != nil {
		return f, err
	}
	f.Steps, err = steps(ctx, c, s)
	return f, err
}

// again asks until the answer can be taken.
func again[T any](ctx context.Context, c Console, prompt string, parse func(string) (T, error)) (T, error) {
	return againWith(ctx, c, prompt, nil, parse)
}

// againWith is again with completion.
func againWith[T any](
	ctx context.Context, c Console, prompt string, complete console.Complete, parse func(string) (T, error),
) (T, error) {
	for {
		answer, err := c.Ask(ctx, prompt, complete)
		if err != nil {
			var none T
			return none, err
		}
		value, wrong := parse(answer)
		if wrong == nil {
			return value, nil
		}
		if err := c.Say("  %v", wrong); err != nil {
			return value, err
		}
	}
}

// ParseStars reads a number of stars; an empty answer is 0.
func ParseStars(answer string) (int, error) {
	if answer == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(answer)
	if err != nil || n < contracts.MinRating || n > contracts.MaxRating {
		return 0, fmt.Errorf("%q is not a number of stars from %d to %d", answer, contracts.MinRating, contracts.MaxRating)
	}
	return n, nil
}

// ParseComment accepts a comment that can be stored.
func ParseComment(answer string) (string, error) {
	if len(answer) > contracts.MaxComment {
		return "", fmt.Errorf("that is too long: %d bytes, and %d can be kept", len(answer), contracts.MaxComment)
	}
	return answer, nil
}

// ParseIssues reads issues by their numbers or names, separated by commas.
func ParseIssues(answer string) ([]contracts.Issue, error) {
	var chosen []contracts.Issue
	for part := range strings.FieldsFuncSeq(answer, func(r rune) bool { return r == ',' || r == ' ' }) {
		issue := contracts.Issue(strings.ToLower(part))
		all := contracts.Issues()
		if n, err := strconv.Atoi(part); err == nil && n >= 1 && n <= len(all) {
			issue = all[n-1]
		}
		if !issue.Valid() {
			return nil, fmt.Errorf("%q is neither a number from 1 to %d nor one of %v", part, len(all), all)
		}
		if !slices.Contains(chosen, issue) {
			chosen = append(chosen, issue)
		}
	}
	return chosen, nil
}
