package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/desk"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// learn plays and rates the sessions of a round in the house that learns, which continues on its
// data, and waits for what comes of them.
func (l *learner) learn(ctx context.Context, r *learning.Round) (err error) {
	s, place, err := startIn(ctx, l.call, &l.cmd.work, filepath.Join(l.cmd.Results, "house"), func(*house.Config) {})
	if err != nil {
		return err
	}
	stopped := false
	stop := func() error {
		stopped = true
		return s.stop(ctx)
	}
	defer func() {
		if !stopped {
			err = errors.Join(err, stop())
		}
	}()
	if err := cancelOpen(ctx, s.Bus()); err != nil {
		return err
	}
	if err := l.rateSessions(ctx, s, place, r); err != nil {
		return err
	}
	training, err := l.awaitTraining(ctx, s, r)
	if err != nil {
		return err
	}
	champion, err := l.champion(ctx, s)
	if err != nil {
		return err
	}
	r.Champion, r.Evaluated = champion, champion
	if training.Let {
		r.Evaluated = training.Version
	}
	for _, version := range []string{r.Champion, r.Evaluated} {
		if err := l.have(ctx, s, version); err != nil {
			return err
		}
	}
	if err := stop(); err != nil {
		return err
	}
	r.Training = &training
	if err := l.note("round %d: %s", r.N, learning.Describe(*r)); err != nil {
		return err
	}
	return l.spend(&r.Learning)
}

// rateSessions plays and rates what is left of a round's sessions.
func (l *learner) rateSessions(ctx context.Context, s *service, place bench.Place, r *learning.Round) (err error) {
	sessions := l.state.SessionsOf(r.N)
	if len(l.ratings.Of(sessions)) == len(sessions) {
		return nil
	}
	stage, err := newStage(ctx, s, l.pages, l.cmd.Scale)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close(ctx), l.spend(&r.Playing)) }()
	player := miniwob.Player{
		Stage: stage, Bus: s.Bus(), Frames: s.Blobs(), Desktop: l.cmd.Desktop, With: "learning", Log: l.sessions,
		Clear: place.Clear, Gone: s.ended,
	}
	client := desk.New(s.State().HTTP, l.shared.HTTP.Token)
	for i, session := range sessions {
		if _, rated := l.ratings.Find(session); rated {
			continue
		}
		played, err := player.Play(ctx, []string{session.Task}, []int64{session.Seed})
		if err != nil {
			return err
		}
		rating, err := l.rate(ctx, client, played[0])
		if err != nil {
			return fmt.Errorf("rate %s, seed %d: %w", session.Task, session.Seed, err)
		}
		if err := l.ratings.Add(rating); err != nil {
			return err
		}
		if err := l.sayRating(r.N, i+1, len(sessions), played[0], rating); err != nil {
			return err
		}
		if err := l.spend(&r.Playing); err != nil {
			return err
		}
	}
	return nil
}

// rate gives the scripted user's opinion at the door that everyone has. The key makes it
// harmless to say it again after a crash.
func (l *learner) rate(ctx context.Context, client *desk.Client, e miniwob.Episode) (learning.Rating, error) {
	session, err := client.Ended(ctx, e.Session, settling)
	if err != nil {
		return learning.Rating{}, err
	}
	opinion := learning.Judge(e, session.Steps, l.cmd.Corrections)
	key := "learning-" + e.Session
	refused := ""
	err = client.Rate(ctx, opinion.Feedback, key)
	if errors.Is(err, feedback.ErrInvalid) && len(opinion.Steps) > 0 {
		refused = err.Error()
		opinion = opinion.WithoutCorrection()
		err = client.Rate(ctx, opinion.Feedback, key)
	}
	if err != nil {
		return learning.Rating{}, err
	}
	rating := learning.Rating{
		Task: e.Task, Seed: e.Seed, Session: e.Session, Adapter: e.Adapter, Stars: opinion.Rating, Fault: opinion.Fault,
		Refused: refused, Time: time.Now().UTC(),
	}
	for _, said := range opinion.Steps {
		rating.Step, rating.Corrected = said.Step, said.Corrected.String()
	}
	return rating, nil
}

// sayRating says how a session went.
func (l *learner) sayRating(round, i, n int, e miniwob.Episode, r learning.Rating) error {
	what := fmt.Sprintf("%d stars", r.Stars)
	switch {
	case r.Refused != "":
		what += "; correction refused: " + r.Refused
	case r.Corrected != "":
		what += fmt.Sprintf("; right at step %d: %s", r.Step, r.Corrected)
	case r.Fault != "":
		what += "; " + r.Fault
	}
	return l.note("round %d, session %2d of %d  %-22s %6d  %-10s %2d steps %5.1f s  %s", round, i, n, e.Task, e.Seed, e.Adapter, e.Steps, e.Seconds, what)
}

// have has a version's files in the results.
func (l *learner) have(ctx context.Context, s *service, version string) error {
	folder := l.folder(version)
	if _, err := os.Stat(filepath.Join(folder, weightsFile)); err == nil {
		return l.know(version)
	}
	a, err := askRegistry[contracts.Adapter](ctx, s.Bus(), contracts.SubjectRegistryGet, contracts.AdapterQuery{Version: version})
	if err != nil {
		return err
	}
	if err := checkFiles(a); err != nil {
		return fmt.Errorf("download %s: %w", version, err)
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return fmt.Errorf("download %s: %w", version, err)
	}
	if err := download(ctx, s.Blobs(), a, folder); err != nil {
		return fmt.Errorf("download %s: %w", version, err)
	}
	return l.know(version)
}
