package feedback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// askTimeout bounds the wait for another service's answer.
const askTimeout = 2 * time.Second

// Delete implements Desk. The tombstone comes first: what a crash leaves of the
// session is removed by the projector when it reads it.
func (s *Service) Delete(ctx context.Context, id string) (Deleted, error) {
	s.rating.Lock()
	defer s.rating.Unlock()
	r, _, err := s.ended(ctx, id)
	if err != nil {
		return Deleted{}, err
	}
	gone := Deleted{TaskID: r.TaskID, SessionID: r.SessionID, Adapters: []string{}}
	if r.Rating != nil {
		if gone.Adapters, err = s.trainedOn(ctx, r.TaskID); err != nil {
			return Deleted{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Patience)
	defer cancel()
	keys, err := s.objects(ctx, r.TaskID)
	if err != nil {
		return Deleted{}, s.unavailable(ctx, err)
	}
	gone.Objects = len(keys) // the projector removes some of them meanwhile
	err = s.bus.Publish(ctx, contracts.SubjectFeedbackDeleted(r.TaskID), contracts.FeedbackDeleted{
		TaskID: r.TaskID, SessionID: r.SessionID, Adapters: gone.Adapters, Time: time.Now().UTC(),
	}, bus.WithTask(r.TaskID))
	if err != nil {
		return Deleted{}, s.unavailable(ctx, err)
	}
	if err := s.erase(ctx, r.TaskID); err != nil {
		return Deleted{}, s.unavailable(ctx, err)
	}
	return gone, s.store.Update(ctx, "", 0, func(tx Tx) error { return tx.Delete(r.TaskID) })
}

// erase removes a task's objects from S3 and its events from the stream of the tasks.
// It may be repeated.
func (s *Service) erase(ctx context.Context, taskID string) error {
	keys, err := s.objects(ctx, taskID)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.blobs.Remove(ctx, key); err != nil {
			return err
		}
	}
	return s.purge(ctx, taskID)
}

// objects are the keys of what S3 holds of a task and of no other.
func (s *Service) objects(ctx context.Context, taskID string) (keys []string, err error) {
	err = s.store.View(ctx, func(read Reader) error {
		keys, err = read.Frames(taskID)
		return err
	})
	if err != nil {
		return nil, err
	}
	stored, err := s.blobs.List(ctx, bundlePrefix(taskID))
	if err != nil {
		return nil, err
	}
	for _, o := range stored {
		if !slices.Contains(keys, o.Key) {
			keys = append(keys, o.Key)
		}
	}
	return keys, nil
}

// purge removes a task's events, which say what was on the screen.
func (s *Service) purge(ctx context.Context, taskID string) error {
	stream, err := s.bus.JetStream().Stream(ctx, contracts.StreamTasks)
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSubject(contracts.SubjectTaskAll(taskID)))
	}
	if err != nil {
		return fmt.Errorf("remove the events of the task %s: %w", taskID, err)
	}
	return nil
}

// trainedOn asks the registry which versions, of every role, were trained on a task's session.
func (s *Service) trainedOn(ctx context.Context, taskID string) ([]string, error) {
	versions := []string{}
	for _, role := range contracts.PlanningRoles() {
		list, err := ask[contracts.AdapterList](ctx, s.bus, contracts.SubjectRegistryList, contracts.AdapterQuery{Role: role})
		if err != nil {
			return nil, fmt.Errorf("%w: nothing was deleted: the registry has to say which adapters were trained on this session: %w", ErrUnavailable, err)
		}
		for _, a := range list.Adapters {
			if slices.Contains(a.Tasks, taskID) {
				versions = append(versions, contracts.VersionOf(contracts.RolePlanner, role, a.Version))
			}
		}
	}
	return versions, nil
}

// ask sends a request to a micro service and decodes its answer; a nil question is an empty one.
func ask[T any](ctx context.Context, b *bus.Bus, subject string, question any) (answer T, err error) {
	var body []byte
	if question != nil {
		if body, err = json.Marshal(question); err != nil {
			return answer, fmt.Errorf("ask %s: %w", subject, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	reply, err := b.Conn().RequestWithContext(ctx, subject, body)
	if err != nil {
		return answer, fmt.Errorf("%s does not answer: %w", strings.SplitN(subject, ".", 2)[0], err)
	}
	if said := reply.Header.Get(micro.ErrorHeader); said != "" {
		return answer, errors.New(said)
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return answer, fmt.Errorf("the answer of %s cannot be read: %w", subject, err)
	}
	return answer, nil
}
