package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// judge compares the candidate with the champion on the steps that the dataset holds for
// that. When it holds no corrections, newly rated sessions are left out in turn.
func (r *run) judge(ctx context.Context, f fitted, read []trainer.Example) (gate.Report, error) {
	report := gate.Report{
		Version: r.Version, Champion: r.Champion, JobID: r.JobID, Dataset: r.DatasetSHA256,
		Rules: r.Gate, Search: f.search, Curve: r.curve.points, Time: time.Now().UTC(),
	}
	champion, err := r.champion()
	if err != nil {
		return report, err
	}
	var left leftOut
	isLeft := len(ofSet(read, gate.Corrections)) == 0
	if isLeft {
		if left, report.LeftOut, err = r.leaveOut(ctx, champion, read); err != nil {
			return report, err
		}
		if f.search != nil && len(f.search.Trials) > 0 {
			report.LeftOut += ", with the settings that are set, for the search has seen variants of their steps"
		}
	}
	for _, name := range []gate.Name{gate.Corrections, gate.Reworded, gate.Replay, gate.Regression, gate.Kept} {
		var said answers
		switch {
		case isLeft && name == gate.Corrections:
			said = left.answers
		case isLeft && name == gate.Kept:
			said = left.Kept
		default:
			r.doing(fmt.Sprintf("measuring on the %s set", name))
			if said, err = r.both(ctx, champion, f.adapter, ofSet(read, name)); err != nil {
				return report, err
			}
		}
		report.Sets = append(report.Sets, said.set(name))
	}
	report.Kept = r.howKept(report.Sets[len(report.Sets)-1], isLeft)
	report.Verdict = r.Gate.Decide(report.Sets...)
	return report, nil
}

// champion loads the adapter in use, nil for the base model.
func (r *run) champion() (*lora.Adapter, error) {
	if r.ChampionFolder == "" {
		return nil, nil //nolint:nilnil // the base model alone
	}
	adapter, _, err := lora.Load(r.ChampionFolder, r.engine.Dims(), lora.Expect{
		SHA256: r.ChampionSHA256, BaseSHA256: r.engine.Info().SHA256,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: the adapter %s to compare with: %w", trainer.ErrUntrainable, r.Champion, err)
	}
	return adapter, nil
}

// ofSet are the steps of one of the gate's sets.
func ofSet(read []trainer.Example, name gate.Name) []trainer.Example {
	var steps []trainer.Example
	for _, e := range read {
		set := e.Set
		if e.HeldOut && set == "" && e.Kind == trainer.KindLesson {
			set = gate.Reworded // by whose loss the training ended as well
		}
		if set == name {
			steps = append(steps, e)
		}
	}
	return steps
}

// doing tells what the training does after its last step.
func (r *run) doing(what string) {
	p := trainer.Progressed{}
	p.JobID, p.Version, p.Doing = r.JobID, r.Version, what
	r.tell(p)
}

// writeReport writes a report's files.
func writeReport(folder string, report gate.Report) error {
	err := errors.Join(
		writeJSON(filepath.Join(folder, gate.JSONFile), report),
		os.WriteFile(filepath.Join(folder, gate.MarkdownFile), []byte(report.Markdown()), 0o600),
		writePlot(filepath.Join(folder, gate.LossFile), func(w io.Writer) error { return plotLoss(w, report.Curve) }),
		writePlot(filepath.Join(folder, gate.SetsFile), func(w io.Writer) error { return plotSets(w, report.Sets) }),
	)
	if err != nil {
		return fmt.Errorf("write the report of %s: %w", report.Version, err)
	}
	return nil
}

func writePlot(path string, plot func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(plot(f), f.Close())
}
