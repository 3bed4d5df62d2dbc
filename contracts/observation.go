package contracts

import (
	"time"

	"github.com/grokputer/grokputer/contracts/screen"
)

// ObservationRequested asks the observer of a desktop for its screen.
// Subject: observation.requested.<desktop>
type ObservationRequested struct {
	ID      string `json:"id"`
	Desktop string `json:"desktop"`
	TaskID  string `json:"task_id,omitempty"`
	// StillMS asks to wait until the screen has not changed for that long,
	// in milliseconds; 0 captures at once.
	StillMS int `json:"still_ms,omitempty" jsonschema:"minimum=0,maximum=60000"`
	// TimeoutMS bounds that wait; the screen is captured when it ends.
	TimeoutMS int `json:"timeout_ms,omitempty" jsonschema:"minimum=0,maximum=60000"`
	// Mask are areas, in the pointer's coordinates, that are blacked out before the
	// picture is stored; what is read there is not told.
	Mask []screen.Box `json:"mask,omitempty"`
	// MaskSince is the picture before a secret was typed: what is different from it is
	// masked, too.
	MaskSince *Blob `json:"mask_since,omitempty"`
	// Secrets are the names of what was typed: where their text is read, it is masked.
	Secrets []string `json:"secrets,omitempty"`
}

// ObservationCaptured is the answer: a frame and what was read on it, or the
// reason why there is none.
// Subject: observation.captured.<desktop>
type ObservationCaptured struct {
	RequestID string        `json:"request_id"`
	Desktop   string        `json:"desktop"`
	TaskID    string        `json:"task_id,omitempty"`
	Frame     Frame         `json:"frame,omitzero"`
	Screen    screen.Screen `json:"screen"`
	// Masked are all areas that were blacked out, in the pointer's coordinates.
	Masked []screen.Box `json:"masked,omitempty"`
	// Moving are areas in which something moves by itself, such as a spinner, in the
	// pointer's coordinates. They are known only where a still screen was waited for.
	Moving []screen.Box `json:"moving,omitempty"`
	// Windows is how many windows and dialogs can be seen, without menus and hints;
	// 0 when that is not known.
	Windows int `json:"windows,omitempty"`
	// Error is a sentence for the person at the desktop; empty on success.
	Error string `json:"error,omitempty"`
}

// Frame is one captured picture: its Geometry maps points of the picture, in its
// pixels, to the pointer's coordinates and back.
type Frame struct {
	// Image names the picture by the hash of its content.
	Image Blob `json:"image"`
	// Monitor is the number of the monitor that is shown, counted from 0; -1 is
	// the whole desktop.
	Monitor int `json:"monitor" jsonschema:"minimum=-1"`
	// OriginX and OriginY are the picture's upper left corner in the pointer's coordinates.
	OriginX int `json:"origin_x"`
	OriginY int `json:"origin_y"`
	// Width and Height are in the picture's pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Scale is the picture's pixels for each of the pointer's.
	Scale  float64   `json:"scale"`
	Time   time.Time `json:"time"`
	ReadMS int64     `json:"read_ms"`
}
