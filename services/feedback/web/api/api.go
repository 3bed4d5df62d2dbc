// Package api is the HTTP API of the feedback service (OpenAPI at /openapi.json).
package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/feedback"
)

// maxBody is the largest rating in bytes.
const maxBody = 256 << 10

// Register offers the API on a mux. version stands in the document.
func Register(mux *http.ServeMux, desk feedback.Desk, version string) {
	config := huma.DefaultConfig("Grokputer feedback", version)
	config.Info.Description = "Ratings of what the agent did, and the sessions that they are of."
	config.DocsPath = "" // its page would come from elsewhere
	config.SchemasPath = ""
	config.CreateHooks = nil // no $schema links: bodies are what they say
	a := humago.New(mux, config)
	d := door{desk}
	huma.Register(a, huma.Operation{
		OperationID: "rate", Method: http.MethodPost, Path: "/v1/feedback", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxBody,
		Summary: "Rate a session", Description: "Answers 201, or 200 when the very same rating had been taken before. " +
			"What is acknowledged is stored.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, d.rate)
	huma.Register(a, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/v1/sessions", Summary: "List sessions, the newest first",
	}, d.list)
	huma.Register(a, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/v1/sessions/{id}", Summary: "One session with its steps",
		Errors: []int{http.StatusNotFound},
	}, d.session)
	huma.Register(a, huma.Operation{
		OperationID: "delete-session", Method: http.MethodDelete, Path: "/v1/sessions/{id}",
		Summary: "Delete what is kept of a session", Description: "Names the adapters that were trained on it.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, d.remove)
	huma.Register(a, huma.Operation{
		OperationID: "get-screenshot", Method: http.MethodGet, Path: "/v1/sessions/{id}/steps/{step}/screenshot",
		Summary: "The screen before a step, as PNG; step 0 is the screen as the task left it",
		Errors:  []int{http.StatusNotFound},
		Responses: map[string]*huma.Response{"200": {
			Description: "The picture", Content: map[string]*huma.MediaType{"image/png": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}, d.screenshot)
	registerHands(a, d)
	huma.Register(a, huma.Operation{
		OperationID: "get-stats", Method: http.MethodGet, Path: "/v1/stats",
		Summary: "How the agent does: the last ratings, and whether a training is due",
	}, d.stats)
}

// door answers for the desk.
type door struct{ desk feedback.Desk }

// Submission is the body of a rating.
type Submission struct {
	TaskID    string            `json:"task_id,omitempty" doc:"the task that is rated; this or session_id" maxLength:"128"`
	SessionID string            `json:"session_id,omitempty" doc:"the session that is rated" maxLength:"128"`
	Rating    int               `json:"rating" minimum:"1" maximum:"5" doc:"stars"`
	Comment   string            `json:"comment,omitempty" maxLength:"4000"`
	Issues    []contracts.Issue `json:"issues,omitempty" enum:"ocr,wrong_action,timeout,coordination,other" doc:"what went wrong"`
	Steps     []StepSubmission  `json:"steps,omitempty" doc:"the steps of which something is said" maxItems:"200"`
}

// StepSubmission is what is said of one step.
type StepSubmission struct {
	Step      int               `json:"step" minimum:"1"`
	Verdict   contracts.Verdict `json:"verdict,omitempty" enum:"right,wrong"`
	Corrected string            `json:"corrected_action,omitempty" maxLength:"8000" example:"click button \"Save\"" doc:"what would have been right on that step's screen, in the action language"`
}

type rateInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"makes a repetition of the request harmless"`
	Body Submission
}

type rateOutput struct {
	Status int
	Body   contracts.FeedbackSubmitted
}

func (d door) rate(ctx context.Context, in *rateInput) (*rateOutput, error) {
	if in.Body.TaskID == "" && in.Body.SessionID == "" {
		return nil, invalid("session_id", "name the session or the task that is rated")
	}
	f := contracts.Feedback{
		TaskID: in.Body.TaskID, SessionID: in.Body.SessionID, Rating: in.Body.Rating, Comment: in.Body.Comment, Issues: in.Body.Issues,
	}
	for i, s := range in.Body.Steps {
		said := contracts.StepFeedback{Step: s.Step, Verdict: s.Verdict}
		if s.Corrected != "" {
			a, err := action.Parse(s.Corrected)
			if err != nil {
				return nil, invalid(fmt.Sprintf("steps[%d].corrected_action", i), err.Error())
			}
			said.Corrected = &a
		}
		f.Steps = append(f.Steps, said)
	}
	rated, err := d.desk.Rate(ctx, f, in.Key)
	if err != nil {
		return nil, problem(err)
	}
	out := &rateOutput{Status: http.StatusOK, Body: rated.Event}
	if rated.New {
		out.Status = http.StatusCreated
	}
	return out, nil
}

type listInput struct {
	Failed  bool `query:"failed" doc:"only those that did not complete or were rated 3 stars or less"`
	Unrated bool `query:"unrated" doc:"only those that have ended and are not rated"`
	Last    int  `query:"last" minimum:"0" maximum:"10000" doc:"only so many of the newest; 0 is no limit"`
}

// Sessions are the answer of a list.
type Sessions struct {
	Sessions []feedback.Summary `json:"sessions"`
}

type listOutput struct{ Body Sessions }

func (d door) list(ctx context.Context, in *listInput) (*listOutput, error) {
	list, err := d.desk.List(ctx, feedback.Filter{Failed: in.Failed, Unrated: in.Unrated, Last: in.Last})
	if err != nil {
		return nil, problem(err)
	}
	return &listOutput{Sessions{list}}, nil
}

type sessionInput struct {
	ID string `path:"id" maxLength:"128" doc:"session id or task id"`
}

type sessionOutput struct{ Body feedback.Session }

func (d door) session(ctx context.Context, in *sessionInput) (*sessionOutput, error) {
	s, err := d.desk.Session(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	return &sessionOutput{s}, nil
}

type deletedOutput struct{ Body feedback.Deleted }

func (d door) remove(ctx context.Context, in *sessionInput) (*deletedOutput, error) {
	gone, err := d.desk.Delete(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	return &deletedOutput{gone}, nil
}

type screenshotInput struct {
	ID      string `path:"id" maxLength:"128" doc:"session id or task id"`
	Step    int    `path:"step" minimum:"0"`
	IfMatch string `header:"If-None-Match"`
}

type screenshotOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (d door) screenshot(ctx context.Context, in *screenshotInput) (*screenshotOutput, error) {
	picture, err := d.desk.Screenshot(ctx, in.ID, in.Step)
	if err != nil {
		return nil, problem(err)
	}
	// A step's picture never changes; it is the person's alone.
	out := &screenshotOutput{
		Status: http.StatusOK, ContentType: "image/png", ETag: `"` + picture.SHA256 + `"`,
		CacheControl: "private, max-age=86400", Body: picture.PNG,
	}
	if in.IfMatch == out.ETag {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

type statsOutput struct{ Body feedback.Stats }

func (d door) stats(ctx context.Context, _ *struct{}) (*statsOutput, error) {
	stats, err := d.desk.Stats(ctx)
	if err != nil {
		return nil, problem(err)
	}
	return &statsOutput{stats}, nil
}

func invalid(field, why string) error {
	return huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{Location: "body." + field, Message: why})
}

// problem is an error of the desk as problem+json (RFC 9457).
func problem(err error) error {
	if no, ok := errors.AsType[*feedback.InvalidError](err); ok {
		return invalid(no.Field, no.Why)
	}
	switch {
	case errors.Is(err, feedback.ErrUnavailable):
		return huma.Error503ServiceUnavailable(err.Error())
	case errors.Is(err, feedback.ErrNotFound):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, feedback.ErrConflict):
		return huma.Error409Conflict(err.Error())
	default:
		return huma.Error500InternalServerError("a defect kept this from being done", err)
	}
}
