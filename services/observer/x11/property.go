package x11

import (
	"errors"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/observer"
)

// errGone: the window was closed while it was looked at.
var errGone = errors.New("the window is gone")

// gone turns the server's "no such window" into errGone.
func gone(err error) error {
	var window xproto.WindowError
	var drawable xproto.DrawableError
	if errors.As(err, &window) || errors.As(err, &drawable) {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return fmt.Errorf("look at a window: %w", err)
}

// properties are the names of the atoms that are read or compared.
func properties() []string {
	return []string{
		"WM_STATE", "WM_NAME", "UTF8_STRING", "_NET_ACTIVE_WINDOW", "_NET_WM_NAME", "_NET_WM_WINDOW_TYPE",
		"_NET_WM_WINDOW_TYPE_MENU", "_NET_WM_WINDOW_TYPE_DROPDOWN_MENU", "_NET_WM_WINDOW_TYPE_POPUP_MENU",
		"_NET_WM_WINDOW_TYPE_COMBO", "_NET_WM_WINDOW_TYPE_TOOLTIP",
	}
}

// longest is the longest property that is read, in 4-byte units.
const longest = 1024

// property reads a property, nil when the window has none of that name.
func (s *session) property(w xproto.Window, name string, kind xproto.Atom) ([]byte, error) {
	reply, err := xproto.GetProperty(s.x, false, w, s.atom(name), kind, 0, longest).Reply()
	if err != nil {
		return nil, gone(err)
	}
	return reply.Value, nil
}

func (s *session) atom(name string) xproto.Atom { return s.atoms[name] }

// activeWindow is the window that has the focus as the window manager says, 0
// for none.
func (s *session) activeWindow() (xproto.Window, error) {
	value, err := s.property(s.root, "_NET_ACTIVE_WINDOW", xproto.AtomWindow)
	if err != nil {
		return 0, err
	}
	if len(value) < 4 {
		return 0, nil
	}
	return xproto.Window(xgb.Get32(value)), nil
}

// title is _NET_WM_NAME, or WM_NAME of older programs.
func (s *session) title(w xproto.Window) (string, error) {
	value, err := s.property(w, "_NET_WM_NAME", s.atom("UTF8_STRING"))
	if err != nil || len(value) > 0 {
		return string(value), err
	}
	value, err = s.property(w, "WM_NAME", xproto.AtomString)
	if err != nil {
		return "", err
	}
	// STRING is ISO Latin-1 (ICCCM 2.7.1): each byte is a code point.
	runes := make([]rune, len(value))
	for i, b := range value {
		runes[i] = rune(b)
	}
	return string(runes), nil
}

// role tells what an undecorated window is for.
func (s *session) role(w xproto.Window) (observer.Role, error) {
	value, err := s.property(w, "_NET_WM_WINDOW_TYPE", xproto.AtomAtom)
	if err != nil {
		return "", err
	}
	for ; len(value) >= 4; value = value[4:] {
		switch xproto.Atom(xgb.Get32(value)) {
		case s.atom("_NET_WM_WINDOW_TYPE_MENU"), s.atom("_NET_WM_WINDOW_TYPE_DROPDOWN_MENU"),
			s.atom("_NET_WM_WINDOW_TYPE_POPUP_MENU"), s.atom("_NET_WM_WINDOW_TYPE_COMBO"):
			return observer.RoleMenu, nil
		case s.atom("_NET_WM_WINDOW_TYPE_TOOLTIP"):
			return observer.RoleTooltip, nil
		}
	}
	return observer.RoleOther, nil
}
