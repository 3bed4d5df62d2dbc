package openai

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/grokputer/grokputer/services/actor"
)

const (
	// maxAnswer is how much of an endpoint's answer is read, in bytes.
	maxAnswer = 1 << 20
	// longestPause is the longest wait between two attempts, also when the
	// endpoint asks for a longer one.
	longestPause = 20 * time.Second
)

// message is one message of a conversation.
type message struct {
	Role    string
	Content string
	Picture []byte // a PNG, or nil
}

// MarshalJSON writes the content as a text, or, with a picture, as parts.
func (m message) MarshalJSON() ([]byte, error) {
	type part = map[string]any
	var content any = m.Content
	if m.Picture != nil {
		address := "data:image/png;base64," + base64.StdEncoding.EncodeToString(m.Picture)
		content = []part{
			{"type": "text", "text": m.Content},
			{"type": "image_url", "image_url": part{"url": address}},
		}
	}
	return json.Marshal(part{"role": m.Role, "content": content})
}

type completionRequest struct {
	Model       string    `json:"model"`
	Messages    []message `json:"messages"`
	Temperature float64   `json:"temperature"`
	MaxTokens   int       `json:"max_tokens"`
}

type completion struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
	} `json:"choices"`
	// Error is what some endpoints say with status 200.
	Error struct {
		Message string `json:"message"`
	} `json:"error"`
}

// complete returns the model's answer to a conversation. Its errors are
// actor.ErrNoModel when the endpoint does not let us in, actor.ErrNoPlan else, or
// ctx's.
func (p *Planner) complete(ctx context.Context, conversation []message) (string, error) {
	body, err := json.Marshal(completionRequest{
		Model: p.options.Model, Messages: conversation, MaxTokens: p.options.MaxTokens,
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", actor.ErrNoPlan, err)
	}
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = p.options.Pause, longestPause
	answer, err := backoff.Retry(ctx, func() ([]byte, error) {
		answer, err := p.send(ctx, http.MethodPost, "/chat/completions", body)
		return answer, retryable(err)
	}, backoff.WithBackOff(pace), backoff.WithMaxTries(p.options.Attempts), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, wait time.Duration) {
			p.options.Log.Warn("the planner's endpoint did not answer, trying again", "err", err, "wait", wait)
		}))
	var status *statusError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &status) && status.forbidden():
		return "", fmt.Errorf("%w: the endpoint %s: %w (check the planner's key)", actor.ErrNoModel, p.options.URL, err)
	case err != nil:
		return "", fmt.Errorf("%w: the endpoint %s: %w", actor.ErrNoPlan, p.options.URL, err)
	}
	var c completion
	if err := json.Unmarshal(answer, &c); err != nil {
		return "", fmt.Errorf("%w: the endpoint %s answered with something else than a completion: %w", actor.ErrNoPlan, p.options.URL, err)
	}
	if len(c.Choices) == 0 {
		return "", fmt.Errorf("%w: the endpoint %s answered without a choice: %s", actor.ErrNoPlan, p.options.URL, quoted(c.Error.Message))
	}
	return c.Choices[0].Message.Content, nil
}

// retryable tells backoff which errors pass: no answer, one of 408, 429 or 5xx. A
// pause that the endpoint asks for is kept.
func retryable(err error) error {
	var status *statusError
	if !errors.As(err, &status) {
		return err
	}
	switch {
	case !status.passes():
		return backoff.Permanent(err)
	case status.after > 0:
		return fmt.Errorf("%w: %w", &backoff.RetryAfterError{Duration: min(status.after, longestPause)}, err)
	default:
		return err
	}
}

func (p *Planner) get(ctx context.Context, path string) error {
	_, err := p.send(ctx, http.MethodGet, path, nil)
	return err
}

// send makes one request and returns the body of an answer with status 200.
func (p *Planner) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.options.Timeout, fmt.Errorf("no answer within %s", p.options.Timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, p.options.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if p.options.Key != "" {
		request.Header.Set("Authorization", "Bearer "+p.options.Key)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, because(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, because(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, newStatusError(response, answer)
	}
	return answer, nil
}

// because prefers the reason why a request's context ended.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// statusError is an answer with another status than 200.
type statusError struct {
	code  int
	text  string
	after time.Duration // the pause that the endpoint asks for
}

func newStatusError(response *http.Response, body []byte) *statusError {
	const most = 200 // bytes of the body that stand in the message
	e := &statusError{code: response.StatusCode, text: string(bytes.ToValidUTF8(body[:min(most, len(body))], nil))}
	e.after = retryAfter(response.Header.Get("Retry-After"), time.Now())
	return e
}

// retryAfter reads the pause that an endpoint asks for: seconds, or a date (RFC
// 9110, section 10.2.3). It is 0 for none.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

func (e *statusError) Error() string {
	return fmt.Sprintf("status %d %s: %s", e.code, http.StatusText(e.code), e.text)
}

// forbidden reports whether the endpoint does not let us in.
func (e *statusError) forbidden() bool {
	return e.code == http.StatusUnauthorized || e.code == http.StatusForbidden
}

// passes reports whether the same request may be answered later.
func (e *statusError) passes() bool {
	return e.code == http.StatusTooManyRequests || e.code == http.StatusRequestTimeout || e.code >= http.StatusInternalServerError
}
