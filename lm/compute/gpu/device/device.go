// Package device says what graphics cards there are and what is missing to use them. The vendors' libraries may end or hang the
// process that asks them, so a child process asks, which is this program with a variable set: a main function begins with
//
//	if device.IsProbe() {
//		os.Exit(device.Probe())
//	}
package device

import (
	"fmt"
	"time"
)

// Options are the settings of List; the zero value is the default.
type Options struct {
	// Search and Only are those of driver.Options.
	Search []string
	Only   bool
	// Try makes each card compile and multiply something small, which takes seconds and tells more.
	Try bool
	// Timeout is how long each vendor's libraries may take; 0 is a minute.
	Timeout time.Duration
	// Root is the folder that /sys and /dev are in; "" is the system's.
	Root string
}

// Report is what was found. No cards and no troubles is a machine without a card.
type Report struct {
	Cards    []Card    `json:"cards"`
	Troubles []Trouble `json:"troubles,omitempty"`
}

// Card is one that the vendor's runtime lists.
type Card struct {
	Kind         string     `json:"kind"`  // "hip" or "cuda"
	Index        int        `json:"index"` // the runtime's number
	Name         string     `json:"name"`
	Architecture string     `json:"architecture"` // such as gfx1100 or sm_90
	PCI          string     `json:"pci,omitempty"`
	Memory       uint64     `json:"memory"`      // bytes in all
	Free         uint64     `json:"memory_free"` // bytes
	Wave         int        `json:"wave"`        // lanes that go together
	Units        int        `json:"units"`
	Shared       int        `json:"shared"` // the most bytes of local memory of a block
	Integrated   bool       `json:"integrated,omitempty"`
	Runtime      Part       `json:"runtime"`
	Compiler     Part       `json:"compiler"` // without it nothing can be run
	BLAS         Part       `json:"blas"`     // without it products are made by own kernels, which are slower
	Hints        []string   `json:"hints,omitempty"`
	Telemetry    *Telemetry `json:"telemetry,omitempty"`
}

// Usable reports whether trainings can run on the card.
func (c *Card) Usable() bool { return c.Runtime.Usable && c.Compiler.Usable }

// Part is a library.
type Part struct {
	Usable  bool   `json:"usable"`
	Version string `json:"version,omitempty"`
	Path    string `json:"path,omitempty"`
	Missing string `json:"missing,omitempty"` // why it is not usable, and what to install
}

// Trouble is what keeps a card from being listed or used.
type Trouble struct {
	Kind   string `json:"kind"`
	What   string `json:"what"`
	Remedy string `json:"remedy,omitempty"`
	Stage  string `json:"stage,omitempty"`  // what was being done
	Stderr string `json:"stderr,omitempty"` // the end of what the libraries said
}

// String returns a sentence or more, for a person.
func (t Trouble) String() string {
	text := fmt.Sprintf("%s: %s", t.Kind, t.What)
	if t.Stage != "" {
		text += fmt.Sprintf(" (%s)", t.Stage)
	}
	if t.Remedy != "" {
		text += ". " + t.Remedy
	}
	if t.Stderr != "" {
		text += "\n" + t.Stderr
	}

	return text
}
