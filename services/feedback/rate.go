package feedback

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// Rate implements Desk.
func (s *Service) Rate(ctx context.Context, f contracts.Feedback, key string) (Rated, error) {
	s.rating.Lock()
	defer s.rating.Unlock()
	r, steps, err := s.ended(ctx, cmp.Or(f.TaskID, f.SessionID))
	if err != nil {
		return Rated{}, err
	}
	if err := check(f, r, steps); err != nil {
		return Rated{}, err
	}
	b := freeze(f, r, steps)
	content := contentOf(b)
	b.FeedbackID = identify(r, content, key)
	if key == "" && r.Rating != nil && r.Content == content {
		b.FeedbackID = r.Rating.ID // said once more
	}
	if taken, known, err := s.taken(ctx, b, content); err != nil || known {
		return Rated{Event: taken}, err
	}
	ctx, cancel := context.WithTimeout(withTrace(ctx, r.TraceParent), s.options.Patience)
	defer cancel()
	ctx, span := s.tracer.Start(ctx, "rate")
	defer span.End()
	b, event, err := s.submit(ctx, b, r)
	if err != nil {
		return Rated{}, s.unavailable(ctx, err)
	}
	// The rating cannot be lost any more. If this fails, the projector does it.
	err = s.store.Update(context.WithoutCancel(ctx), "", 0, func(tx Tx) error { return putBundle(tx, b, event, 0) })
	if err != nil {
		s.log.Warn("the projection learns of a rating later", "session", r.SessionID, "err", err)
	}
	return Rated{Event: event, New: true}, nil
}

// taken returns a rating of this session that was taken before under the same id, however
// many others came since. ErrConflict means that it said something else.
func (s *Service) taken(ctx context.Context, b contracts.Bundle, content string) (e contracts.FeedbackSubmitted, known bool, err error) {
	err = s.store.View(ctx, func(read Reader) error {
		var before string
		e, before, known, err = read.Rating(b.TaskID, b.FeedbackID)
		if err == nil && known && before != "" && before != content {
			return errKeyUsed
		}
		return err
	})
	return e, known, err
}

// errKeyUsed means that an idempotency key was used for another rating of the session.
var errKeyUsed = fmt.Errorf("%w: this idempotency key was used for another rating of the session", ErrConflict)

// find returns a session with its steps.
func (s *Service) find(ctx context.Context, id string) (r Record, steps []contracts.BundleStep, err error) {
	err = s.store.View(ctx, func(read Reader) error {
		var ok bool
		if r, ok, err = read.Find(id); err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: there is no session or task %q", ErrNotFound, id)
		}
		steps, err = read.Steps(r.TaskID)
		return err
	})
	return r, steps, err
}

// submit stores a rating: the bundle first, then the event that points to it.
func (s *Service) submit(
	ctx context.Context, b contracts.Bundle, r Record,
) (stored contracts.Bundle, event contracts.FeedbackSubmitted, err error) {
	b, pointer, err := s.keepBundle(ctx, b)
	if err != nil {
		return b, event, err
	}
	if err := s.at(AfterBundle); err != nil {
		return b, event, err
	}
	event = eventOf(b, pointer)
	if r.Rating != nil {
		event.Replaces = r.Rating.ID
	}
	err = s.bus.Publish(ctx, contracts.SubjectFeedbackSubmitted(b.TaskID), event, bus.WithID(b.FeedbackID), bus.WithTask(b.TaskID))
	if err != nil {
		return b, event, err
	}
	return b, event, s.at(AfterPublish)
}

// keepBundle stores a bundle, once: an attempt that was cut short may have done so, and
// its event may be on its way.
func (s *Service) keepBundle(ctx context.Context, b contracts.Bundle) (contracts.Bundle, contracts.Blob, error) {
	key := bundlePrefix(b.TaskID) + b.FeedbackID + ".json"
	pointer, err := s.blobs.Stat(ctx, key)
	if err == nil {
		before, err := s.bundle(ctx, pointer)
		if err == nil && contentOf(before) != contentOf(b) {
			err = errKeyUsed
		}
		return before, pointer, err
	}
	if !errors.Is(err, blob.ErrNotFound) {
		return b, pointer, err
	}
	if err := s.keepPictures(ctx, &b); err != nil {
		return b, pointer, err
	}
	body, err := json.Marshal(b)
	if err != nil {
		return b, pointer, fmt.Errorf("freeze the session: %w", err)
	}
	pointer, err = s.blobs.Put(ctx, key, body, "application/json")
	return b, pointer, err
}

func eventOf(b contracts.Bundle, pointer contracts.Blob) contracts.FeedbackSubmitted {
	event := contracts.FeedbackSubmitted{
		ID: b.FeedbackID, TaskID: b.TaskID, SessionID: b.SessionID, Rating: b.Rating, Issues: b.Issues,
		Outcome: b.Outcome, Steps: len(b.Steps), Model: b.Model, Adapter: b.Adapter, Bundle: pointer, Time: b.Rated,
	}
	adapters := make([][]contracts.RoleVersion, len(b.Steps))
	for i, step := range b.Steps {
		adapters[i] = step.Adapters
		if step.Corrected != nil {
			event.Corrected++
		}
	}
	event.Adapters = contracts.Asked(adapters...)
	return event
}

// unavailable says that nothing was stored, unless the error is another.
func (s *Service) unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrDenied) || errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("%w: nothing was stored, try again: %w", ErrUnavailable, err)
	}
	return err
}

