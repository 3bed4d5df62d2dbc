package actor

import "fmt"

// Class is how far the consequences of an action reach. Classes are ordered.
type Class int

// The classes, from the least to the gravest.
const (
	Read     Class = iota + 1 // looks, and changes nothing that lasts
	Edit                      // changes what can be changed back: text, a choice, a file of its own
	Send                      // reaches others or leaves the machine: send, submit, log in, run a command
	Critical                  // deletes, pays, installs, or changes the system
)

// Classes returns every class in order.
func Classes() []Class { return []Class{Read, Edit, Send, Critical} }

// String is the class's name in events and settings.
func (c Class) String() string {
	switch c {
	case Read:
		return "read"
	case Edit:
		return "edit"
	case Send:
		return "send"
	case Critical:
		return "critical"
	default:
		return fmt.Sprintf("Class(%d)", int(c))
	}
}

// MarshalText writes the class's name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a class's name.
func (c *Class) UnmarshalText(text []byte) error {
	for _, class := range Classes() {
		if class.String() == string(text) {
			*c = class
			return nil
		}
	}
	return fmt.Errorf("unknown class %q (known: %v)", text, Classes())
}
