// Package ask is the conversation in which the planner is asked for an action: the
// words that an adapter is trained on have to be those that it will read.
package ask

import (
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/lm/chat"
)

// Messages returns the conversation for a state.
func Messages(s prompt.State) []chat.Message {
	return []chat.Message{
		{Role: "system", Content: prompt.System},
		{Role: "user", Content: prompt.Render(s)},
	}
}
