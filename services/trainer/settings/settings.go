// Package settings declares the trainer's settings, for its own program and for the
// one that runs every service. Each is a flag, an environment variable and a line
// of the settings file; what is not given is trainer.DefaultConfig's.
package settings

import (
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
	"github.com/grokputer/grokputer/services/trainer/internal/timing"
)

// Settings are a kong struct, embedded with the prefix train-.
type Settings struct {
	Roles []contracts.Role `help:"Roles whose adapters are trained by themselves: planner, recovery, action. The others are when you ask: train now --role." default:"planner" placeholder:"ROLE,..."`

	AfterRatings int     `help:"Train after so many newly rated sessions, however they were rated." default:"50" placeholder:"N"`
	Window       int     `help:"Over how many of the last rated sessions the average is taken." default:"50" placeholder:"N"`
	Below        float64 `help:"Train when that average is below so many stars and there were enough failures." default:"3.8" placeholder:"STARS"`
	Failures     int     `help:"How many sessions have to be rated 3 stars or less since the last training for that." default:"5" placeholder:"N"`

	Schedule  timing.Schedule `help:"Train at these times too, in cron's syntax, such as 0 */4 * * * for every four hours." placeholder:"CRON"`
	MinNew    int             `help:"Least number of new steps that teach for a training on the schedule." default:"5" placeholder:"N"`
	CoolDown  time.Duration   `help:"Least time between the end of a training and the next one." default:"15m" placeholder:"TIME"`
	Quiet     timing.Hours    `help:"Hours in which no training runs that nobody asked for, such as 22:00-07:00." placeholder:"HOURS"`
	Idle      time.Duration   `help:"Let a training that nobody asked for wait, or rest, while mouse and keyboard were used within this time; 0 never." default:"1m" placeholder:"TIME"`
	Share     float64         `help:"Part of the processors that a training uses, 0 to 1." default:"1" placeholder:"PART"`
	GiveUp    int             `help:"Pause after so many trainings in a row without a promoted version; 0 never." default:"3" placeholder:"N"`
	LookEvery time.Duration   `help:"How often the clock and the desktop are looked at." default:"5s" hidden:""`

	Method          contracts.TrainingMethod `help:"Losses to use: sft on what is right, dpo on corrected pairs, kto on right and wrong steps, or auto, which mixes them by what there is." enum:"auto,sft,dpo,kto" default:"sft" placeholder:"METHOD"`
	Rank            int                      `help:"Rank of an adapter that begins from the base model." default:"16" placeholder:"N"`
	Alpha           float64                  `help:"Alpha of the adapter: its product is scaled by alpha/rank." default:"32" placeholder:"N"`
	Dropout         float64                  `help:"Dropout before the adapter, 0 to 1." default:"0.05" placeholder:"P"`
	Epochs          int                      `help:"Passes over the examples." default:"3" placeholder:"N"`
	MicroBatch      int                      `help:"Examples in one forward and backward pass: bounds the memory." default:"4" placeholder:"N"`
	Batch           int                      `help:"Examples in one optimiser step." default:"16" placeholder:"N"`
	LearningRate    float64                  `help:"Highest learning rate of AdamW." default:"2e-4" placeholder:"RATE"`
	MinSteps        int                      `help:"Least number of optimiser steps, however few the examples are." default:"60" placeholder:"N"`
	MaxSteps        int                      `help:"Most optimiser steps; 0 is no limit." default:"0" placeholder:"N"`
	EvalEvery       int                      `help:"Measure the held-out loss after so many steps." default:"15" placeholder:"N"`
	Patience        int                      `help:"End early after so many measurements without a new least; 0 does not." default:"3" placeholder:"N"`
	Part            float64                  `help:"How far a version that begins from its parent goes from the parent's weights to the trained ones, above 0 to 1: less keeps more of what the parent does." default:"0.75" placeholder:"P"`
	CheckpointEvery int                      `help:"Write a checkpoint after so many steps." default:"10" placeholder:"N"`
	Search          time.Duration            `help:"Before a training, compare half and double the learning rate, and half and double the rank of an adapter that begins from the base model, for at most this time; 0 does not." default:"0" placeholder:"TIME"`
	Variants        int                      `help:"Most variants of a corrected step to train on: other order, other words around; 0 trains on the steps as they are." default:"60" placeholder:"N"`
	HeldOut         int                      `help:"Further variants that are only measured with." default:"2" placeholder:"N"`
	MaxLessons      int                      `help:"Most corrected steps; the newest count." default:"400" placeholder:"N"`
	MaxGood         int                      `help:"Most well-rated steps; the newest count." default:"400" placeholder:"N"`
	MaxBad          int                      `help:"Most wrong steps without a correction; the newest count." default:"400" placeholder:"N"`
	MinBlame        float64                  `help:"How sure it has to be that such a step was wrong, 0 to 1." default:"0.5" placeholder:"P"`
	TaskShare       float64                  `help:"Largest part that the steps of one task may have of the corrected, the right and the wrong ones, above 0 to 1." default:"0.25" placeholder:"P"`
	GoodShare       float64                  `help:"Least part that right steps are to have of what is learned of rated sessions, less than 1: they are repeated for that, four times at most; 0 has each come once." default:"0" placeholder:"P"`
	Replay          float64                  `help:"Steps of the starter to mix in for each step of a rated session." default:"1" placeholder:"N"`
	MinReplay       int                      `help:"Least number of these." default:"48" placeholder:"N"`
	FreshEvery      int                      `help:"Have each n-th version begin from the base model, with all of the starter's steps; 0 never." default:"10" placeholder:"N"`
	Guards          int                      `help:"How many of the starter's steps the gate measures with, which are never trained on." default:"100" placeholder:"N"`
	Kept            int                      `help:"With how many right steps of well-rated sessions the gate measures, of those that were not learned from: held out, or left out in turn." default:"100" placeholder:"N"`
	LeaveOut        int                      `help:"In how many parts newly rated sessions are left out in turn, while too few corrections are held out." default:"5" placeholder:"N"`
	LeaveOutTime    time.Duration            `help:"After which time no further part is begun." default:"1h" placeholder:"TIME"`
	GateMargin      float64                  `help:"How much worse a new version may be on what was right before, 0 to 1." default:"0.1" placeholder:"PART"`
	GateEnough      int                      `help:"How many held-out corrections allow a new version more than a canary." default:"30" placeholder:"N"`
	Seed            uint64                   `help:"Draws variants, order and dropout." default:"1" placeholder:"N"`

	Watts    float64 `help:"What the machine draws while it trains, for the cost." default:"65" placeholder:"WATTS"`
	PriceKWh float64 `name:"price-kwh" help:"Price of a kilowatt-hour." default:"0.30" placeholder:"PRICE"`
	Currency string  `help:"Currency of that price." default:"EUR" placeholder:"CODE"`
}

