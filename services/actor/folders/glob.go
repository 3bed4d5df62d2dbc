package folders

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// glob is a pattern split at its slashes. ** matches any number of elements;
// the others are matched by path.Match, without regard to case.
type glob []string

func parseGlob(pattern string) (glob, error) {
	g := glob(strings.Split(strings.ToLower(pattern), "/"))
	if slices.Contains(g, "..") {
		return nil, fmt.Errorf("a pattern may not hold .., as %q does", pattern)
	}
	for _, element := range g {
		if _, err := path.Match(element, ""); err != nil {
			return nil, fmt.Errorf("%q is not a pattern: %w", pattern, err)
		}
	}
	return slices.CompactFunc(g, func(a, b string) bool { return a == "**" && b == "**" }), nil
}

// match reports whether the path elements match the whole pattern.
func (g glob) match(elements []string) bool {
	if len(g) == 0 {
		return len(elements) == 0
	}
	if g[0] == "**" {
		for i := range len(elements) + 1 {
			if g[1:].match(elements[i:]) {
				return true
			}
		}
		return false
	}
	if len(elements) == 0 {
		return false
	}
	ok, err := path.Match(g[0], strings.ToLower(elements[0]))
	return err == nil && ok && g[1:].match(elements[1:])
}
