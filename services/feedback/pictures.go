package feedback

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
)

// bundlePrefix is where all that is kept of a rated task lies in S3.
func bundlePrefix(taskID string) string { return "bundles/" + taskID + "/" }

// keepPictures copies the bundle's pictures beside it: those of the observer make room
// for newer ones after a while. One that is gone already leaves an empty place.
func (s *Service) keepPictures(ctx context.Context, b *contracts.Bundle) error {
	b.Steps = slices.Clone(b.Steps)
	for i := range b.Steps {
		var err error
		if b.Steps[i].Frame, err = s.keepPicture(ctx, b.TaskID, b.Steps[i].Frame); err != nil {
			return err
		}
	}
	if b.LastFrame == nil {
		return nil
	}
	last, err := s.keepPicture(ctx, b.TaskID, *b.LastFrame)
	b.LastFrame = &last
	return err
}

func (s *Service) keepPicture(ctx context.Context, taskID string, f contracts.Frame) (contracts.Frame, error) {
	prefix := bundlePrefix(taskID) + "frames"
	if f.Image.Key == "" || strings.HasPrefix(f.Image.Key, prefix) {
		return f, nil
	}
	png, err := s.blobs.Get(ctx, f.Image)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrCorrupt):
		f.Image = contracts.Blob{}
		return f, nil
	case err != nil:
		return f, err
	}
	f.Image, err = s.blobs.PutContent(ctx, prefix, strings.TrimPrefix(path.Ext(f.Image.Key), "."), png, "image/png")
	return f, err
}

// Screenshot implements Desk.
func (s *Service) Screenshot(ctx context.Context, id string, step int) (Picture, error) {
	s.fresh(ctx)
	r, steps, err := s.find(ctx, id)
	if err != nil {
		return Picture{}, err
	}
	var frame contracts.Frame
	switch at := slices.IndexFunc(steps, func(b contracts.BundleStep) bool { return b.Step == step }); {
	case step == 0 && r.LastFrame != nil:
		frame = *r.LastFrame
	case at >= 0:
		frame = steps[at].Frame
	case r.Waiting != nil && r.Waiting.Step == step && r.Waiting.Frame != nil:
		frame = *r.Waiting.Frame
	default:
		return Picture{}, fmt.Errorf("%w: the session %s has no step %d", ErrNotFound, r.SessionID, step)
	}
	if frame.Image.Key == "" {
		return Picture{}, fmt.Errorf("%w: the picture of step %d is no longer kept", ErrNotFound, step)
	}
	png, err := s.blobs.Get(ctx, frame.Image)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Picture{}, fmt.Errorf("%w: the picture of step %d is no longer kept", ErrNotFound, step)
	case err != nil:
		return Picture{}, s.unavailable(ctx, err)
	}
	return Picture{SHA256: frame.Image.SHA256, PNG: png}, nil
}
