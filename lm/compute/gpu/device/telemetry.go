package device

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Telemetry is what a card of AMD's says of itself without any library. What it does not say is nil.
type Telemetry struct {
	Temperature *float64 `json:"temperature,omitempty"` // degrees Celsius
	Busy        *float64 `json:"busy,omitempty"`        // percent of the time
	MemoryUsed  *float64 `json:"memory_used,omitempty"` // bytes
	Power       *float64 `json:"power,omitempty"`       // watts
}

// ReadTelemetry reads what the kernel's driver amdgpu shows of the card at a PCI address, or nil. root is the folder that /sys is in, "" the system's.
func ReadTelemetry(root, pci string) *Telemetry {
	if pci == "" {
		return nil
	}
	card := filepath.Join(from(root), "sys", "bus", "pci", "devices", strings.ToLower(pci))
	t := &Telemetry{Busy: value(card, "gpu_busy_percent", 1), MemoryUsed: value(card, "mem_info_vram_used", 1)}
	monitors, err := filepath.Glob(filepath.Join(card, "hwmon", "hwmon*"))
	if err == nil && len(monitors) > 0 {
		t.Temperature = value(monitors[0], "temp1_input", 1e-3)
		t.Power = value(monitors[0], "power1_average", 1e-6)
		if t.Power == nil { // newer cards have this one only
			t.Power = value(monitors[0], "power1_input", 1e-6)
		}
	}
	if *t == (Telemetry{}) {
		return nil
	}

	return t
}

// value reads a number and its unit, or nil.
func value(folder, name string, unit float64) *float64 {
	number, err := strconv.ParseFloat(line(folder, name), 64)
	if err != nil {
		return nil
	}
	number *= unit

	return &number
}
