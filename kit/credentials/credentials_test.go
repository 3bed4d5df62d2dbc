package credentials_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/kit/credentials"
)

func TestEnsureMakesThemOnceForTheUserAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "too")
	made := make([]credentials.Credentials, 8)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			var err error
			if made[i], err = credentials.Ensure(dir); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, c := range made {
		if c != made[0] {
			t.Errorf("two processes got different credentials")
		}
	}
	if c := made[0]; len(c.NATSPassword) < 20 || len(c.S3SecretKey) < 20 || c.NATSPassword == c.S3SecretKey ||
		c.NATSUser == "" || c.S3AccessKey == "" {
		t.Error("the credentials are weak")
	}
	info, err := os.Stat(filepath.Join(dir, credentials.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want mode 0600", info, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v; want the one file", left, err)
	}
	other, err := credentials.Ensure(t.TempDir())
	if err != nil || other.NATSPassword == made[0].NATSPassword {
		t.Errorf("another folder has the same password (%v)", err)
	}
}

func TestEnsureRefuses(t *testing.T) {
	t.Parallel()
	good, err := json.Marshal(credentials.Credentials{NATSUser: "u", NATSPassword: "p", S3AccessKey: "a", S3SecretKey: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body string
		mode os.FileMode
		want error
	}{
		"readable by the group": {string(good), 0o640, credentials.ErrExposed},
		"readable by all":       {string(good), 0o604, credentials.ErrExposed},
		"not JSON":              {"secret", 0o600, credentials.ErrBroken},
		"cut off":               {string(good[:20]), 0o600, credentials.ErrBroken},
		"empty":                 {"", 0o600, credentials.ErrBroken},
		"without a field":       {`{"nats_user":"u"}`, 0o600, credentials.ErrBroken},
		"good":                  {string(good), 0o600, nil},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, credentials.FileName)
		if err := os.WriteFile(path, []byte(c.body), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := credentials.Ensure(dir)
		if !errors.Is(err, c.want) || c.want != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %v with the file's name", name, err, c.want)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	c := credentials.Credentials{NATSUser: "u", NATSPassword: "hush", S3AccessKey: "a", S3SecretKey: "hush"}
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, "hush") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

//nolint:paralleltest // it changes the environment
func TestNATSContext(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	c := credentials.Credentials{NATSUser: "u", NATSPassword: "p"}
	for _, url := range []string{"nats://127.0.0.1:1", "nats://127.0.0.1:2"} { // the second replaces the first
		path, err := credentials.WriteNATSContext(c, url)
		if want := filepath.Join(config, "nats", "context", "grokputer.json"); err != nil || path != want {
			t.Fatalf("%s, %v; want %s", path, err, want)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if got["url"] != url || got["user"] != "u" || got["password"] != "p" {
			t.Errorf("the context is %v", got)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v; want mode 0600", info, err)
		}
	}
}

//nolint:paralleltest // it changes the environment
func TestSelectNATSContextLeavesTheUsersChoice(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	file := filepath.Join(home, ".config", "nats", "context.txt")
	for _, step := range []struct {
		before string
		ours   bool
		after  string
	}{
		{"", true, "grokputer"},
		{"grokputer", true, "grokputer"},
		{"theirs", false, "theirs"},
	} {
		if step.before != "" {
			if err := os.WriteFile(file, []byte(step.before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ours, err := credentials.SelectNATSContext()
		if err != nil || ours != step.ours {
			t.Errorf("with %q selected: %t, %v; want %t", step.before, ours, err, step.ours)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != step.after {
			t.Errorf("with %q selected it became %q, %v; want %q", step.before, got, err, step.after)
		}
	}
}