// freeze makes the bundle of a session with what is said of it now. What was said of
// steps in an earlier rating is replaced as a whole.
func freeze(f contracts.Feedback, r Record, steps []contracts.BundleStep) contracts.Bundle {
	b := contracts.Bundle{
		TaskID: r.TaskID, SessionID: r.SessionID, Desktop: r.Desktop, Task: r.Task,
		Outcome: r.Outcome, Code: r.Code, Reason: r.Reason, Answer: r.Answer,
		Planner: r.Planner, Model: r.Model, Adapter: r.Adapter, Started: r.Started, Ended: r.Ended,
		Rating: f.Rating, Comment: f.Comment, Issues: slices.Clone(f.Issues), Rated: time.Now().UTC(),
		Steps: slices.Clone(steps), LastFrame: r.LastFrame,
	}
	for i := range b.Steps {
		b.Steps[i].Verdict, b.Steps[i].Corrected = contracts.VerdictNone, nil
		for _, said := range f.Steps {
			if said.Step != b.Steps[i].Step {
				continue
			}
			b.Steps[i].Verdict, b.Steps[i].Corrected = said.Verdict, said.Corrected
			if said.Corrected != nil {
				b.Steps[i].Verdict = contracts.VerdictWrong
			}
		}
	}
	return b
}

// contentOf identifies what a rating says: two that say the same have the same.
func contentOf(b contracts.Bundle) string {
	said := contracts.Feedback{TaskID: b.TaskID, Rating: b.Rating, Comment: b.Comment, Issues: slices.Sorted(slices.Values(b.Issues))}
	for _, step := range b.Steps {
		if step.Verdict != contracts.VerdictNone || step.Corrected != nil {
			said.Steps = append(said.Steps, contracts.StepFeedback{Step: step.Step, Verdict: step.Verdict, Corrected: step.Corrected})
		}
	}
	body, err := json.Marshal(said)
	if err != nil {
		return "" // no field of it can fail
	}
	return digest(string(body))
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p)) // a hash never fails
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// identify is the id of a rating: by its key, or else by what it says and which one it
// replaces, so that a request that is repeated has the same id.
func identify(r Record, content, key string) string {
	if key != "" {
		return digest("key", r.TaskID, key)
	}
	before := ""
	if r.Rating != nil {
		before = r.Rating.ID
	}
	return digest("content", content, before)
}

// withTrace goes on with the trace of the task.
func withTrace(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	h := nats.Header{}
	h.Set(contracts.HeaderTraceParent, parent)
	return bus.Extract(ctx, h)
}

// check says what is wrong with a rating.
func check(f contracts.Feedback, r Record, steps []contracts.BundleStep) error {
	switch {
	case f.Rating < contracts.MinRating || f.Rating > contracts.MaxRating:
		return &InvalidError{Field: "rating", Why: fmt.Sprintf("it is %d, want 1 to 5 stars", f.Rating)}
	case len(f.Comment) > contracts.MaxComment:
		return &InvalidError{Field: "comment", Why: fmt.Sprintf("it has %d bytes, at most %d are kept", len(f.Comment), contracts.MaxComment)}
	case !utf8.ValidString(f.Comment):
		return &InvalidError{Field: "comment", Why: "it is not UTF-8 text"}
	case f.TaskID != "" && f.SessionID != "" && f.SessionID != r.SessionID:
		return &InvalidError{Field: "session_id", Why: fmt.Sprintf("the task %s belongs to the session %s", f.TaskID, r.SessionID)}
	}
	for i, issue := range f.Issues {
		field := fmt.Sprintf("issues[%d]", i)
		if !issue.Valid() {
			return &InvalidError{Field: field, Why: fmt.Sprintf("%q is none of %v", issue, contracts.Issues())}
		}
		if slices.Contains(f.Issues[:i], issue) {
			return &InvalidError{Field: field, Why: fmt.Sprintf("%s is named twice", issue)}
		}
	}
	for i, said := range f.Steps {
		if err := checkStep(said, fmt.Sprintf("steps[%d]", i), f.Steps[:i], steps); err != nil {
			return err
		}
	}
	return nil
}

func checkStep(said contracts.StepFeedback, field string, before []contracts.StepFeedback, steps []contracts.BundleStep) error {
	invalid := func(name, format string, args ...any) error {
		return &InvalidError{Field: field + "." + name, Step: said.Step, Why: fmt.Sprintf(format, args...)}
	}
	at := slices.IndexFunc(steps, func(s contracts.BundleStep) bool { return s.Step == said.Step })
	switch {
	case at < 0:
		return invalid("step", "there is no step %d: the session has %d", said.Step, len(steps))
	case slices.ContainsFunc(before, func(b contracts.StepFeedback) bool { return b.Step == said.Step }):
		return invalid("step", "step %d is named twice", said.Step)
	}
	switch said.Verdict {
	case contracts.VerdictNone, contracts.VerdictRight, contracts.VerdictWrong:
	default:
		return invalid("verdict", "%q is neither %q nor %q", said.Verdict, contracts.VerdictRight, contracts.VerdictWrong)
	}
	if said.Corrected == nil {
		return nil
	}
	step := steps[at]
	if said.Verdict == contracts.VerdictRight {
		return invalid("verdict", "a step that was right needs no other action")
	}
	if step.State.Task == "" {
		return invalid("corrected_action", "it is not known what the screen of step %d showed, so nothing can be learned from it", said.Step)
	}
	if err := step.State.Check(*said.Corrected); err != nil {
		return invalid("corrected_action", "%s cannot be done on the screen of step %d: %s", said.Corrected, said.Step, err)
	}
	if said.Corrected.String() == step.Action.String() {
		return invalid("corrected_action", "%s is what was done in step %d", said.Corrected, said.Step)
	}
	return nil
}
