package house

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/kit/credentials"
)

func TestStateIsFoundWhileTheHouseStands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if _, err := Find(data); !errors.Is(err, ErrNotUp) {
		t.Fatalf("Find without a house = %v; want ErrNotUp", err)
	}
	lock, err := claim(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Find(data); !errors.Is(err, ErrStarting) {
		t.Fatalf("Find before the state is told = %v; want ErrStarting", err)
	}
	want := State{PID: 7, NATS: "nats://127.0.0.1:1", Display: ":3"}
	if err := tell(data, want); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(statePath(data)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the state's file: %v, %v; want mode 0600", info, err)
	}
	if got, err := Find(data); err != nil || got != want {
		t.Fatalf("Find = %+v, %v; want %+v", got, err, want)
	}
	if _, err := claim(data); !errors.Is(err, ErrUp) || !strings.Contains(err.Error(), "process 7") {
		t.Fatalf("a second claim = %v; want ErrUp with the process", err)
	}
	// What a killed process leaves behind says nothing.
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(data); !errors.Is(err, ErrNotUp) {
		t.Fatalf("Find with a stale state = %v; want ErrNotUp", err)
	}
	lock, err = claim(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Find(data); !errors.Is(err, ErrStarting) {
		t.Fatalf("Find = %v; want ErrStarting, not the state of the one before", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestConfigIsValidated(t *testing.T) {
	t.Parallel()
	good := Config{Data: "/data", Planner: Planner{Model: "m.gguf"}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Config){
		"data":      func(c *Config) { c.Data = "relative" },
		"nats-port": func(c *Config) { c.NATS.Port = 70000 },
		"http-port": func(c *Config) { c.HTTP.Port = 65536 },
		"s3-port":   func(c *Config) { c.S3.Port = -2 },
		"model":     func(c *Config) { c.Planner.Model = "" },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), want+":") {
			t.Errorf("Validate = %v; want an error about %s", err, want)
		}
	}
}

func TestServersGetTheirOwnKeys(t *testing.T) {
	t.Parallel()
	keys := credentials.Credentials{NATSUser: "grokputer", NATSPassword: "ours", S3AccessKey: "grokputer", S3SecretKey: "ours"}
	state := State{NATS: "nats://127.0.0.1:1", NATSEmbedded: true, S3: "127.0.0.1:2", S3Embedded: true}
	if o := BusOptions(NATS{}, state, keys); o.URL != state.NATS || o.Password != "ours" {
		t.Errorf("the embedded server: %s with password %q", o.URL, o.Password)
	}
	other := NATS{URL: "nats://elsewhere:4222", User: "u", Password: "theirs"}
	if o := BusOptions(other, state, keys); o.URL != other.URL || o.Password != "theirs" {
		t.Errorf("another server: %s with password %q", o.URL, o.Password)
	}
	state.NATSEmbedded = false
	if o := BusOptions(NATS{}, state, keys); o.Password != "" {
		t.Errorf("a house on another server gives it our password")
	}
	if o := BlobOptions(S3{Bucket: "b"}, state, keys); o.Endpoint != state.S3 || o.SecretKey != "ours" || o.Bucket != "b" {
		t.Errorf("the embedded store: %s with key %q", o.Endpoint, o.SecretKey)
	}
	if o := BlobOptions(S3{Endpoint: "elsewhere:9000", SecretKey: "theirs"}, state, keys); o.Endpoint != "elsewhere:9000" || o.SecretKey != "theirs" {
		t.Errorf("another store: %s with key %q", o.Endpoint, o.SecretKey)
	}
}

func TestSecretsStayOutOfTheState(t *testing.T) {
	t.Parallel()
	got := withoutSecrets("nats://user:secret@a:4222, nats://b:4222,://")
	if want := "nats://a:4222,nats://b:4222,(unreadable)"; got != want {
		t.Errorf("withoutSecrets = %q; want %q", got, want)
	}
}
