package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/grokputer/grokputer/kit/kittest"
)

// startOnTerminal runs the program on a terminal. What is written to person is
// what a person types.
func (h home) startOnTerminal(args ...string) (person *os.File, p *program) {
	h.t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		h.t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		h.t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return person, h.launch(person, terminal, terminal, args...)
}

// display is a screen that the agent has to ask for, and the flags that name it.
func display(t *testing.T, h *home) {
	t.Helper()
	screen := kittest.Screen(t)
	h.env = screen.Env()
	h.args = append(h.args, "--display", screen.Display())
}

func TestDisplayIsUsedAfterAYes(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "done"))
	display(t, &h)
	person, up := h.startOnTerminal(append([]string{"up"}, h.args...)...)
	up.until("Use the display")
	if _, err := person.WriteString("yes\n"); err != nil {
		t.Fatal(err)
	}
	up.until("ready after")
	if got, want := h.state()["display"], h.args[len(h.args)-1]; got != want {
		t.Errorf("it works on %v, not on %s", got, want)
	}
	up.interrupt()
	up.wait(0, "stopping")
}

func TestDisplayIsNotUsedWithoutAYes(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "done"))
	display(t, &h)
	person, up := h.startOnTerminal(append([]string{"up"}, h.args...)...)
	up.until("Use the display")
	if _, err := person.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	up.wait(1, "nothing was done")
}

// TestDemoStaysOnATerminal: there a person wants to rate, and to look around.
func TestDemoStaysOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, `open "text editor"`, `type "hello world"`, "done"))
	person, demo := h.startOnTerminal(append([]string{"demo"}, h.args...)...)
	demo.until("stands there")
	demo.until("Rate this task")
	typed(t, person, "5\r")
	demo.until("Any feedback?")
	typed(t, person, "\r")
	demo.until("stored: 5 stars")
	demo.until("staying up")
	h.start("stop").wait(0, "stopped the desktop main")
	demo.interrupt()
	if said := demo.wait(0); strings.Contains(said, "grokputer: ") {
		t.Errorf("it complains:\n%s", said)
	}
}
