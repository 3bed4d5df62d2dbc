//go:build crashpoints

package crashpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/grokputer/grokputer/services/actor"
)

// Variable says where to end: a moment, a step and, after AfterStroke, a stroke,
// such as act:2 or stroke:3:8.
const Variable = "GROKPUTER_CRASH_AT"

// Hook kills the process at the point that Variable names; nil when it names none.
func Hook() (actor.Hook, error) {
	setting := os.Getenv(Variable)
	if setting == "" {
		return nil, nil
	}
	parts := strings.Split(setting, ":")
	moment := actor.Moment(parts[0])
	if !slices.Contains(actor.Moments(), moment) || len(parts) > 3 {
		return nil, fmt.Errorf("%s is %q, want moment:step[:stroke], moment being one of %v", Variable, setting, actor.Moments())
	}
	var at [2]int
	for i, part := range parts[1:] {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("%s is %q: %w", Variable, setting, err)
		}
		at[i] = n
	}
	return func(m actor.Moment, step, stroke int) {
		if m == moment && step == at[0] && stroke == at[1] {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}, nil
}