// Config is the service's configuration for a base model. createdBy names the program.
func (s Settings) Config(model, sha256, createdBy string) trainer.Config {
	c := trainer.DefaultConfig()
	c.Model, c.SHA256, c.CreatedBy = model, sha256, createdBy
	c.Roles = s.Roles
	c.Rules = trainer.Rules{Volume: s.AfterRatings, Window: s.Window, Below: s.Below, Failures: s.Failures}
	c.When = trainer.When{
		Schedule: s.Schedule, MinNew: s.MinNew, CoolDown: s.CoolDown, Quiet: s.Quiet, Idle: s.Idle,
		Share: s.Share, GiveUp: s.GiveUp, LookEvery: s.LookEvery,
	}
	c.Recipe = trainer.Recipe{
		Method: s.Method,
		Rank:   s.Rank, Alpha: s.Alpha, Dropout: s.Dropout,
		Epochs: s.Epochs, MicroBatch: s.MicroBatch, Batch: s.Batch, LearningRate: s.LearningRate,
		MinSteps: s.MinSteps, MaxSteps: s.MaxSteps, EvalEvery: s.EvalEvery, Patience: s.Patience,
		Part: s.Part, CheckpointEvery: s.CheckpointEvery, Search: s.Search, Variants: s.Variants, HeldOut: s.HeldOut,
		MaxLessons: s.MaxLessons, MaxGood: s.MaxGood, MaxBad: s.MaxBad, MinBlame: s.MinBlame, TaskShare: s.TaskShare,
		GoodShare: s.GoodShare, Replay: s.Replay, MinReplay: s.MinReplay,
		FreshEvery: s.FreshEvery, Guards: s.Guards, Kept: s.Kept, LeaveOut: s.LeaveOut, LeaveOutTime: s.LeaveOutTime, Seed: s.Seed,
	}
	c.Gate = gate.Rules{Margin: s.GateMargin, Enough: s.GateEnough}
	c.Power = trainer.Power{Watts: s.Watts, PricePerKWh: s.PriceKWh, Currency: s.Currency}
	return c
}
