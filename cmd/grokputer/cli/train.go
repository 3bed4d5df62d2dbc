package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// trainCmd is `grokputer train`.
type trainCmd struct {
	Status  trainStatusCmd  `cmd:"" default:"withargs" help:"Say whether a training is due, why, and what runs."`
	Now     trainNowCmd     `cmd:"" help:"Train on the rated sessions now, and watch."`
	Cancel  trainCancelCmd  `cmd:"" help:"End the running training without a new version."`
	Explain trainExplainCmd `cmd:"" help:"Say what a version was trained on, example by example."`
	Export  trainExportCmd  `cmd:"" help:"Write a dataset in one of TRL's formats, or what the reader misread."`
	Import  trainImportCmd  `cmd:"" help:"Train on a dataset in one of TRL's formats, if every line of it can be read."`
}

type trainStatusCmd struct {
	asJSON
	ofRole
}

// Run says where training stands.
func (cmd *trainStatusCmd) Run(ctx context.Context, c *call) error {
	s, err := withBus(ctx, c, func(b *bus.Bus) (contracts.TrainingStatus, error) {
		return askTrainer(ctx, b, cmd.ofRole, contracts.SubjectTrainerStatus)
	})
	if err != nil {
		return err
	}
	return cmd.print(c, s)
}

// print writes a status.
func (cmd asJSON) print(c *call, s contracts.TrainingStatus) error {
	if cmd.JSON {
		return c.json(s)
	}
	err := errors.Join(sayDue(c, s),
		c.say("since the last training: %s, %d of them with %d stars or less", counted(s.Rated, "rated session"), s.Failures, contracts.LowRating))
	if s.Window > 0 {
		err = errors.Join(err, c.say("average of the last %d: %.2f stars", s.Window, s.Average))
	}
	err = errors.Join(err, c.say("corrected steps: %d", s.Lessons), sayFaults(c, s))
	if s.Job == nil {
		return errors.Join(err, c.say("no training has run yet"))
	}
	if s.Failed == "" { // else it is said above
		err = errors.Join(err, c.say("%s", describeJob(*s.Job)))
	}
	if s.Progress != nil && !s.Job.Phase.Ends() {
		err = errors.Join(err, c.say("  %s", progressLine(*s.Progress)))
	}
	return err
}

// sayFaults says whose fault the wrong steps were, week by week.
func sayFaults(c *call, s contracts.TrainingStatus) error {
	if len(s.Weeks) == 0 {
		return nil
	}
	rows := make([][]string, 0, len(s.Weeks))
	for _, w := range s.Weeks {
		row := []string{w.Week}
		for _, n := range []int{w.Sessions, w.Plan, w.Eyes, w.Pointer, w.Waiting, w.Handoff} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	err := errors.Join(
		c.say("wrong steps, and whose fault they were (only the plan's train the planner):"),
		c.table([]string{"WEEK", "RATED", "PLAN", "EYES", "POINTER", "WAITING", "HANDOFF"}, rows))
	if s.Unread > 0 {
		err = errors.Join(err, c.say("not read yet: %s", counted(s.Unread, "rated session")))
	}
	return err
}

// describeJob says where a job stands.
func describeJob(j contracts.JobState) string {
	switch j.Phase {
	case contracts.JobCompleted:
		return fmt.Sprintf("last training: %s came of it, at %s", contracts.VersionOf(contracts.RolePlanner, j.For(), j.Version), local(j.Updated))
	case contracts.JobFailed:
		return fmt.Sprintf("last training: failed at %s: %s", local(j.Updated), screen.Line(j.Reason))
	case contracts.JobCancelled:
		return fmt.Sprintf("last training: cancelled at %s", local(j.Updated))
	default:
		return fmt.Sprintf("%s is being trained since %s (job %s, phase %s): %s",
			contracts.VersionOf(contracts.RolePlanner, j.For(), j.Version), local(j.Created), j.JobID, j.Phase, screen.Line(j.Why))
	}
}

type trainNowCmd struct {
	ofRole

	Method contracts.TrainingMethod `env:"-" help:"auto, sft, dpo or kto; what --train-method is set to when not given." enum:",auto,sft,dpo,kto" default:"" placeholder:"METHOD"`
	Reason string                   `env:"-" help:"Why, for the record." placeholder:"TEXT"`
	Wait   bool                     `env:"-" help:"Watch the training until it ends; Ctrl-C stops watching, and not the training." default:"true" negatable:""`
}

// Run asks for a training and watches it.
func (cmd *trainNowCmd) Run(ctx context.Context, c *call) error {
	return cmd.on(ctx, c, contracts.Blob{})
}

// on asks for a training on a dataset, or on the rated sessions if that is zero, and watches it.
func (cmd *trainNowCmd) on(ctx context.Context, c *call, dataset contracts.Blob) error {
	b, err := c.bus(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	// A request that nobody takes up would begin a training at some later time.
	if _, err := askTrainer(ctx, b, cmd.ofRole, contracts.SubjectTrainerStatus); err != nil {
		return err
	}
	id := bus.NewID()
	job := contracts.RequestedJob(id)
	w, err := watchTraining(ctx, b, job)
	if err != nil {
		return err
	}
	defer w.stop()
	request := contracts.TrainingRequested{ID: id, Reason: cmd.Reason, Method: cmd.Method, Role: cmd.Role, Dataset: dataset, Time: time.Now().UTC()}
	if err := b.Publish(ctx, contracts.SubjectTrainingRequested(), request, bus.WithID(id)); err != nil {
		return err
	}
	if err := c.say("asked for a training: job %s", job); err != nil || !cmd.Wait {
		return err
	}
	return w.follow(ctx, c)
}

type trainCancelCmd struct{ asJSON }

// Run ends the running training.
func (cmd *trainCancelCmd) Run(ctx context.Context, c *call) error {
	s, err := withBus(ctx, c, func(b *bus.Bus) (contracts.TrainingStatus, error) {
		return askTrainer(ctx, b, ofRole{}, contracts.SubjectTrainerCancel)
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(s)
	}
	if s.Job == nil {
		return c.say("the training ends")
	}
	return c.say("the training of %s ends (job %s)", s.Job.Version, s.Job.JobID)
}
