package observer

import (
	"context"
	"image"
)

// Role is what a window is for, as the window manager is told.
type Role string

// The roles that change how a window's content is understood.
const (
	RoleNormal  Role = "normal"  // an application's window or dialog
	RoleMenu    Role = "menu"    // an open menu or the list of a drop-down
	RoleTooltip Role = "tooltip" // a hint beside the pointer
	RoleOther   Role = "other"   // anything else without decoration
)

// Window is one visible window, in the pointer's coordinates.
type Window struct {
	Title string
	Role  Role
	// Frame is the window with its decoration, Content what the application
	// draws in it.
	Frame   image.Rectangle
	Content image.Rectangle
	Focused bool
}

// Desk knows the windows of a desktop. It is safe for concurrent use.
type Desk interface {
	// Windows returns the visible windows, the topmost first. Without a
	// screen the error is an ErrNoScreen.
	Windows(ctx context.Context) ([]Window, error)
}

// normal counts the windows and dialogs of applications.
func normal(windows []Window) int {
	n := 0
	for _, w := range windows {
		if w.Role == RoleNormal {
			n++
		}
	}
	return n
}

// Focused returns the title of the window that has the focus, "" when none has.
func Focused(windows []Window) string {
	for _, w := range windows {
		if w.Focused {
			return w.Title
		}
	}
	return ""
}
