package trainer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// rated handles an event of the FEEDBACK stream.
func (s *service) rated(ctx context.Context, m bus.Message) error {
	if err := s.note(m); err != nil {
		return bus.Terminate(err)
	}
	s.faults.stir()
	return s.consider(ctx)
}

// consider begins a job if one is due by the ratings, of any role that is trained by itself, and
// none runs.
func (s *service) consider(ctx context.Context) error {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	if s.current.running() != nil {
		return nil // its end looks again
	}
	for _, role := range s.config.Roles {
		status, last := s.judge(ctx, role)
		if !status.Due {
			s.log.Debug("no training is due", "role", string(role), "why", status.Why)
			continue
		}
		id := fmt.Sprintf("auto-%d", last)
		if role != contracts.RolePlanner {
			id = fmt.Sprintf("auto-%s-%d", role, last)
		}
		return s.begin(ctx, contracts.JobState{JobID: id, Role: role, Trigger: status.Trigger, Why: status.Why, Through: last})
	}
	return nil
}

// judge says whether a training of a role is due, and which event was the last that was known.
func (s *service) judge(ctx context.Context, role contracts.Role) (status contracts.TrainingStatus, last uint64) {
	ratings, last := s.ledger.ratings()
	through := uint64(0)
	job := s.current.lastOf(role)
	if job != nil {
		through = job.Through
	}
	now := time.Now()
	status = s.config.Rules.judge(ratings, through)
	status.Role = role
	status.Job, status.Progress = s.current.get()
	if !status.Due {
		if due, why := s.config.When.scheduled(ratings, job, now); due {
			status.Due, status.Trigger, status.Why = true, contracts.TriggerSchedule, why
		} else if why != "" {
			status.Why += "; " + why
		}
	}
	if status.Due && role != contracts.RolePlanner {
		if fresh, _ := news(ratings, job); s.faults.lessons(role, fresh) == 0 {
			status.Due = false
			status.Why += fmt.Sprintf(", but no corrected step of the new sessions is for the role %s", role)
		}
	}
	status.Failed = failed(job, now)
	if !status.Due {
		return status, last
	}
	if why := s.unproven(ctx, status); why != "" {
		status.Due, status.Why = false, status.Why+", "+why
	} else if err := s.haveModel(); err != nil {
		status.Due, status.Why = false, status.Why+", but "+err.Error()
	} else if h := s.hold(ctx, status, now); h.why != "" {
		status.Due, status.Held, status.Until = false, h.why, h.until
	}
	return status, last
}

// haveModel reports whether there is something to train.
func (s *service) haveModel() error {
	if s.config.Model == "" {
		return errors.New("the trainer has no base model: set its file (model)")
	}
	if _, err := os.Stat(s.config.Model); err != nil {
		return fmt.Errorf("the base model is not there: %w (fetch it with: grokputer models pull)", err)
	}
	return nil
}

