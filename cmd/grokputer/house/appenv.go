package house

import (
	"fmt"
	"os"
	"path/filepath"
)

// appEnv is what is added to the environment of the applications.
//
// On a screen of our own they are kept apart from the same programs on the
// user's screen. Their settings are in the data folder. What they note between
// runs, such as unsaved texts to ask about at the next start, is removed,
// because their windows went with the last screen. And they have no session
// bus: the user's would lead them to the user's screen, and one that they start
// by themselves would outlive us.
func (h *House) appEnv() ([]string, error) {
	if h.config.Screen.Display != "" {
		return h.config.AppEnv, nil
	}
	env := []string{"DBUS_SESSION_BUS_ADDRESS=disabled:"}
	for _, kind := range []struct {
		variable, folder string
		keep             bool
	}{
		{"XDG_CONFIG_HOME", "config", true},
		{"XDG_DATA_HOME", "data", false},
		{"XDG_STATE_HOME", "state", false},
		{"XDG_CACHE_HOME", "cache", false},
	} {
		folder := filepath.Join(h.config.Data, "apps", kind.folder)
		if !kind.keep {
			if err := os.RemoveAll(folder); err != nil {
				return nil, fmt.Errorf("empty a folder of the applications: %w", err)
			}
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for the applications: %w", err)
		}
		env = append(env, kind.variable+"="+folder)
	}
	return append(env, h.config.AppEnv...), nil
}
