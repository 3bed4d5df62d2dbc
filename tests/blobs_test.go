package tests

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/kittest"
)

// While the S3 server is away tasks end with a reason. The services stay up, and
// work again when it is back.
func TestBlobsAway(t *testing.T) {
	t.Parallel()
	options := blobserver.Options{
		Dir: t.TempDir(), Port: blobserver.RandomPort, AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey,
	}
	server := serve(t, options)
	h := newHome(t, append(scripted(t, inTurn("wait 1", `answer "hello"`)),
		"--s3-endpoint", server.Endpoint(), "--s3-access-key", options.AccessKey)...)
	h.env = []string{"GROKPUTER_S3_SECRET_KEY=" + options.SecretKey}
	up := h.up()
	nc := h.connect()
	events := listen(t, nc)
	publish(t, nc, "greet")
	events.next(contracts.VerbCompleted)

	if err := server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	publish(t, nc, "greet")
	end := decode[contracts.TaskEnded](t, events.next(contracts.VerbFailed).Data)
	if end.Code != contracts.ReasonObserver || !strings.Contains(end.Reason, server.Endpoint()) {
		t.Errorf("without S3 the task ended as %q: %s", end.Code, end.Reason)
	}
	other := newHome(t, h.args...)
	other.env = h.env
	if text := other.run(1, append([]string{"run", "greet"}, other.args...)...).text(); !strings.Contains(text, server.Endpoint()) {
		t.Errorf("it starts without S3, or does not say where that should be:\n%s", text)
	}

	_, port, err := net.SplitHostPort(server.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	if options.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	serve(t, options)
	publish(t, nc, "greet")
	events.next(contracts.VerbCompleted)
	up.interrupt()
}

// serve starts an S3 server that ends with the test at the latest.
func serve(t *testing.T, o blobserver.Options) *blobserver.Server {
	t.Helper()
	server, err := blobserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return server
}
