package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/console"
)

func TestPlainLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c, err := console.Open(strings.NewReader(" one \r\ntwo"), &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		if got, err := c.Ask(t.Context(), "Q", nil); err != nil || got != want {
			t.Errorf("Ask = %q, %v; want %q", got, err, want)
		}
	}
	if _, err := c.Ask(t.Context(), "Q", nil); !errors.Is(err, console.ErrEnd) {
		t.Errorf("Ask at the end = %v", err)
	}
	if out.String() != strings.Repeat("Q: ", 3) {
		t.Errorf("it wrote %q", out.String())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	t.Cleanup(func() { _ = writer.Close() })
	c, err := console.Open(reader, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := c.Ask(ctx, "Q", nil); !errors.Is(err, why) {
		t.Errorf("Ask = %v", err)
	}
}
