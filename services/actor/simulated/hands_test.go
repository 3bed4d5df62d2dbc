package simulated_test

import (
	"testing"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/actortest"
	"github.com/grokputer/grokputer/services/actor/simulated"
)

func TestHands(t *testing.T) {
	t.Parallel()
	actortest.Hands(t, func(*testing.T) actortest.Desktop {
		d := simulated.NewDesktop(screen.Screen{Elements: []screen.Element{
			{Kind: screen.Button, Text: "Press"},
			{Kind: screen.Field},
		}})
		return actortest.Desktop{
			Hands:     d.Hands(),
			Button:    d.Place(screen.Button),
			Area:      d.Place(screen.Field),
			Clicks:    func() int { return d.State().Clicks["Press"] },
			Rights:    func() int { return d.State().Rights },
			Scrolled:  func() int { return d.State().Scrolled },
			Text:      d.Text,
			Keys:      func() []string { return d.State().Keys },
			Drags:     func() int { return d.State().Drags },
			Held:      d.Held,
			Focus:     d.Focus,
			Restarted: func() actor.Hands { return d.Hands() },
		}
	})
}
