// Package chat turns a conversation into the text, or the token ids, that a model was trained on, by the
// Jinja template that comes with the model.
//
// A message's content is data. Encode yields control tokens only where the template itself writes them:
// a screen or a user that says <|im_end|> cannot end a turn.
package chat

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

var (
	// ErrTemplate is returned for a template that cannot be read, uses what is not allowed here, or
	// fails on a conversation.
	ErrTemplate = errors.New("chat: template failed")
	// ErrMessage is returned for a message whose role is not a plain word.
	ErrMessage = errors.New("chat: bad message")
)

// Limits far above the templates in use (20 kB). The engine's parser takes 9 kB of stack for a bracket
// inside another, and a stack that overflows ends the process.
const (
	maxSource   = 64 << 10
	maxBrackets = 8000
)

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // "system", "user", "assistant"; lower-case letters, digits, "_" and "-"
	Content string `json:"content"`
}

// Options are the names of tokens that a template may ask for.
type Options struct {
	BOS string // bos_token, such as "<s>"
	EOS string // eos_token
}

// Template is a chat template. Its methods may be called from several goroutines at once.
//
// A template is a small program and part of the model. It cannot read files, but nothing bounds the time
// that a malicious one takes.
type Template struct {
	source   string
	options  Options
	template *exec.Template
}

// New parses a template as transformers does: with trim_blocks and lstrip_blocks, raise_exception,
// namespace, range and tojson. Macros and inclusion of other templates are refused.
func New(source string, options Options) (*Template, error) {
	brackets := strings.Count(source, "(") + strings.Count(source, "[") + strings.Count(source, "{")
	if len(source) > maxSource || brackets > maxBrackets {
		return nil, fmt.Errorf("%w: %d bytes with %d brackets, at most %d with %d are read",
			ErrTemplate, len(source), brackets, maxSource, maxBrackets)
	}

	parsed, err := parse(source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
	}

	t := &Template{source: source, options: options, template: parsed}

	// What a template uses and the engine lacks shows when it runs. Find it now; the conversation is a
	// fixed one, so that the error may quote it.
	trial := []Message{{Role: "user", Content: "Hello"}}
	if _, err := t.execute(trial, true); err != nil && !errors.As(err, new(raisedError)) {
		return nil, fmt.Errorf("%w on a trial: %w", ErrTemplate, err)
	}

	return t, nil
}

// FromGGUF returns the template in the file's metadata; tok is the tokenizer of the same file.
func FromGGUF(f *gguf.File, tok *tokenizer.Tokenizer) (*Template, error) {
	source, err := f.String("tokenizer.chat_template")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
	}

	var options Options

	if id, ok := tok.BOS(); ok {
		options.BOS = string(tok.Token(id))
	}

	if id, ok := tok.EOS(); ok {
		options.EOS = string(tok.Token(id))
	}

	return New(source, options)
}

// Source is the template as it was given.
func (t *Template) Source() string { return t.source }

// Render returns the conversation as text; with addGenerationPrompt it ends where the assistant's
// answer begins. The text is for reading: to feed a model use Encode, which keeps content from posing as
// control tokens.
func (t *Template) Render(messages []Message, addGenerationPrompt bool) (string, error) {
	for i, message := range messages {
		if !isWord(message.Role) {
			return "", fmt.Errorf("%w: message %d: role %q is no plain word", ErrMessage, i, message.Role)
		}
	}

	text, err := t.execute(messages, addGenerationPrompt)
	if err == nil {
		return text, nil
	}

	// Errors of the template engine quote values, and contents are private; the template's own words,
	// given to raise_exception, are for the caller.
	if raised := new(raisedError); errors.As(err, raised) {
		return "", fmt.Errorf("%w: %w", ErrTemplate, *raised)
	}

	return "", fmt.Errorf("%w on a conversation of %d messages", ErrTemplate, len(messages))
}

// execute runs the template.
func (t *Template) execute(messages []Message, addGenerationPrompt bool) (text string, err error) {
	defer recoverInto(&err)

	turns := make(list, len(messages))
	for i, message := range messages {
		turns[i] = map[string]any{"role": message.Role, "content": message.Content}
	}

	var (
		out    bytes.Buffer
		raised error
	)

	err = t.template.Execute(&out, exec.NewContext(map[string]any{
		"messages":              turns,
		"add_generation_prompt": addGenerationPrompt,
		"bos_token":             t.options.BOS,
		"eos_token":             t.options.EOS,
		"raise_exception": func(message string) (string, error) {
			raised = raisedError{message: message} // the engine passes on only its text

			return "", raised
		},
	}))
	if raised != nil {
		return "", raised
	}

	if err != nil {
		return "", err
	}

	return out.String(), nil
}

// isWord tells whether a role can stand in a template's text without being mistaken for anything else.
func isWord(role string) bool {
	return role != "" && strings.Trim(role, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}
