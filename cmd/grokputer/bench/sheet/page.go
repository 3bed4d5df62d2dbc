package sheet

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/services/trainer/starter"
)

// The sheet: lines of text in two columns that fill a screen of Width x Height, of
// which one in twenty is written anew.
const (
	Width        = 1280
	Height       = 800
	Lines        = 60
	changedLines = Lines / 20

	columns, top, pitch = 2, 40, 25
	// lineLength is about how many letters a line has.
	lineLength = 60
)

//go:embed page.js
var pageScript string

// page is a sheet in the browser. It is a stage.Page.
type page struct {
	lines   [Lines]string
	changes map[int]string // the rows that are written anew, and with what

	said map[string]chan struct{}
}

// newPage draws a sheet.
func newPage(rng *rand.Rand) *page {
	words := starter.NewVocabulary(rng)
	p := &page{changes: map[int]string{}, said: map[string]chan struct{}{"shown": make(chan struct{}, 1), "changed": make(chan struct{}, 1)}}
	for i := range p.lines {
		p.lines[i] = line(words)
	}
	for _, i := range rng.Perm(Lines)[:changedLines] {
		p.changes[i] = line(words)
	}
	return p
}

// line is a line of words.
func line(words starter.Vocabulary) string {
	var parts []string
	for n := 0; n < lineLength; {
		word := words.Word()
		parts = append(parts, word)
		n += len(word) + 1
	}
	return strings.Join(parts, " ")
}

// after is what stands there once it has changed.
func (p *page) after() [Lines]string {
	lines := p.lines
	for i, text := range p.changes {
		lines[i] = text
	}
	return lines
}

// Path implements stage.Page.
func (p *page) Path() string { return "sheet.html" }

// Document implements stage.Page.
func (p *page) Document(script string) ([]byte, error) {
	told, err := json.Marshal(map[string]any{"changes": p.changes})
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><meta charset="utf-8"><title>Sheet</title><style>body{margin:0;background:#fff;font:14px/`)
	b.WriteString(strconv.Itoa(pitch) + `px sans-serif}div{position:absolute;white-space:pre}button{margin:8px;font:inherit;line-height:1.2}</style>`)
	b.WriteString("<script>(() => {\n" + script + "const sheet = " + string(told) + ";\n" + pageScript + "})();</script>")
	b.WriteString(`<body><button>Open</button><button>Save</button><button>Close</button>`)
	for i, text := range p.lines {
		column, row := i%columns, i/columns
		fmt.Fprintf(&b, `<div id="row%d" style="left:%dpx;top:%dpx">%s</div>`, i, 16+Width/columns*column, top+pitch*row, html.EscapeString(text))
	}
	return []byte(b.String()), nil
}

// Hear implements stage.Page.
func (p *page) Hear(kind string, _ []byte) error {
	said, ok := p.said[kind]
	if !ok {
		return fmt.Errorf("a sheet says %q, which means nothing", kind)
	}
	select {
	case said <- struct{}{}:
	default: // it has said so before
	}
	return nil
}

// wait returns when the page says that it was shown or changed.
func (p *page) wait(ctx context.Context, kind string) error {
	select {
	case <-p.said[kind]:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the sheet does not say that it is %s: %w", kind, context.Cause(ctx))
	}
}
