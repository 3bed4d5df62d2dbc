package house

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/grokputer/grokputer/kit/xscreen"
)

// openScreen starts a screen of our own, unless another is to be used, and has
// the environment name it.
func (h *House) openScreen(ctx context.Context) error {
	c := h.config.Screen
	h.state.Display, h.state.XAuthority = c.Display, os.Getenv("XAUTHORITY")
	if c.Display == "" {
		s, err := xscreen.Start(ctx, xscreen.Options{Width: c.Width, Height: c.Height, WindowManager: true, Log: h.config.Log})
		if err != nil {
			return err
		}
		h.later(s.Close)
		h.screenGone = s.Done()
		for _, kv := range s.Env() {
			switch key, value, _ := strings.Cut(kv, "="); key {
			case "DISPLAY":
				h.state.Display = value
			case "XAUTHORITY":
				h.state.XAuthority = value
			}
		}
	}
	return h.state.Enter()
}

// Enter has the environment of this process name the desktop, for X programs
// and libraries.
func (s State) Enter() error {
	for key, value := range map[string]string{"DISPLAY": s.Display, "XAUTHORITY": s.XAuthority} {
		if value == "" {
			continue
		}
		if err := os.Setenv(key, value); err != nil {
			return fmt.Errorf("name the screen: %w", err)
		}
	}
	return nil
}
