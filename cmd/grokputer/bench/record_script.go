package bench

import (
	"errors"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

var (
	// errScriptEnd means that the moves of the session are used up.
	errScriptEnd = errors.New("the session has no further move")
	// errDropped means that the session is no example any more.
	errDropped = errors.New("the session is dropped")
)

// script is a session that is being carried out.
type script struct {
	moves    []starter.Move
	recorded []trainer.Example
	// last is the move whose action was recorded last.
	last starter.Move
	// dropped is the reason why the session is no example, and detail what it came from.
	dropped, detail string
}

// next is the action for what is now to be seen.
func (s *script) next(state prompt.State) (action.Action, error) {
	if s.dropped != "" {
		return action.Action{}, errDropped
	}
	if reason := s.failed(state); reason != "" {
		return s.drop("an action did not work", reason)
	}
	for ; len(s.moves) > 0; s.moves = s.moves[1:] {
		move := s.moves[0]
		right := move.Do
		if len(move.At.Kinds) > 0 {
			i, err := look(state.Visible(), move.At)
			if err != nil {
				return s.drop("not seen", fmt.Sprintf("%s: %v", right.Verb, err))
			}
			if already(state.Screen.Elements[i], move.Unless) {
				continue
			}
			right.Target = state.Visible().Targets()[i]
		}
		if found, ok := counted(state); ok && right.Verb == action.Answer {
			right.Text = found // how many there are is seen only now
		}
		s.moves, s.last = s.moves[1:], move
		s.recorded = append(s.recorded, trainer.Example{State: state, Right: right})
		return right, nil
	}
	return action.Action{}, errScriptEnd
}

func (s *script) drop(reason, detail string) (action.Action, error) {
	s.dropped, s.detail = reason, detail
	return action.Action{}, fmt.Errorf("%w: %s: %s", errDropped, reason, detail)
}

// failed says what was wrong with the last action, if it should have changed
// what is seen. A click on a field changes nothing when it has the focus.
func (s *script) failed(state prompt.State) string {
	if len(state.Done) == 0 || len(s.recorded) == 0 {
		return ""
	}
	last, did := state.Done[len(state.Done)-1], s.recorded[len(s.recorded)-1].Right
	switch {
	case last.Result == "", did.Verb == action.Find, did.Verb == action.Screenshot:
		return ""
	case last.Result == "no effect" && (s.last.Quiet || did.Verb == action.Click && did.Target.Kind == screen.Field):
		return ""
	default:
		return last.Action + " -> " + last.Result
	}
}

// counted is the number of files that the last action has found.
func counted(state prompt.State) (string, bool) {
	if len(state.Done) == 0 {
		return "", false
	}
	last := state.Done[len(state.Done)-1]
	if !strings.HasPrefix(last.Action, string(action.Find)+" ") {
		return "", false
	}
	count, _, _ := strings.Cut(last.Result, " ")
	return count, true
}

func already(e screen.Element, state starter.Already) bool {
	switch state {
	case starter.Focused:
		return e.Focused
	case starter.Checked:
		return e.Checked
	case starter.Unchecked:
		return !e.Checked
	default:
		return false
	}
}
