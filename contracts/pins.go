package contracts

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Pins are the adapters that a task asks for, by role. A role that is not there is the
// planner's if that is, and what the registry says otherwise.
type Pins map[Role]Stack

// Stack is one adapter or the weighted sum of several of one role.
type Stack []StackPart

// StackPart is a version with its weight in a stack.
type StackPart struct {
	Version string
	Weight  float64 // not 0
}

// MaxStack is how many versions a stack can have.
const MaxStack = 8

// errPins means that a text names no adapters.
var errPins = errors.New("want a version such as lora-v3, none, or a stack such as lora-v3*0.7+lora-v5*0.3, " +
	"each for a role if it is not the planner's, as in planner:lora-v3,recovery:lora-v2")

// ParsePins reads what Pins.String writes: pins with commas between them, each a role and a
// stack with a colon between them; without a role it is the planner's. A stack is versions with
// plus signs between them, each with an asterisk and its weight, which is 1 where it is left
// out. The empty text pins nothing.
func ParsePins(text string) (Pins, error) {
	if text == "" {
		return Pins{}, nil
	}
	pins := Pins{}
	for pin := range strings.SplitSeq(text, ",") {
		role, stack, named := strings.Cut(pin, ":")
		if !named {
			role, stack = string(RolePlanner), pin
		}
		switch _, twice := pins[Role(role)]; {
		case Role(role) == RoleReader:
			return nil, fmt.Errorf("%q is for the reader, which is no language model and has no adapters", pin)
		case !Role(role).Plans():
			return nil, fmt.Errorf("%q is for the role %q, which is none of %v", pin, role, PlanningRoles())
		case twice:
			return nil, fmt.Errorf("%q names the role %s twice", text, role)
		}
		parsed, err := parseStack(stack)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", pin, err)
		}
		pins[Role(role)] = parsed
	}
	return pins, nil
}

func parseStack(text string) (Stack, error) {
	var s Stack
	for part := range strings.SplitSeq(text, "+") {
		version, weight, weighted := strings.Cut(part, "*")
		w := 1.0
		if weighted {
			var err error
			if w, err = strconv.ParseFloat(weight, 32); err != nil || w == 0 || math.IsNaN(w) || math.IsInf(w, 0) {
				return nil, fmt.Errorf("the weight %q of %s is not a number other than 0", weight, version)
			}
		}
		switch {
		case !ValidToken(version):
			return nil, fmt.Errorf("%q is no version: %w", version, errPins)
		case slices.ContainsFunc(s, func(p StackPart) bool { return p.Version == version }):
			return nil, fmt.Errorf("%s is in it twice", version)
		}
		s = append(s, StackPart{version, w})
	}
	if len(s) > MaxStack {
		return nil, fmt.Errorf("it has %d versions, at most %d are stacked", len(s), MaxStack)
	}
	if !s.Single() && slices.ContainsFunc(s, func(p StackPart) bool { return p.Version == VersionNone }) {
		return nil, fmt.Errorf("%s is the base model alone, of which nothing is stacked", VersionNone)
	}
	return s, nil
}

// Single reports whether the stack is one version as it is.
func (s Stack) Single() bool { return len(s) == 1 && s[0].Weight == 1 }

// String is the stack as ParsePins reads it, and as events name it.
func (s Stack) String() string {
	parts := make([]string, len(s))
	for i, p := range s {
		parts[i] = p.Version
		if !s.Single() {
			parts[i] += "*" + strconv.FormatFloat(p.Weight, 'f', -1, 32)
		}
	}
	return strings.Join(parts, "+")
}

// For is what a role is pinned to: its own pin, or the planner's; ok is false for neither.
func (p Pins) For(role Role) (s Stack, ok bool) {
	if s, ok = p[role]; !ok {
		s, ok = p[RolePlanner]
	}
	return s, ok
}

// String is the pins as ParsePins reads them.
func (p Pins) String() string {
	var texts []string
	for _, role := range PlanningRoles() {
		switch s, ok := p[role]; {
		case !ok:
		case role == RolePlanner && len(p) == 1:
			texts = append(texts, s.String())
		default:
			texts = append(texts, string(role)+":"+s.String())
		}
	}
	return strings.Join(texts, ",")
}
