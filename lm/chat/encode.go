package chat

import (
	"crypto/rand"
	"fmt"
	"strings"
	"unicode"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// Encode returns the token ids of the conversation: equal to those of Render's text, except that names
// of control tokens inside a message's content are encoded as the characters they consist of.
//
// To know in the rendered text what is content, the template is run on contents between two random
// marks, which nobody can guess. A template that changes, cuts or looks into contents in a way that the
// marks disturb gives another text than without them, and is refused with ErrTemplate.
func (t *Template) Encode(tok *tokenizer.Tokenizer, messages []Message, addGenerationPrompt bool) ([]int32, error) {
	plain, err := t.Render(messages, addGenerationPrompt)
	if err != nil {
		return nil, err
	}

	marks := newMarks()
	marked := make([]Message, len(messages))

	for i, message := range messages {
		marked[i] = Message{Role: message.Role, Content: marks.put(message.Content)}
	}

	text, err := t.Render(marked, addGenerationPrompt)
	if err != nil {
		return nil, err
	}

	pieces, err := marks.cut(text)
	if err != nil {
		return nil, err
	}

	if joined(pieces) != plain {
		return nil, fmt.Errorf("%w: it changes what messages say, so content cannot be told from control", ErrTemplate)
	}

	return tok.EncodePieces(pieces), nil
}

// marks enclose content in a rendered text.
type marks struct{ open, end string }

func newMarks() marks {
	nonce := rand.Text() // 130 random bits as letters and digits, which templates pass unchanged

	return marks{open: "o" + nonce, end: "e" + nonce}
}

// put encloses content, but for the white space at its ends: many templates trim it, and white space
// names no control token.
func (m marks) put(content string) string {
	core := strings.TrimSpace(content)
	if core == "" {
		return content
	}

	start := len(content) - len(strings.TrimLeftFunc(content, unicode.IsSpace))

	return content[:start] + m.open + core + m.end + content[start+len(core):]
}

// cut splits a rendered text into the template's words and content.
func (m marks) cut(text string) ([]tokenizer.Piece, error) {
	var pieces []tokenizer.Piece

	for text != "" {
		before, rest, found := strings.Cut(text, m.open)
		pieces = append(pieces, tokenizer.Piece{Text: before, Control: true})

		if strings.Contains(before, m.end) {
			return nil, fmt.Errorf("%w: it cuts off the beginning of a message", ErrTemplate)
		}

		if !found {
			break
		}

		content, after, found := strings.Cut(rest, m.end)
		if !found || strings.Contains(content, m.open) {
			return nil, fmt.Errorf("%w: it cuts off the end of a message", ErrTemplate)
		}

		pieces = append(pieces, tokenizer.Piece{Text: content})
		text = after
	}

	return pieces, nil
}

func joined(pieces []tokenizer.Piece) string {
	var out strings.Builder

	for _, piece := range pieces {
		out.WriteString(piece.Text)
	}

	return out.String()
}
