package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
)

// leftOut is what leaving some sessions out came to: at which of their corrected steps the
// champion, and an adapter that was trained on all but them, say the right action, and at which
// of their steps that were kept right.
type leftOut struct {
	answers

	Kept answers `json:"kept"`
}

// leaveOut trains once for each part of the newly rated sessions, on all but these, and
// measures on these: it shows whether what is learned from some sessions helps in others.
// Sessions that the champion has learned from tell nothing about that. how says what was
// done.
func (r *run) leaveOut(ctx context.Context, champion *lora.Adapter, read []trainer.Example) (all leftOut, how string, err error) {
	kept := r.kept(read)
	parts := r.parts(read, kept)
	began := time.Now()
	for i, sessions := range parts {
		if i > 0 && time.Since(began) > r.Recipe.LeaveOutTime {
			return all, fmt.Sprintf("%d of %d parts of the newly rated sessions were left out in turn; there was no time for more", i, len(parts)), nil
		}
		part, err := r.leave(ctx, i, len(parts), sessions, champion, read, kept)
		if err != nil {
			return leftOut{}, "", err
		}
		all = leftOut{all.with(part.answers), all.Kept.with(part.Kept)}
	}
	return all, fmt.Sprintf("the newly rated sessions were left out in turn, in %d parts", len(parts)), nil
}

// parts are the sessions that the champion does not know, dealt out into as many parts as are
// to be left out: first those with corrected steps, so that these are spread evenly, then the
// others with kept ones.
func (r *run) parts(read, kept []trainer.Example) [][]string {
	var sessions []string
	for _, e := range read {
		if id := lessonOf(e); id != "" && !slices.Contains(r.Known, id) && !slices.Contains(sessions, id) {
			sessions = append(sessions, id)
		}
	}
	for _, e := range kept {
		if id := e.Source.SessionID; !slices.Contains(sessions, id) {
			sessions = append(sessions, id)
		}
	}
	parts := make([][]string, min(r.Recipe.LeaveOut, len(sessions)))
	for i, id := range sessions {
		if len(parts) > 0 {
			parts[i%len(parts)] = append(parts[i%len(parts)], id)
		}
	}
	return parts
}

// lessonOf is the session of a step that the person corrected, empty for another example.
func lessonOf(e trainer.Example) string {
	if e.Kind != trainer.KindLesson || e.Varied || e.Source == nil {
		return ""
	}
	return e.Source.SessionID
}

// leave leaves one part out. What an earlier process came to is not done again.
func (r *run) leave(
	ctx context.Context, i, of int, sessions []string, champion *lora.Adapter, read, kept []trainer.Example,
) (leftOut, error) {
	folder := filepath.Join(r.Folder, fmt.Sprintf("left-out-%d", i+1))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return leftOut{}, fmt.Errorf("make a folder: %w", err)
	}
	path := filepath.Join(folder, resultFile)
	if part, err := readJSON[leftOut](path); err != nil || part != nil {
		if err != nil {
			return leftOut{}, err
		}
		return *part, nil
	}
	var lessons, rest []trainer.Example
	for _, e := range read {
		switch {
		case e.Source == nil || !slices.Contains(sessions, e.Source.SessionID):
			rest = append(rest, e)
		case lessonOf(e) != "":
			lessons = append(lessons, e)
		}
	}
	r.doing(leaving(i+1, of))
	set, err := r.examples(rest)
	if errors.Is(err, trainer.ErrUntrainable) { // nothing else teaches: what is left is the parent
		set, err = examples{}, nil
	}
	if err != nil {
		return leftOut{}, err
	}
	adapter, err := r.start(r.Recipe)
	if err != nil {
		return leftOut{}, final(ctx, err)
	}
	if set.items() > 0 {
		checkpoints := filepath.Join(filepath.Base(folder), checkpointFolder)
		if _, err := r.fit(ctx, r.Recipe, adapter, set, checkpoints, func(e train.Event) { r.happenedAside(e, i+1, of) }); err != nil {
			return leftOut{}, err
		}
		if _, err := r.moveBack(r.Recipe, adapter); err != nil {
			return leftOut{}, err
		}
	}
	var part leftOut
	if part.answers, err = r.both(ctx, champion, adapter, lessons); err != nil {
		return leftOut{}, err
	}
	kept = slices.DeleteFunc(slices.Clone(kept), func(e trainer.Example) bool { return !slices.Contains(sessions, e.Source.SessionID) })
	if part.Kept, err = r.both(ctx, champion, adapter, kept); err != nil {
		return leftOut{}, err
	}
	return part, errors.Join(writeJSON(path, part), os.RemoveAll(filepath.Join(folder, checkpointFolder)))
}

// happenedAside tells of a training whose adapter is only measured.
func (r *run) happenedAside(event train.Event, part, of int) {
	e, ok := event.(train.Stepped)
	if !ok {
		return
	}
	p := trainer.Progressed{}
	p.JobID, p.Version, p.Step, p.Steps, p.Loss = r.JobID, r.Version, e.Step, e.Steps, e.Loss
	p.TokensPerSecond, p.LeftSeconds = e.TokensPerSecond, e.Left.Seconds()
	p.Doing = leaving(part, of)
	r.tell(p)
}

func leaving(part, of int) string {
	return fmt.Sprintf("leaving out part %d of %d of the newly rated sessions", part, of)
}
