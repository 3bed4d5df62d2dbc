package main

import (
	"encoding/json"
	"image"
	"os"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/services/observer/observertest"
)

func TestMain(m *testing.M) { os.Exit(observertest.OnScreen(m)) }

func TestRun(t *testing.T) { // one screen
	observertest.Show(t, observertest.Shown{Title: "a window", Box: image.Rect(50, 50, 350, 250), Colour: 0xf6f5f4})
	b, _ := kittest.Program(t, &program{})
	reply, err := b.Conn().RequestWithContext(t.Context(), "observer.look", nil)
	if err != nil {
		t.Fatal(err)
	}
	var seen contracts.ObservationCaptured
	if err := json.Unmarshal(reply.Data, &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Screen.Title != "a window" || seen.Frame.Width != observertest.ScreenWidth || seen.Frame.Image.Key == "" {
		t.Errorf("got %+v", seen)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, args := range map[string][]string{
		"an unknown flag":    {"--colour"},
		"a level of the log": {"--log-level", "loud"},
		"not a number":       {"--storage-max-gb", "lots"},
	} {
		if err := standalone.Run(t.Context(), &program{}, append(args, "--data", t.TempDir()), func() { t.Error(name, "is served") }); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
