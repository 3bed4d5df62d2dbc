package bench

import (
	"fmt"
	"slices"
	"sort"

	"github.com/grokputer/grokputer/lm"
)

// tries is how often something is drawn again until its length is right.
const tries = 400

// builder draws the parts of a workload.
type builder struct {
	artist

	engine *lm.Engine
	size   Size
}

// encode returns the tokens of a scene's prompt and of a completion.
func (b *builder) encode(s scene, action string) (Example, error) {
	e, err := b.engine.Example(s.messages(), action)
	if err != nil {
		return Example{}, err
	}
	return Example{Prompt: e.Prompt, Completion: e.Completion}, nil
}

// most returns how many of the scene's elements a prompt of that many tokens holds.
func (b *builder) most(s scene, tokens int) (int, error) {
	var err error
	n := sort.Search(len(s.elements), func(n int) bool {
		cut := s
		cut.elements = s.elements[:n+1]
		e, failed := b.encode(cut, "")
		if failed != nil {
			err = failed
		}
		return len(e.Prompt) > tokens
	})
	return n, err
}

// example draws an example with a length that is drawn first, from Least to Most, or
// as little below it as whole elements allow.
func (b *builder) example() (Example, error) {
	target := b.size.Least + b.IntN(b.size.Most-b.size.Least+1)
	for range tries {
		s, action := b.artist.example(target/6 + 1)
		e, err := b.encode(s, action)
		if err != nil {
			return Example{}, err
		}
		answer := len(e.Completion)
		if answer < b.size.AnswerLeast || answer > b.size.AnswerMost {
			continue
		}
		n, err := b.most(s, target-answer)
		if err != nil {
			return Example{}, err
		}
		s.elements = s.elements[:n]
		if e, err = b.encode(s, action); err != nil {
			return Example{}, err
		}
		if all := len(e.Prompt) + answer; n > 0 && all >= b.size.Least && all <= b.size.Most {
			return e, nil
		}
		if target < b.size.Most {
			target++ // the words around the elements alone are longer
		}
	}
	return Example{}, fmt.Errorf("%w: no example of %d to %d tokens with %d to %d in the answer", ErrInvalid,
		b.size.Least, b.size.Most, b.size.AnswerLeast, b.size.AnswerMost)
}

// step draws two screens that begin alike: of many, the pair whose lengths are
// nearest to Screen and Seen.
func (b *builder) step() (AgentStep, error) {
	var best AgentStep
	least := -1
	for range tries {
		s, err := b.pair()
		if err != nil {
			return AgentStep{}, err
		}
		off := distance(len(s.After.Tokens), b.size.Screen) + distance(s.Shared, b.size.Seen)
		if len(s.After.Tokens) > b.size.Screen || s.Shared == 0 {
			continue
		}
		if least < 0 || off < least {
			best, least = s, off
		}
		if off == 0 {
			break
		}
	}
	if least < 0 {
		return AgentStep{}, fmt.Errorf("%w: no screen of %d tokens of which %d were seen", ErrInvalid, b.size.Screen, b.size.Seen)
	}
	return best, nil
}

// pair draws a candidate.
func (b *builder) pair() (AgentStep, error) {
	before, _ := b.artist.example(b.size.Screen/6 + 1)
	before.done = nil
	kept, err := b.most(before, b.size.Seen+b.tail())
	if err != nil {
		return AgentStep{}, err
	}
	after := before
	after.elements = slices.Concat(before.elements[:kept], b.screen(b.size.Screen/6+1))
	after.done = []string{"click " + before.elements[0] + " -> changed"}
	n, err := b.most(after, b.size.Screen)
	if err != nil {
		return AgentStep{}, err
	}
	after.elements = after.elements[:n]
	if n, err = b.most(before, b.size.Screen); err != nil {
		return AgentStep{}, err
	}
	before.elements = before.elements[:n]
	s := AgentStep{Elements: after.elements, GBNF: gbnf(actions(after.elements))}
	for _, p := range []struct {
		scene scene
		to    *Prompt
	}{{before, &s.Before}, {after, &s.After}} {
		e, err := b.encode(p.scene, "")
		if err != nil {
			return AgentStep{}, err
		}
		*p.to = Prompt{Messages: p.scene.messages(), Tokens: e.Prompt}
	}
	s.Shared = shared(s.Before.Tokens, s.After.Tokens)
	return s, nil
}

// tail is about how many tokens stand after the elements: the shared part of a pair
// ends before them.
func (b *builder) tail() int { return 10 + b.IntN(8) }

// prompt is exactly so many tokens of examples.
func (b *builder) prompt(tokens int) ([]int32, error) {
	var all []int32
	for len(all) < tokens {
		s, action := b.artist.example(12)
		e, err := b.encode(s, action)
		if err != nil {
			return nil, err
		}
		all = append(append(all, e.Prompt...), e.Completion...)
	}
	return all[:tokens:tokens], nil
}

// shared is how many tokens two prompts have in common from the start.
func shared(a, b []int32) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func distance(a, b int) int { return max(a-b, b-a) }
