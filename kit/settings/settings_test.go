package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/kit/settings"
)

type cli struct {
	Config  kong.ConfigFlag
	Storage struct {
		MaxGB float64 `default:"10" name:"max-gb"`
		Dir   string  `default:"/var"`
	} `embed:"" prefix:"storage-"`
	NATSURL string            `name:"nats-url"`
	Debug   bool              `negatable:""`
	Apps    []string          `default:"editor"`
	Wait    time.Duration     `default:"1s"`
	Labels  map[string]string `name:"labels"`
	Up      struct {
		Port int `default:"1"`
	} `cmd:""`
	Stop struct {
		Reason string
	} `cmd:""`
}

// parse parses "up" with files of the given texts.
func parse(t *testing.T, args []string, texts ...string) (cli, error) {
	t.Helper()
	o := settings.Options{Name: "test"}
	for _, text := range texts {
		o.Files = append(o.Files, write(t, text))
	}
	var c cli
	_, err := settings.Parse(append([]string{"up"}, args...), &c, o)
	return c, err
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), settings.FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

//nolint:paralleltest // it changes the environment
func TestFlagBeforeEnvironmentBeforeFileBeforeDefault(t *testing.T) {
	const file = "storage:\n  max_gb: 2\n"
	check := func(want float64, args ...string) {
		t.Helper()
		c, err := parse(t, args, file)
		if err != nil {
			t.Fatal(err)
		}
		if c.Storage.MaxGB != want || c.Storage.Dir != "/var" {
			t.Errorf("max_gb is %v and dir %q, want %v and the default", c.Storage.MaxGB, c.Storage.Dir, want)
		}
	}
	check(2)
	t.Setenv("GROKPUTER_STORAGE_MAX_GB", "3")
	check(3)
	check(4, "--storage-max-gb=4")
}

//nolint:paralleltest // it changes the environment
func TestEnvironmentNames(t *testing.T) {
	var c struct {
		S3Endpoint string `name:"s3-endpoint"`
		NATSURL    string `name:"nats-url"`
		JSON       bool   `env:"-"`
		Home       string `env:"OTHER_HOME"`
		Go         struct {
			Deep string
		} `cmd:""`
	}
	for name, value := range map[string]string{
		"GROKPUTER_S3_ENDPOINT": "s3", "GROKPUTER_NATS_URL": "nats", "GROKPUTER_JSON": "true",
		"GROKPUTER_HOME": "wrong", "OTHER_HOME": "home", "GROKPUTER_DEEP": "deep",
	} {
		t.Setenv(name, value)
	}
	if _, err := settings.Parse([]string{"go"}, &c, settings.Options{}); err != nil {
		t.Fatal(err)
	}
	if c.S3Endpoint != "s3" || c.NATSURL != "nats" || c.JSON || c.Home != "home" || c.Go.Deep != "deep" {
		t.Errorf("%+v", c)
	}
}

func TestFileReadsEveryKindOfValue(t *testing.T) {
	t.Parallel()
	c, err := parse(t, nil, `
nats-url: "nats://127.0.0.1:4222"
storage: {max-gb: 0.5, dir: /data}
debug: true
apps: [calculator, "text editor"]
wait: 250ms
labels: {a: b}
port: 8420     # of the command that runs
reason: ~      # of one that does not; null is not set
`)
	if err != nil {
		t.Fatal(err)
	}
	want := cli{NATSURL: "nats://127.0.0.1:4222", Debug: true, Apps: []string{"calculator", "text editor"},
		Wait: 250 * time.Millisecond, Labels: map[string]string{"a": "b"}}
	want.Storage.MaxGB, want.Storage.Dir, want.Up.Port = 0.5, "/data", 8420
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestLaterFileWins(t *testing.T) {
	t.Parallel()
	c, err := parse(t, nil, "nats_url: a\nwait: 2s\n", "nats_url: b\n", "", "# nothing\n")
	if err != nil || c.NATSURL != "b" || c.Wait != 2*time.Second {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestConfigFlagNamesAFile(t *testing.T) {
	t.Parallel()
	c, err := parse(t, []string{"--config", write(t, "nats_url: named\n")}, "nats_url: found\n")
	if err != nil || c.NATSURL != "named" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestMistakesInAFileAreNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"storage:\n  max_gbb: 2\n": `grokputer.yaml: line 2: unknown setting "storage.max_gbb"`,
		"nosuch: 1\n":              `grokputer.yaml: line 1: unknown setting "nosuch"`,
		"other:\n  key: 1\n":       `grokputer.yaml: line 2: unknown setting "other.key"`,
		"wait: soon\n":             "--wait",
		"storage:\n  max_gb: x\n":  "--storage-max-gb",
		"- a\n":                    "line 1: the file must hold keys and values",
		"a: [\n":                   "grokputer.yaml",
	} {
		if c, err := parse(t, nil, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want an error with %q", text, c, err, want)
		}
	}
}

func TestSharedFileMayHoldSectionsOfOthers(t *testing.T) {
	t.Parallel()
	var c cli
	o := settings.Options{Shared: true, Files: []string{write(t, "trainer:\n  rank: 16\nstorage:\n  dir: /d\n")}}
	if _, err := settings.Parse([]string{"up"}, &c, o); err != nil || c.Storage.Dir != "/d" {
		t.Errorf("%+v, %v", c, err)
	}
	o.Files = []string{write(t, "storage:\n  dirr: /d\n")}
	if _, err := settings.Parse([]string{"up"}, &c, o); !errors.Is(err, settings.ErrUnknown) {
		t.Errorf("%v, want ErrUnknown", err)
	}
}

func TestFileThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	var c cli
	if _, err := settings.Parse([]string{"up"}, &c, settings.Options{Files: []string{t.TempDir()}}); err == nil {
		t.Error("a folder was read as a file")
	}
	nosuch := filepath.Join(t.TempDir(), "nosuch")
	if _, err := settings.Parse([]string{"up"}, &c, settings.Options{Files: []string{nosuch}}); err != nil {
		t.Error(err)
	}
	if _, err := settings.Parse([]string{"up", "--config", nosuch}, &c, settings.Options{}); err == nil {
		t.Error("a file that was asked for is not there, and no error")
	}
}

//nolint:paralleltest // it changes the environment
func TestDataDir(t *testing.T) {
	t.Setenv("HOME", "/home/anna")
	for _, c := range []struct{ data, xdg, want string }{
		{"", "", "/home/anna/.local/share/grokputer"},
		{"", "/xdg", "/xdg/grokputer"},
		{"", "relative", "/home/anna/.local/share/grokputer"},
		{"/data", "/xdg", "/data"},
	} {
		t.Setenv("GROKPUTER_DATA", c.data)
		t.Setenv("XDG_DATA_HOME", c.xdg)
		if got, err := settings.DataDir(); err != nil || got != c.want {
			t.Errorf("GROKPUTER_DATA=%q XDG_DATA_HOME=%q: %q, %v; want %q", c.data, c.xdg, got, err, c.want)
		}
	}
	t.Setenv("GROKPUTER_DATA", "relative")
	if got, err := settings.DataDir(); err != nil || !filepath.IsAbs(got) {
		t.Errorf("%q, %v; want an absolute path", got, err)
	}
	t.Setenv("GROKPUTER_DATA", "")
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "")
	if got, err := settings.DataDir(); err == nil {
		t.Errorf("%q without a home directory", got)
	}
}
