package observer

import (
	"fmt"
	"image"
	"strconv"

	"github.com/grokputer/grokputer/contracts"
)

// Monitor says which monitor to look at: its number, counted from 0, or one of
// the constants. In settings it is a number, focused or all.
type Monitor int

const (
	// MonitorAll is the whole desktop, what is between the monitors included.
	MonitorAll Monitor = contracts.AllMonitors
	// MonitorFocused is the one that shows most of the window with the focus, or
	// without such a window the one with the pointer, at each capture anew.
	MonitorFocused Monitor = -2
)

// String is the setting.
func (m Monitor) String() string {
	switch m {
	case MonitorAll:
		return "all"
	case MonitorFocused:
		return "focused"
	default:
		return strconv.Itoa(int(m))
	}
}

// MarshalText implements encoding.TextMarshaler.
func (m Monitor) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Monitor) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "all":
		*m = MonitorAll
	case "focused":
		*m = MonitorFocused
	default:
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return fmt.Errorf("monitor %q: must be a number from 0, focused or all", s)
		}
		*m = Monitor(n)
	}
	return nil
}

// Pick returns the monitor that is meant: its number as a capture has it, and
// its bounds. Attention is where the person is at work, for MonitorFocused. The
// error is a contracts.ErrGeometry.
func (m Monitor) Pick(monitors []contracts.Monitor, attention image.Rectangle) (contracts.Monitor, error) {
	number := int(m)
	if m == MonitorFocused {
		number = 0
		most := 0
		for _, one := range monitors {
			if seen := one.Bounds.Intersect(attention); seen.Dx()*seen.Dy() > most {
				number, most = one.Number, seen.Dx()*seen.Dy()
			}
		}
	}
	bounds, err := contracts.FindMonitor(monitors, number)
	return contracts.Monitor{Number: number, Bounds: bounds}, err
}
