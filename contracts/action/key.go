package action

import "slices"

// NamedKeys returns the keys that have a name instead of a character.
func NamedKeys() []string {
	return []string{
		"enter", "tab", "escape", "space", "backspace", "delete", "insert",
		"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "menu",
		"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
	}
}

// Modifiers returns the keys that are held while another is pressed.
func Modifiers() []string { return []string{"ctrl", "alt", "shift", "super"} }

// ValidKey reports whether k is a letter, a digit or a named key.
func ValidKey(k string) bool {
	if len(k) == 1 && (k[0] >= 'a' && k[0] <= 'z' || k[0] >= '0' && k[0] <= '9') {
		return true
	}
	return slices.Contains(NamedKeys(), k)
}
