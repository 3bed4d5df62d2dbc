package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/services/trainer/shadow"
)

// replayKnown is what the bus knows for a replay.
type replayKnown struct {
	rated              []contracts.FeedbackSubmitted
	adapters           []contracts.Adapter
	candidate, against *contracts.Adapter // against is nil when the recorded steps are
	training           string             // the version that is being trained, empty for none
}

// ask asks the bus.
func (cmd *replayCmd) ask(ctx context.Context, b *bus.Bus, from time.Time) (k replayKnown, err error) {
	list, err := askRegistry[contracts.AdapterList](ctx, b, contracts.SubjectRegistryList, contracts.AdapterQuery{})
	if err != nil {
		return k, err
	}
	k.adapters = list.Adapters
	if k.candidate, err = k.find(cmd.Version); err != nil {
		return k, err
	}
	if cmd.Against != "" {
		against := cmd.Against
		if against == againstChampion {
			if against = list.Aliases.Champion; against == "" {
				against = contracts.VersionNone
			}
		}
		if k.against, err = k.find(against); err != nil {
			return k, err
		}
		if k.against.Version == k.candidate.Version {
			return k, fmt.Errorf("%s cannot be compared with itself: name another version with --against", k.candidate.Version)
		}
	}
	// Without a trainer nothing is being trained; what else goes wrong there is not ours.
	if s, err := askTrainer(ctx, b, ofRole{}, contracts.SubjectTrainerStatus); err == nil && s.Job != nil && !s.Job.Phase.Ends() {
		k.training = s.Job.Version
	}
	k.rated, err = ratedSince(ctx, b, from)
	return k, err
}

// find returns a version that can be measured.
func (k replayKnown) find(version string) (*contracts.Adapter, error) {
	if version == contracts.VersionNone {
		a := contracts.Adapter{}
		a.Version = version
		return &a, nil
	}
	for _, a := range k.adapters {
		if a.Version != version {
			continue
		}
		if err := checkFiles(a); err != nil {
			return nil, fmt.Errorf("measure %s: %w", version, err)
		}
		return &a, nil
	}
	return nil, fmt.Errorf("there is no adapter %q: `grokputer adapters` lists what there is", version)
}

// sessions are those that a version, or one that it began from, was trained on.
func (k replayKnown) sessions(version string) map[string]bool {
	seen, passed := map[string]bool{}, map[string]bool{}
	for version != "" && !passed[version] {
		passed[version] = true
		i := slices.IndexFunc(k.adapters, func(a contracts.Adapter) bool { return a.Version == version })
		if i < 0 {
			break
		}
		for _, id := range k.adapters[i].Sessions {
			seen[id] = true
		}
		version = k.adapters[i].Parent
	}
	return seen
}

// replayPlace is what is opened for a replay.
type replayPlace struct {
	candidate shadow.Version
	against   *shadow.Version
	blobs     store
	folder    string // of the adapters
	engine    *lm.Engine
	end       []func() error
}

// close closes all of it.
func (p *replayPlace) close() (err error) {
	for _, end := range slices.Backward(p.end) {
		err = errors.Join(err, end())
	}
	return err
}

// open opens the model with the adapters. After an error nothing is left open.
func (cmd *replayCmd) open(ctx context.Context, c *call, k replayKnown) (_ *replayPlace, err error) {
	model, sha256, err := baseModel(c, cmd.Model)
	if err != nil {
		return nil, err
	}
	p := &replayPlace{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.blobs, err = c.blobs(ctx); err != nil {
		return nil, err
	}
	p.end = append(p.end, func() error { return p.blobs.close(context.WithoutCancel(ctx)) })
	if p.folder, err = os.MkdirTemp("", "grokputer-replay-"); err != nil {
		return nil, err
	}
	p.end = append(p.end, func() error { return os.RemoveAll(p.folder) })
	threads := cmd.threads(k.training != "")
	if k.training != "" {
		if err := c.note("%s is being trained: this takes %s beside it", k.training, counted(threads, "thread")); err != nil {
			return nil, err
		}
	}
	if p.engine, err = lm.Open(ctx, model, lm.Options{SHA256: sha256, Threads: threads}); err != nil {
		return nil, err
	}
	p.end = append(p.end, p.engine.Close)
	if p.candidate, err = cmd.attach(ctx, c, p, k, *k.candidate); err != nil {
		return nil, err
	}
	if k.against != nil {
		against, err := cmd.attach(ctx, c, p, k, *k.against)
		if err != nil {
			return nil, err
		}
		p.against = &against
	}
	return p, nil
}

// attach fetches an adapter's files and checks them and what base they are for.
func (cmd *replayCmd) attach(ctx context.Context, c *call, p *replayPlace, k replayKnown, a contracts.Adapter) (v shadow.Version, err error) {
	v = shadow.Version{Name: a.Version, Sessions: k.sessions(a.Version)}
	base := p.engine.Info().SHA256
	name := lm.NoAdapter
	if a.Version != contracts.VersionNone {
		if a.BaseSHA256 != "" && a.BaseSHA256 != base {
			return v, fmt.Errorf("%s was trained on %s with the sha256 %s, and this base model has %s: name the right one with --model",
				a.Version, a.BaseModel, a.BaseSHA256, base)
		}
		folder := filepath.Join(p.folder, a.Version)
		if err := download(ctx, p.blobs.Store, a, folder); err != nil {
			return v, fmt.Errorf("fetch %s: %w", a.Version, err)
		}
		name = a.Version
		if _, err := p.engine.LoadAdapter(name, folder, a.SHA256); err != nil {
			return v, fmt.Errorf("load %s: %w", a.Version, err)
		}
	}
	v.Planner = shadow.Engine(p.engine, name)
	if v.Answers, err = cmd.answers(c, base, a.SHA256); err != nil {
		return v, err
	}
	if v.Answers != nil {
		p.end = append(p.end, v.Answers.Close)
	}
	return v, nil
}

// baseModel is the file of the base model that is set, or of the fetched one, and the sha256
// that it has to have if that is known.
func baseModel(c *call, set string) (path, sha256 string, err error) {
	p := plannerSettings{Model: set}.planner(c.data())
	if _, err := os.Stat(p.Model); err != nil {
		return "", "", fmt.Errorf("the model is not there: %w (fetch it with: grokputer models pull)", err)
	}
	return p.Model, p.SHA256, nil
}
