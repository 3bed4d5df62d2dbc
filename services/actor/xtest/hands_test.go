package xtest_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/actortest"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

func TestHands(t *testing.T) {
	t.Parallel()
	actortest.Hands(t, func(t *testing.T) actortest.Desktop {
		o, _ := screen(t)
		o.Typing = xtest.TypingKeys // the test window has no clipboard
		w := testwindow.Open(t, o.Display, o.Authority)
		return actortest.Desktop{
			Hands:    hands(t, o),
			Button:   w.Button(t),
			Area:     w.Area(t),
			Clicks:   func() int { return w.State(t).Clicks },
			Rights:   func() int { return w.State(t).Rights },
			Scrolled: func() int { return w.State(t).Scrolled },
			Text:     func() string { return w.State(t).Text },
			Keys:     func() []string { return w.State(t).Keys },
			Drags:    func() int { return len(w.State(t).Drags) },
			Moves:    func() int { return w.State(t).Moves },
			Doubles:  func() int { return w.State(t).Doubles },
			Held:     func() int { return w.State(t).Held },
			Focus: func(on bool) {
				if on {
					w.Focus(t)
				} else {
					w.Unfocus(t)
				}
			},
			Restarted: func() actor.Hands { return hands(t, o) },
		}
	})
}
