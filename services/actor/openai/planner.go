// Package openai plans with a model behind any OpenAI-compatible endpoint.
package openai

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

// Options are where the model is and how patiently it is asked.
type Options struct {
	// URL is the endpoint's base, such as http://127.0.0.1:8000/v1.
	URL string
	// Model is the model's name as the endpoint knows it.
	Model string
	// Key is sent as a bearer token when it is not empty.
	Key string
	// Images attaches the picture of the screen, for models that take one.
	Images bool
	// Timeout bounds one request; 60 s when 0.
	Timeout time.Duration
	// Attempts is how often a request is sent that the endpoint cannot answer
	// just now; 4 when 0.
	Attempts uint
	// Pause is the first pause between two attempts, which then doubles; 500 ms when 0.
	Pause time.Duration
	// MaxTokens bounds an answer; 512 when 0.
	MaxTokens int
	Log       *slog.Logger // silent when nil
}

// Planner asks an endpoint. It is safe for concurrent use.
type Planner struct {
	options Options
	client  *http.Client
}

var _ actor.Sighted = (*Planner)(nil)

// New checks the options; nothing is asked yet.
func New(o Options) (*Planner, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the planner's URL is %q, want something like http://127.0.0.1:8000/v1", o.URL)
	}
	if o.Model == "" {
		return nil, errors.New("the planner's model has no name")
	}
	o.URL = strings.TrimRight(o.URL, "/")
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Attempts == 0 {
		o.Attempts = 4
	}
	if o.Pause == 0 {
		o.Pause = 500 * time.Millisecond
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = 512
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	// Connections of its own, which Close can end.
	return &Planner{options: o, client: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}}, nil
}

// Close ends the connections that are kept open.
func (p *Planner) Close() { p.client.CloseIdleConnections() }

// Identity implements actor.Planner.
func (p *Planner) Identity() actor.Identity {
	return actor.Identity{Planner: "openai", Model: p.options.Model}
}

// Ready implements actor.Planner: it asks for the list of models, which every
// endpoint has or answers with an error of its own. What counts is that it
// answers and lets us in.
func (p *Planner) Ready(ctx context.Context) error {
	err := p.get(ctx, "/models")
	var status *statusError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &status) && !status.forbidden():
		return nil
	case err != nil:
		return fmt.Errorf("%w: the endpoint %s: %w (check the planner's URL and key)", actor.ErrNoModel, p.options.URL, err)
	}
	return nil
}

// Plan implements actor.Planner.
func (p *Planner) Plan(ctx context.Context, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	return p.PlanSeeing(ctx, state, may, nil)
}

// PlanSeeing implements actor.Sighted. An answer that is no action, or none that
// can be done, is asked for once more with what was wrong. The confidence is 0:
// endpoints do not tell it in one way.
func (p *Planner) PlanSeeing(ctx context.Context, state prompt.State, may actor.Constraint, picture actor.Picture) (actor.Decision, error) {
	user := message{Role: "user", Content: prompt.Render(state) + refusals(may)}
	if p.options.Images && picture != nil {
		png, err := picture(ctx)
		if err != nil {
			return actor.Decision{}, fmt.Errorf("%w: fetch the picture of the screen: %w", actor.ErrNoPlan, err)
		}
		user.Picture = png
	}
	conversation := []message{{Role: "system", Content: instructions(may)}, user}
	text, err := p.complete(ctx, conversation)
	if err != nil {
		return actor.Decision{}, err
	}
	decision, wrong := read(text, state, may)
	if wrong == nil {
		return decision, nil
	}
	p.options.Log.Info("the planner's answer was no action, asking again", "model", p.options.Model)
	conversation = append(conversation, message{Role: "assistant", Content: text}, message{
		Role: "user", Content: "That cannot be done: " + wrong.Error() + "\nAnswer with one action on one line, and nothing else.",
	})
	if text, err = p.complete(ctx, conversation); err != nil {
		return actor.Decision{}, err
	}
	if decision, wrong = read(text, state, may); wrong != nil {
		return actor.Decision{}, fmt.Errorf("%w: %s answered twice with what cannot be done, at last with %s: %w", actor.ErrNoPlan, p.options.Model, quoted(text), wrong)
	}
	return decision, nil
}

// quoted is an answer as an error names it: its beginning, on one line.
func quoted(text string) string {
	const most = 200 // characters
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return screen.Quote(text)
}

// read finds the action in an answer. Models like to put it into a code block, and
// some think aloud before.
func read(text string, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	line := strings.TrimSpace(text)
	if strings.HasPrefix(line, "<think>") {
		_, after, _ := strings.Cut(line, "</think>")
		line = strings.TrimSpace(after)
	}
	if body, ok := strings.CutPrefix(line, "```"); ok {
		body, _, _ = strings.Cut(body, "```")
		if language, rest, ok := strings.Cut(body, "\n"); ok && !strings.Contains(language, " ") {
			body = rest
		}
		line = strings.TrimSpace(body)
	}
	line = strings.Trim(line, "`")
	a, err := action.Parse(line)
	if err != nil {
		return actor.Decision{}, err
	}
	if err := may.Check(state, a); err != nil {
		return actor.Decision{}, err
	}
	return actor.Decision{Action: a, Text: text}, nil
}
