package perfect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/spelling"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// view is a state with the names of its elements.
type view struct {
	prompt.State
	targets []screen.Target // in the order of the elements
}

func look(state prompt.State) view {
	state.Screen = state.Visible()
	return view{State: state, targets: state.Screen.Targets()}
}

// step says one action on what is seen at its time.
type step func(view) (action.Action, error)

// steps are carried out one after the other, whatever each has led to.
func (v view) steps(all ...step) (action.Action, error) {
	if len(v.Done) >= len(all) {
		return action.Action{Verb: action.Done}, nil
	}
	return all[len(v.Done)](v)
}

// words are what stands in the goal at the places of a pattern's groups.
func (v view) words(pattern *regexp.Regexp) ([]string, error) {
	found := pattern.FindStringSubmatch(v.Task)
	if found == nil {
		return nil, fmt.Errorf("%w: the goal %q is not as expected", ErrNoPlan, v.Task)
	}
	return found[1:], nil
}

// misread is which part of a text may be read wrongly for it to be taken as meant;
// one letter always may.
const misread = 0.34

// partLeast is how many letters of a text make a part of it that is meant, and
// joinedMost how many more an element may say that has a symbol read into it.
const partLeast, joinedMost = 3, 6

// where is the element that says a text: one of the kinds if there is one, the
// likest if none says exactly that, and else the one with the largest part of it or
// with little more. -1 when nothing of it was seen.
func (v view) where(text string, kinds ...screen.Kind) int {
	most := max(1, misread*float64(len(text)))
	best, least := -1, most+1
	for i, e := range v.Screen.Elements {
		off := float64(spelling.Distance(plain(e.Text), plain(text)))
		if off > most {
			continue
		}
		if !slices.Contains(kinds, e.Kind) {
			off += 0.5
		}
		if off < least {
			best, least = i, off
		}
	}
	if best >= 0 {
		return best
	}
	longest := partLeast - 1
	for i, e := range v.Screen.Elements {
		part := plain(e.Text)
		if len(part) > longest && strings.Contains(text, part) || len(part) <= len(text)+joinedMost && strings.Contains(part, text) {
			best, longest = i, min(len(part), len(text))
		}
	}
	return best
}

// field is the n-th field, from 0, of those that are empty, or of all when there
// are not so many: a table's cell may be taken for a field. -1 for none.
func (v view) field(n int) int {
	var empty, full []int
	for i, e := range v.Screen.Elements {
		switch {
		case e.Kind != screen.Field:
		case e.Text == "":
			empty = append(empty, i)
		default:
			full = append(full, i)
		}
	}
	if n < len(empty) {
		return empty[n]
	}
	all := slices.Sorted(slices.Values(slices.Concat(empty, full)))
	if n < len(all) {
		return all[n]
	}
	return -1
}

// click clicks an element.
func (v view) click(i int, what string) (action.Action, error) {
	if i < 0 {
		return action.Action{}, fmt.Errorf("%w: %s was not seen", ErrNoPlan, what)
	}
	return action.Action{Verb: action.Click, Target: v.targets[i]}, nil
}

// clickText clicks what says a text.
func clickText(text string, kinds ...screen.Kind) step {
	return func(v view) (action.Action, error) { return v.click(v.where(text, kinds...), screen.Quote(text)) }
}

// clickField clicks the n-th field.
func clickField(n int) step {
	return func(v view) (action.Action, error) {
		return v.click(v.field(n), fmt.Sprintf("the field number %d", n+1))
	}
}

// enter types a text.
func enter(text string) step {
	return func(view) (action.Action, error) { return action.Action{Verb: action.Type, Text: text}, nil }
}

// press presses a key.
func press(key string) step {
	return func(view) (action.Action, error) { return action.Action{Verb: action.Key, Keys: []string{key}}, nil }
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }
