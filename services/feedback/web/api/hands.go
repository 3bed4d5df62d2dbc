package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// registerHands offers what a person says while the agent works.
func registerHands(a huma.API, d door) {
	huma.Register(a, huma.Operation{
		OperationID: "list-approvals", Method: http.MethodGet, Path: "/v1/approvals",
		Summary: "The sessions with an action that waits for a person's answer",
	}, d.waiting)
	huma.Register(a, huma.Operation{
		OperationID: "answer-approval", Method: http.MethodPost, Path: "/v1/approvals/{id}", Summary: "Allow or deny the action that a session waits with",
		Description: "Answers 409 when the session does not wait, or waits with another step by now.",
		Errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, d.answer)
	huma.Register(a, huma.Operation{
		OperationID: "stop", Method: http.MethodPost, Path: "/v1/stop", Summary: "End all input on every desktop, and cancel what runs",
		Description: "What is acknowledged has ended. Answers 503 when no actor says so.",
		Errors:      []int{http.StatusServiceUnavailable},
	}, d.stop)
}

func (d door) waiting(ctx context.Context, _ *struct{}) (*listOutput, error) {
	list, err := d.desk.Waiting(ctx)
	if err != nil {
		return nil, problem(err)
	}
	return &listOutput{Sessions{list}}, nil
}

// Decision is the body of an answer.
type Decision struct {
	Step   int    `json:"step" minimum:"1" doc:"the step that waits"`
	Action string `json:"action,omitempty" maxLength:"8000" doc:"the action that is answered about; whichever the step has when not given"`
	Answer string `json:"answer" enum:"allow,deny"`
	Reason string `json:"reason,omitempty" maxLength:"1000"`
}

type answerInput struct {
	ID   string `path:"id" maxLength:"128" doc:"session id or task id"`
	Body Decision
}

type answerOutput struct{ Body contracts.TaskApproval }

func (d door) answer(ctx context.Context, in *answerInput) (*answerOutput, error) {
	answer, err := d.desk.Answer(ctx, feedback.Answer{
		ID: in.ID, Step: in.Body.Step, Action: in.Body.Action, Allow: in.Body.Answer == "allow", Reason: in.Body.Reason, By: contracts.ByHTTP,
	})
	if err != nil {
		return nil, problem(err)
	}
	return &answerOutput{answer}, nil
}

// Stopping is the body of a stop.
type Stopping struct {
	Reason string `json:"reason,omitempty" maxLength:"1000"`
}

type stopInput struct {
	Body *Stopping `required:"false"`
}

// Stopped are the actors that have stopped.
type Stopped struct {
	Stopped []contracts.StopAck `json:"stopped"`
}

type stopOutput struct{ Body Stopped }

func (d door) stop(ctx context.Context, in *stopInput) (*stopOutput, error) {
	reason := "stopped over HTTP"
	if in.Body != nil && in.Body.Reason != "" {
		reason = in.Body.Reason
	}
	acks, err := d.desk.Stop(ctx, reason)
	if err != nil {
		return nil, problem(err)
	}
	return &stopOutput{Stopped{acks}}, nil
}
