// Package safety are the settings that limit what the agent does, for every
// program that has an actor.
package safety

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/services/actor"
)

// Settings are a kong struct.
type Settings struct {
	ApproveFrom     actor.Class           `help:"Actions of this class and of graver ones wait for your approval: read, edit, send or critical." default:"send" placeholder:"CLASS"`
	ApprovalTimeout time.Duration         `help:"How long an action waits for your approval; after that it is denied." default:"5m" placeholder:"TIME"`
	ForbidRegions   map[string]string     `help:"Parts of the desktop that no input goes to, by a name of yours." mapsep:";" placeholder:"NAME=X,Y,WxH;..."`
	ForbidWindows   []actor.WindowPattern `help:"Windows that no input goes to: those with such a text in their title; * stands for any text. Grokputer's own page is always one." sep:";" placeholder:"TEXT"`
	StopKey         string                `help:"Key, or keys together such as ctrl+alt+q, that stop everything when you hold them for half a second; none for no such key." default:"escape" placeholder:"KEYS"`
	Secrets         string                `help:"What {{secret:NAME}} stands for in a task: a file with NAME=VALUE lines that only you can read (mode 0600), or keyring for the system's (service grokputer)." placeholder:"FILE|keyring"`
	DryRun          bool                  `help:"Plan, judge and record every action, and do none."`
	MaxSteps        int                   `help:"How many actions one task may take." default:"25" placeholder:"N"`
	TaskTimeout     time.Duration         `help:"How long one task may take." default:"15m" placeholder:"TIME"`
}

// Config is the actor's configuration on a desktop with these limits.
func (s Settings) Config(desktop string) (actor.Config, error) {
	regions, err := actor.ParseRegions(s.ForbidRegions)
	if err != nil {
		return actor.Config{}, fmt.Errorf("forbid-regions: %w", err)
	}
	config := actor.DefaultConfig()
	config.Desktop = desktop
	config.Policy = actor.Policy{Line: s.ApproveFrom, Regions: regions, Windows: s.ForbidWindows, DryRun: s.DryRun}
	config.ApprovalTimeout, config.MaxSteps, config.TaskTimeout = s.ApprovalTimeout, s.MaxSteps, s.TaskTimeout
	return config, nil
}

// StopKeys are the keys that a person holds to stop everything; none when it is
// said that there are none.
func (s Settings) StopKeys() ([]string, error) {
	keys, err := actor.ParseKeys(s.StopKey)
	if err != nil {
		return nil, fmt.Errorf("stop-key: %w", err)
	}
	return keys, nil
}
