package trl

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// message is one of a conversation.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// turn is a prompt or an answer: a conversation, or a plain text.
type turn []message

// UnmarshalJSON implements json.Unmarshaler. A plain text is a message without a role.
func (t *turn) UnmarshalJSON(body []byte) error {
	var plain string
	if json.Unmarshal(body, &plain) == nil {
		*t = turn{{Content: plain}}
		return nil
	}
	var messages []message
	if err := json.Unmarshal(body, &messages); err != nil {
		return errors.New("it is neither a text nor a list of messages with role and content")
	}
	*t = messages
	return nil
}

// asked is the conversation that asks for an action.
func asked(s prompt.State) turn {
	return turn{{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.Render(s)}}
}

// said is the answer that says an action.
func said(a action.Action) turn { return turn{{Role: "assistant", Content: a.String()}} }

// state reads a prompt.
func (t turn) state() (prompt.State, error) {
	messages := t
	if len(messages) > 0 && messages[0].Role == "system" {
		if messages[0].Content != prompt.System {
			return prompt.State{}, fmt.Errorf("its system message is not the planner's, which is %q", prompt.System)
		}
		messages = messages[1:]
	}
	if len(messages) != 1 || messages[0].Role != "user" && messages[0].Role != "" {
		return prompt.State{}, errors.New("it is not one message of the user, with or without the planner's system message before it")
	}
	return prompt.Parse(messages[0].Content)
}

// action reads an answer.
func (t turn) action() (action.Action, error) {
	if len(t) != 1 || t[0].Role != "assistant" && t[0].Role != "" {
		return action.Action{}, errors.New("it is not one message of the assistant")
	}
	return action.Parse(t[0].Content)
}
