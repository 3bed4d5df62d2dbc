package checkup_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
	"github.com/grokputer/grokputer/cmd/grokputer/checkup"
)

// listen returns the address of something that listens until the test ends.
func listen(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// free returns an address at which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// file writes an empty file below dir and returns its path.
func file(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProbes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	card := checkup.Graphics{Name: "card", Libraries: []string{"liba.so", "libb.so"}, Folders: []string{filepath.Join(dir, "gpu-*")}, Mend: "buy one"}
	half, whole := t.TempDir(), t.TempDir()
	file(t, half, "liba.so.6")
	file(t, whole, "liba.so")
	file(t, whole, "libb.so.1.2")
	busy, unused := listen(t), free(t)
	works := func(context.Context) (string, error) { return "as new", nil }
	fails := func(context.Context) (string, error) { return "", errors.New("it is broken") }
	tests := []struct {
		name   string
		probe  checkup.Probe
		state  checkup.State
		detail string
		mend   string
	}{
		{"program", checkup.Program("shell", "sh", "", true), checkup.StateOK, "/sh", ""},
		{"no program", checkup.Program("x", "no-such-program", "get it", true), checkup.StateMissing, "no-such-program is not on PATH", "get it"},
		{"file", checkup.File("f", file(t, dir, "f"), ""), checkup.StateOK, "/f", ""},
		{"no file", checkup.File("f", filepath.Join(dir, "none"), "make it"), checkup.StateMissing, "none", "make it"},
		{"try", checkup.Try("x", "mend it", works), checkup.StateOK, "as new", ""},
		{"try in vain", checkup.Try("x", "mend it", fails), checkup.StateMissing, "it is broken", "mend it"},
		{"free port", checkup.Port("nats", unused, "--nats-port"), checkup.StateOK, "is free", ""},
		{"port in use", checkup.Port("nats", busy, "--nats-port"), checkup.StateMissing, "in use", "--nats-port"},
		{"server", checkup.Server("s3", busy, ""), checkup.StateOK, busy, ""},
		{"server by URL", checkup.Server("nats", "nats://user:secret@"+busy, ""), checkup.StateOK, busy, ""},
		{"no server", checkup.Server("s3", unused, "start it"), checkup.StateMissing, "nothing answers", "start it"},
		{"no address", checkup.Server("s3", "what now?", "say where"), checkup.StateMissing, "neither host:port nor a URL", "say where"},
		{"no port", checkup.Server("s3", "localhost", "say where"), checkup.StateMissing, "no port", "say where"},
		{"disk", checkup.Disk(filepath.Join(dir, "not", "yet"), 1), checkup.StateOK, "GB free", ""},
		{"full disk", checkup.Disk(dir, 1<<60), checkup.StateMissing, "GB free", "sessions delete"},
		{"no display", checkup.Display(":64999"), checkup.StateMissing, ":64999 does not answer", "--display"},
		{"window manager of the display", checkup.WindowManager(":0"), checkup.StateOK, "that of :0", ""},
		{"no model", checkup.Model(dir, basemodel.Default()), checkup.StateMissing, "is missing", "models pull"},
		{"no card", card.Probe(""), checkup.StateMissing, "no liba.so, libb.so", "buy one"},
		{"half a card", card.Probe(half), checkup.StateMissing, "no libb.so:", "buy one"},
		{"card", card.Probe(half + string(filepath.ListSeparator) + whole), checkup.StateOK, "libb.so.1.2", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.probe(t.Context())
			if got.State != test.state || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("found %+v; want %s with %q", got, test.state, test.detail)
			}
			if test.state == checkup.StateMissing && !strings.Contains(got.Mend, test.mend) {
				t.Errorf("mend: %q; want %q in it", got.Mend, test.mend)
			}
			if strings.Contains(got.Detail, "secret") {
				t.Errorf("the finding tells a secret: %s", got.Detail)
			}
		})
	}
}

func TestRunKeepsTheOrder(t *testing.T) {
	t.Parallel()
	first := make(chan struct{})
	findings := checkup.Run(t.Context(),
		func(context.Context) checkup.Finding {
			<-first
			return checkup.Finding{Name: "a", State: checkup.StateOK}
		},
		func(context.Context) checkup.Finding {
			close(first)
			return checkup.Finding{Name: "b", State: checkup.StateMissing}
		},
	)
	if len(findings) != 2 || findings[0].Name != "a" || findings[1].Name != "b" {
		t.Fatalf("findings %+v", findings)
	}
	if !checkup.Works(findings) {
		t.Error("what is not essential keeps the agent from working")
	}
	findings[1].Essential = true
	if checkup.Works(findings) {
		t.Error("the agent works without something essential")
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	known := basemodel.Known{
		File: "empty.gguf", SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	}
	file(t, dir, known.File)
	if got := checkup.Model(dir, known)(t.Context()); got.State != checkup.StateOK || !got.Essential {
		t.Fatalf("found %+v", got)
	}
}
