package device

import (
	"encoding/json"
	"strings"
)

// variable holds the request of a probe.
const variable = "GROKPUTER_DEVICE_PROBE"

// request is what a probe is asked.
type request struct {
	Kind   int      `json:"kind"`
	Search []string `json:"search"`
	Only   bool     `json:"only"`
	Try    bool     `json:"try"`
}

// message is a line of a probe; one member is set. What was said before an end that nobody wanted is still of use.
type message struct {
	Stage   *string  `json:"stage,omitempty"` // what is done next
	Card    *Card    `json:"card,omitempty"`  // replaces what was said of it before
	Trouble *Trouble `json:"trouble,omitempty"`
	// Absent is a runtime that is not there, which is a trouble only if there is a card.
	Absent *Trouble `json:"absent,omitempty"`
	Done   bool     `json:"done,omitempty"`
}

// answer is what a probe said in all.
type answer struct {
	stage    string
	cards    []Card
	troubles []Trouble
	absent   *Trouble
	done     bool
}

// read takes the lines that are messages; libraries may print others.
func read(output string) *answer {
	a := &answer{}
	for line := range strings.Lines(output) {
		var m message
		if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &m) != nil {
			continue
		}
		a.take(&m)
	}

	return a
}

func (a *answer) take(m *message) {
	switch {
	case m.Stage != nil:
		a.stage = *m.Stage
	case m.Trouble != nil:
		a.troubles = append(a.troubles, *m.Trouble)
	case m.Absent != nil:
		a.absent = m.Absent
	case m.Done:
		a.done = true
	case m.Card != nil:
		for i := range a.cards {
			if a.cards[i].Index == m.Card.Index {
				a.cards[i] = *m.Card
				return
			}
		}
		a.cards = append(a.cards, *m.Card)
	}
}
