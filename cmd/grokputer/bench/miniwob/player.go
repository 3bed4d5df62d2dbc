package miniwob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// rewardWait is how long a page may take to tell the reward of an action after
// the agent has seen what the action did.
const rewardWait = time.Second

// Player has the agent play episodes: it hears the goal alone, sees the screen
// alone, and acts with pointer and keys. What the page gives is the judgment.
type Player struct {
	Stage *Stage
	Bus   *bus.Bus
	// Frames has the pictures of the steps.
	Frames *blob.Store
	// Desktop is the desktop that the pages are shown on; empty for the usual one.
	Desktop string
	// With says what plays, for the log.
	With string
	// Log keeps the episodes.
	Log *Log
	// Failed is the folder for frames and steps of episodes that failed; none are kept
	// when it is empty.
	Failed string
	// Begin is told of each task before it is published; may be nil.
	Begin func(task string)
	// Asked is what the planner was asked last; may be nil. It is kept of an episode
	// that failed because the planner knew no answer.
	Asked func() prompt.State
	// Blame says what an episode failed for, empty where that is not known; may be nil.
	Blame func(e Episode, taken []contracts.TaskStep) string
	// Clear ends programs that were opened during an episode; may be nil.
	Clear func(context.Context) error
	// Done is called after each episode, also one of an earlier run; may be nil.
	Done func(e Episode, before bool)
	// Gone is closed when the services have ended; may be nil.
	Gone <-chan struct{}
}

// Play plays each task with each seed, without those that are in the log.
func (p Player) Play(ctx context.Context, tasks []string, seeds []int64) ([]Episode, error) {
	var episodes []Episode
	for _, task := range tasks {
		for _, seed := range seeds {
			e, before := p.Log.Find(p.With, task, seed)
			if !before {
				var err error
				if e, err = p.episode(ctx, task, seed); err != nil {
					return episodes, fmt.Errorf("%s, seed %d: %w", task, seed, err)
				}
				if err := p.Log.Add(e); err != nil {
					return episodes, err
				}
			}
			episodes = append(episodes, e)
			if p.Done != nil {
				p.Done(e, before)
			}
		}
	}
	return episodes, nil
}

// play is an episode under way.
type play struct {
	Player
	visit *Visit
	id    string // of the task

	began   time.Time
	adapter string
	steps   []contracts.TaskStep
	// stray says that an action could have left more than the page behind.
	stray     bool
	cancelled bool
}

// episode plays one episode.
func (p Player) episode(ctx context.Context, task string, seed int64) (Episode, error) {
	visit, ready, err := p.Stage.Show(ctx, task, seed, false)
	if err != nil {
		return Episode{}, err
	}
	if p.Begin != nil {
		p.Begin(task)
	}
	now := &play{Player: p, visit: visit, id: bus.NewID(), began: time.Now()}
	request := contracts.TaskRequested{Task: ready.Goal, ID: now.id, Desktop: p.Desktop}
	ending, err := follow.Task(ctx, p.Bus, request, follow.Observer{
		Event: func(e follow.Event) error { return now.hear(ctx, e) },
		Quiet: func() {}, Cancelling: func() {}, Gone: p.Gone,
	})
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx) // it was cancelled by the person at the terminal
	}
	if err != nil {
		return Episode{}, err
	}
	if ending.Verb == contracts.VerbRejected {
		return Episode{}, fmt.Errorf("the task %q was rejected: %s", ready.Goal, ending.Reason)
	}
	now.await(ctx)
	e := now.judge(Episode{Task: task, Seed: seed, With: p.With, Goal: ready.Goal}, ending)
	if !e.Success {
		if p.Blame != nil {
			e.Fault = p.Blame(e, now.steps)
		}
		if p.Failed != "" {
			folder := filepath.Join(p.Failed, task+"-"+strconv.FormatInt(seed, 10))
			if err := now.keep(ctx, e, ending.Frame, folder); err != nil {
				return Episode{}, err
			}
		}
	}
	return e, now.tidy(ctx)
}

// hear takes an event of the task.
func (p *play) hear(ctx context.Context, e follow.Event) error {
	switch e.Verb {
	case contracts.VerbStarted:
		var started contracts.TaskStarted
		if err := json.Unmarshal(e.Body, &started); err != nil {
			return fmt.Errorf("read the start of a task: %w", err)
		}
		p.began, p.adapter = started.Time, started.Adapter
	case contracts.VerbStep:
		var step contracts.TaskStep
		if err := json.Unmarshal(e.Body, &step); err != nil {
			return fmt.Errorf("read a step: %w", err)
		}
		if p.cancelled { // it was under way when the page was over
			return nil
		}
		p.steps = append(p.steps, step)
		a := step.Action
		p.stray = p.stray || a.Verb == action.Open || a.Verb == action.Key && len(a.Keys) > 1
		return p.cancelWhenOver(ctx)
	case contracts.VerbApproval:
		var asked contracts.TaskApproval
		if err := json.Unmarshal(e.Body, &asked); err != nil {
			return fmt.Errorf("read an approval: %w", err)
		}
		return follow.Grant(ctx, p.Bus, asked, "the task asks for it")
	}
	return nil
}

// cancelWhenOver ends the task when the page has given its reward: nothing that
// comes after counts.
func (p *play) cancelWhenOver(ctx context.Context) error {
	if _, over := p.visit.Reward(); !over {
		return nil
	}
	p.cancelled = true
	request := contracts.TaskCancel{TaskID: p.id, Reason: "the page has given its reward"}
	return p.Bus.Publish(ctx, contracts.SubjectTaskCancel(), request, bus.WithTask(p.id))
}

// await gives the page the time to tell of the last action's reward.
func (p *play) await(ctx context.Context) {
	late := time.NewTimer(rewardWait)
	defer late.Stop()
	select {
	case <-p.visit.Over():
	case <-late.C:
	case <-ctx.Done():
	}
}

// judge fills in what came of the episode.
func (p *play) judge(e Episode, ending follow.Ending) Episode {
	if reward, over := p.visit.Reward(); over {
		e.Reward = &reward.Raw
		e.Success = reward.Raw == 1
	}
	e.Steps, e.Adapter, e.Repeats = len(p.steps), p.adapter, repeats(p.steps)
	if e.Steps > 0 {
		e.Seconds = p.steps[e.Steps-1].Ended.Sub(p.began).Seconds()
	}
	e.Ending, e.Code, e.Reason, e.Session = ending.Verb, ending.Code, ending.Reason, ending.SessionID
	return e
}

// tidy ends what the episode has left on the screen.
func (p *play) tidy(ctx context.Context) error {
	if !p.stray {
		return nil
	}
	err := p.Stage.Leave()
	if p.Clear != nil {
		err = errors.Join(err, p.Clear(ctx))
	}
	return err
}
