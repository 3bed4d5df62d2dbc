package observertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/xscreen"
)

// Size of the screen that OnScreen starts, in pixels.
const (
	ScreenWidth  = 1280
	ScreenHeight = 800
)

// OnScreen runs a package's tests on an X screen of their own, with a window
// manager, and returns the exit status. The screen is the process's: what the
// eyes look at is named by the environment. TestMain calls it.
func OnScreen(m *testing.M) int {
	s, err := xscreen.Start(context.Background(), xscreen.Options{Width: ScreenWidth, Height: ScreenHeight, WindowManager: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, v := range s.Env() {
		name, value, _ := strings.Cut(v, "=")
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	status := m.Run()
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	return status
}
