package trainer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// publish tells of the version.
func (w *work) publish(ctx context.Context) (contracts.JobPhase, error) {
	a, ok, err := w.readAssignment()
	if err != nil {
		return "", err
	}
	if !ok {
		return contracts.JobDataset, nil // the folder is gone: it is made anew
	}
	if err := w.result(ctx, a); err != nil {
		return "", err
	}
	event, err := w.published(a)
	if err != nil {
		return "", err
	}
	subject := contracts.SubjectAdapter(contracts.AdapterVerbPublished, w.job.For(), w.job.Version)
	if err := w.publishOnce(ctx, contracts.StreamAdapters, subject, event); err != nil {
		return "", err
	}
	w.config.Hook.at(AfterPublish, w.job.JobID)
	return contracts.JobCompleted, nil
}

// result asks the runner once more for what it came to, after a crash: it has that
// still, and nothing is trained again.
func (w *work) result(ctx context.Context, a stored) (err error) {
	if w.trained.SHA256 == "" {
		w.trained, err = w.runner.Run(ctx, a.Assignment, func(Update) {}, nil)
	}
	return err
}

// publishOnce publishes an event on a subject that carries only one: a process that
// was killed right after it has done so already, however long ago.
func (w *work) publishOnce(ctx context.Context, stream, subject string, event any) error {
	_, err := w.keep(ctx, func(ctx context.Context) (contracts.JobPhase, error) {
		there, err := w.isStored(ctx, stream, subject)
		if err != nil || there {
			return "", err
		}
		return "", w.bus.Publish(ctx, subject, event, bus.WithID(subject))
	})
	return err
}

// isStored reports whether a stream holds an event on a subject.
func (w *work) isStored(ctx context.Context, stream, subject string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := w.bus.JetStream().Stream(ctx, stream)
	if err == nil {
		_, err = s.GetLastMsgForSubject(ctx, subject)
	}
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: look for the event %s: %w", errWaiting, subject, err)
	}
	return true, nil
}

// published is the version's event, made of what lies in the job's folder.
func (w *work) published(a stored) (contracts.AdapterPublished, error) {
	folder := filepath.Join(w.dir(), AdapterFolder)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return contracts.AdapterPublished{}, fmt.Errorf("read the adapter: %w", err)
	}
	t := w.trained
	event := contracts.AdapterPublished{
		Role: w.job.For(), Version: w.job.Version, Parent: a.Parent,
		BaseModel: t.BaseModel, BaseSHA256: t.BaseSHA256, SHA256: t.SHA256, Files: []contracts.AdapterFile{},
		Dataset: a.Dataset, Sessions: a.Sessions, Tasks: a.Tasks, JobID: w.job.JobID,
		Steps: t.Steps, Loss: t.Loss, HeldOutLoss: t.HeldOutLoss, ParentLoss: t.ParentLoss, Seconds: t.Seconds,
		Gate: t.Gate, GateWhy: t.GateWhy, Time: time.Now().UTC(),
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		sum, err := digestFile(path)
		if err != nil {
			return contracts.AdapterPublished{}, fmt.Errorf("read the adapter: %w", err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return contracts.AdapterPublished{}, fmt.Errorf("read the adapter: %w", err)
		}
		event.Files = append(event.Files, contracts.AdapterFile{Name: e.Name(), Blob: contracts.Blob{
			Bucket: w.blobs.Bucket(), Key: contracts.AdapterKey(w.job.For(), w.job.Version, e.Name()), SHA256: sum, Size: info.Size(),
		}})
	}
	return event, nil
}
