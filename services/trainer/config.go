package trainer

import (
	"fmt"
	"math"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// Config is when and how the service trains. DefaultConfig is a complete one.
type Config struct {
	// Model is the file of the base model (GGUF), and SHA256 its hash; empty
	// accepts any.
	Model  string `json:"model"`
	SHA256 string `json:"sha256"`
	// Roles are those that are trained by themselves; a person may ask for any other.
	Roles []contracts.Role `json:"roles"`
	// Rules say when a training begins by itself.
	Rules Rules `json:"rules"`
	// When says at which times, and Desk whether the desktop is in use; nil is never.
	When When `json:"when"`
	Desk Desk `json:"-"`
	// Recipe says how it is done.
	Recipe Recipe `json:"recipe"`
	// Gate says what a new version has to show before it is tried.
	Gate gate.Rules `json:"gate"`
	// Power says what a training costs.
	Power Power `json:"power"`
	// Version is told to who asks the micro service; a semantic version. CreatedBy
	// names the program in what is written about an adapter.
	Version   string `json:"version"`
	CreatedBy string `json:"created_by"`
	// LeaseTTL is how long after a crash no other process takes the trainings over.
	LeaseTTL time.Duration `json:"lease_ttl"`
	// Hook is called at the moments of a job; nil outside of tests.
	Hook Hook `json:"-"`
}

// Rules say when a training is due.
type Rules struct {
	// Volume is after how many newly rated sessions one is due, however they were rated.
	Volume int `json:"volume"`
	// Window is over how many of the last rated sessions the average is taken, and
	// Below the average under which a training is due,
	Window int     `json:"window"`
	Below  float64 `json:"below"`
	// if at least Failures sessions were rated contracts.LowRating or less since
	// the last training.
	Failures int `json:"failures"`
}

// Recipe is how an adapter is trained.
type Recipe struct {
	// Method is which losses are used.
	Method contracts.TrainingMethod `json:"method"`
	// Rank, Alpha and Dropout shape the adapter. One that begins from its parent
	// keeps the parent's rank.
	Rank    int     `json:"rank"`
	Alpha   float64 `json:"alpha"`
	Dropout float64 `json:"dropout"`

	Epochs       int     `json:"epochs"`
	MicroBatch   int     `json:"micro_batch"` // examples in one forward and backward pass
	Batch        int     `json:"batch"`       // examples in one optimiser step
	LearningRate float64 `json:"learning_rate"`
	// MinSteps is the least number of optimiser steps: a handful of examples would
	// teach nothing in the steps of its epochs. EvalEvery and Patience end a
	// training early: after how many steps the held-out loss is measured, and how
	// many measurements in a row may bring no new least.
	MinSteps  int `json:"min_steps"`
	MaxSteps  int `json:"max_steps"` // the most; 0 is no limit
	EvalEvery int `json:"eval_every"`
	Patience  int `json:"patience"`
	// Part is how far a version that begins from its parent goes from the parent's weights to the trained
	// ones, above 0 and at most 1: less keeps more of what the parent does. 0 counts as 1.
	Part float64 `json:"part,omitempty"`
	// CheckpointEvery is after how many steps a crash would go on.
	CheckpointEvery int `json:"checkpoint_every"`
	// Search is for how long other learning rates and ranks than these are compared with them
	// before the best ones are trained with to the end; 0 does not.
	Search time.Duration `json:"search"`

	// Variants is the most variants of a corrected step that are trained on, besides
	// the step itself, 0 for none: no more are made than the least number of steps has room for.
	// HeldOut is how many more are only measured with.
	Variants int `json:"variants"`
	HeldOut  int `json:"held_out"`
	// MaxLessons, MaxGood and MaxBad bound the steps of rated sessions that were
	// corrected, right, and wrong; the newest count. MinBlame is how sure it has to be,
	// from 0 to 1, that a step was wrong of which nobody said what was right.
	MaxLessons int     `json:"max_lessons"`
	MaxGood    int     `json:"max_good"`
	MaxBad     int     `json:"max_bad"`
	MinBlame   float64 `json:"min_blame"`
	// TaskShare is the largest part, above 0 and at most 1, that the steps of one task may
	// have of the corrected steps, of the right and of the wrong ones.
	TaskShare float64 `json:"task_share"`
	// GoodShare is the part, less than 1, that right steps are to have at least of what is trained on
	// of rated sessions: they are repeated for that, four times at most. 0 has each come once.
	GoodShare float64 `json:"good_share"`
	// Replay is how many of the starter's steps are mixed in for each step of a
	// rated session, variants included, and MinReplay the least number of them.
	Replay    float64 `json:"replay"`
	MinReplay int     `json:"min_replay"`
	// FreshEvery has each n-th version begin from the base with all of the
	// starter's steps, so that small errors do not add up; 0 never.
	FreshEvery int `json:"fresh_every"`

	// Guards is how many of the starter's steps the gate measures with, which are never
	// trained on, and Kept how many right steps of well-rated sessions, of those that what is
	// measured did not learn from. LeaveOut is in how many parts the newly rated sessions are left
	// out in turn, and LeaveOutTime after which time no further part is begun.
	Guards       int           `json:"guards"`
	Kept         int           `json:"kept"`
	LeaveOut     int           `json:"leave_out"`
	LeaveOutTime time.Duration `json:"leave_out_time"`

	Seed uint64 `json:"seed"`
}

// Power is what the machine draws while it trains, and what that costs.
type Power struct {
	Watts       float64 `json:"watts"`
	PricePerKWh float64 `json:"price_per_kwh"`
	Currency    string  `json:"currency"`
}

// Cost is the price of a training that took so long.
func (p Power) Cost(took time.Duration) float64 {
	return p.Watts / 1000 * took.Hours() * p.PricePerKWh
}

// DefaultConfig returns the settings that the documentation gives. The model is
// still to be set.
func DefaultConfig() Config {
	return Config{
		Roles: []contracts.Role{contracts.RolePlanner},
		Rules: Rules{Volume: 50, Window: 50, Below: 3.8, Failures: 5},
		When:  When{MinNew: 5, CoolDown: 15 * time.Minute, Idle: time.Minute, Share: 1, GiveUp: 3, LookEvery: 5 * time.Second},
		Recipe: Recipe{
			Method: contracts.MethodSFT,
			Rank:   16, Alpha: 32, Dropout: 0.05,
			Epochs: 3, MicroBatch: 4, Batch: 16, LearningRate: 2e-4,
			MinSteps: 60, EvalEvery: 15, Patience: 3, Part: 0.75, CheckpointEvery: 10,
			Variants: 60, HeldOut: 2, MaxLessons: 400, MaxGood: 400, MaxBad: 400, MinBlame: 0.5, TaskShare: 0.25, Replay: 1, MinReplay: 48,
			FreshEvery: 10, Guards: 100, Kept: 100, LeaveOut: 5, LeaveOutTime: time.Hour, Seed: 1,
		},
		Gate:    gate.DefaultRules(),
		Power:   Power{Watts: 65, PricePerKWh: 0.30, Currency: "EUR"},
		Version: "0.0.0", CreatedBy: "grokputer",
		LeaseTTL: 10 * time.Second,
	}
}

// Validate names the first setting that cannot be used, and its value.
func (c Config) Validate() error {
	r := c.Recipe
	if !r.Method.Valid() {
		return fmt.Errorf("method is %q, want one of %v", r.Method, contracts.TrainingMethods())
	}
	for _, role := range c.Roles {
		if !role.Plans() {
			return fmt.Errorf("roles: %q is not trained, want some of %v", role, contracts.PlanningRoles())
		}
	}
	for _, s := range []struct {
		name  string
		value float64
		ok    bool
		want  string
	}{
		{"after-ratings", float64(c.Rules.Volume), c.Rules.Volume >= 1, "1 or more"},
		{"window", float64(c.Rules.Window), c.Rules.Window >= 1, "1 or more"},
		{"below", c.Rules.Below, c.Rules.Below >= contracts.MinRating && c.Rules.Below <= contracts.MaxRating+1, "1 to 6"},
		{"failures", float64(c.Rules.Failures), c.Rules.Failures >= 0, "0 or more"},
		{"min-new", float64(c.When.MinNew), c.When.MinNew >= 0, "0 or more"},
		{"cool-down", c.When.CoolDown.Seconds(), c.When.CoolDown >= 0, "no or some time"},
		{"idle", c.When.Idle.Seconds(), c.When.Idle >= 0, "no or some time"},
		{"share", c.When.Share, c.When.Share > 0 && c.When.Share <= 1, "more than 0, at most 1"},
		{"give-up", float64(c.When.GiveUp), c.When.GiveUp >= 0, "0 or more"},
		{"look-every", c.When.LookEvery.Seconds(), c.When.LookEvery > 0, "some time"},
		{"rank", float64(r.Rank), r.Rank >= 1, "1 or more"},
		{"alpha", r.Alpha, r.Alpha > 0 && !math.IsInf(r.Alpha, 0), "a positive number"},
		{"dropout", r.Dropout, r.Dropout >= 0 && r.Dropout < 1, "0 or more and less than 1"},
		{"epochs", float64(r.Epochs), r.Epochs >= 1, "1 or more"},
		{"micro-batch", float64(r.MicroBatch), r.MicroBatch >= 1, "1 or more"},
		{"batch", float64(r.Batch), r.Batch >= 1, "1 or more"},
		{"learning-rate", r.LearningRate, r.LearningRate > 0 && r.LearningRate <= 1, "more than 0, at most 1"},
		{"min-steps", float64(r.MinSteps), r.MinSteps >= 0, "0 or more"},
		{"max-steps", float64(r.MaxSteps), r.MaxSteps == 0 || r.MaxSteps >= max(1, r.MinSteps), "0, or min-steps or more"},
		{"eval-every", float64(r.EvalEvery), r.EvalEvery >= 1, "1 or more"},
		{"patience", float64(r.Patience), r.Patience >= 0, "0 or more"},
		{"part", r.Part, r.Part >= 0 && r.Part <= 1, "more than 0, at most 1"},
		{"checkpoint-every", float64(r.CheckpointEvery), r.CheckpointEvery >= 1, "1 or more"},
		{"search", r.Search.Seconds(), r.Search >= 0, "no or some time"},
		{"variants", float64(r.Variants), r.Variants >= 0, "0 or more"},
		{"held-out", float64(r.HeldOut), r.HeldOut >= 1, "1 or more"},
		{"max-lessons", float64(r.MaxLessons), r.MaxLessons >= 1, "1 or more"},
		{"max-good", float64(r.MaxGood), r.MaxGood >= 0, "0 or more"},
		{"max-bad", float64(r.MaxBad), r.MaxBad >= 0, "0 or more"},
		{"min-blame", r.MinBlame, r.MinBlame >= 0 && r.MinBlame <= 1, "0 to 1"},
		{"task-share", r.TaskShare, r.TaskShare > 0 && r.TaskShare <= 1, "more than 0, at most 1"},
		{"good-share", r.GoodShare, r.GoodShare >= 0 && r.GoodShare < 1, "0 or more and less than 1"},
		{"replay", r.Replay, r.Replay >= 0 && !math.IsInf(r.Replay, 0), "0 or more"},
		{"min-replay", float64(r.MinReplay), r.MinReplay >= 0, "0 or more"},
		{"guards", float64(r.Guards), r.Guards >= 0, "0 or more"},
		{"kept", float64(r.Kept), r.Kept >= 0, "0 or more"},
		{"leave-out", float64(r.LeaveOut), r.LeaveOut >= 0, "0 or more"},
		{"leave-out-time", r.LeaveOutTime.Seconds(), r.LeaveOutTime >= 0, "no or some time"},
		{"gate-margin", c.Gate.Margin, c.Gate.Margin >= 0 && c.Gate.Margin < 1, "0 or more and less than 1"},
		{"gate-enough", float64(c.Gate.Enough), c.Gate.Enough >= 1, "1 or more"},
		{"fresh-every", float64(r.FreshEvery), r.FreshEvery >= 0, "0 or more"},
		{"watts", c.Power.Watts, c.Power.Watts >= 0, "0 or more"},
		{"price-kwh", c.Power.PricePerKWh, c.Power.PricePerKWh >= 0, "0 or more"},
		{"lease ttl", c.LeaseTTL.Seconds(), c.LeaseTTL >= time.Second, "1 second or more"},
	} {
		if !s.ok {
			return fmt.Errorf("%s is %v, want %s", s.name, s.value, s.want)
		}
	}
	return nil
}