// requested handles a person's wish for a training.
func (s *service) requested(ctx context.Context, m bus.Message) error {
	request := contracts.TrainingRequested{Reason: strings.TrimSpace(string(m.Data))}
	if len(m.Data) > 0 && m.Data[0] == '{' {
		var err error
		if request, err = bus.Decode[contracts.TrainingRequested](m); err != nil {
			return bus.Terminate(err)
		}
	}
	id := request.ID
	if id == "" {
		id = m.ID()
	}
	job := contracts.JobState{
		JobID: contracts.RequestedJob(id), Role: request.Role, Trigger: contracts.TriggerManual, Why: "asked for by a person",
	}
	if job.Dataset = request.Dataset; job.Dataset.Key != "" {
		job.Why += ", on a dataset of their own"
	}
	if request.Reason != "" {
		job.Why += ": " + request.Reason
	}
	if job.Method = request.Method; job.Method != "" && !job.Method.Valid() {
		return bus.Terminate(fmt.Errorf("the request's method %q is none of %v", job.Method, contracts.TrainingMethods()))
	}
	if !contracts.ValidToken(job.JobID) {
		return bus.Terminate(fmt.Errorf("the request's id %q is not of letters, digits, - and _", id))
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	if why := s.refusal(job); why != "" {
		return s.bus.Publish(ctx, contracts.SubjectTraining(contracts.TrainingVerbFailed, job.JobID),
			contracts.TrainingEnded{JobID: job.JobID, Reason: why, Time: time.Now().UTC()}, bus.WithID(job.JobID+".failed"))
	}
	_, job.Through = s.ledger.ratings()
	return s.begin(ctx, job)
}

// refusal is why a job that was asked for does not begin, empty if it does.
func (s *service) refusal(job contracts.JobState) string {
	if _, err := readRole(job.Role); err != nil {
		return err.Error()
	}
	if running := s.current.running(); running != nil && running.JobID != job.JobID {
		return fmt.Sprintf("%s is being trained already (job %s): ask again when that has ended", running.Version, running.JobID)
	}
	if err := s.haveModel(); err != nil {
		return err.Error()
	}
	if job.Dataset.Key != "" {
		return ""
	}
	ratings, _ := s.ledger.ratings()
	var uncorrected []string
	for _, e := range ratings {
		switch {
		case e.Corrected > 0, e.Rating >= contracts.GoodRating && e.Steps > 0:
			return ""
		case e.Steps > 0:
			uncorrected = append(uncorrected, e.SessionID)
		}
	}
	return "nothing teaches: no step of any session is corrected and none was rated well" +
		toCorrect(uncorrected[max(0, len(uncorrected)-maxNamed):])
}

// begin records a job and has it run. One that is on record already is left alone.
func (s *service) begin(ctx context.Context, job contracts.JobState) error {
	job.Role = job.For()
	version, err := s.nextVersion(ctx, job.Role)
	if err != nil {
		return err
	}
	job.Version, job.Phase, job.Created = version, contracts.JobDataset, time.Now().UTC()
	job.Updated = job.Created
	job.TraceParent = traceParent(ctx)
	isNew, err := s.jobs.create(ctx, job)
	if err != nil || !isNew {
		return err
	}
	s.config.Hook.at(AfterCreated, job.JobID)
	s.current.set(&job)
	s.log.Info("training", "job", job.JobID, "role", string(job.Role), "version", job.Version, "trigger", string(job.Trigger), "why", job.Why)
	s.stir()
	return nil
}

// nextVersion is a name that no version and no job of a role has.
func (s *service) nextVersion(ctx context.Context, role contracts.Role) (string, error) {
	most := 0
	list, err := s.jobs.list(ctx)
	if err != nil {
		return "", err
	}
	for _, job := range list {
		if n, ok := contracts.VersionNumber(job.Version); ok && job.For() == role && job.Phase != contracts.JobFailed && job.Phase != contracts.JobCancelled {
			most = max(most, n)
		}
	}
	kv, err := s.bus.KV(ctx, contracts.BucketAdapters)
	if err != nil {
		return "", err
	}
	keys, err := kv.ListKeys(ctx)
	if err != nil {
		return "", fmt.Errorf("list the adapters: %w", err)
	}
	defer func() { _ = keys.Stop() }()
	for key := range keys.Keys() {
		if version, ok := strings.CutPrefix(key, string(role)+"."); ok {
			if n, ok := contracts.VersionNumber(version); ok {
				most = max(most, n)
			}
		}
	}
	return contracts.Version(most + 1), nil
}

// traceParent is the trace of ctx as a header's value, empty for none.
func traceParent(ctx context.Context) string {
	h := nats.Header{}
	bus.Inject(ctx, h)
	return h.Get(contracts.HeaderTraceParent)
}

// withTrace goes on with a trace.
func withTrace(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	h := nats.Header{}
	h.Set(contracts.HeaderTraceParent, parent)
	return bus.Extract(ctx, h)
}

// ask sends a request to a micro service and decodes its answer.
func ask[T any](ctx context.Context, b *bus.Bus, subject string, question any) (T, error) {
	var answer T
	body, err := json.Marshal(question)
	if err != nil {
		return answer, fmt.Errorf("ask %s: %w", subject, err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	reply, err := b.Conn().RequestWithContext(ctx, subject, body)
	if err != nil {
		return answer, fmt.Errorf("ask %s: %w", subject, err)
	}
	if code := reply.Header.Get(headerErrorCode); code != "" {
		return answer, &answerError{code: code, text: reply.Header.Get(headerError)}
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return answer, fmt.Errorf("ask %s: %w", subject, err)
	}
	return answer, nil
}
