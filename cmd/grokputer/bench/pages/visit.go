package pages

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

//go:embed state.js
var stateScript string

// visit is one page in the browser. It is a stage.Page.
type visit struct {
	number uint64
	html   string
	states chan web.State // what it has said of itself and nobody has heard
}

func newVisit(number uint64, html string) *visit {
	return &visit{number: number, html: html, states: make(chan web.State, 1)}
}

// Path implements stage.Page.
func (v *visit) Path() string { return fmt.Sprintf("pages/%d.html", v.number) }

// Document implements stage.Page.
func (v *visit) Document(script string) ([]byte, error) {
	before, after, ok := strings.Cut(v.html, web.ScriptMark)
	if !ok {
		return nil, fmt.Errorf("the page has no %s", web.ScriptMark)
	}
	return []byte(before + "<script>(() => {\n" + script + stateScript + "})();</script>" + after), nil
}

// Hear implements stage.Page.
func (v *visit) Hear(kind string, body []byte) error {
	if kind != "state" {
		return fmt.Errorf("a page says %q, which means nothing", kind)
	}
	var s web.State
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	select {
	case <-v.states: // an older one that came too late
	default:
	}
	v.states <- s
	return nil
}

// state waits for what the page says of itself next.
func (v *visit) state(ctx context.Context) (web.State, error) {
	select {
	case s := <-v.states:
		return s, nil
	case <-ctx.Done():
		return web.State{}, fmt.Errorf("page %d does not say how it is: %w", v.number, context.Cause(ctx))
	}
}
