package actor

import (
	"strings"
	"testing"
	"time"
)

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
	for want, change := range map[string]func(*Config){
		`desktop is "a b"`:          func(c *Config) { c.Desktop = "a b" },
		`desktop is ""`:             func(c *Config) { c.Desktop = "" },
		"policy line is Class(0)":   func(c *Config) { c.Policy.Line = 0 },
		"policy line is Class(5)":   func(c *Config) { c.Policy.Line = 5 },
		"max steps is 0":            func(c *Config) { c.MaxSteps = 0 },
		"approval timeout is 0s":    func(c *Config) { c.ApprovalTimeout = 0 },
		"task timeout is -1s":       func(c *Config) { c.TaskTimeout = -time.Second },
		"still most is 1ms":         func(c *Config) { c.StillMost = time.Millisecond },
		"open most is -1ns":         func(c *Config) { c.OpenMost = -1 },
		"lease ttl is 10ms, want 1": func(c *Config) { c.LeaseTTL = 10 * time.Millisecond },
	} {
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}
