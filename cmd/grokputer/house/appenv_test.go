package house

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestApplicationsAreApart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	apps := filepath.Join(data, "apps")
	for _, folder := range []string{"config", "data", "state"} {
		if err := os.MkdirAll(filepath.Join(apps, folder, "editor"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	h := &House{config: Config{Data: data, AppEnv: []string{"XDG_DATA_HOME=/mine"}}}
	env, err := h.appEnv()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "XDG_CONFIG_HOME=" + apps + "/config", "XDG_DATA_HOME=" + apps + "/data",
		"XDG_STATE_HOME=" + apps + "/state", "XDG_CACHE_HOME=" + apps + "/cache", "XDG_DATA_HOME=/mine",
	}
	if !slices.Equal(env, want) {
		t.Errorf("the environment is %q; want %q", env, want)
	}
	for folder, entries := range map[string]int{"config": 1, "data": 0, "state": 0, "cache": 0} {
		if got, err := os.ReadDir(filepath.Join(apps, folder)); err != nil || len(got) != entries {
			t.Errorf("%s holds %v, %v; want %d entries", folder, got, err, entries)
		}
	}
	h.config.Screen.Display = ":0"
	if env, err := h.appEnv(); err != nil || len(env) != 1 {
		t.Errorf("on the user's display: %q, %v; want what is set alone", env, err)
	}
}
