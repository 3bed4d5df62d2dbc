package observer_test

import (
	"errors"
	"image"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/observer"
)

func TestMonitorText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]observer.Monitor{"0": 0, "3": 3, "all": observer.MonitorAll, "focused": observer.MonitorFocused} {
		var got observer.Monitor
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "-2", "first", "1.5"} {
		if err := new(observer.Monitor).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestMonitorPick(t *testing.T) {
	t.Parallel()
	left, right := image.Rect(0, 0, 1280, 800), image.Rect(1280, 32, 2304, 800)
	both := []contracts.Monitor{{Bounds: left}, {Number: 1, Bounds: right}}
	for name, test := range map[string]struct {
		which     observer.Monitor
		attention image.Rectangle
		want      contracts.Monitor
	}{
		"by number":        {1, left, both[1]},
		"all":              {observer.MonitorAll, left, contracts.Monitor{Number: contracts.AllMonitors, Bounds: left.Union(right)}},
		"focused":          {observer.MonitorFocused, image.Rect(1200, 100, 1500, 300), both[1]},
		"focused at left":  {observer.MonitorFocused, image.Rect(1000, 100, 1500, 300), both[0]},
		"focused nowhere":  {observer.MonitorFocused, image.Rect(5000, 0, 5001, 1), both[0]},
		"under the cursor": {observer.MonitorFocused, image.Rect(2303, 799, 2304, 800), both[1]},
	} {
		if got, err := test.which.Pick(both, test.attention); err != nil || got != test.want {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, test.want)
		}
	}
	if _, err := observer.Monitor(2).Pick(both, left); !errors.Is(err, contracts.ErrGeometry) {
		t.Errorf("got %v for a monitor that is not there", err)
	}
}
