// Package desk speaks with the feedback service over HTTP: the sessions, their
// ratings, and how the agent does.
package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

const (
	// timeout bounds one request. A rating copies the session's pictures.
	timeout = 30 * time.Second
	// pause lies between two looks at a session that is not yet complete.
	pause = 100 * time.Millisecond
	// most is the largest answer that is read: a session has 100 elements a step.
	most = 64 << 20
)

// Client is the way to one feedback service.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New returns a client of the service at an address such as
// http://127.0.0.1:8420. The token is for a service that asks for one.
func New(base, token string) *Client {
	return &Client{
		base: strings.TrimSuffix(base, "/"), token: token,
		// A connection of its own for each request: none outlives the command.
		http: &http.Client{Timeout: timeout, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// Session returns a session with its steps, by its id or its task's. The error
// is feedback.ErrNotFound when there is none.
func (c *Client) Session(ctx context.Context, id string) (feedback.Session, error) {
	var s feedback.Session
	if !contracts.ValidToken(id) {
		return s, fmt.Errorf("%q: %w", id, errNoSession)
	}
	return s, c.do(ctx, http.MethodGet, "/v1/sessions/"+url.PathEscape(id), nil, "", &s)
}

// Ended is Session for one that has just ended, of which the service may not
// have heard yet: it looks again until within has passed.
func (c *Client) Ended(ctx context.Context, id string, within time.Duration) (feedback.Session, error) {
	deadline := time.Now().Add(within)
	for {
		s, err := c.Session(ctx, id)
		missing := errors.Is(err, feedback.ErrNotFound)
		if err != nil && !missing || err == nil && s.Outcome != "" || time.Now().After(deadline) {
			return s, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return s, context.Cause(ctx)
		}
	}
}

// Rate stores a rating. The key makes a repetition harmless.
func (c *Client) Rate(ctx context.Context, f contracts.Feedback, key string) error {
	return c.do(ctx, http.MethodPost, "/v1/feedback", f, key, nil)
}

// Stats returns how the agent does.
func (c *Client) Stats(ctx context.Context) (feedback.Stats, error) {
	var s feedback.Stats
	return s, c.do(ctx, http.MethodGet, "/v1/stats", nil, "", &s)
}

// Delete removes what the service keeps of a session.
func (c *Client) Delete(ctx context.Context, id string) (feedback.Deleted, error) {
	var d feedback.Deleted
	return d, c.do(ctx, http.MethodDelete, "/v1/sessions/"+url.PathEscape(id), nil, "", &d)
}

// do sends one request and reads its answer into out, if there is to be one.
func (c *Client) do(ctx context.Context, method, path string, in any, key string, out any) error {
	request, err := c.request(ctx, method, path, in, key)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("reach the feedback service at %s: %w", c.base, err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("read the answer of the feedback service: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return problem(response, body)
	}
	if out == nil || len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read the answer of the feedback service at %s: %w", c.base, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, in any, key string) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("ask the feedback service: %w", err)
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("http-url: %w", err)
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, nil
}
