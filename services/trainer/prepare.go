package trainer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

const (
	assignmentFile = "assignment.json"
	// maxBundles bounds how many rated sessions are read for one training; the newest count.
	maxBundles = 1000
)

// Where and as what datasets lie in S3, named by their content (blob.Store.PutContent).
const (
	DatasetPrefix = "datasets"
	DatasetSuffix = "jsonl.gz"
	DatasetType   = "application/gzip"
)

// errNothing means that no rated session has anything to teach.
var errNothing = errors.New("nothing teaches: no step of any session is corrected and none was rated well; " +
	"say what would have been right in a low-rated one (grokputer rate SESSION)")

// prepare puts the dataset and the adapter to begin from into the job's folder.
func (w *work) prepare(ctx context.Context) (contracts.JobPhase, error) {
	if err := w.haveModel(); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUntrainable, err)
	}
	if err := os.MkdirAll(w.dir(), 0o700); err != nil {
		return "", fmt.Errorf("make the job's folder: %w", err)
	}
	champion, err := w.champion(ctx, w.job.For())
	if err != nil {
		return "", err
	}
	fresh := champion == nil || w.config.Recipe.fresh(w.job.Version)
	if w.dataset, err = w.learn(ctx, fresh); err != nil {
		return "", err
	}
	stored, err := w.store(ctx, w.dataset, filepath.Join(w.dir(), DatasetFile))
	if err != nil {
		return "", err
	}
	best := contracts.Adapter{} // the base
	folder := ""
	if champion != nil {
		best = *champion
		if folder, err = w.fetch(ctx, best); err != nil {
			return "", err
		}
	}
	recipe := w.config.Recipe
	recipe.Method = cmp.Or(w.job.Method, recipe.Method)
	w.assignment = Assignment{
		JobID: w.job.JobID, Version: w.job.Version, Folder: w.dir(),
		Model: w.config.Model, ModelSHA256: w.config.SHA256,
		Champion: nameFor(w.job.For(), best), ChampionFolder: folder, ChampionSHA256: best.SHA256, Known: best.Sessions,
		Gate: w.config.Gate, Recipe: recipe, Power: w.config.Power, Share: w.config.When.Share,
		DatasetSHA256: stored.SHA256, Sessions: w.dataset.Sessions,
		CreatedBy: w.config.CreatedBy,
	}
	if !fresh {
		w.job.Parent = w.assignment.Champion
		w.assignment.Parent, w.assignment.ParentFolder, w.assignment.ParentSHA256 = w.job.Parent, folder, best.SHA256
	}
	if err := w.writeAssignment(stored); err != nil {
		return "", err
	}
	w.config.Hook.at(AfterDataset, w.job.JobID)
	return contracts.JobTraining, nil
}

// learn is the dataset that the job was given, or that is made of the rated sessions; full
// has all of the starter's steps in it.
func (w *work) learn(ctx context.Context, full bool) (Dataset, error) {
	if w.job.Dataset.Key != "" {
		return w.given(ctx)
	}
	d, err := w.compose(ctx, w.job.For(), w.job.Through, full, w.dir())
	switch {
	case err != nil || d.Lessons+d.Good > 0:
	case w.job.For() != contracts.RolePlanner:
		err = fmt.Errorf("%w: nothing teaches the role %s: of %s of rated sessions that may teach something none was a request of it "+
			"that is corrected or was right", ErrUntrainable, w.job.For(), plural(d.OtherRole, "step"))
	default:
		err = fmt.Errorf("%w: %w%s", ErrUntrainable, errNothing, d.elsewhere())
	}
	return d, err
}

// compose puts a role's dataset together of the ratings through a sequence. What is fetched goes
// into a folder.
func (s *service) compose(ctx context.Context, role contracts.Role, through uint64, full bool, folder string) (Dataset, error) {
	sessions, err := s.sessions(ctx, role, through)
	if err != nil {
		return Dataset{}, err
	}
	from, err := s.kept(ctx, folder)
	if err != nil {
		return Dataset{}, err
	}
	learn, held := apart(sessions, s.config.Recipe.MinBlame, s.config.Gate.Enough, s.config.Recipe.Kept)
	replay, guarded := guards(from.replay, s.config.Recipe.Guards)
	d := assemble(s.config.Recipe, learn, replay, full)
	d.measure(held, guarded, inSet(gate.Regression, from.regression))
	return d, nil
}

// store writes a dataset to a file and to S3.
func (s *service) store(ctx context.Context, d Dataset, path string) (contracts.Blob, error) {
	if err := WriteExamples(path, d.Examples); err != nil {
		return contracts.Blob{}, err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return contracts.Blob{}, fmt.Errorf("read the dataset: %w", err)
	}
	return s.blobs.PutContent(ctx, DatasetPrefix, DatasetSuffix, body, DatasetType)
}

// sessions returns the rated sessions through a sequence that may teach a role, in the order in
// which they were rated.
func (s *service) sessions(ctx context.Context, role contracts.Role, through uint64) ([]session, error) {
	wanted := slices.DeleteFunc(s.ledger.ratingsThrough(through), func(e entry) bool { return e.Steps == 0 })
	wanted = wanted[max(0, len(wanted)-maxBundles):]
	var sessions []session
	for _, e := range wanted {
		b, err := s.bundle(ctx, e)
		if errors.Is(err, errUnreadable) {
			s.log.Warn("a rated session cannot be learned from", "session", e.SessionID, "err", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, session{b, e.sequence, role})
	}
	return sessions, nil
}

// errUnreadable means that a bundle is gone or damaged: no repetition mends it.
var errUnreadable = errors.New("its bundle cannot be read")

// bundle fetches a rated session.
func (s *service) bundle(ctx context.Context, e entry) (b contracts.Bundle, err error) {
	body, err := s.blobs.Get(ctx, e.Bundle)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt) {
		return b, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(body, &b); err != nil {
		return b, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return b, nil
}

// stored is the assignment as it lies in the job's folder, with what its end needs.
type stored struct {
	Assignment

	Dataset contracts.Blob `json:"dataset"`
	Tasks   []string       `json:"tasks"`
	Counts  Counts         `json:"counts"`
}

func (w *work) writeAssignment(dataset contracts.Blob) error {
	body, err := json.MarshalIndent(stored{
		Assignment: w.assignment, Dataset: dataset, Tasks: w.dataset.Tasks, Counts: w.dataset.Counts,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the assignment: %w", err)
	}
	path := filepath.Join(w.dir(), assignmentFile)
	if err := os.WriteFile(path+".part", body, 0o600); err != nil {
		return fmt.Errorf("write the assignment: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("write the assignment: %w", err)
	}
	return nil
}

// readAssignment returns what prepare wrote; ok is false when the folder is gone,
// as on another machine.
func (w *work) readAssignment() (a stored, ok bool, err error) {
	body, err := os.ReadFile(filepath.Join(w.dir(), assignmentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return stored{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		return stored{}, false, fmt.Errorf("read the assignment: %w", err)
	}
	a.Folder = w.dir() // the data folder may have moved
	return a, true, nil
}

// digestFile is the sha256 of a file in hex.
func digestFile(path string) (string, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}
