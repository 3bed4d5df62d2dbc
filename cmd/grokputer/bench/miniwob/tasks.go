package miniwob

import (
	"cmp"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/spelling"
)

// nearMost is how many near names an error gives.
const nearMost = 5

// Development returns the tasks that everyone may look at. What is made for the
// agent is made for these or for none: all others are for evaluation only.
func Development() []string {
	return []string{
		"click-test", "click-test-2", "click-button", "click-link", "click-dialog", "click-dialog-2", "click-tab",
		"click-option", "click-checkboxes", "choose-list", "enter-text", "enter-password", "login-user", "focus-text",
		"navigate-tree", "read-table", "find-word", "email-inbox-delete", "use-spinner", "click-button-sequence",
	}
}

// near returns the names that are most like one, the likest first.
func near(name string, names []string) []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(unlike(name, a), unlike(name, b)) })
	return sorted[:min(nearMost, len(sorted))]
}

// unlike is how differently two names are spelled; a name that begins with the
// other is nearer than any that does not.
func unlike(a, b string) int {
	if strings.HasPrefix(b, a) {
		return 0
	}
	return 1 + spelling.Distance(a, b)
}
