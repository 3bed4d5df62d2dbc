package trainer

import (
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
	// datasetPrefix is where datasets lie in S3, named by their content.
	datasetPrefix = "datasets"
	// maxBundles bounds how many rated sessions are read for one training; the newest count.
	maxBundles = 1000
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
	sessions, err := w.sessions(ctx)
	if err != nil {
		return "", err
	}
	from, err := w.origin(ctx)
	if err != nil {
		return "", err
	}
	learn, corrections := apart(sessions, w.config.Recipe.MinBlame, w.config.Gate.Enough)
	replay, guarded := guards(from.replay, w.config.Recipe.Guards)
	w.dataset = assemble(w.config.Recipe, learn, replay, from.folder == "")
	if w.dataset.Lessons+w.dataset.Good == 0 {
		return "", fmt.Errorf("%w: %w", ErrUntrainable, errNothing)
	}
	w.dataset.measure(corrections, guarded, inSet(gate.Regression, from.regression))
	path := filepath.Join(w.dir(), DatasetFile)
	if err := WriteExamples(path, w.dataset.Examples); err != nil {
		return "", err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the dataset: %w", err)
	}
	stored, err := w.blobs.PutContent(ctx, datasetPrefix, "jsonl.gz", body, "application/gzip")
	if err != nil {
		return "", err
	}
	w.job.Parent = from.version
	w.assignment = Assignment{
		JobID: w.job.JobID, Version: w.job.Version, Folder: w.dir(),
		Model: w.config.Model, ModelSHA256: w.config.SHA256,
		Parent: from.version, ParentFolder: from.folder, ParentSHA256: from.sha256,
		Champion: from.champion.version, ChampionFolder: from.champion.folder, ChampionSHA256: from.champion.sha256,
		Known: from.known, Gate: w.config.Gate,
		Recipe: w.config.Recipe, Power: w.config.Power, Share: w.config.When.Share,
		DatasetSHA256: stored.SHA256, Sessions: w.dataset.Sessions,
		CreatedBy: w.config.CreatedBy,
	}
	if err := w.writeAssignment(stored); err != nil {
		return "", err
	}
	w.config.Hook.at(AfterDataset, w.job.JobID)
	return contracts.JobTraining, nil
}

// sessions returns the rated sessions that the job knows and that may teach, in the order in
// which they were rated.
func (w *work) sessions(ctx context.Context) ([]session, error) {
	wanted := slices.DeleteFunc(w.ledger.ratingsThrough(w.job.Through), func(e entry) bool { return e.Steps == 0 })
	wanted = wanted[max(0, len(wanted)-maxBundles):]
	var sessions []session
	for _, e := range wanted {
		b, err := w.bundle(ctx, e)
		if errors.Is(err, errUnreadable) {
			w.log.Warn("a rated session cannot be learned from", "session", e.SessionID, "err", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, session{b, e.sequence})
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
